"""Looking back: who was told, what arrived, what failed, and who did what."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response
from msgspec.structs import replace

from migrator.domain.items import Frozen
from migrator.services.audited_actions import AuditEvent
from migrator.services.roles import Role
from migrator.views.deliveries import Delivery, DeliveryLog, delivery, delivery_log, readable
from migrator.views.people import PeopleList, people_list
from migrator.views.run import Trouble, troubles
from migrator.web.admission import GuardedRoute
from migrator.web.api.openapi import described, reply
from migrator.web.auth.dependencies import Dashboard, User
from migrator.web.filters import Moment

DeliveryId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="The delivery's id, as GitHub names it.")
]


class DeliveryDetail(Frozen, frozen=True, kw_only=True):
    """A delivery with its payload as indented JSON, at most 100,000 characters of it."""

    delivery: Delivery
    payload: str


class Troubles(Frozen, frozen=True, kw_only=True):
    """How many acts failed or are in doubt, and the latest of them."""

    count: int
    latest: tuple[Trouble, ...]


KINDS: Final[tuple[Any, ...]] = (DeliveryLog, DeliveryDetail, PeopleList, AuditEvent, Troubles)
"""Every type that is answered with."""


def router(dashboard: Dashboard) -> APIRouter:
    """Routes that change nothing."""
    routes = APIRouter(prefix="/api", tags=["look"], route_class=GuardedRoute)
    context = dashboard.context
    see, review, private = (
        Depends(dashboard.require_role(role)) for role in (Role.SEE, Role.REVIEW, dashboard.private)
    )

    @routes.get(
        "/people", responses=described(PeopleList, "A page of people."), response_class=Response
    )
    def people(
        q: Annotated[str, Query(max_length=100, description="Part of a login.")] = "",
        page: Annotated[
            int, Query(ge=1, le=1_000_000, description="Page from 1, of 50 people each.")
        ] = 1,
        person: User = private,
    ) -> Response:
        """Whom the plan mails because they take part, the most mailed first."""
        del person
        return reply(people_list(context, search=q, page=page))

    @routes.get(
        "/deliveries", responses=described(DeliveryLog, "Some deliveries."), response_class=Response
    )
    def deliveries(
        before: Annotated[
            Moment | None, Query(description="Only those that arrived before this moment.")
        ] = None,
        person: User = see,
    ) -> Response:
        """The webhook log, newest first, without payloads."""
        del person
        return reply(delivery_log(context, before=before))

    @routes.get(
        "/deliveries/{delivery_id}",
        responses=described(DeliveryDetail, "The delivery.", refusals=(404,)),
        response_class=Response,
    )
    def one_delivery(delivery_id: DeliveryId, person: User = review) -> Response:
        """One webhook with its payload, which may quote private texts: it needs triage rights."""
        del person
        found = delivery(context, delivery_id)
        return reply(
            DeliveryDetail(delivery=replace(found, payload=b""), payload=readable(found.payload))
        )

    @routes.get(
        "/troubles", responses=described(Troubles, "What went wrong."), response_class=Response
    )
    def what_failed(person: User = see) -> Response:
        """Acts that failed or are in doubt and were not tried again, the latest twenty and how
        many there are."""
        del person
        count, latest = troubles(context)
        return reply(Troubles(count=count, latest=tuple(latest)))

    @routes.get(
        "/deeds",
        responses=described(list[AuditEvent], "Who did what, newest first."),
        response_class=Response,
    )
    def deeds(person: User = private) -> Response:
        """The record of what people did here."""
        del person
        return reply(dashboard.deeds.newest())

    return routes
