"""The tour's own two buttons: close it, show it again. Only a rehearsal has them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from migrator.services.roles import Role
from migrator.services.tour import TourNotes
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.auth.login import own_path

Back = Annotated[str, Form(max_length=500)]


def router(dashboard: Dashboard, notes: TourNotes) -> APIRouter:
    """The buttons' routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    steer = Depends(dashboard.require_role(Role.STEER))

    @routes.post("/tour/close")
    def close(back: Back = "/", person: User = steer) -> Response:
        """Hide it, and go on where one was."""
        del person
        notes.close()
        return RedirectResponse(own_path(back), status_code=303)

    @routes.post("/tour/open")
    def reopen(back: Back = "/", person: User = steer) -> Response:
        """Show it again."""
        del person
        notes.close(closed=False)
        return RedirectResponse(own_path(back), status_code=303)

    return routes
