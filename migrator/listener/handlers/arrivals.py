"""A new item is judged like any other, and what the migration file says of arrivals is done to
it."""

from __future__ import annotations

from migrator.domain.items import MAINTAINER_ASSOCIATIONS, State
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.protocol.ledger import Outcome
from migrator.domain.protocol.next_step import Finish, Wait
from migrator.domain.protocol.send_window import day_of
from migrator.execution.executor_group import open_executor
from migrator.execution.item_executor import ItemExecutor
from migrator.execution.planner import open_planner
from migrator.listener import standing_plan
from migrator.listener.item_context import Deferred, ItemContext
from migrator.store.ledger import Recorded
from migrator.store.runs import RunState
from migrator.store.verdicts import ClassifiedItem

TRIES = 3
"""The item may change between judging and acting, as young ones do; then it is judged anew, this
often."""


async def handle(ctx: ItemContext) -> str | Deferred:
    """Judge an item that arrived since the listener began, and act on it. Returns what came of
    it, in words."""
    for _ in range(TRIES):
        unfinished = next((each for each in ctx.entries() if each.state.outcome is None), None)
        if unfinished is None and (
            ctx.item.state is not State.OPEN
            or ctx.item.created_at < ctx.scope.since
            or ctx.transferred_at() is not None
        ):
            return "no arrival"
        ended = await (resume(ctx, unfinished) if unfinished else _begin(ctx))
        if not isinstance(ended, Finish):
            return ended
        if ended.outcome is not Outcome.SKIPPED:
            return f"{ended.outcome} {ended.code}"
        await ctx.read_again()
    return "the item keeps changing"


async def _begin(ctx: ItemContext) -> Finish | Deferred | str:
    """Judge, plan, approve by policy, act."""
    planned = await _plan(ctx)
    if not planned.acts:
        return f"{planned.decision} {planned.code}"
    if _has_enough(ctx, planned):
        return f"left to the next plan: {planned.author} got enough notices today"
    if waits := ctx.admit(1 + planned.closes):
        return waits
    run, plan = standing_plan.approved_plan(ctx.context, planned, ctx.now())
    async with open_executor(
        ItemExecutor, ctx.context, run, plan, planned.repository, [planned]
    ) as actor:
        return _ended(ctx, actor, planned, await actor.run(planned), run.id)


def _has_enough(ctx: ItemContext, planned: PlanItem) -> bool:
    """Whether the author got as many notices on new items today as the migration file allows."""
    file = ctx.context.migration.file
    most = file.decisions.welcome.per_author_per_day
    if not most or ctx.item.association in MAINTAINER_ASSOCIATIONS:
        return False
    began, _ = day_of(ctx.now(), file.sending)
    return ctx.context.store.progress.arrivals_since(planned.author, began, but=ctx.key) >= most


async def resume(ctx: ItemContext, recorded: Recorded) -> Finish | Deferred | str:
    """Go on with an entry that a former process left, if it is the listener's; a run looks after
    its own."""
    run, planned = ctx.context.store.runs.get(recorded.entry.run_id), ctx.planned(recorded)
    if run is None or planned is None or run.kind != PlanKind.FOLLOW.value:
        return f"run {recorded.entry.run_id} is at work on it"
    if ctx.is_parked(recorded):
        return "waits for its grace to end"
    async with ctx.executor_for(ItemExecutor, recorded, planned) as actor:
        return _ended(ctx, actor, planned, await actor.run(planned), run.id)


def _ended(
    ctx: ItemContext, actor: ItemExecutor, planned: PlanItem, result: Finish | Wait, run_id: str
) -> Finish | Deferred | str:
    if isinstance(result, Wait) and result.parked:
        actor.park(planned, result.until)
        if result.unread:
            return f"GitHub does not show it: tried again at {result.until:%Y-%m-%d %H:%M} UTC"
        return f"{planned.decision}: closes not before {result.until:%Y-%m-%d}"
    if isinstance(result, Wait):
        return Deferred(until=result.until, why="the outcome of a write is not known yet")
    ctx.context.store.runs.change(
        run_id, RunState.FINISHED, "", at=ctx.now(), only_from=(RunState.RUNNING,)
    )
    return result


async def _plan(ctx: ItemContext) -> PlanItem:
    """What the rules say of the item now; the verdicts are kept for the review queue."""
    item, now, store = ctx.item, ctx.now(), ctx.context.store
    facts, whose, alive = await ctx.verdicts(item, now)
    judged = ClassifiedItem(item=item, ownership=whose, activity=alive)
    store.verdicts.save([(judged, facts)], rules_digest=ctx.context.migration.digest, as_of=now)
    planner = open_planner(
        ctx.context,
        ctx.judge,
        ctx.notices,
        ctx.own,
        as_of=now,
        histories=store.histories.all(),
    )
    return planner.plan(judged, arrived=not item.is_pull_request)
