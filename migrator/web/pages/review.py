"""The review queue: one item at a time, by keyboard (o, n, a, s, u) or by its buttons."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from migrator.domain.classification.activity import distance
from migrator.services.review_answers import AnsweredMeanwhile, Key, answer_by_key
from migrator.services.roles import Role
from migrator.views.review import next_item
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import LARGEST
from migrator.web.rendering import Templates


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    context = dashboard.context
    review = Depends(dashboard.require_role(Role.REVIEW))

    @routes.get("/review")
    def show(
        request: Request,
        after: Annotated[str, Query(max_length=200)] = "",
        told: Annotated[str, Query(max_length=400)] = "",
        person: User = review,
    ) -> Response:
        """The next item, held for this person."""
        found = next_item(context, person.login, after=after)
        far = (
            distance(found.view.activity, context.clock())
            if found.view and found.view.activity
            else ""
        )
        return templates.page(
            request, "review.html.j2", person, next=found, distance=far, told=told
        )

    @routes.post("/review/answer")
    def answer(
        item: Annotated[str, Form(max_length=200)],
        key: Annotated[Key, Form()],
        seen: Annotated[int, Form(ge=0, le=LARGEST)] = 0,
        reason: Annotated[str, Form(max_length=1000)] = "",
        person: User = review,
    ) -> Response:
        """Record the answer and go on to the next item."""
        told = ""
        try:
            answer_by_key(context, person.principal, item, key, seen=seen, reason=reason.strip())
        except AnsweredMeanwhile as error:
            told = f"Not recorded: {error.cause}."
        query = {"after": item} | ({"told": told} if told else {})
        return RedirectResponse(f"/review?{urlencode(query)}", status_code=303)

    return routes
