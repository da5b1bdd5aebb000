"""The webhook log, with replay."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from migrator.operations.deliveries import delivery, delivery_log, readable
from migrator.operations.rights import Role
from migrator.web.desk import Desk, Person
from migrator.web.templating import Templates


def router(desk: Desk, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False)
    see, review, steer = (Depends(desk.seated(role)) for role in (Role.SEE, Role.REVIEW, Role.STEER))

    @routes.get("/deliveries")
    def show_all(request: Request, before: datetime | None = None, person: Person = see) -> Response:
        """The latest deliveries."""
        return templates.page(request, "deliveries.html.j2", person, log=delivery_log(desk.context, before=before))

    @routes.get("/deliveries/{delivery_id}")
    def show(request: Request, delivery_id: str, person: Person = review) -> Response:
        """One delivery with its payload."""
        found = delivery(desk.context, delivery_id)
        return templates.page(request, "delivery.html.j2", person, delivery=found, payload=readable(found.payload))

    @routes.post("/deliveries/{delivery_id}/replay")
    def replay(delivery_id: str, person: Person = steer) -> Response:
        """Have it worked on once more."""
        desk.deeds.replay(person.doer, delivery_id)
        return RedirectResponse("/deliveries", status_code=303)

    return routes
