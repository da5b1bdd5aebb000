"""Holds transfers back: one canary thread first, and nothing more until it has stood as it was for
some minutes; and no more once too many threads differ from how they were.

Holds in every run, also in one that keeps no other measure: a transfer cannot be taken back whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.protocol.causes import HoldCause
from migrator.domain.protocol.ledger import ActKind, Attempt, Done
from migrator.domain.protocol.thread_picture import Receipt, differences
from migrator.domain.protocol.transfer import SETTLING
from migrator.domain.protocol.transfer_limits import canary_due, count, too_many_differ
from migrator.execution.context import Context
from migrator.execution.gates import GateResult
from migrator.github.transfers import Transfers
from migrator.store.ledger import Recorded
from migrator.store.runs import Run

STOOD = "canary"
"""Version of the line of a canary that was looked at again and was as it had been."""
PAUSE = timedelta(seconds=15)
"""After so long it is looked again whether the canary's transfer is settled."""


async def check_transfers(context: Context, run: Run, gates: GateResult) -> GateResult:
    """Of what the other gates let go, what the gates of transfers let go, too."""
    if run.kind == PlanKind.UNDO.value or not any(item.transfers_to for item in gates.go):
        return gates
    rules = context.migration.file.decisions.transfer
    compared = context.store.ledger.compared(run.id)
    stop = too_many_differ(count(_receipts(compared, since=run.judged_at)), rules)
    if stop is not None:
        return GateResult(stop=stop.words, cause=stop.cause)
    if any(line.version == STOOD for _, _, line in compared):
        return gates
    begun = context.store.ledger.transfers(run.id)
    if not begun:
        return _only(context, gates, _first_transfer(gates.go))
    canary = next((each for each in begun if not _is_refused(each)), None)
    transfer = canary.state.act(ActKind.TRANSFER) if canary is not None else None
    if canary is None or transfer is None or not transfer.done:
        keys = {each.entry.item_key for each in begun if each.state.outcome is None}
        return _only(context, gates, keys or _first_transfer(gates.go))
    due = max(
        canary_due(transfer.since, rules),
        transfer.since + context.timing.cut_off * SETTLING,
    )
    if context.clock() < due:
        return _until(gates, due)
    return await _if_it_stood(context, canary, gates)


def _receipts(
    compared: Iterable[tuple[str, datetime, Done]], *, since: datetime
) -> Collection[Receipt]:
    """The receipts of entries that were opened since then, the last one of each."""
    return {
        entry_id: line.receipt
        for entry_id, opened_at, line in compared
        if line.receipt is not None and opened_at >= since
    }.values()


def _is_refused(recorded: Recorded) -> bool:
    transfer = recorded.state.act(ActKind.TRANSFER)
    return recorded.state.outcome is not None and (transfer is None or not transfer.done)


def _first_transfer(items: Sequence[PlanItem]) -> set[str]:
    return set(next(([item.key] for item in items if item.transfers_to), []))


def _only(context: Context, gates: GateResult, transfers: set[str]) -> GateResult:
    """All other acts, and of the transfers only these; where that is nothing, a while later."""
    going = tuple(item for item in gates.go if not item.transfers_to or item.key in transfers)
    return replace(gates, go=going) if going else _until(gates, context.clock() + PAUSE)


def _until(gates: GateResult, due: datetime) -> GateResult:
    going = tuple(item for item in gates.go if not item.transfers_to)
    why = "the first transferred thread must stay as it was for a while"
    return GateResult(go=going, until=due, why=why, cause=HoldCause.CANARY)


async def _if_it_stood(context: Context, canary: Recorded, gates: GateResult) -> GateResult:
    """Look at the canary once more. What its own receipt names already is no news; relations come
    last, and may wait for threads that wait for the canary."""
    transfer, compared = canary.state.act(ActKind.TRANSFER), canary.state.act(ActKind.COMPARE)
    if transfer is None or transfer.picture is None:
        return gates
    async with context.open_github(canary.entry.ref.repository) as github:
        thread = await Transfers(github).thread(transfer.node_id)
    if thread is None:
        words = f"the first transferred thread, {transfer.moved_to}, is gone"
        return GateResult(stop=words, cause=HoldCause.DIFFERENCES)
    receipt = compared.receipt if compared is not None else None
    known = (*receipt.differences, *receipt.lost) if receipt is not None else ()
    before = replace(transfer.picture, relations=thread.picture.relations)
    news = sorted({*differences(before, thread.picture)} - {*known})
    if news:
        words = f"the first transferred thread, {transfer.moved_to}, lost: {', '.join(news)}"
        return GateResult(stop=words, cause=HoldCause.DIFFERENCES)
    line = Done(act=ActKind.COMPARE, version=STOOD)
    context.store.ledger.append(canary, [Attempt(line=line, at=context.clock())])
    return gates
