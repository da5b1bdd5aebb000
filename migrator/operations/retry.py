"""``retry``: a plan of what failed in a run without leaving a notice, to be approved and started like any other.

An entry of the ledger is never changed, so a second try is a new entry of the next generation. What failed after its
notice stood is not told again: it is taken back, or finished by hand. What is in doubt waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from migrator.domain.planning import PlanItem, PlanKind
from migrator.errors import PlanRefused
from migrator.operations import apply
from migrator.operations.plan import open_planner, plan_header, write_plan
from migrator.store.plans import StoredPlan
from migrator.workflows.context import Context
from migrator.workflows.own import own_acts
from migrator.workflows.planning import Planner


def make_retry_plan(
    context: Context, run_id: str, *, as_of: datetime, commands_served: bool = False, progress: Callable[[int, int], None]
) -> StoredPlan:
    """Plan what failed in a run once more, as it was judged last, and return the plan.

    Raises :class:`PlanRefused` if the run is still at work, or nothing of it can be tried again.
    """
    if not apply.progress(context, run_id).at_rest:
        raise PlanRefused(f"the run {run_id} is still at work", cure=f"run `migrator pause {run_id}` first")
    planner = open_planner(context, as_of=as_of, own=own_acts(context), commands_served=commands_served)
    items = sorted(_acting(context, planner, run_id), key=lambda item: (item.repository, item.number))
    if not items:
        raise PlanRefused(
            f"nothing of the run {run_id} can be tried again",
            cure="what failed after its notice stood is taken back or finished by hand; look at the ledger of the item",
        )
    return write_plan(context, plan_header(context, PlanKind.RETRY, as_of), items, total=len(items), progress=progress)


def _acting(context: Context, planner: Planner, run_id: str) -> Iterator[PlanItem]:
    """The failed items on which the planner would act now."""
    for key in context.store.progress.failed(run_id):
        repository, _, number = key.rpartition("#")
        judged = context.store.verdicts.get(repository, int(number))
        item = planner.plan(judged) if judged is not None else None
        if item is not None and item.acts:
            yield item
