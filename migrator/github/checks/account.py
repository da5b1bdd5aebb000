"""Is the account usable: not refused, its clock right, its App told of what happens, its REST
version there to stay?"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from migrator.domain.webhooks.subscriptions import REACTS
from migrator.errors import AccountRefused, ClockWrong
from migrator.github.api_version import VersionEnd
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.http_messages import API_VERSION
from migrator.github.rate_limit_headers import CLOCK_TOLERANCE

WORTH_A_LOOK = 30.0
"""Seconds from which on a clock is worth a look."""
APP_CLOCK_TOLERANCE = 60.0
"""Seconds ahead from which on GitHub refuses an App's tokens: it wants `iat` at most at its own
time, and advises to set it 60 seconds back.
https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app"""


def clock_findings(ahead: float | None, *, app: bool = False) -> Iterator[CheckResult]:
    """What is wrong with a clock that is ``ahead`` seconds ahead of GitHub's; ``None``: nobody
    knows, nothing is said. ``app``: it signs an App's tokens."""
    away = abs(ahead or 0.0)
    if ahead is None or away < WORTH_A_LOOK:
        return
    error = ClockWrong(ahead)
    refuses = app and ahead >= APP_CLOCK_TOLERANCE
    level = CheckLevel.ERROR if refuses or away > CLOCK_TOLERANCE else CheckLevel.WARNING
    message = f"{error.cause}: GitHub refuses the App's tokens" if refuses else error.cause
    yield CheckResult(code="machine.clock", level=level, message=message, cure=error.cure)


def refused_account(error: AccountRefused, where: str = "") -> CheckResult:
    """The finding for a refusal of the account: why, GitHub's words, and the fix."""
    place = f" in {where}" if where else ""
    return CheckResult(
        code="account.refused",
        level=CheckLevel.ERROR,
        subject=where,
        message=f"GitHub refuses the account{place} ({error.why}): {error.cause}",
        cure=error.cure,
    )


def event_findings(slug: str, events: Collection[str]) -> Iterator[CheckResult]:
    """Events that we react to and that an App is not subscribed to.

    A warning: the reconciler finds changes without webhooks, later.
    https://docs.github.com/apps/creating-github-apps/registering-a-github-app/using-webhooks-with-github-apps
    """
    for event in sorted(REACTS):
        if event not in events:
            yield CheckResult(
                code="app.event_missing",
                level=CheckLevel.WARNING,
                subject=slug,
                message=f"the App is not subscribed to the event {event}: `serve` learns of it "
                "minutes later",
                cure=f"subscribe to {event} in the App's settings, under Permissions & events",
            )


def version_findings(end: VersionEnd | None) -> Iterator[CheckResult]:
    """That GitHub has announced the end of the REST version that we speak."""
    if end is None:
        return
    since = f" since {end.deprecated:%Y-%m-%d}" if end.deprecated is not None else ""
    until = f" and ends it on {end.sunset:%Y-%m-%d}" if end.sunset is not None else ""
    yield CheckResult(
        code="api.version_ends",
        level=CheckLevel.WARNING,
        subject=API_VERSION,
        message=f"GitHub calls REST version {API_VERSION} deprecated{since}{until}",
        cure="update the migrator before then",
    )
