"""``worker --start-approved``: begins what a maintainer approved, so that an approval is all it
takes.

1. Every plan that enough people approved and that was never begun is looked at, once every few
   seconds.
2. Of several plans to migrate only the one that was approved last is begun: it was made from what
   is known now, and the others would say the same things again.
3. Every approved undo and retry is begun: each is about a run of its own.
4. A plan that was begun once is left alone, however its run ended: resuming is a maintainer's.
5. What may not begin (expired, rules changed, too many items set aside) is logged once.
"""

from __future__ import annotations

import structlog

from migrator.domain.planning.plan import STEERED, PlanKind
from migrator.errors import PlanRefused
from migrator.execution.context import Context
from migrator.services import runs
from migrator.services.approve import approvals_missing
from migrator.store.plans import StoredPlan

log = structlog.get_logger(__name__)


class ApprovedPlans:
    """Begins the approved plans of one migration."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._refused: set[str] = set()

    def begin(self) -> list[str]:
        """Open the runs of the approved plans that were never begun, at GitHub's pace; returns
        their ids. Safe to call from several workers: a plan has one run at a time."""
        begun = []
        for plan in waiting_plans(self._context):
            if plan.hash in self._refused:
                continue
            try:
                run = runs.start(self._context, plan.hash, options=runs.options(paced=True))
            except PlanRefused as error:
                self._refused.add(plan.hash)
                why, how = str(error), error.cure
                log.warning("an approved plan cannot begin", plan=plan.hash, error=why, cure=how)
                continue
            log.info("an approved plan begins", plan=plan.hash[:12], run=run.id)
            begun.append(run.id)
        return begun


def waiting_plans(context: Context) -> list[StoredPlan]:
    """Approved plans without a run that are to begin, in the order of their approval."""
    approved = [
        plan
        for plan in context.store.plans.approved(STEERED)
        if not approvals_missing(context, plan)
    ]
    migrations = [plan.hash for plan in approved if plan.header.kind is PlanKind.MIGRATE]
    return [
        plan
        for plan in approved
        if (plan.header.kind is not PlanKind.MIGRATE or plan.hash == migrations[-1])
        and not context.store.runs.newest(1, plan_hash=plan.hash)
    ]
