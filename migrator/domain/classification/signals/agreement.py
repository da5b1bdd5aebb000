"""Whether what the other signals found agrees: a subject without a rival says more than the sum
of its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from migrator.domain.classification.signals.base import Finding

FINDINGS: Final = {
    "agree.title": "the title names a subject of ours and no rival",
    "agree.lead": "the lead names a subject of ours and no rival",
    "agree.all": "something of ours somewhere, and no rival anywhere",
    "agree.concepts-only": "only words that other subjects share count for ours",
    "agree.nothing-ours": "nothing of ours anywhere",
}
"""What it can find, and what each means."""

_EVERYWHERE = ("title", "lead", "prose", "code", "log", "error")
_NOTABLE = 0.4  # log-odds: below it a finding is no rival, and no subject either
_SUBJECTS = {"title": 0.9, "lead": 0.35}  # log-odds from which on a finding names a subject there
# log-odds of a topic in a title from which on it tells whose it is, not only what it is about
_TELLING = 1.5


Agreement = Callable[[Iterable[Finding]], Iterator[Finding]]


class _Power(NamedTuple):
    """What findings of one name can do here."""

    region: str
    for_ours: bool
    telling: bool
    subject: bool
    rival: bool


def prepare(priors: Mapping[str, float]) -> Agreement:
    """Return what lists ``agree.title``, ``agree.lead``, ``agree.all`` (ours, and no rival there),
    and where nothing tells of ours ``agree.nothing-ours``, or ``agree.concepts-only`` if only words
    that other subjects share count for ours.
    """
    places = {
        name: _place(name, prior, priors)
        for name, prior in priors.items()
        if name.partition(".")[0] in _EVERYWHERE
    }

    def agreement(findings: Iterable[Finding]) -> Iterator[Finding]:
        ours: dict[str, str] = {}
        rivals: set[str] = set()
        touched = telling = False
        for finding in findings:
            place = places.get(finding.name)
            if place is None:
                continue
            touched = touched or place.for_ours
            telling = telling or place.telling
            if place.subject:
                ours.setdefault(place.region, finding.seen)
            elif place.rival:
                rivals.add(place.region)
        yield from (
            Finding(f"agree.{region}", seen=ours[region])
            for region in _SUBJECTS
            if region in ours and region not in rivals
        )
        if not touched:
            yield Finding("agree.nothing-ours")
        elif not telling:
            yield Finding("agree.concepts-only", seen=next(iter(ours.values()), ""))
        elif ours and not rivals:
            yield Finding(
                "agree.all", seen=next(ours[region] for region in _EVERYWHERE if region in ours)
            )

    return agreement


def _place(name: str, prior: float, priors: Mapping[str, float]) -> _Power:
    region, _, topic = name.partition(".")
    for_ours = prior > 0
    return _Power(
        region=region,
        for_ours=for_ours,
        telling=for_ours
        and (region == "error" or priors.get(f"title.{topic}", _TELLING) >= _TELLING),
        subject=prior >= _SUBJECTS.get(region, _NOTABLE),
        rival=prior < -_NOTABLE,
    )
