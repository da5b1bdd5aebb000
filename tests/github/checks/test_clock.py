"""`check` compares this machine's clock with GitHub's: every date that we decide by rests on it."""

from __future__ import annotations

import time

import pytest

from migrator.github.checks.account import clock_findings
from migrator.github.checks.results import CheckLevel
from migrator.github.checks.run import github_findings
from migrator.github.client_pool import ClientPool
from tests.github.checks.test_run import _file
from tests.support.sandboxes import Sandboxes


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (None, []),
        (0.0, []),
        (-29.0, []),
        (45.0, [(CheckLevel.WARNING, "this machine's clock is 45 seconds ahead of GitHub's")]),
        (-180.0, [(CheckLevel.WARNING, "this machine's clock is 3 minutes behind GitHub's")]),
        (7200.0, [(CheckLevel.ERROR, "this machine's clock is 2 hours ahead of GitHub's")]),
        (-260_000.0, [(CheckLevel.ERROR, "this machine's clock is 3 days behind GitHub's")]),
    ],
)
def test_a_clock_is_judged_by_how_far_it_is_off(
    ahead: float | None, expected: list[tuple[CheckLevel, str]]
) -> None:
    """Seconds are nothing, a minute is worth a look, and from five minutes on nothing is
    written."""
    assert [(finding.level, finding.message) for finding in clock_findings(ahead)] == expected


@pytest.mark.parametrize(
    ("ahead", "level"),
    [
        (45.0, CheckLevel.WARNING),
        (60.0, CheckLevel.ERROR),
        (90.0, CheckLevel.ERROR),
        (-90.0, CheckLevel.WARNING),
    ],
)
def test_an_apps_clock_may_not_be_a_minute_ahead(ahead: float, level: CheckLevel) -> None:
    """GitHub refuses the tokens that it signs; a clock that is behind signs older ones."""
    (finding,) = clock_findings(ahead, app=True)
    assert finding.level is level
    (of_token,) = clock_findings(ahead)
    assert of_token.level is CheckLevel.WARNING


async def test_a_check_reads_the_clock_off_githubs_own_replies(sandboxes: Sandboxes) -> None:
    """No time server is asked: what counts is how GitHub will date our notices."""
    url = sandboxes.start().url
    found = await github_findings(
        ClientPool(url, token="sandbox-robin", now=lambda: time.time() - 86_400 * 3), _file()
    )
    assert [
        (finding.level, finding.message) for finding in found if finding.code == "machine.clock"
    ] == [(CheckLevel.ERROR, "this machine's clock is 3 days behind GitHub's")]
