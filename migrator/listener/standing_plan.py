"""What the listener may do by itself: the migration file is the approval, so its plans are approved
by it, and recorded.

Every act of the listener belongs to a plan and a run like any other: a notice to a plan of its one
item, which can be undone like others; answers to commands and edits to the *standing* plan, which
has no items.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from migrator.domain.planning.plan import PlanHeader, PlanItem, PlanKind, plan_hash
from migrator.domain.protocol.rate_limit import Priority
from migrator.execution.context import Context
from migrator.execution.migration_state import calibration_in_force
from migrator.execution.planner import PlanTally, plan_header
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import Run, RunOptions, RunState

APPROVED_BY: Final = "the migration file"
OPTIONS: Final = RunOptions(commands_served=True)
"""How the listener's runs are run: its texts may promise commands, because it serves them."""


def standing_plan(context: Context, since: datetime) -> tuple[Run, StoredPlan]:
    """The listener's plan without items and its run, which never ends; ``since`` is when the
    listener first began."""
    return _approved(context, plan_header(context, PlanKind.FOLLOW, since), (), Priority.COMMAND)


def approved_plan(context: Context, planned: PlanItem, now: datetime) -> tuple[Run, StoredPlan]:
    """A plan of one item, approved by the migration file, and its run. It is judged as the
    migration's newest plan was."""
    header = replace(
        plan_header(context, PlanKind.FOLLOW, now), calibration=calibration_in_force(context)
    )
    return _approved(context, header, (planned,), Priority.WELCOME)


def taking_back(run: Run) -> Run:
    """A run as the listener goes on with it when somebody spoke: ahead of everything else, and
    able to serve commands."""
    options = replace(run.options, commands_served=True, priority=Priority.TAKE_BACK.name)
    return replace(run, kind=PlanKind.FOLLOW.value, options=options)


def _approved(
    context: Context, header: PlanHeader, items: tuple[PlanItem, ...], priority: Priority
) -> tuple[Run, StoredPlan]:
    plans, now = context.store.plans, context.clock()
    name, tally = plan_hash(header, items), PlanTally(header)
    for item in items:
        tally.add(item)
    plan = plans.save_whole(name, header, tally.totals([1] * tally.notices), items, now)
    if plans.approval(name) is None:
        plans.approve(name, Approval(approved_by=APPROVED_BY, how="policy", approved_at=now))
    options = replace(OPTIONS, priority=priority.name)
    run = Run(
        id=f"follow-{name[:12]}",
        plan_hash=name,
        kind=header.kind.value,
        state=RunState.RUNNING,
        options=options,
        started_at=now,
    )
    return context.store.runs.start(run), plan
