"""Who gets how many notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from migrator.views.charts import mail_columns
from migrator.views.people import people_list
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's route."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    see = Depends(dashboard.require_role(dashboard.private))

    @routes.get("/people")
    def show(
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        person: User = see,
    ) -> Response:
        """People whom the plan mails because they take part, the most mailed first."""
        found = people_list(dashboard.context, search=q, page=page)
        chart = mail_columns(found.facts.mails) if found.facts else None
        return templates.page(request, "people.html.j2", person, view=found, q=q, chart=chart)

    return routes
