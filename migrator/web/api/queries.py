"""Looking: every page's view as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from msgspec.structs import replace

from migrator.domain.items import Frozen
from migrator.services.roles import Role
from migrator.views.item import ItemView, item_view
from migrator.views.overview import Overview, overview
from migrator.views.review import Next, next_item
from migrator.views.run import RunView, run_view, run_views
from migrator.views.what_if import Dials, WhatIfPage, what_if_page
from migrator.web.admission import GuardedRoute
from migrator.web.api.openapi import described, reply
from migrator.web.auth.dependencies import HEADER_TOKEN, Dashboard, User
from migrator.web.filters import Number


class Me(Frozen, frozen=True, kw_only=True):
    """Who is signed in, and what they may do: 1 look, 2 review, 3 steer. Writes need ``token``
    in the header ``token_header``."""

    login: str
    door: str
    role: int
    role_in_words: str
    token: str
    token_header: str = HEADER_TOKEN


KINDS: Final[tuple[Any, ...]] = (Me, Overview, ItemView, RunView, WhatIfPage, Next)
"""Every type that is answered with."""

Prefix = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{8,64}$",
        description="The plan's hash, or the first eight digits of it or more.",
    ),
]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Part of `owner/name`.")]
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="The run's id.")]


def router(dashboard: Dashboard) -> APIRouter:
    """Routes that change nothing."""
    routes = APIRouter(prefix="/api", tags=["look"], route_class=GuardedRoute)
    _migration(routes, dashboard)
    _runs(routes, dashboard)
    _review(routes, dashboard)
    return routes


def _migration(routes: APIRouter, dashboard: Dashboard) -> None:
    context, see = dashboard.context, Depends(dashboard.require_role(Role.SEE))

    @routes.get("/me", responses=described(Me, "Who is signed in."), response_class=Response)
    def me(person: User = see) -> Response:
        """Who is signed in, what they may do, and the token that writes need."""
        known = Me(
            login=person.login,
            door=person.door,
            role=int(person.role),
            role_in_words=person.role.word,
            token=person.token,
        )
        return reply(known)

    @routes.get(
        "/overview",
        responses=described(Overview, "The migration at a glance."),
        response_class=Response,
    )
    def at_a_glance(person: User = see) -> Response:
        """What was planned, how far it is, what it costs, how right it was, and what needs a
        person now."""
        found = overview(context)
        return reply(found if person.role >= dashboard.private else replace(found, deeds=()))

    @routes.get(
        "/items/{owner}/{name}/{number}",
        responses=described(ItemView, "The item.", refusals=(404,)),
        response_class=Response,
    )
    def item(owner: Name, name: Name, number: Number, person: User = see) -> Response:
        """One item: both verdicts with every signal's value and bar, its timeline, the ledger,
        answers, landings."""
        del person
        return reply(item_view(context, f"{owner}/{name}", number))

    @routes.get(
        "/what-if",
        responses=described(WhatIfPage, "The dials and the answer."),
        response_class=Response,
    )
    def other_rules(asked: Annotated[Dials, Query()], person: User = see) -> Response:
        """What other terms and bars would change, from what the last scan stored. Nothing is
        kept."""
        del person
        return reply(what_if_page(context, asked))


def _runs(routes: APIRouter, dashboard: Dashboard) -> None:
    context, see = dashboard.context, Depends(dashboard.require_role(Role.SEE))

    @routes.get(
        "/runs",
        responses=described(list[RunView], "The latest runs, newest first."),
        response_class=Response,
    )
    def runs(person: User = see) -> Response:
        """The latest twenty runs with their progress."""
        del person
        return reply(run_views(context))

    @routes.get(
        "/runs/{run_id}",
        responses=described(RunView, "The run.", refusals=(404,)),
        response_class=Response,
    )
    def run(run_id: RunId, person: User = see) -> Response:
        """One run: how far, how fast, how long still, and why it stopped if it did."""
        del person
        return reply(run_view(context, run_id))


def _review(routes: APIRouter, dashboard: Dashboard) -> None:
    context, review = dashboard.context, Depends(dashboard.require_role(Role.REVIEW))

    @routes.get(
        "/review", responses=described(Next, "The next item, or none."), response_class=Response
    )
    def next_review(
        after: Annotated[
            str,
            Query(
                max_length=200, description="Key of the item looked at last, `owner/name#number`."
            ),
        ] = "",
        person: User = review,
    ) -> Response:
        """The next item that waits for a person, held for you for five minutes, with its
        evidence and the answers so far."""
        return reply(next_item(context, person.login, after=after))
