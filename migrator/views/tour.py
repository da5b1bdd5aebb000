"""The tour of a rehearsal: five steps from the first answer to the first undo, and how far somebody
is, read from what was really done."""

from __future__ import annotations

from datetime import UTC, datetime

from migrator.domain.items import Frozen
from migrator.domain.planning.plan import PlanKind
from migrator.execution.context import Context
from migrator.services.tour import TourNotes
from migrator.store.plan_items import PlanItemFilter
from migrator.store.runs import RunState
from migrator.views.run import RunView, run_views

BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class TourStep(Frozen, frozen=True, kw_only=True):
    """One step: its ``name``, what to do and on which page (``where``), and whether it is done."""

    name: str
    says: str
    where: str
    done: bool


class TourView(Frozen, frozen=True, kw_only=True):
    """The steps in their order. ``closed``: only the way to open it again is shown."""

    steps: tuple[TourStep, ...]
    closed: bool = False

    @property
    def now(self) -> int:
        """Number of the first step that is not done, from 1; 0 if all are."""
        left = (place for place, step in enumerate(self.steps, start=1) if not step.done)
        return next(left, 0)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.done for step in self.steps)


def tour_view(context: Context, notes: TourNotes) -> TourView:
    """How far the tour is."""
    memory = notes.read()
    if memory.closed:
        return TourView(steps=(), closed=True)
    every = run_views(context, limit=20)
    run = next((each for each in every if each.kind == PlanKind.MIGRATE.value), None)
    return TourView(
        steps=(
            TourStep(
                name="Answer a question",
                says=(
                    "Where the evidence is not enough, a maintainer is asked. Read it, then press "
                    "the answer that fits, or its key."
                ),
                where="/review",
                done=bool(context.store.audit.since(BEGIN, ("answer",))),
            ),
            TourStep(
                name="Turn a dial",
                says=(
                    "Move a slider, press Ask if nothing happens by itself, and see which items "
                    "change side. Nothing is kept."
                ),
                where="/what-if",
                done=memory.dial,
            ),
            _approve(context),
            _watch(run),
            _undo(context, run, every),
        )
    )


def _approve(context: Context) -> TourStep:
    return TourStep(
        name="Approve the plan",
        says=(
            "Look at the cost and at a few texts, then approve exactly this plan. Your answer "
            "counts from the next plan on: plan again first, if you want to see it in this one."
        ),
        where="/plan#approval",
        done=bool(context.store.plans.approved((PlanKind.MIGRATE,))),
    )


def _watch(run: RunView | None) -> TourStep:
    ended = run is not None and run.ended + run.waiting + run.set_aside >= run.total
    return TourStep(
        name="Start it and watch",
        says=(
            "Press Start, with the canary. Its run shows every notice and close as it happens; "
            "nobody is mailed, as this is a sandbox."
        ),
        where=f"/runs/{run.id}" if run else "/plan#approval",
        done=run is not None and (ended or run.state == RunState.FINISHED),
    )


def _undo(context: Context, run: RunView | None, every: list[RunView]) -> TourStep:
    """An undo is a plan, too: made on an item's page, then approved and started."""
    undo = next((each for each in every if each.kind == PlanKind.UNDO.value), None)
    plans = [] if undo else context.store.plans.newest(1, kinds=(PlanKind.UNDO,))
    where, says = "/runs", "Open an item that was closed, and press Undo."
    if undo is not None:
        where, says = f"/runs/{undo.id}", "Its run opens the item again and corrects the notice."
    elif plans:
        where = f"/plan/{plans[0].hash[:16]}#approval"
        says = "The undo is a plan, too: approve it, and start it."
    elif run is not None:
        where = _closed_item(context, run) or f"/runs/{run.id}"
    return TourStep(
        name="Undo one",
        says=says,
        where=where,
        done=run is not None and run.sums.reverted > 0,
    )


def _closed_item(context: Context, run: RunView) -> str:
    """The page of an issue that the run closed, empty if there is none."""
    closed = PlanItemFilter(decision="retire", kind="issue", outcome="done")
    for line in context.store.lists.page(run.plan_hash, closed, limit=1, offset=0):
        return f"/item/{line.repository}/{line.number}"
    return ""
