"""Plans as JSON: their cards, pages, items and differences."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from migrator.services.roles import Role
from migrator.views.overview import PlanCard
from migrator.views.plan import (
    Changes,
    PlanList,
    PlanPage,
    changes,
    find_plan,
    plan_cards,
    plan_list,
    plan_page,
    wanted,
)
from migrator.web.api.openapi import described, reply
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import ListQuery

KINDS: Final[tuple[Any, ...]] = (PlanCard, PlanPage, PlanList, Changes)

Prefix = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{8,64}$",
        description="The plan's hash, or the first eight digits of it or more.",
    ),
]


def router(dashboard: Dashboard) -> APIRouter:
    """Routes that show plans."""
    routes = APIRouter(prefix="/api", tags=["look"])
    context = dashboard.context
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get(
        "/plans",
        responses=described(list[PlanCard], "The latest plans, newest first."),
        response_class=Response,
    )
    def plans(person: User = see) -> Response:
        """The latest twenty plans. A plan is named by its hash and never changes."""
        del person
        return reply(plan_cards(context))

    @routes.get(
        "/plans/{prefix}",
        responses=described(PlanPage, "The plan.", refusals=(404,)),
        response_class=Response,
    )
    def plan(prefix: Prefix, person: User = see) -> Response:
        """A plan with its waves, the reasons it gives, and how its run stands."""
        del person
        return reply(plan_page(context, find_plan(context, prefix)))

    @routes.get(
        "/plans/{prefix}/items",
        responses=described(PlanList, "A page of items.", refusals=(404,)),
        response_class=Response,
    )
    def items(prefix: Prefix, asked: Annotated[ListQuery, Query()], person: User = see) -> Response:
        """A page of a plan's items, filtered and sorted as on the plan's page."""
        del person
        found = find_plan(context, prefix)
        filtered = wanted(found, **asked.filters(context, found))
        return reply(plan_list(context, found, filtered, page=asked.page))

    @routes.get(
        "/plans/{prefix}/changes/{since}",
        responses=described(Changes, "The differences.", refusals=(404,)),
        response_class=Response,
    )
    def differences(prefix: Prefix, since: Prefix, person: User = see) -> Response:
        """How a plan differs from an earlier one (``since``)."""
        del person
        return reply(changes(context, find_plan(context, since), find_plan(context, prefix)))

    return routes
