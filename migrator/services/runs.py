"""``apply``: runs one approved plan durably and watches it."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable
from datetime import datetime

from migrator.domain.items import Frozen
from migrator.domain.protocol.ledger import Absent, ActKind, Attempt
from migrator.errors import PlanRefused, UsageError
from migrator.execution.context import Context
from migrator.execution.engine import Engine
from migrator.services.approve import approvals_missing, refuse_outdated
from migrator.services.mail_forecast import mail_forecast
from migrator.services.plan import refuse_too_many_unknown
from migrator.store.database import retry_on_outage
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunOptions, RunState
from migrator.store.set_aside import APPLY
from migrator.store.unreadable import unreadable

TOGETHER = 50
"""Items acted on at once where nobody asks for a pace: five requests read them all, and a
network's delay is shared by fifty."""
POLL = 0.1
"""Least seconds between two looks at a run's progress."""
LOOKING = 20
"""Looking takes longer the more entries there are: at most a twentieth of the time is spent on
it."""


LEAVING_PATIENCE = 60.0
"""Seconds for what is under way when the time is over. What still waits then is only the pace: no
request takes so long."""


class RunProgress(Frozen, frozen=True, kw_only=True):
    """How far a run is: ``ended`` items have an outcome, ``parked`` wait for a grace to end at
    ``due`` or later, ``set_aside`` were begun and are not shown by GitHub any more: they are tried
    again at ``retry_at``."""

    run: Run
    total: int
    ended: int
    parked: int
    due: datetime | None
    outcomes: dict[str, dict[str, int]]
    set_aside: int
    retry_at: datetime | None

    @property
    def waiting(self) -> int:
        """Items that have begun and wait, for whatever reason."""
        return self.parked + self.set_aside

    @property
    def next_at(self) -> datetime | None:
        """When the first of them goes on."""
        return min((at for at in (self.due, self.retry_at) if at is not None), default=None)

    @property
    def at_rest(self) -> bool:
        """Whether nothing more happens by itself now."""
        return self.run.state is not RunState.RUNNING or self.ended + self.waiting >= self.total

    def may_go_on(self, now: datetime) -> bool:
        """Whether nothing holds the run up at that moment."""
        held = self.run.held_until
        return self.run.state is RunState.RUNNING and (held is None or held <= now)


def options(*, paced: bool, first_wave: int = 0, considerate: bool | None = None) -> RunOptions:
    """How a run works: at GitHub's pace one item after the other, or (sandboxes only) as fast as
    possible."""
    return RunOptions(
        paced=paced,
        concurrency=1 if paced else TOGETHER,
        first_wave=first_wave,
        considerate=considerate,
    )


def start(context: Context, prefix: str, *, options: RunOptions) -> Run:
    """Open a run of the plan whose hash begins so, or find its unfinished one.

    Raises :class:`PlanRefused` if the plan is not approved, has expired before its first run, or
    its rules changed; and, before anything is written, if more items are set aside than the
    migration file allows.
    """
    plan = context.store.plans.find(prefix)
    if context.store.plans.approval(plan.hash) is None:
        raise PlanRefused(
            f"nobody approved the plan {plan.hash[:12]}",
            cure=f"run `migrator approve {plan.hash[:12]}`",
        )
    if missing := approvals_missing(context, plan):
        raise PlanRefused(
            f"the plan {plan.hash[:12]} needs the approval of {missing} more "
            f"{'person' if missing == 1 else 'people'}",
            cure=f"ask another maintainer to run `migrator approve {plan.hash[:12]}`",
        )
    known = next(iter(context.store.runs.newest(1, plan_hash=plan.hash)), None)
    if known is None:
        refuse_outdated(context, plan)
        refuse_too_many_unknown(context, plan)
    elif known.state is RunState.FINISHED:
        return known
    elif plan.header.rules_digest != context.migration.digest:
        refuse_outdated(context, plan)
    mail_forecast(
        context, plan.hash
    )  # kept with the plan: the gates have to know who counts as a maintainer
    started = context.store.runs.start(_new_run(context, plan, options))
    if started.state is RunState.STOPPED and started.options.refused:
        resume(context, started.id)  # the same command again, once the account is welcome
    if known is not None:
        context.store.progress.retry_set_aside(started.id, context.clock())
    return started


def _new_run(context: Context, plan: StoredPlan, options: RunOptions) -> Run:
    return Run(
        id=uuid.uuid4().hex[:12],
        plan_hash=plan.hash,
        kind=plan.header.kind.value,
        state=RunState.RUNNING,
        options=options,
        started_at=context.clock(),
    )


def progress(context: Context, run_id: str) -> RunProgress:
    """How far a run is. Raises :class:`PlanRefused` if there is no such run."""
    run = context.store.runs.get(run_id)
    if run is None:
        raise PlanRefused(f"there is no run {run_id}", cure="see `migrator runs`")
    waiting = context.store.progress.waiting(run_id)
    outcomes = context.store.progress.outcomes(run_id, by=("outcome", "code"))
    return RunProgress(
        run=run,
        total=context.store.plans.find(run.plan_hash).totals.notices,
        ended=sum(sum(codes.values()) for codes in outcomes.values()),
        parked=waiting.count,
        due=waiting.first,
        outcomes=outcomes,
        set_aside=len(waiting.set_aside),
        retry_at=waiting.retry_at,
    )


