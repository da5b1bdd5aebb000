"""What if the rules were others: terms and bars by slider, with the answer beside them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from migrator.services.roles import Role
from migrator.views.charts import probability_columns, silence_columns
from migrator.views.what_if import Dials, what_if_page
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's route."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get("/what-if")
    def show(request: Request, asked: Annotated[Dials, Query()], person: User = see) -> Response:
        """Dials, and what would change with them."""
        view = what_if_page(dashboard.context, asked, person.login)
        turned = {dial.name: dial.value for dial in view.dials}
        return templates.page(
            request,
            "what_if.html.j2",
            person,
            view=view,
            turned=turned,
            silence=silence_columns(view.silence, turned["stale_after"]),
            probability=probability_columns(
                view.probability, turned["not_ours_at"], turned["ours_at"]
            ),
        )

    return routes
