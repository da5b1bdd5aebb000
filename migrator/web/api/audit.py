"""What happened, as JSON: who was notified, what arrived, what failed, and the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from msgspec.structs import replace

from migrator.domain.items import Frozen
from migrator.services.audited_actions import AuditEvent
from migrator.services.roles import Role
from migrator.views.deliveries import Delivery, DeliveryLog, delivery, delivery_log, readable
from migrator.views.people import PeopleList, people_list
from migrator.views.run import Trouble, TroubleCause, trouble_causes, troubles
from migrator.web.api.openapi import RecordRoutes
from migrator.web.filters import Moment

DeliveryId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="The delivery's id, as GitHub names it.")
]


class DeliveryDetail(Frozen, frozen=True, kw_only=True):
    """A delivery with its payload as indented JSON, at most 100,000 characters of it."""

    delivery: Delivery
    payload: str


class Troubles(Frozen, frozen=True, kw_only=True):
    """How many acts failed or are in doubt, the latest of them, and all of them by run and
    cause."""

    count: int
    latest: tuple[Trouble, ...]
    causes: tuple[TroubleCause, ...] = ()


Search = Annotated[str, Query(max_length=100, description="Part of a login.")]
Page = Annotated[int, Query(ge=1, le=1_000_000, description="Page from 1, of 50 people each.")]
Before = Annotated[
    Moment | None, Query(description="Only those that arrived before this timestamp.")
]


def add(routes: RecordRoutes) -> None:
    """Add the routes that look back."""
    context, private = routes.dashboard.context, routes.dashboard.private

    @routes.get("/people", role=private)
    def people(q: Search = "", page: Page = 1) -> PeopleList:
        """People whom the plan notifies because they take part; most emails first."""
        return people_list(context, search=q, page=page)

    @routes.get("/deliveries")
    def deliveries(before: Before = None) -> DeliveryLog:
        """The webhook log, newest first, without payloads."""
        return delivery_log(context, before=before)

    @routes.get("/deliveries/{delivery_id}", role=Role.REVIEW, missing=True)
    def one_delivery(delivery_id: DeliveryId) -> DeliveryDetail:
        """One webhook with its payload, which may quote private texts: it needs triage rights."""
        found = delivery(context, delivery_id)
        payload = readable(found.payload)
        return DeliveryDetail(delivery=replace(found, payload=b""), payload=payload)

    @routes.get("/troubles")
    def what_failed() -> Troubles:
        """Acts that failed or are in doubt and were not tried again, the latest twenty and how
        many there are."""
        count, latest = troubles(context)
        causes = tuple(trouble_causes(context))
        return Troubles(count=count, latest=tuple(latest), causes=causes)

    @routes.get("/deeds", role=private)
    def audit_log() -> list[AuditEvent]:
        """The audit log: what people did here, newest first."""
        return routes.dashboard.audited.newest()
