"""The webhook log, with replay."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from migrator.services.roles import Role
from migrator.views.deliveries import delivery, delivery_log, readable
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import Moment
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    see, review, steer = (
        Depends(dashboard.require_role(role)) for role in (Role.SEE, Role.REVIEW, Role.STEER)
    )

    @routes.get("/deliveries")
    def show_all(request: Request, before: Moment | None = None, person: User = see) -> Response:
        """The latest deliveries."""
        return templates.page(
            request,
            "deliveries.html.j2",
            person,
            log=delivery_log(dashboard.context, before=before),
        )

    @routes.get("/deliveries/{delivery_id}")
    def show(request: Request, delivery_id: str, person: User = review) -> Response:
        """One delivery with its payload."""
        found = delivery(dashboard.context, delivery_id)
        return templates.page(
            request, "delivery.html.j2", person, delivery=found, payload=readable(found.payload)
        )

    @routes.post("/deliveries/{delivery_id}/replay")
    def replay(delivery_id: str, person: User = steer) -> Response:
        """Have it worked on once more."""
        dashboard.audited.replay(person.principal, delivery_id)
        return RedirectResponse("/deliveries", status_code=303)

    return routes
