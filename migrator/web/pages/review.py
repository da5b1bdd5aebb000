"""The review queue: one item at a time, by keyboard or by its buttons. Each answer is confirmed,
and can be undone."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from migrator.domain.classification.activity import distance
from migrator.domain.decisions import AnswerKey
from migrator.domain.items import ItemRef
from migrator.services.review_alike import MOST_ALIKE
from migrator.services.review_answers import (
    AnsweredMeanwhile,
    answer_by_key,
    copy_in_name_of,
    withdraw_answer,
)
from migrator.services.roles import Role
from migrator.views.review import confirmation, next_item, review_item
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import LARGEST
from migrator.web.rendering import Templates

ItemKey = Annotated[str, StringConstraints(max_length=200)]
Key = Annotated[str, Query(max_length=200)]


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """The page's routes."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    _looking(routes, dashboard, templates)
    _answering(routes, dashboard)
    return routes


def _looking(routes: APIRouter, dashboard: Dashboard, templates: Templates) -> None:
    context = dashboard.context
    review = Depends(dashboard.require_role(Role.REVIEW))

    @routes.get("/review")
    def show(
        request: Request,
        after: Key = "",
        item: Key = "",
        answered: Key = "",
        refused: Literal["", "answered", "held", "withdrawn"] = "",
        person: User = review,
    ) -> Response:
        """The item that is named, else the next one that waits; held for this person.

        The page finds out itself what was recorded: an address made by somebody else can show no
        words of theirs.
        """
        found = (
            review_item(context, item, person.login)
            if item
            else next_item(context, person.login, after=after)
        )
        view = found.view
        far = distance(view.activity, context.clock()) if view and view.activity else ""
        return templates.page(
            request,
            "review.html.j2",
            person,
            next=found,
            distance=far,
            recorded=confirmation(context, answered or item, person.login),
            about=answered,
            refused=refused,
            holder=context.store.queue.holder(answered, context.clock()) if refused else "",
        )


def _answering(routes: APIRouter, dashboard: Dashboard) -> None:
    context = dashboard.context
    review = Depends(dashboard.require_role(Role.REVIEW))

    @routes.post("/review/answer")
    def answer(
        item: Annotated[str, Form(max_length=200)],
        key: Annotated[AnswerKey, Form()],
        seen: Annotated[int, Form(ge=0, le=LARGEST)] = 0,
        reason: Annotated[str, Form(max_length=1000)] = "",
        same: Annotated[bool, Form()] = False,
        alike: Annotated[list[ItemKey], Form(max_length=MOST_ALIKE)] = [],  # noqa: B006
        person: User = review,
    ) -> Response:
        """Record the answer, with ``same`` for those ``alike``, too, and go on to the next item."""
        refused, who = "", person.principal
        try:
            given = answer_by_key(context, who, item, key, seen=seen, reason=reason.strip())
            if same:
                copy_in_name_of(context, who, ItemRef.parse(item), given, alike)
        except AnsweredMeanwhile as error:
            refused = error.code
        following = next_item(context, person.login, after=item).view
        query = {"item": following.item.key} if following else {}
        query |= {"answered": item} | ({"refused": refused} if refused else {})
        return RedirectResponse(f"/review?{urlencode(query)}", status_code=303)

    @routes.post("/review/withdraw")
    def withdraw(item: Annotated[str, Form(max_length=200)], person: User = review) -> Response:
        """Take back one's own newest answer with its copies, and show the item again."""
        withdraw_answer(context, person.principal, item)
        query = {"item": item, "refused": "withdrawn"}
        return RedirectResponse(f"/review?{urlencode(query)}", status_code=303)
