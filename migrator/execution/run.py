"""Applies an approved plan wave by wave. The engine remembers what to run next; the ledger knows
what was done.

One call of :func:`run_step` is one durable step. If the process dies in it, the step runs again,
finds in the ledger which items have ended, and goes on with the others.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from migrator.domain.items import Frozen
from migrator.domain.planning.plan import PlanItem, depth, wave_order
from migrator.domain.protocol.causes import HoldCause, hold_cause
from migrator.domain.protocol.next_step import Finish, Wait
from migrator.errors import (
    AccountRefused,
    ClockWrong,
    GitHubError,
    LimitExceeded,
    PermissionDenied,
    RepositoryReplaced,
    ServerUnavailable,
)
from migrator.execution.context import Context
from migrator.execution.executor_group import ExecutorGroup, ensure_labels, open_executors
from migrator.execution.gates import check, enforces_limits, tripped_by_github
from migrator.execution.lease import HeldLease, hold_lease
from migrator.execution.transfer_gate import check_transfers
from migrator.github.refusals import account_wide
from migrator.store.leases import LeaseLost
from migrator.store.ledger import Overtaken
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState

SHORT_WAIT = timedelta(seconds=30)
"""Waits up to this are sat out inside the step; longer ones are the engine's, which keeps them
through a restart."""
STANDBY = 1.0
"""Seconds between two tries for the lease, while another worker acts for this installation."""
PORTION = 25
"""Items of a considerate run after which its gates are checked again: quiet hours begin
within a wave, too."""
UNAVAILABLE_WAIT = 15.0
"""Seconds until the next try when GitHub does not answer reads."""


class WorkResult(Frozen, frozen=True, kw_only=True):
    """What one call of :func:`run_step` came to: nothing is left to do now, or it goes on after
    ``sleep`` seconds (0: at once)."""

    ended: bool = False
    sleep: float = 0.0


async def run_step(context: Context, run_id: str) -> WorkResult:
    """Do what can be done now for a run: closes whose grace has ended, the rest of its wave, or
    the next one."""
    run = context.store.runs.get(run_id)
    if run is None or run.state is not RunState.RUNNING:  # who resumes it has it taken up again
        return WorkResult(ended=True)
    if context.leaving.is_set():
        return WorkResult(ended=True)
    if run.held_until is not None:
        context.store.runs.take_up(run.id)
    plan = context.store.plans.find(run.plan_hash)
    items, due = _next_items(context, run, plan)
    if items:
        return await _with_error_policy(context, run, plan, items)
    if (
        due is not None
    ):  # closes that wait for days: whoever looks after due runs starts a new workflow for them
        return WorkResult(ended=True)
    context.store.runs.change(
        run.id, RunState.FINISHED, "", at=context.clock(), only_from=(RunState.RUNNING,)
    )
    return WorkResult(ended=True)


def _next_items(
    context: Context, run: Run, plan: StoredPlan
) -> tuple[list[PlanItem], datetime | None]:
    """The items to work on now; if there are none, when the next one is due."""
    ledger, plans, now = context.store.ledger, context.store.plans, context.clock()
    parked, ended = ledger.parked(run.id), ledger.ended(run.id)
    if any(due <= now for due in parked.values()):
        acting = plans.items(plan.hash, acting=True)
        return [item for item in acting if item.key in parked and parked[item.key] <= now], None
    order = wave_order(plan.totals.waves, run.options.first_wave, plan.totals.clear_wave)
    for wave in order[order.index(run.wave) if run.wave in order else 0 :]:
        items = [
            item
            for item in plans.items(plan.hash, wave=wave)
            if item.key not in ended and item.key not in parked
        ]
        if items:
            context.store.runs.set_wave(run.id, wave)
            return parents_first(items), None
    return [], min(parked.values(), default=None)


def parents_first(items: list[PlanItem]) -> list[PlanItem]:
    """The same, with parents before their sub-issues where threads are transferred."""
    parents = {item.key: item.parent for item in items if item.transfers_to}
    return sorted(items, key=lambda item: depth(item.key, parents)) if parents else items


async def _with_error_policy(
    context: Context, run: Run, plan: StoredPlan, items: list[PlanItem]
) -> WorkResult:
    """Work on the items; where GitHub asks for patience, say how much, and where it refuses us,
    stop with the reason."""
    try:
        async with hold_lease(
            context.store.leases, context.installation, context.executor_id, holds=context.silence
        ) as held:
            if held is None:
                return WorkResult(sleep=STANDBY)
            return await _if_gates_open(context, run, plan, items, held)
    except LeaseLost:
        return WorkResult(sleep=STANDBY)
    except LimitExceeded as error:
        if error.wait > SHORT_WAIT.total_seconds():
            return hold(
                context,
                run.id,
                context.clock() + timedelta(seconds=error.wait),
                "GitHub asks for patience",
                HoldCause.LIMIT,
            )
        return WorkResult(sleep=error.wait)
    except ServerUnavailable:
        return WorkResult(sleep=UNAVAILABLE_WAIT / context.settings.clock_scale)
    except (AccountRefused, PermissionDenied) as error:
        return refuse(context, run, account_wide(error))
    except (ClockWrong, RepositoryReplaced) as error:
        cause = HoldCause.CLOCK if isinstance(error, ClockWrong) else HoldCause.REPLACED
        return stop(context, run.id, str(error), cause)
    except GitHubError as error:
        return stop(context, run.id, f"GitHub refused: {error}", HoldCause.REFUSED)


async def _if_gates_open(
    context: Context, run: Run, plan: StoredPlan, items: list[PlanItem], held: HeldLease
) -> WorkResult:
    """Work on what the gates let go. What they hold keeps its wave open: the next one begins
    when it has gone out."""
    gates = await check(context, run, items)
    if gates.go and not gates.stop:
        gates = await check_transfers(context, run, gates)
    if gates.stop:
        return stop(context, run.id, gates.stop, gates.cause)
    if gates.go or gates.until is None:
        if not context.store.ledger.ended(run.id) and not context.store.ledger.parked(run.id):
            await ensure_labels(context, plan)
        gated = enforces_limits(run) or any(item.transfers_to for item in gates.go)
        portion = gates.go[:PORTION] if gated else gates.go
        return await _run_items(context, run, plan, list(portion), held)
    return hold(context, run.id, gates.until, gates.why, gates.cause)


def hold(context: Context, run_id: str, until: datetime, why: str, cause: HoldCause) -> WorkResult:
    """End this workflow, on record until when and why. Slept through, the wait would keep every
    other run out of the queue.

    Whoever watches the run, or looks after due runs, starts a new workflow then.
    """
    reason = f"waits until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {why}"
    context.store.runs.hold(run_id, until, reason, cause)
    return WorkResult(ended=True)


def leave(context: Context, run_id: str) -> None:
    """Note that nobody is at work on a running run any more because the time given to this process
    was over. Whoever looks after due runs goes on at once; a wait that was noted stays."""
    run = context.store.runs.get(run_id)
    if run is not None and run.held_until is None:
        reason = "the time of the process at work was over (--stop-after)"
        context.store.runs.hold(run_id, context.clock(), reason, HoldCause.TIME_LIMIT)


def stop(
    context: Context, run_id: str, reason: str, cause: HoldCause = HoldCause.OTHER
) -> WorkResult:
    """End the work with its reason on record; a person resumes it."""
    context.store.runs.stop(run_id, reason, cause)
    return WorkResult(ended=True)


def refuse(context: Context, run: Run, error: AccountRefused) -> WorkResult:
    """Hold the run until a maintainer has put right what GitHub refuses. No item is charged."""
    how = f"{error.cure}, then run `migrator apply {run.plan_hash[:12]}` again"
    reason = f"GitHub refuses the account ({error.why}): {error.cause}. To go on: {how}"
    context.store.runs.stop(run.id, reason, hold_cause(error.why), refused=error.why)
    return WorkResult(ended=True)


async def _run_items(
    context: Context, run: Run, plan: StoredPlan, items: list[PlanItem], held: HeldLease
) -> WorkResult:
    """Act on the items, one after the other if paced, else a few at a time; then wait for those
    that asked for it."""
    together = run.options.concurrency
    async with open_executors(context, run, plan, items, held) as executors:
        left = items
        while left:
            waits = await _run_batch(context, executors, run, left, together)
            if executors.elsewhere:
                return stop(context, run.id, _dealt_with(executors.elsewhere))
            soon = {key: wait for key, wait in waits.items() if not wait.parked}
            if not soon:
                break
            left = [item for item in left if item.key in soon]
            pause = min(wait.until for wait in soon.values()) - context.clock()
            if pause > SHORT_WAIT:
                return WorkResult(sleep=pause.total_seconds())
            await asyncio.sleep(max(0.0, pause.total_seconds()))
    return WorkResult()


def _dealt_with(elsewhere: dict[str, str]) -> str:
    """Why a run stops whose plan is overtaken: without an end of their own its items would be
    looked at for ever."""
    key, other = min(elsewhere.items())
    return (
        f"the run {other} has dealt with {key} since this plan was made. To go on: cancel this "
        "run, then scan, classify and plan again"
    )


async def _run_batch(
    context: Context, executors: ExecutorGroup, run: Run, items: list[PlanItem], together: int
) -> dict[str, Wait]:
    """Work once on each item, so many at a time. A limit or an outage ends the round; what is
    under way is finished first."""
    waits: dict[str, Wait] = {}
    for start in range(0, len(items), together):
        if context.leaving.is_set():
            break
        waits |= await _run_concurrently(context, executors, run, items[start : start + together])
    return waits


async def _run_concurrently(
    context: Context, executors: ExecutorGroup, run: Run, items: list[PlanItem]
) -> dict[str, Wait]:
    if not _may_go_on(context, run.id):
        return {}

    async def one(item: PlanItem) -> Finish | Wait | None:
        try:
            return await executors.run(item)
        except Overtaken:
            return None

    await executors.read_ahead(items)
    results = await asyncio.gather(*(one(item) for item in items), return_exceptions=True)
    errors = [result for result in results if isinstance(result, BaseException)]
    if errors:
        raise errors[0]
    waits = {
        item.key: result
        for item, result in zip(items, results, strict=True)
        if isinstance(result, Wait)
    }
    for item in items:
        if item.key in waits and waits[item.key].parked:
            executors.park(item, waits[item.key].until)
    return waits


def _may_go_on(context: Context, run_id: str) -> bool:
    """Whether this process stays, and nobody paused, stopped or cancelled the run meanwhile, nor
    GitHub's answers do now."""
    if context.leaving.is_set():
        return False
    run = context.store.runs.get(run_id)
    if run is None or run.state is not RunState.RUNNING:
        return False
    reason = tripped_by_github(context, run) if enforces_limits(run) else None
    if reason is not None:
        stop(context, run_id, reason.words, reason.cause)
    return reason is None
