"""One item: what was seen, what follows, what was done; decided by hand, or taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from migrator.domain.classification.activity import distance
from migrator.domain.decisions import Decision
from migrator.services.review_answers import decide_by_hand
from migrator.services.roles import Role
from migrator.views.item import item_view
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import LARGEST, Number
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    context = dashboard.context
    see, review, steer = (
        Depends(dashboard.require_role(role)) for role in (Role.SEE, Role.REVIEW, Role.STEER)
    )

    @routes.get("/item/{owner}/{name}/{number}")
    def show(
        request: Request, owner: str, name: str, number: Number, person: User = see
    ) -> Response:
        """The item with everything that is known of it."""
        view = item_view(context, f"{owner}/{name}", number)
        far = distance(view.activity, context.clock()) if view.activity else ""
        return templates.page(
            request,
            "item.html.j2",
            person,
            view=view,
            distance=far,
            deeds=dashboard.audited.newest(subject=view.item.key, once=view.former_names),
        )

    @routes.post("/item/{owner}/{name}/{number}/decide")
    def decide(
        owner: str,
        name: str,
        number: Number,
        decision: Annotated[Decision, Form()],
        reason: Annotated[str, Form(max_length=1000)] = "",
        seen: Annotated[int, Form(ge=0, le=LARGEST)] = 0,
        person: User = review,
    ) -> Response:
        """Decide by hand, with a reason."""
        key = f"{owner}/{name}#{number}"
        decide_by_hand(context, person.principal, key, decision, seen=seen, reason=reason)
        return RedirectResponse(f"/item/{owner}/{name}/{number}#answers", status_code=303)

    @routes.post("/item/{owner}/{name}/{number}/undo")
    def undo(owner: str, name: str, number: Number, person: User = steer) -> Response:
        """Plan to take back what was done; that plan is approved like any other."""
        plan = dashboard.audited.undo_item(person.principal, f"{owner}/{name}", number)
        return RedirectResponse(f"/plan/{plan.hash[:16]}", status_code=303)

    return routes
