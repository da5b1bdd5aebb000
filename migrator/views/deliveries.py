"""The webhook log: what arrived, and how the work on it ended."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from migrator.domain.items import Frozen
from migrator.domain.webhooks import UnreadablePayload, read
from migrator.errors import UsageError
from migrator.execution.context import Context
from migrator.store.deliveries import Backlog, Deliveries
from migrator.store.deliveries import Delivery as Delivery

PAGE = 50
MOST_SHOWN = 100_000
"""Characters of a payload on a page; they can be megabytes long."""
MOST_READ = 200_000
"""Bytes of a payload that is read for the list: fifty of them are."""


class DeliveryLog(Frozen, frozen=True, kw_only=True):
    """Some deliveries, newest first; ``next_before`` asks for those before them, ``None`` at the
    end.

    ``items`` says which item a delivery tells of (its id -> ``owner/name#number``), where its
    payload is not very large.
    """

    backlog: Backlog
    deliveries: tuple[Delivery, ...]
    next_before: datetime | None
    items: dict[str, str] = {}


def delivery_log(context: Context, *, before: datetime | None = None) -> DeliveryLog:
    """The latest deliveries (before a timestamp), without payloads."""
    deliveries = context.store.deliveries
    found = deliveries.newest(PAGE, before=before)
    more = found[-1].received_at if len(found) == PAGE else None
    return DeliveryLog(
        backlog=deliveries.backlog(),
        deliveries=tuple(found),
        next_before=more,
        items=_items_of(deliveries, found),
    )


def _items_of(deliveries: Deliveries, found: Sequence[Delivery]) -> dict[str, str]:
    """Delivery id -> the item that it tells of."""
    payloads = deliveries.payloads([each.id for each in found], most=MOST_READ)
    items: dict[str, str] = {}
    for each in found:
        with suppress(UnreadablePayload):
            happened = read(each.event, payloads[each.id]) if each.id in payloads else None
            if happened is not None:
                items[each.id] = happened.key
    return items


def delivery(context: Context, delivery_id: str) -> Delivery:
    """One delivery with its payload. Raises :class:`UsageError` if none of that id is stored."""
    found = context.store.deliveries.get(delivery_id)
    if found is None:
        raise UsageError(f"no delivery {delivery_id} is stored", cure="see the list of deliveries")
    return found


def readable(payload: bytes) -> str:
    """A payload as indented JSON, at most ``MOST_SHOWN`` characters of it."""
    try:
        text = msgspec.json.format(payload[: MOST_READ + 1], indent=2).decode(errors="replace")
    except (msgspec.DecodeError, RecursionError):  # no JSON, too large, or too deep: as it came
        text = payload[:MOST_SHOWN].decode(errors="replace")
    return text[:MOST_SHOWN]
