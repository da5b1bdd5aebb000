"""The first page: the migration at a glance."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from migrator.services.roles import Role
from migrator.views.burn_down import burn_chart
from migrator.views.overview import overview
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's route."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get("/")
    def show(request: Request, person: User = see) -> Response:
        """What was planned, how far it is, what it costs, how right it was, and what needs a
        person now."""
        found = overview(dashboard.context)
        return templates.page(
            request,
            "overview.html.j2",
            person,
            view=found,
            budget=dashboard.context.migration.file.budget,
            daily=dashboard.context.migration.file.sending.notices_per_person_per_day,
            outlook=found.outlook,
            burn=burn_chart(found.burn_down) if found.burn_down else None,
        )

    return routes
