"""Which topics labelled items bear out: names that the migration file has already, names that a
package exports, and words of the items themselves.

Few items of ours make every word look telling, so evidence is shrunk. A name from the file or the
package is believed unless the items contradict it. A word is proposed only for what the other
evidence leaves unexplained (a score test, one word at a time), and only if that is too much for
chance among thousands of words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from migrator.domain.evaluation.terms import Term, holders, is_identifier, is_name, phrase
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.ownership import Owner, Topic

STRUCTURE: Mapping[str, float] = {
    "title.ours-api": 2.0,
    "title.source-api": -1.4,
    "lead.ours-api": 0.8,
    "lead.source-api": -0.6,
    "prose.ours-api": 0.5,
    "prose.source-api": -0.3,
    "code.ours-api": 0.6,
    "code.share": 1.6,
    "code.without-ours": -0.8,
    "code.foreign": -0.8,
    "error.ours": 1.4,
    "error.device": -1.5,
    "error.kernel": -0.7,
    "error.source": -0.5,
    "error.foreign": -1.2,
    "error.abort": -2.5,
    "error.foreign-value": -2.0,
    "error.author": 0.1,
    "error.through-ours": 0.3,
    "agree.title": 0.8,
    "agree.lead": 0.3,
    "agree.all": 1.0,
    "agree.nothing-ours": -2.0,
    "agree.concepts-only": -1.0,
}
"""Priors, in log-odds, of what an item's code, error and agreement say in any project; a migration
file may state others. Those that a person wrote down for the first migration."""

LEAST = 5
"""Items, near-duplicates counted once, in which a word must stand to be proposed."""
MOST = 40
"""Words that are proposed at most: a person reads them."""
MOST_COMMON = 0.6
"""Share of the items from which on a word is everybody's."""
TELLING = 3.0
"""Standard deviations by which a word must explain what the other evidence does not."""
_OURS, _NOT_OURS = 1.9, 1.5  # log-odds that a name of the file is believed with
_SYMBOLS = 2.2  # the same for names that a package exports
_BORNE_OUT = 1.0  # log-odds from which on an exported identifier is kept
_PLAIN = 1.2  # the same for one that looks like any word, by the counts alone
_DOUBT = 0.75  # standard deviation of that belief
_WORD = 1.0  # standard deviation of a word's log-odds around 0
_STEADY = 0.5  # added to a word's variance, so that rare words do not look sure
_IN_TITLE = 1.3  # a title says more than a text on the whole
_FAINT, _STRONGEST = 0.4, 4.0  # log-odds of a topic
_ALIKE = 0.8  # share of common items from which on two words say the same


@dataclass(frozen=True, slots=True)
class LearningItems:
    """Labelled items, by place: their terms, labels, and groups of near-duplicates."""

    terms: Mapping[int, Set[Term]]
    ours: Mapping[int, bool]
    groups: Mapping[int, int]

    @property
    def share(self) -> float:
        """Share of ours among them, near-duplicates counted once."""
        ours, others = self.counts(self.terms)
        return ours / (ours + others)

    def counts(self, places: Iterable[int]) -> tuple[int, int]:
        """How many of ours and of others are among these, near-duplicates counted once."""
        found = {(self.groups[at], self.ours[at]) for at in places}
        ours = sum(is_ours for _, is_ours in found)
        return ours, len(found) - ours


@dataclass(frozen=True, slots=True)
class TopicProposal:
    """One topic, where it comes from (``file``, ``package`` or ``items``), and in how many items
    of each side any of its terms stands."""

    name: str
    owner: Owner
    prior: float
    terms: tuple[Term, ...]
    source: str
    ours: int
    not_ours: int
    each: Mapping[Term, tuple[int, int]] = field(default_factory=dict)

    def topic(self) -> Topic:
        """The topic as a rule."""
        return Topic(
            owner=self.owner,
            prior=self.prior,
            words=tuple(term.text for term in self.terms if not term.exact),
            names=tuple(term.text for term in self.terms if term.exact),
        )


def with_topics(file: MigrationFile, proposals: Iterable[TopicProposal]) -> MigrationFile:
    """The migration file with these topics beside its own, and priors for what it states none
    for."""
    rules = file.ownership
    topics = {**rules.topics, **{one.name: one.topic() for one in proposals}}
    priors = {**STRUCTURE, **rules.priors}
    changed = rules.model_copy(update={"topics": topics, "priors": priors})
    return file.model_copy(update={"ownership": changed})


