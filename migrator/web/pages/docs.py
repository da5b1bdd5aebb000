"""The documentation, as it was installed with this version."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from migrator.services.pages import START
from migrator.services.roles import Role
from migrator.views.documentation import documentation, documentation_html
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    see = Depends(dashboard.require_role(Role.SEE))

    @routes.get("/docs")
    def first(request: Request, person: User = see) -> Response:
        """Where reading begins."""
        return _shown(request, START, person)

    @routes.get("/docs/{name:path}")
    def show(request: Request, name: str, person: User = see) -> Response:
        """One page of it."""
        return _shown(request, name, person)

    def _shown(request: Request, name: str, person: User) -> Response:
        view = documentation(name)
        return templates.page(
            request, "docs.html.j2", person, view=view, content=documentation_html(view)
        )

    return routes
