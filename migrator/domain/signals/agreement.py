"""Whether what the other signals found agrees: a subject without a rival says more than the sum of its words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from migrator.domain.signals.base import Finding

FINDINGS: Final = {
    "agree.title": "the title names a subject of ours and no rival",
    "agree.lead": "the lead names a subject of ours and no rival",
    "agree.all": "something of ours somewhere, and no rival anywhere",
    "agree.nothing-ours": "nothing of ours anywhere",
}
"""What it can find, and what each means."""

_EVERYWHERE = ("title", "lead", "prose", "code", "log", "error")
_NOTABLE = 0.4  # log-odds: below it a finding is no rival, and no subject either
_SUBJECTS = {"title": 0.9, "lead": 0.35}  # log-odds from which on a finding names a subject there


def agreement(findings: Iterable[Finding], priors: Mapping[str, float]) -> Iterator[Finding]:
    """Yield ``agree.title``, ``agree.lead``, ``agree.all`` (ours, and no rival there) and ``agree.nothing-ours``."""
    ours: dict[str, str] = {}
    rivals: dict[str, str] = {}
    touched = False
    for finding in findings:
        region, _, _ = finding.name.partition(".")
        prior = priors.get(finding.name, 0.0)
        touched = touched or (prior > 0 and region in _EVERYWHERE)
        if prior >= _SUBJECTS.get(region, _NOTABLE):
            ours.setdefault(region, finding.seen)
        elif prior < -_NOTABLE:
            rivals.setdefault(region, finding.seen)
    for region in _SUBJECTS:
        if region in ours and region not in rivals:
            yield Finding(f"agree.{region}", seen=ours[region])
    if any(region in ours for region in _EVERYWHERE) and not any(region in rivals for region in _EVERYWHERE):
        yield Finding("agree.all", seen=next(ours[region] for region in _EVERYWHERE if region in ours))
    if not touched:
        yield Finding("agree.nothing-ours")