class LeftUnread(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """An item of a run that GitHub did not show, in its ``words``. One that was ``begun`` may carry
    its notice, and the rest is tried again; on any other nothing was written, and it was skipped.
    """

    item_key: str
    begun: bool
    words: str = ""


def left_unread(context: Context, run_id: str) -> tuple[LeftUnread, ...]:
    """The items of a run that GitHub did not show, those that were begun first."""
    found = context.store.progress
    begun = [
        LeftUnread(item_key=item.key, begun=True, words=item.words)
        for item in found.waiting(run_id).set_aside
    ]
    run = context.store.runs.get(run_id)
    rows = [
        LeftUnread(item_key=item.key, begun=False, words=item.words)
        for item in unreadable(context.store.set_aside.all((APPLY,)))
        if run is not None
        and context.store.plans.item(run.plan_hash, item.repository, item.number) is None
        and context.store.plans.holds(run.plan_hash, item.repository, item.number)
    ]
    skipped = [LeftUnread(item_key=key, begun=False) for key in found.not_read(run_id)]
    return (*begun, *skipped, *rows)


def watch(
    context: Context,
    engine: Engine,
    run_id: str,
    report: Callable[[RunProgress], None],
    *,
    stop_after: float = math.inf,
) -> RunProgress:
    """Have a run worked on by this process, and report its progress until it rests; through pauses
    and what holds it up.

    A database that is away is waited for. After ``stop_after`` seconds no new item is begun, and
    the last progress is returned once the items under way are finished (:data:`LEAVING_PATIENCE`
    seconds later at most).
    """
    leave_at = time.monotonic() + stop_after
    retry_on_outage(lambda: engine.enqueue(run_id))
    while True:
        began = time.monotonic()
        busy = retry_on_outage(
            lambda: engine.is_busy(run_id)
        )  # asked first, so that what it left behind is seen
        now = retry_on_outage(lambda: progress(context, run_id))
        report(now)
        if not busy and now.at_rest and now.run.state is not RunState.PAUSED:
            return now
        if time.monotonic() >= leave_at:
            context.leaving.set()
            if not busy or time.monotonic() >= leave_at + LEAVING_PATIENCE:
                return now
        elif not busy and now.may_go_on(context.clock()):
            retry_on_outage(
                lambda: engine.enqueue(run_id)
            )  # also where its workflow died of an outage: the ledger knows what is left
        pause = max(POLL, LOOKING * (time.monotonic() - began))
        time.sleep(min(pause, max(POLL, leave_at - time.monotonic())))


def pause(context: Context, run_id: str, *, by: str) -> None:
    """Hold a running run. Raises :class:`UsageError` if it is not running."""
    _change(context, run_id, RunState.PAUSED, f"paused by {by}", (RunState.RUNNING,))


def resume(context: Context, run_id: str) -> None:
    """Let a paused or stopped run go on, or look again at what another one left in doubt. Raises
    :class:`UsageError` if it is neither.

    Resuming a stopped run confirms that its reason was looked at: its gates count from now on.
    """
    if context.store.runs.resume(run_id, at=context.clock()):
        return
    run = context.store.runs.get(run_id)
    can_go_on = run is not None and run.state in (RunState.FINISHED, RunState.RUNNING)
    if not can_go_on or not _look_again(context, run_id):
        raise _refusal(context, run_id)
    context.store.runs.take_up_finished(run_id, at=context.clock())


def _look_again(context: Context, run_id: str) -> int:
    """Take the outcome of a run's entries back that are in doubt, and have each looked at as soon
    as somebody works; returns how many there are."""
    ledger, now = context.store.ledger, context.clock()
    doubtful = ledger.in_doubt(run_id)
    for each in doubtful:
        ledger.park(each.entry.id, now)
        if each.state.outcome is not None:
            line = Absent(act=ActKind.OUTCOME, reason="looked at again")
            ledger.append(each, [Attempt(line=line, at=now)])
    return len(doubtful)


def cancel(context: Context, run_id: str, *, by: str) -> None:
    """End a run for good. Raises :class:`UsageError` if it has ended."""
    _change(
        context,
        run_id,
        RunState.CANCELLED,
        f"cancelled by {by}",
        (RunState.RUNNING, RunState.PAUSED, RunState.STOPPED),
    )


def _change(
    context: Context, run_id: str, to: RunState, reason: str, only_from: tuple[RunState, ...]
) -> None:
    if not context.store.runs.change(run_id, to, reason, at=context.clock(), only_from=only_from):
        raise _refusal(context, run_id)


def _refusal(context: Context, run_id: str) -> UsageError:
    run = context.store.runs.get(run_id)
    cause = f"the run {run_id} is {run.state}" if run else f"there is no run {run_id}"
    return UsageError(cause, cure="see `migrator runs`")