def from_names(
    file: MigrationFile,
    items: LearningItems,
    *,
    exported: Sequence[str] = (),
    labels: Iterable[str] = (),
) -> list[TopicProposal]:
    """Topics of the names that the file has (parts, paths, modules, labels, repositories) and of
    those that a package exports, without those that the items contradict.

    ``labels`` are further labels of other owners, for lists that name them by a ``*`` only.
    """
    where = holders(items.terms)
    known = listed_terms(file.ownership.topics.values())
    proposals = []
    for term, owner in _named(file, labels).items():
        if term in known:
            continue
        counts = items.counts(where.get(term, ()))
        belief = _OURS if owner == "ours" else -_NOT_OURS
        strength = _shrunk(counts, _totals(items), belief)
        if strength * belief > 0 and abs(strength) >= _FAINT:
            proposals.append(
                TopicProposal(
                    name=f"name-{_slug(term.text)}",
                    owner=owner,
                    prior=_bounded(strength),
                    terms=(term,),
                    source="file",
                    ours=counts[0],
                    not_ours=counts[1],
                )
            )
    return [*proposals, *_symbols(exported, items, where, known)]


def from_words(
    items: LearningItems, log_odds: Mapping[int, float], known: Set[Term] = frozenset()
) -> list[TopicProposal]:
    """Topics of the words that explain most of what the evidence so far does not.

    ``log_odds`` is what that evidence says of each item. Words that are ``known`` are left out.
    """
    search = _Search(items, log_odds, known)
    return [
        TopicProposal(
            name=f"word-{_slug(term.text)}" + ("-exact" if term.exact else ""),
            owner="ours" if weight > 0 else "not_ours",
            prior=_bounded(weight * _IN_TITLE),
            terms=(term,),
            source="items",
            ours=counts[0],
            not_ours=counts[1],
        )
        for term, weight, counts in search.found()
    ]


class _Search:
    """Takes the most telling word, counts it in, and looks again."""

    def __init__(
        self, items: LearningItems, log_odds: Mapping[int, float], known: Set[Term]
    ) -> None:
        self._items = items
        self._log_odds = dict(log_odds)
        sizes: dict[int, int] = {}
        for at in items.terms:
            sizes[items.groups[at]] = sizes.get(items.groups[at], 0) + 1
        self._shares = {at: 1 / sizes[items.groups[at]] for at in items.terms}
        most = MOST_COMMON * len(items.terms)
        self._where = {
            term: places
            for term, places in holders(items.terms).items()
            if term not in known
            and (not term.exact or is_identifier(term.text))
            and len(places) <= most
            and len({items.groups[at] for at in places}) >= LEAST
        }

    def found(self) -> Iterator[tuple[Term, float, tuple[int, int]]]:
        """Term, its log-odds, and its counts of ours and of others; most telling first."""
        for _ in range(MOST):
            best = self._best()
            if best is None:
                return
            term, weight = best
            places = self._where.pop(term)
            for at in places:
                self._log_odds[at] += weight
            self._forget_alike(places)
            yield term, weight, self._items.counts(places)

    def _best(self) -> tuple[Term, float] | None:
        """The term that explains most, with its shrunk log-odds; ``None`` if none is telling."""
        errors, spreads = self._unexplained()
        scored = []
        for term, places in self._where.items():
            slope = sum(errors[at] for at in places)
            bend = sum(spreads[at] for at in places)
            telling = abs(slope) / math.sqrt(bend + _STEADY)
            if telling >= TELLING and self._leans(places, slope):
                weight = slope / (bend + _STEADY + 1 / _WORD**2)
                scored.append((telling, len(places), term, weight))
        if not scored:
            return None
        _, _, term, weight = max(scored)
        return term, weight

    def _unexplained(self) -> tuple[dict[int, float], dict[int, float]]:
        """Per item: label less probability, and the probability's variance; near-duplicates
        share one item's weight."""
        errors, spreads = {}, {}
        for at, share in self._shares.items():
            chance = 1 / (1 + math.exp(-max(-35.0, min(35.0, self._log_odds[at]))))
            errors[at] = share * (self._items.ours[at] - chance)
            spreads[at] = share * chance * (1 - chance)
        return errors, spreads

    def _leans(self, places: Sequence[int], slope: float) -> bool:
        """Whether the word's own items lean the same way: else it only corrects others."""
        ours, others = self._items.counts(places)
        return (ours / (ours + others) - self._items.share) * slope > 0

    def _forget_alike(self, places: Sequence[int]) -> None:
        taken = frozenset(places)
        alike = [
            term
            for term, others in self._where.items()
            if len(taken.intersection(others)) >= _ALIKE * max(len(taken), len(others))
        ]
        for term in alike:
            del self._where[term]


