"""Whose item is it? One pure judgement, prepared once from the rules and then asked for every item.

Signals (``migrator/domain/signals``) find things; every finding has a weight in log-odds, positive
for ours. Their sum, with the bias, is the log-odds that the item is ours. Contradictions overrule
the sum: a person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

import msgspec

from migrator.domain.calibration import Calibration, chance_of, is_calibrated
from migrator.domain.classification.signals import agreement as agree
from migrator.domain.classification.signals import (
    errors,
    form,
    interfaces,
    labels,
    links,
    paths,
    terms,
    thread,
    topics,
)
from migrator.domain.classification.signals.base import Finding, ParsedItem
from migrator.domain.classification.text.document import DocumentReader
from migrator.domain.evidence import Evidence, Grounds, Leaning, Ownership, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.rules import MigrationFile, OwnershipRules

Judge = Callable[[Item], OwnershipVerdict]
Finder = Callable[[Item], list[Finding]]

SIGNALS = (labels, paths, links, thread, form, terms, topics, interfaces, errors)
DEFAULT_PRIORS = {
    "bias": -2.5,
    "title.term": 4.5,
    "label.ours": 5.0,
    "label.not-ours": -5.0,
    "path.inside": 15.0,
    "path.outside": -12.0,
    "link.target-pull": 4.0,
    "link.target": 2.0,
    "thread.ours": 6.0,
    "thread.not-ours": -6.0,
    "text.limit": 1.0,
}
DIMINISH = 0.5
# log-odds that all text together may come to where a label, a path or a maintainer's word speaks
TEXT_LIMIT = 2.0
TEXT_EXCLUDES = 4.5
"""Log-odds from which on text alone all but excludes what a label says: then one of the two is
wrong, and a person looks."""
TEXT_REGIONS = frozenset({"title", "lead", "prose", "code", "log"})
_ABSENCE = frozenset({"agree.nothing-ours"})  # says that nothing was found, which is no evidence
_LOG = "log."
_STRENGTH = {grounds: rank for rank, grounds in enumerate(Grounds)}
_BETTER_GROUNDS = frozenset({Grounds.LABEL, Grounds.PATH, Grounds.MAINTAINER})


@dataclass(frozen=True, slots=True)
class Measure:
    """What findings are weighed and held against. ``part`` is named where no finding tells.

    ``calibrated``: whether an item without any evidence may be answered. Otherwise a person
    decides.
    """

    weights: Mapping[str, float]
    rules: OwnershipRules
    part: str = ""
    calibrated: bool = True


def prepare(file: MigrationFile, calibration: Calibration | None = None) -> Judge:
    """Return the judge of this migration: ``judge(item) -> OwnershipVerdict``, pure and fast.

    Patterns are compiled here, once; prepare one judge per set of rules and calibration, and keep
    it.
    """
    find, measure = finder(file), measure_of(file, calibration)

    def judge(item: Item) -> OwnershipVerdict:
        return verdict(find(item), measure)

    return judge


def measure_of(file: MigrationFile, calibration: Calibration | None = None) -> Measure:
    """Return what the findings of this migration's items are weighed by."""
    weights = weights_of(file)
    if calibration is not None:
        weights["bias"] = weights.get("bias", 0.0) + calibration.bias
    return Measure(
        weights, file.ownership, file.parts[0].name, is_calibrated(file.ownership, calibration)
    )


def judge(
    item: Item, file: MigrationFile, calibration: Calibration | None = None
) -> OwnershipVerdict:
    """Judge one item; for many, keep :func:`prepare`'s result."""
    return prepare(file, calibration)(item)


def finder(file: MigrationFile) -> Finder:
    """Return what reads an item and lists everything that the signals find in it, in the order
    of the signals."""
    reader = DocumentReader(file.ownership.template)
    signals = [signal.prepare(file) for signal in SIGNALS]
    priors = priors_of(file)
    once, diminished = _once(frozenset(file.ownership.topics)), _diminishing(priors)
    agreement = agree.prepare(priors)

    def find(item: Item) -> list[Finding]:
        reading = ParsedItem(item, reader.read(item.title, item.body))
        found = once([finding for signal in signals for finding in signal(reading)])
        return [*diminished(found), *agreement(found)]

    return find


def _once(topics: Set[str]) -> Callable[[list[Finding]], list[Finding]]:
    """Count a message once: a phrase of the log that the author repeats in the title or the
    prose is said only there."""

    def once(findings: list[Finding]) -> list[Finding]:
        logged = {
            (finding.name, finding.seen)
            for finding in findings
            if finding.name.startswith(_LOG) and " " in finding.seen
        }
        if not logged:
            return findings
        said = Counter(
            (_LOG + name.partition(".")[2], seen)
            for name, seen in ((f.name, f.seen) for f in findings)
        )
        repeated = {one for one in logged if said[one] > 1 and one[0].removeprefix(_LOG) in topics}
        return (
            [finding for finding in findings if (finding.name, finding.seen) not in repeated]
            if repeated
            else findings
        )

    return once


