"""The migration at a glance: what was planned, how far it is, what it costs, how right it was,
and what needs a maintainer now."""

from __future__ import annotations

from datetime import datetime

from migrator.domain.calibration import Calibration, described
from migrator.domain.items import Frozen
from migrator.domain.planning.plan import PlanItem, PlanKind, Totals
from migrator.domain.stats import Interval, wilson
from migrator.execution.context import Context
from migrator.execution.planner import unknown_items
from migrator.execution.review_accuracy import Accuracy, measure
from migrator.services.approve import approvals_missing, outdated
from migrator.store.audit import AuditEvent
from migrator.store.budget import Outlook
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import Run, RunState
from migrator.views.burn_down import BurnDown, burn_down
from migrator.views.outcomes import ENDED
from migrator.views.plan_summary import PlanSummary, shape_of, summary_so_far
from migrator.views.run import RunView, view_of


class PlanCard(Frozen, frozen=True, kw_only=True):
    """A plan in short. ``outdated`` says why it may not be applied any more, empty if it may.
    ``approval`` is the first of its ``approvals``; so many more people are ``missing``.

    ``expectation`` says in words how many of the items answered ours are expected to be right, by
    its calibration.
    """

    hash: str
    kind: str
    as_of: datetime
    created_at: datetime
    expires_at: datetime
    totals: Totals
    approval: Approval | None = None
    approvals: tuple[Approval, ...] = ()
    missing: int = 0
    outdated: str = ""
    calibration: Calibration | None = None
    expectation: str = ""


class DecisionState(Frozen, frozen=True, kw_only=True):
    """How far the items of one decision are: by outcome, ``left`` for those not begun. ``acts``:
    something is done to them."""

    decision: str
    total: int
    acts: bool
    outcomes: dict[str, int] = {}
    left: int = 0


class OpenTask(Frozen, frozen=True, kw_only=True):
    """Something that waits for a maintainer: ``code`` for programs, ``says`` for people, ``where``
    is a page of the dashboard."""

    code: str
    says: str
    count: int
    where: str
    urgent: bool = False


class OtherRun(Frozen, frozen=True, kw_only=True):
    """A run of another plan than the one that is shown, which has not ended."""

    id: str
    plan_hash: str
    state: str


class Landed(Frozen, frozen=True, kw_only=True):
    """Old items found again in the new repository, out of those that got a notice."""

    landed: int
    noticed: int
    interval: Interval


class Overview(Frozen, frozen=True, kw_only=True):
    """Everything that the first page shows. Parts that do not exist yet are ``None`` or empty.
    ``answered`` counts the review items of the plan that were answered since it was made.
    ``newer`` is a plan that was made after the one whose run is shown."""

    name: str
    title: str
    source: str
    targets: tuple[str, ...]
    announcement: str
    now: datetime
    plan: PlanCard | None
    run: RunView | None
    states: tuple[DecisionState, ...]
    sample: PlanItem | None
    burn_down: BurnDown | None
    facts: PlanSummary | None
    landed: Landed
    accuracy: Accuracy
    outlook: Outlook
    needs: tuple[OpenTask, ...]
    deeds: tuple[AuditEvent, ...]
    answered: int = 0
    newer: PlanCard | None = None


def overview(context: Context) -> Overview:
    """The migration at a glance. Reads the database only."""
    rules = context.migration.file.migration
    plan, applied = current(context)
    run = view_of(context, applied, plan) if plan and applied else None
    facts = summary_so_far(context, plan) if plan else None
    newest = newest_plan(context)
    return Overview(
        name=rules.name,
        title=rules.title,
        source=rules.source,
        targets=context.migration.file.targets,
        announcement=rules.announcement or "",
        now=context.clock(),
        plan=card(context, plan) if plan else None,
        run=run,
        states=_states(plan, run) if plan else (),
        sample=_sample(context, plan) if plan else None,
        burn_down=_burn_down(context, plan, run, facts),
        facts=facts,
        landed=_landed(context, run),
        accuracy=measure(context),
        outlook=outlook(context),
        needs=tuple(needs(context, plan, run)),
        deeds=tuple(context.store.audit.newest(6)),
        answered=_asked(plan) - _unanswered(context, plan) if plan else 0,
        newer=card(context, newest) if newest and plan and newest.hash != plan.hash else None,
    )


def _asked(plan: StoredPlan) -> int:
    return plan.totals.decisions.get("review", 0)


def _unanswered(context: Context, plan: StoredPlan) -> int:
    """Review items of a plan without an answer; a page asks for them twice."""
    return context.store.answers.get(
        ("unanswered", plan.hash), lambda: context.store.queue.left(plan.hash)
    )


def current(context: Context) -> tuple[StoredPlan | None, Run | None]:
    """The plan whose progress matters now, with its run: the newest migrating one that was run,
    else the newest one."""
    plans = context.store.plans.newest(50, kinds=(PlanKind.MIGRATE,))
    if not plans:
        return None, None
    runs = {
        run.plan_hash: run
        for run in reversed(context.store.runs.newest(50, kinds=(PlanKind.MIGRATE,)))
    }
    chosen = next((plan for plan in plans if plan.hash in runs), plans[0])
    return chosen, runs.get(chosen.hash)