def _named(file: MigrationFile, labels: Iterable[str]) -> dict[Term, Owner]:
    """Names of ours and of others that the file has; one that both have is ours."""
    rules = file.ownership
    named: dict[Term, Owner] = {}

    def add(owner: Owner, texts: Iterable[str]) -> None:
        for text in texts:
            if words := phrase(text):
                named.setdefault(Term(words), owner)

    add("ours", (part.name for part in file.parts))
    add("ours", (_last(label) for label in rules.labels.ours))
    moved = [path for part in file.parts for path in part.paths]
    add("ours", (path.old_module or path.old for path in moved))
    add("ours", (path.old.rstrip("/*").rpartition("/")[2] for path in moved))
    others = [*rules.labels.not_ours, *labels]
    add("not_ours", (name for label in others for name in _singular(_last(label))))
    add("not_ours", (text for text in rules.thread.not_ours if "/" in text))
    return named


def _last(label: str) -> str:
    """What a label is about, without its kind: ``lite`` of ``comp:lite-*``; a bare ``*`` names
    nothing."""
    return re.split(r"[:/]", label)[-1].strip().rstrip("*-_ ")


def _singular(name: str) -> Iterator[str]:
    yield name
    if name.endswith("s") and len(name) > 3:
        yield name[:-1]


def listed_terms(topics: Iterable[Topic]) -> frozenset[Term]:
    """What topics list already."""
    listed = list(topics)
    words = (Term(phrase(word)) for topic in listed for word in topic.words)
    return frozenset(
        [*words, *(Term(name, exact=True) for topic in listed for name in topic.names)]
    )


def _symbols(
    exported: Sequence[str],
    items: LearningItems,
    where: Mapping[Term, Sequence[int]],
    known: Set[Term],
) -> Iterator[TopicProposal]:
    """Yield one topic of the names that a package exports and others' items do not use as
    much."""
    totals = _totals(items)
    counted = {
        term: items.counts(where.get(term, ()))
        for name in sorted(set(exported))
        if is_name(name) and (term := Term(name, exact=True)) not in known
    }
    kept = {term: counts for term, counts in counted.items() if _bears_out(term, counts, totals)}
    if kept:
        places = {at for term in kept for at in where.get(term, ())}
        ours, others = items.counts(places)
        strength = _shrunk((ours, others), totals, _SYMBOLS)
        yield TopicProposal(
            name="package-symbols",
            owner="ours",
            prior=_bounded(strength),
            terms=tuple(kept),
            source="package",
            ours=ours,
            not_ours=others,
            each=kept,
        )


def _bears_out(term: Term, counts: tuple[int, int], totals: tuple[int, int]) -> bool:
    """Whether the items let a name of the package stand. A plain word (``Model``, ``Feature``)
    must be used more by ours, or hardly by others."""
    if is_identifier(term.text):
        return _shrunk(counts, totals, _SYMBOLS) > _BORNE_OUT
    return counts[1] <= 1 or _seen(counts, totals) > _PLAIN


def _totals(items: LearningItems) -> tuple[int, int]:
    return items.counts(items.terms)


def _shrunk(counts: tuple[int, int], totals: tuple[int, int], belief: float) -> float:
    """Log-odds ratio of a term that was believed to have ``belief``, after these counts."""
    trust = 1 / sum(1 / (count + 0.5) for count in counts)
    return (belief / _DOUBT**2 + _seen(counts, totals) * trust) / (1 / _DOUBT**2 + trust)


def _seen(counts: tuple[int, int], totals: tuple[int, int]) -> float:
    """Log-odds ratio of a term by these counts alone."""
    ours, others = (
        min((count + 0.5) / (total + 1), 0.97) for count, total in zip(counts, totals, strict=True)
    )
    return math.log(ours / (1 - ours)) - math.log(others / (1 - others))


def _bounded(strength: float) -> float:
    return round(min(max(abs(strength), _FAINT), _STRONGEST), 1)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
