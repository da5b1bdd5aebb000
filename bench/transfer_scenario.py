"""What the fault benchmark needs beside its usual migration to transfer threads: a file of one
owner, related issues, an unkind sandbox, and what must be true of the world afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, Outcome
from migrator.rehearsal.relations import Relation, lost, moved_twice, present_place
from migrator.rehearsal.sandbox import Sandbox
from migrator.store.ledger import Recorded
from tests.support.world_verdict import Verdict

RATES = {
    "stored_timeout": 0.04,
    "stored_502": 0.04,
    "stored_reset": 0.04,
    "lost_502": 0.02,
    "lost_reset": 0.01,
    "refused_403": 0.005,
    "refused_429_retry_after": 0.005,
    "refused_graphql": 0.005,
    "slow": 0.01,
    "stale_read": 0.3,
    "person_comments": 0.03,
}
"""Half of the lost replies are of writes that were done: the case in which a second send moves a
thread twice."""
APP_RATES = {"token_expired": 0.01, "app_uninstalled": 0.005}
"""What befalls an App alone."""
SCHEDULE = {"hang": 0.3, "slow": 0.3, "lag": 0.3}
TIMING = {"cut_off_seconds": 0.7, "read_lag_seconds": 0.5}
TRANSFERS = {
    "use": "unkind",
    "old_answers_seconds": 1.5,
    "comments_late_seconds": 1.5,
    "relations_late_seconds": 1.5,
    "new_missing_seconds": 0.5,
}
LONGEST_SETTLING = 30.0


def rates(*, app: bool) -> dict[str, float]:
    """How often each fault strikes."""
    return RATES | (APP_RATES if app else {})


def settle(sandbox: Sandbox) -> None:
    """Let everything arrive that is still on its way."""
    until = time.monotonic() + LONGEST_SETTLING
    while time.monotonic() < until:
        sandbox.advance(10)
        if not _in_flight(sandbox):
            return
        time.sleep(0.1)


def _in_flight(sandbox: Sandbox) -> bool:
    return any(record.get("transit") for record in sandbox.world() if record["record"] == "item")


def judge_transfers(
    verdict: Verdict,
    records: Iterable[dict[str, Any]],
    planned: dict[str, PlanItem],
    entries: dict[str, Recorded],
    relations: Sequence[Relation],
) -> None:
    """Count threads that were moved twice or against the plan, relations that were lost, and what
    the ledger says otherwise than the world."""
    items = {
        f"{record['repository']}#{record['number']}": record
        for record in records
        if record.get("record") == "item"
    }
    for key in moved_twice(items):
        verdict.add("moved_twice", key, "a transfer made more than one issue of it")
    settled = [each for each in relations if all(_is_settled(entries.get(key)) for key in each[:2])]
    for words in lost(items, settled):
        verdict.add("relations_lost", words.partition(" ")[0], words)
    for key, record in items.items():
        if record.get("came_from"):
            continue
        item, entry = planned.get(key), entries.get(key)
        if record.get("moved_to") and (item is None or not item.transfers_to):
            verdict.add("unplanned", key, "transferred although the plan does not say so")
        if item is not None and item.transfers_to and entry is not None:
            _judge_place(verdict, key, items, item, entry)


def _judge_place(
    verdict: Verdict,
    key: str,
    items: dict[str, dict[str, Any]],
    item: PlanItem,
    entry: Recorded,
) -> None:
    state, place = entry.state, present_place(items, key)
    if state.outcome is None or state.outcome is Outcome.IN_DOUBT:
        return
    done = state.is_done(ActKind.TRANSFER)
    if done != (place.partition("#")[0] == item.transfers_to):
        verdict.add("ledger_mismatch", key, f"ledger transfer {done}, world {place}")
    transfer = state.act(ActKind.TRANSFER)
    if done and transfer is not None and transfer.moved_to != place:
        verdict.add("ledger_mismatch", key, f"ledger {transfer.moved_to}, world {place}")
    nonce = f"nonce={entry.entry.nonce}"
    notices = sum(nonce in str(one["body"]) for one in items[place].get("comments") or ())
    if state.outcome is Outcome.DONE and notices != 1:
        counter = "duplicate_notices" if notices else "lost_notices"
        verdict.add(counter, key, f"{notices} notices at {place}")


def _is_settled(entry: Recorded | None) -> bool:
    """Whether it is known where the thread is; one that no plan touched stays where it is."""
    unsettled = (Outcome.IN_DOUBT, Outcome.FAILED, None)
    return entry is None or entry.state.outcome not in unsettled