def _diminishing(priors: Mapping[str, float]) -> Callable[[list[Finding]], list[Finding]]:
    """Let further findings of one region and one side count half, a quarter, and so on: they say
    the same again."""
    order = {name: -abs(prior) for name, prior in priors.items()}
    sides = {
        name: (name.partition(".")[0], prior > 0)
        for name, prior in priors.items()
        if name.partition(".")[0] in TEXT_REGIONS
    }

    def diminished(findings: list[Finding]) -> list[Finding]:
        ranks: dict[tuple[str, bool], int] = {}
        result = []
        for finding in sorted(findings, key=lambda one: order.get(one.name, 0.0)):
            if side := sides.get(finding.name):
                rank = ranks[side] = ranks.get(side, -1) + 1
                if rank:
                    finding = msgspec.structs.replace(finding, value=finding.value * DIMINISH**rank)
            result.append(finding)
        return result

    return diminished


def priors_of(file: MigrationFile) -> dict[str, float]:
    """Return the weight of every finding before fitting, in log-odds; ``bias`` is that of an
    item without findings."""
    return {**DEFAULT_PRIORS, **topics.priors(file), **file.ownership.priors}


def weights_of(file: MigrationFile) -> dict[str, float]:
    """Return the weight of every finding: fitted where it was fitted, else its prior."""
    return {**priors_of(file), **file.ownership.weights}


def probability(logit: float) -> float:
    """Return the probability for log-odds, without overflow at either end."""
    return chance_of(logit)


def verdict(findings: list[Finding], measure: Measure) -> OwnershipVerdict:
    """Combine findings into a verdict."""
    weights, rules = measure.weights, measure.rules
    findings = [*findings, *_limited(findings, weights)]
    weighed = [(finding, _weight(finding, weights)) for finding in findings]
    chance = probability(weights.get("bias", 0.0) + sum(weight for _, weight in weighed))
    contradiction = next((f.contradiction for f in findings if f.contradiction), "") or _excluded(
        weighed
    )
    leaning = chance >= rules.split_at
    supporting = [finding for finding, weight in weighed if (weight > 0) == leaning]
    part = next((f.part for f in supporting if f.part), "") or measure.part
    answered = measure.calibrated or any(
        weight and finding.name not in _ABSENCE for finding, weight in weighed
    )
    return OwnershipVerdict(
        answer=_answer(chance, rules, contradiction) if answered else Ownership.UNSURE,
        probability=chance,
        grounds=max(
            (f.grounds for f in supporting), key=_STRENGTH.__getitem__, default=Grounds.NONE
        ),
        part=part if leaning else "",
        bars=(rules.not_ours_at, rules.ours_at),
        contradiction=contradiction,
        evidence=tuple(
            _evidence(finding, weight)
            for finding, weight in weighed
            if weight or finding.contradiction
        ),
    )


def _excluded(weighed: Iterable[tuple[Finding, float]]) -> str:
    """Why a person must look at a label: the text all but excludes it, and neither a path nor a
    maintainer bears it out."""
    label, text = 0.0, 0.0
    seen = ""
    for finding, weight in weighed:
        if finding.grounds is Grounds.LABEL:
            label, seen = label + weight, seen or finding.seen
        elif finding.grounds in _BETTER_GROUNDS and weight:
            return ""
        elif finding.name != "text.limit":
            text += weight
    if not label or label * text >= 0 or abs(text) < TEXT_EXCLUDES:
        return ""
    return f"the label {seen} is at odds with everything that the text says"


def _limited(findings: Iterable[Finding], weights: Mapping[str, float]) -> Iterator[Finding]:
    """Yield ``text.limit`` if there is better ground than text: its value, in log-odds, takes
    the text back to ``TEXT_LIMIT``."""
    if not any(f.grounds in _BETTER_GROUNDS and weights.get(f.name, 0.0) for f in findings):
        return
    said = weights.get("bias", 0.0) + sum(
        _weight(f, weights) for f in findings if f.grounds not in _BETTER_GROUNDS
    )
    excess = max(-TEXT_LIMIT, min(TEXT_LIMIT, said)) - said
    if excess:
        seen = "a label, a path or a maintainer says more than any text"
        yield Finding("text.limit", value=excess, seen=seen, grounds=Grounds.NONE)


def _weight(finding: Finding, weights: Mapping[str, float]) -> float:
    return weights.get(finding.name, 0.0) * finding.value


def _answer(chance: float, rules: OwnershipRules, contradiction: str) -> Ownership:
    if contradiction:
        return Ownership.UNSURE
    if chance >= rules.ours_at:
        return Ownership.OURS
    return Ownership.NOT_OURS if chance <= rules.not_ours_at else Ownership.UNSURE


def _evidence(finding: Finding, weight: float) -> Evidence:
    says = Leaning.OURS if weight > 0 else Leaning.NOT_OURS if weight < 0 else Leaning.NEUTRAL
    return Evidence(
        signal=finding.name,
        says=says,
        value=finding.seen,
        bar=finding.contradiction,
        weight=weight,
        at=finding.at,
        actor=finding.actor,
        url=finding.url,
    )
