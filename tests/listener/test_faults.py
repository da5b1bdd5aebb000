"""GitHub fails in every way that it knows, and people still get one notice and one answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from migrator.domain.marker import render_origin
from migrator.domain.protocol.ledger import Outcome
from migrator.execution.verify import verify
from migrator.listener.reconciler import reconcile
from tests.listener.conftest import CLOSING
from tests.support.listener import ACCOUNT, House, house, listening
from tests.support.small_world import SOURCE, TARGET

RATES = {
    "stored_502": 0.12,
    "stored_reset": 0.12,
    "stored_timeout": 0.05,
    "lost_502": 0.08,
    "lost_reset": 0.08,
    "refused_403_retry_after": 0.03,
    "partial_success": 0.05,
    "stale_read": 0.15,
    "slow": 0.05,
}


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_under_faults_everybody_is_told_once(tmp_path: Path, seed: int) -> None:
    """Welcomed, closed, opened again by command, answered, landed, completed: each once,
    whatever replies are lost."""
    with house(tmp_path, CLOSING) as home:
        with listening(home):
            schedule = {
                "seed": seed,
                "rates": RATES,
                "hang": 0.2,
                "slow": 0.05,
                "lag": 0.1,
                "only": [ACCOUNT],
            }
            home.github.control("POST", "faults", json=schedule)
            issues = [
                home.open(f"The widget breaks {turn}", labels=("comp:widget",)) for turn in range(3)
            ]
            pull = home.open("Mend it", do="open_pull", paths=["widget/core.py"])
            asked = home.open("Help", "Something is off.")
            home.say(asked, "/migrate-help")
            home.until(lambda: not any(home.is_open(number) for number in issues), seconds=90)
            home.say(issues[0], "/reopen")
            home.say(pull, "/still-here")
            home.open("The widget breaks", render_origin(SOURCE, issues[1]), repository=TARGET)
            fix = home.open(
                "Mend",
                f"Fixes {SOURCE}#{asked}",
                by="bob",
                do="open_pull",
                paths=["a"],
                repository=TARGET,
            )
            home.github.act("root", "merge", fix, TARGET)
            home.until(
                lambda: home.deliveries.backlog().unfinished == 0 and home.is_open(issues[0]),
                seconds=90,
            )
            home.github.control("POST", "faults", json={})
        _come_to_rest(home)
        assert [len(home.comments(number)) for number in issues] == [1, 1, 1], home.comments(
            issues[0]
        )
        assert len(home.comments(pull)) == 1
        assert len(home.comments(asked)) == 2, "one answer, one notice of its completion"
        assert not home.is_open(asked)
        assert home.is_open(pull)
        good = (Outcome.DONE, Outcome.YIELDED, Outcome.SKIPPED)
        ledger = home.context.store.ledger
        waiting = [
            each
            for each in ledger.stream()
            if each.entry.item_key in ledger.parked(each.entry.run_id)
        ]
        odd = [
            each
            for each in ledger.stream()
            if each.state.outcome not in good and each not in waiting
        ]
        assert [
            (each.entry.id, each.state.outcome, each.state.message, each.attempts) for each in odd
        ] == []
        verified = asyncio.run(verify(home.context, run_id=None, progress=lambda _: None))
        assert [finding for finding in verified.findings if finding.fault] == []


def _come_to_rest(home: House) -> None:
    """Sweep until nothing has to wait any more."""
    for _ in range(30):
        if not asyncio.run(reconcile(home.context, home.follower)).waiting:
            return
    pytest.fail("it does not come to rest")
