"""Runs as pages show them: how far, how fast, how long still, and what may be done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from migrator.domain.items import Frozen
from migrator.domain.planning.forecast import HOUR, writing_hours
from migrator.domain.planning.plan import STEERED
from migrator.errors import UsageError
from migrator.execution.context import Context
from migrator.store.outcomes import BEGUN_NOT, WAITING
from migrator.store.plans import StoredPlan
from migrator.store.run_stats import Trouble as Trouble
from migrator.store.run_stats import TroubleCause as TroubleCause
from migrator.store.runs import Run, RunState
from migrator.views.outcomes import OutcomeSums, QuestionSums, run_outcomes, totals_of
from migrator.views.plan_summary import shape_of

WAVES: Final = 12
"""Waves of a run on one page."""


class RunView(Frozen, frozen=True, kw_only=True):
    """A run. ``ended`` items have an outcome, ``waiting`` ones wait for their grace, the first of
    which ends at ``due``; ``set_aside`` were begun and are not shown by GitHub any more, and are
    tried again at ``retry_at``.

    ``rate`` is items per minute while it was at work; ``seconds_left`` is the time for the writes
    that are left, at the pace that it keeps. ``sums`` is where its items stand now, and
    ``outcomes`` the ended ones by decision and outcome; what an undo took back is ``reverted``.
    ``questions`` counts the answers, and is ``None`` where nothing was asked.
    """

    id: str
    kind: str
    state: str
    reason: str
    plan_hash: str
    approved_by: str
    wave: int
    waves: int
    total: int
    ended: int
    waiting: int
    due: datetime | None
    sums: OutcomeSums
    outcomes: dict[str, dict[str, int]]
    started_at: datetime
    finished_at: datetime | None
    paced: bool
    rate: float | None = None
    seconds_left: float | None = None
    set_aside: int = 0
    retry_at: datetime | None = None
    questions: QuestionSums | None = None

    @property
    def troubled(self) -> int:
        """Items whose act failed or is in doubt."""
        return self.sums.failed + self.sums.in_doubt

    @property
    def left(self) -> int:
        """Items on which nothing was done yet."""
        return self.sums.left

    @property
    def may_pause(self) -> bool:
        """Whether it can be held."""
        return self.state == RunState.RUNNING

    @property
    def may_resume(self) -> bool:
        """Whether it can go on."""
        return self.state in (RunState.PAUSED, RunState.STOPPED)

    @property
    def may_look_again(self) -> bool:
        """Whether something is in doubt that a later look may settle."""
        return self.sums.in_doubt > 0 and self.state in (RunState.FINISHED, RunState.RUNNING)

    @property
    def may_cancel(self) -> bool:
        """Whether it can be ended for good."""
        return self.state in (RunState.RUNNING, RunState.PAUSED, RunState.STOPPED)

    @property
    def failed(self) -> int:
        """Items whose act failed: what left no notice may be tried again."""
        return self.sums.failed

    @property
    def may_undo(self) -> bool:
        """Whether there is something that could be undone."""
        undone = self.sums.noticed <= self.sums.reverted
        return self.kind in ("migrate", "retry") and not undone


def run_views(context: Context, limit: int = 20) -> list[RunView]:
    """The latest runs that people steer, newest first; those of the listener are known by their
    items."""
    return [_view(context, run) for run in context.store.runs.newest(limit, kinds=STEERED)]


def run_view(context: Context, run_id: str) -> RunView:
    """One run. Raises :class:`UsageError` if this migration has none of that id."""
    return _view(context, _found(context, run_id))


def _found(context: Context, run_id: str) -> Run:
    run = context.store.runs.get(run_id)
    if run is None:
        raise UsageError(f"there is no run {run_id}", cure="see the list of runs")
    return run


def view_of(context: Context, run: Run, plan: StoredPlan) -> RunView:
    """A run of a plan that is known already."""
    found = run_outcomes(context, run, plan)
    waiting = context.store.progress.waiting(run.id)
    approval = context.store.plans.approval(plan.hash)
    begun = found.sums.planned - found.sums.left
    ended = begun - found.sums.waiting - found.sums.set_aside
    paced = run.options.paced
    left = found.sums.left
    return RunView(
        id=run.id,
        kind=run.kind,
        state=run.state.value,
        reason=run.reason,
        plan_hash=run.plan_hash,
        approved_by=approval.approved_by if approval else "",
        wave=run.wave,
        waves=plan.totals.waves,
        total=plan.totals.notices,
        ended=ended,
        waiting=waiting.count,
        due=waiting.first,
        set_aside=len(waiting.set_aside),
        retry_at=waiting.retry_at,
        sums=found.sums,
        outcomes=found.decisions,
        started_at=run.started_at,
        finished_at=run.finished_at,
        paced=paced,
        rate=_rate(context, run, ended),
        seconds_left=writing_hours(left, left, context.migration.file.budget) * HOUR
        if left and paced
        else None,
        questions=found.questions,
    )


def _view(context: Context, run: Run) -> RunView:
    return view_of(context, run, context.store.plans.find(run.plan_hash))


def _rate(context: Context, run: Run, ended: int) -> float | None:
    """Items ended per minute between the first and the last one before a grace; ``None`` while
    there is nothing to measure."""
    found = context.store.progress.span(run.id)
    if found is None or ended < 2:
        return None
    minutes = (found[1] - found[0]).total_seconds() / 60
    return round(ended / minutes, 1) if 0 < minutes < 24 * 60 else None


class WaveProgress(Frozen, frozen=True, kw_only=True):
    """One wave of a run: its items by where they stand now (``planned``: not begun)."""

    number: int
    items: int
    closes: int
    outcomes: dict[str, int]

    @property
    def ended(self) -> int:
        """Items that have an outcome."""
        return self.items - self.outcomes.get(BEGUN_NOT, 0) - self.outcomes.get(WAITING, 0)


class RunWaves(Frozen, frozen=True, kw_only=True):
    """Some of a run's waves, in the order of their numbers; ``page`` from 1, of ``count`` waves
    in all."""

    count: int
    page: int
    pages: int
    waves: tuple[WaveProgress, ...]


def run_waves(context: Context, run_id: str, *, page: int = 0) -> RunWaves:
    """A page of a run's waves; page 0 is the one with the wave at work. Raises
    :class:`UsageError` if this migration has no such run."""
    run = _found(context, run_id)
    waves = shape_of(context, context.store.plans.find(run.plan_hash)).waves
    pages = max(1, -(-len(waves) // WAVES))
    shown = min(page or max(1, -(-run.wave // WAVES)), pages)
    some = waves[(shown - 1) * WAVES : shown * WAVES]
    numbers = tuple(each.number for each in some)
    stand = context.store.answers.get(
        ("waves", run.plan_hash, numbers),
        lambda: totals_of(context).by_wave(run.plan_hash, numbers),
        state=context.store.runs.plan_changes(run.plan_hash),
    )
    return RunWaves(
        count=len(waves),
        page=shown,
        pages=pages,
        waves=tuple(
            WaveProgress(
                number=each.number,
                items=each.items,
                closes=each.closes,
                outcomes=dict(stand.get(each.number, {})),
            )
            for each in some
        ),
    )


def change_stamp(context: Context) -> str:
    """A word that changes whenever a run or a job comes further; cheap enough to be asked every
    second."""
    return context.store.progress.stamp() + context.store.jobs.stamp()


def troubles(context: Context) -> tuple[int, list[Trouble]]:
    """How many acts of all runs failed or are in doubt, and the latest of them."""
    return context.store.progress.troubles()


def trouble_causes(context: Context) -> list[TroubleCause]:
    """The same by run and cause, with GitHub's words, the most frequent first."""
    return context.store.progress.trouble_causes()
