"""``undo``: plans to take acts of the ledger back: one item, one wave, or a whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from migrator.domain.items import Actor, Item, ItemRef
from migrator.domain.notices import NoticeChange, NoticeEdit, Notices
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.planning.undo import Undoable, can_be_undone, undo_item
from migrator.domain.protocol.ledger import ActKind, EntryKind
from migrator.errors import ItemsSetAside, PlanRefused
from migrator.execution.context import Context
from migrator.execution.notices import open_notices
from migrator.execution.own_account import bot_identity
from migrator.execution.planner import Planner, plan_header
from migrator.services import runs
from migrator.services.plan import planner_for, write_plan
from migrator.store.ledger import Recorded
from migrator.store.plans import StoredPlan

NAMED: Final = 5


class NotUndone(NamedTuple):
    """What an undo plan leaves out, and why."""

    item_key: str
    why: str


def report_not_undone(left: Sequence[NotUndone]) -> None:
    """Raise :class:`~migrator.errors.ItemsSetAside` if something was left out."""
    if not left:
        return
    names = [f"{one.item_key} ({one.why})" for one in left[:NAMED]]
    names += [f"and {len(left) - NAMED} more"] if len(left) > NAMED else []
    raise ItemsSetAside(
        f"{len(left)} of these cannot be undone by a plan: {'; '.join(names)}",
        cure="look at each on GitHub, and take back by hand what we left there",
    )


def make_undo_plan(
    context: Context,
    *,
    as_of: datetime,
    run_id: str | None = None,
    wave: int | None = None,
    item_key: str | None = None,
    commands_served: bool = False,
    progress: Callable[[int, int], None],
    left_out: Callable[[NotUndone], None] = lambda _: None,
) -> StoredPlan:
    """Plan to take back a run (or one wave of it), or everything on one item; an undone entry is
    not undone again. ``left_out`` is told what would be undone if it could be read.

    Raises :class:`PlanRefused` if nothing of it is left to undo, and
    :class:`~migrator.errors.ItemsSetAside` if nothing of what is left can be read.
    """
    if run_id is not None:
        _refuse_at_work(context, run_id)
    header = plan_header(context, PlanKind.UNDO, as_of)
    notices = open_notices(context, commands_served=commands_served)
    left: list[NotUndone] = []
    chosen = [
        one
        for one in _undoable(context, run_id, item_key, left.append)
        if wave is None or one.planned.wave == wave
    ]
    if not chosen:
        report_not_undone(left)
        raise PlanRefused(
            "nothing is left to undo here", cure="see `migrator ledger` for what was done"
        )
    chosen.sort(key=lambda one: (one.planned.repository, one.planned.number))
    for one in left:
        left_out(one)
    items = (undo_item(one, _text(notices, one, as_of)) for one in chosen)
    return write_plan(context, header, _one_per_item(items), total=len(chosen), progress=progress)


def _refuse_at_work(context: Context, run_id: str) -> None:
    """A run that is still acting has to be paused first: what it does meanwhile would not be in
    the plan."""
    if not runs.progress(context, run_id).at_rest:
        raise PlanRefused(
            f"the run {run_id} is still at work", cure=f"run `migrator pause {run_id}` first"
        )


def _undoable(
    context: Context,
    run_id: str | None,
    item_key: str | None,
    left_out: Callable[[NotUndone], None],
) -> Iterator[Undoable]:
    """Entries that left a notice and were not undone, with what is needed to word the new text. Of
    an entry with a line that cannot be read nobody knows what it left."""
    undone = context.store.histories.undone()
    entries = (
        context.store.ledger.of_item(item_key)
        if item_key
        else context.store.ledger.stream(run_id=run_id)
    )
    for recorded in entries:
        entry = recorded.entry
        is_undone = (entry.item_key, entry.decision, entry.generation) in undone
        if is_undone or entry.kind is not EntryKind.NOTICE:
            continue
        if not can_be_undone(recorded.state):
            if recorded.unreadable:
                left_out(NotUndone(entry.item_key, recorded.unreadable))
            continue
        found = _with_plan(context, recorded)
        if found is not None:
            yield found
        else:
            left_out(
                NotUndone(
                    entry.item_key, "its plan or its last reading is missing or cannot be read"
                )
            )


def _with_plan(context: Context, recorded: Recorded) -> Undoable | None:
    ref = recorded.entry.ref
    planned = context.store.plans.item(recorded.entry.plan_hash, *ref)
    item = _item(context, recorded, planned) if planned is not None else None
    if planned is None or item is None:
        return None
    return Undoable(entry=recorded.entry, state=recorded.state, planned=planned, item=item)


def _item(context: Context, recorded: Recorded, planned: PlanItem) -> Item | None:
    """The item as last read. What was read of a thread goes with its transfer, and its plan knows
    enough of it to word an edit."""
    item = context.store.snapshots.get(*recorded.entry.ref)
    if item is not None or not recorded.state.is_done(ActKind.TRANSFER):
        return item
    opened = planned.created_at or recorded.entry.created_at
    return Item(
        repository=planned.repository,
        number=planned.number,
        kind=planned.kind,
        id=planned.node_id,
        url=planned.url,
        title=planned.title,
        author=Actor(login=planned.author) if planned.author else None,
        created_at=opened,
        updated_at=opened,
        labels=tuple(planned.before.get("labels", ())),
    )


def _text(notices: Notices, one: Undoable, as_of: datetime) -> str:
    change = NoticeChange(edit=NoticeEdit.UNDONE, at=as_of, open=True)
    return notices.render_edit(
        one.item,
        change,
        decision=one.planned.decision.value,
        part=one.planned.part,
        generation=one.planned.generation,
    )


def _one_per_item(items: Iterator[PlanItem]) -> Iterator[PlanItem]:
    """A plan has one line per item: the newest act first; an older one is left for the next undo
    plan."""
    last: PlanItem | None = None
    for item in items:
        if last is not None and last.key != item.key:
            yield last
        last = item
    if last is not None:
        yield last


def make_retry_plan(
    context: Context,
    run_id: str,
    *,
    as_of: datetime,
    code: str = "",
    commands_served: bool = False,
    progress: Callable[[int, int], None],
) -> StoredPlan:
    """Plan what failed in a run once more, as it was judged last, and return the plan; only what
    failed with the reason ``code``, if one is given.

    Raises :class:`PlanRefused` if the run is still at work, or nothing of it can be retried.
    """
    if not runs.progress(context, run_id).at_rest:
        raise PlanRefused(
            f"the run {run_id} is still at work", cure=f"run `migrator pause {run_id}` first"
        )
    planner = planner_for(
        context, as_of=as_of, own=bot_identity(context), commands_served=commands_served
    )
    items = sorted(
        _acting(context, planner, run_id, code), key=lambda item: (item.repository, item.number)
    )
    if not items:
        raise PlanRefused(
            f"nothing of the run {run_id} can be retried",
            cure=(
                "what failed after its notice was posted is undone or finished by hand; see "
                "the ledger of the item"
            ),
        )
    return write_plan(
        context,
        plan_header(context, PlanKind.RETRY, as_of),
        items,
        total=len(items),
        progress=progress,
    )


def _acting(context: Context, planner: Planner, run_id: str, code: str) -> Iterator[PlanItem]:
    """The failed items on which the planner would act now."""
    for key in context.store.progress.failed(run_id, code=code):
        judged = context.store.verdicts.get(*ItemRef.parse(key))
        item = planner.plan(judged) if judged is not None else None
        if item is not None and item.acts:
            yield item