def newest_plan(context: Context) -> StoredPlan | None:
    """The newest migrating plan, run or not."""
    return next(iter(context.store.plans.newest(1, kinds=(PlanKind.MIGRATE,))), None)


def other_run(context: Context, plan: StoredPlan) -> OtherRun | None:
    """The run of another migrating plan that has not ended, if there is one."""
    running = (
        OtherRun(id=run.id, plan_hash=run.plan_hash, state=run.state.value)
        for run in context.store.runs.unfinished()
        if run.kind == PlanKind.MIGRATE.value and run.plan_hash != plan.hash
    )
    return next(running, None)


def card(context: Context, plan: StoredPlan) -> PlanCard:
    """A plan in short."""
    approvals = tuple(context.store.plans.approvals(plan.hash))
    return PlanCard(
        hash=plan.hash,
        kind=plan.header.kind.value,
        as_of=plan.header.as_of,
        created_at=plan.created_at,
        expires_at=plan.header.expires_at,
        totals=plan.totals,
        approval=approvals[0] if approvals else None,
        approvals=approvals,
        missing=approvals_missing(context, plan),
        outdated=_outdated(context, plan),
        calibration=plan.header.calibration,
        expectation=described(plan.header.calibration),
    )


def _outdated(context: Context, plan: StoredPlan) -> str:
    refused = outdated(context, plan)
    return f"{refused.cause[0].upper()}{refused.cause[1:]}: {refused.cure}." if refused else ""


def _states(plan: StoredPlan, run: RunView | None) -> tuple[DecisionState, ...]:
    """By decision, those that act first."""
    outcomes = run.outcomes if run else {}
    states = []
    for decision, total in plan.totals.decisions.items():
        acts = decision not in ("leave", "review")
        ended = {name: outcomes.get(decision, {}).get(name, 0) for name in ENDED}
        found = {name: count for name, count in ended.items() if count}
        left = max(0, total - sum(found.values())) if acts else 0
        states.append(
            DecisionState(decision=decision, total=total, acts=acts, outcomes=found, left=left)
        )
    return tuple(sorted(states, key=lambda state: (not state.acts, -state.total)))


def _sample(context: Context, plan: StoredPlan) -> PlanItem | None:
    """One item with the text that its people read."""
    return next(iter(shape_of(context, plan).samples), None)


def _burn_down(
    context: Context, plan: StoredPlan | None, run: RunView | None, facts: PlanSummary | None
) -> BurnDown | None:
    if plan is None or run is None or facts is None:
        return None
    stored = context.store.runs.get(run.id)
    return burn_down(context, stored, plan, facts) if stored else None


def _landed(context: Context, run: RunView | None) -> Landed:
    found = context.store.landings.count()
    noticed = max(found, run.sums.noticed if run else 0)
    return Landed(landed=found, noticed=noticed, interval=wilson(found, noticed))


def outlook(context: Context) -> Outlook:
    """How much of the source repository's writing budget is spent."""
    account = context.clients.account(context.migration.file.migration.source)
    return context.store.budget(account, clock_scale=context.settings.clock_scale).outlook()


def needs(context: Context, plan: StoredPlan | None, run: RunView | None) -> list[OpenTask]:
    """What waits for a maintainer now, the urgent first."""
    found = [*_run_needs(run), *_plan_needs(context, plan)]
    troubled, _ = context.store.progress.troubles(limit=1)
    if troubled:
        found.append(
            OpenTask(
                code="trouble",
                says="writes failed or are in doubt",
                count=troubled,
                where="/runs#troubles",
                urgent=True,
            )
        )
    unknown = unknown_items(context)
    if unknown:
        says = "items could not be read and are set aside; each scan tries them again"
        found.append(OpenTask(code="set_aside", says=says, count=unknown, where="/plan"))
    newest = newest_plan(context)
    waiting = _unanswered(context, newest) if newest else 0
    if waiting:
        found.append(
            OpenTask(
                code="review", says="items wait for your answer", count=waiting, where="/review"
            )
        )
    return sorted(found, key=lambda need: not need.urgent)


def _run_needs(run: RunView | None) -> list[OpenTask]:
    if run is None:
        return []
    where = f"/runs/{run.id}"
    if run.state == RunState.STOPPED:
        return [
            OpenTask(
                code="stopped",
                says=f"run stopped by itself: {run.reason}",
                count=1,
                where=where,
                urgent=True,
            )
        ]
    if run.state == RunState.PAUSED:
        return [OpenTask(code="paused", says="run is paused", count=1, where=where)]
    return []


def _plan_needs(context: Context, plan: StoredPlan | None) -> list[OpenTask]:
    if plan is None:
        return [
            OpenTask(
                code="plan", says="plan to make: nothing was planned yet", count=1, where="/plan"
            )
        ]
    newest = newest_plan(context) or plan
    if (
        approvals_missing(context, newest)
        and not _outdated(context, newest)
        and newest.totals.notices
    ):
        return [
            OpenTask(
                code="approve",
                says="plan waits for approval",
                count=1,
                where=f"/plan/{newest.hash[:16]}",
            )
        ]
    return []
