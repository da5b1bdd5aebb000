"""Does this machine live at the same time as GitHub?"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.errors import ClockWrong
from migrator.github.checks.findings import Finding, Level
from migrator.github.limits import CLOCK_TOLERANCE

WORTH_A_LOOK = 30.0
"""Seconds: an App's web tokens are refused from about a minute on."""


def clock_findings(ahead: float | None) -> Iterator[Finding]:
    """What is wrong with a clock that is ``ahead`` seconds ahead of GitHub's; ``None``: nobody knows, nothing is said."""
    away = abs(ahead or 0.0)
    if ahead is None or away < WORTH_A_LOOK:
        return
    error = ClockWrong(ahead)
    level = Level.ERROR if away > CLOCK_TOLERANCE else Level.WARNING
    yield Finding(code="machine.clock", level=level, message=error.cause, cure=error.cure)
