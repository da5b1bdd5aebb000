"""The kinds of faults, and what each needs of a request to be able to strike it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from migrator.sandbox.http_messages import ApiReply
from migrator.sandbox.limits import SECONDARY, graphql_refusal, rest_refusal


class FaultKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fault, in a sentence, with its needs."""

    says: str
    needs_write: bool = False
    needs_read: bool = False
    needs_graphql: bool = False
    needs_labels: bool = False
    needs_several: bool = False
    needs_change: bool = False
    needs_installation: bool = False


KINDS: dict[str, FaultKind] = {
    "stored_timeout": FaultKind(says="the write is done, its reply never comes", needs_write=True),
    "stored_502": FaultKind(says="the write is done, the answer is 502", needs_write=True),
    "stored_reset": FaultKind(
        says="the write is done, the connection breaks off", needs_write=True
    ),
    "lost_502": FaultKind(says="nothing is done, the answer is 502"),
    "lost_reset": FaultKind(says="nothing is done, the connection breaks off"),
    "refused_403": FaultKind(says="refused as beyond a secondary limit, without retry-after"),
    "refused_403_retry_after": FaultKind(
        says="refused as beyond a secondary limit, with retry-after"
    ),
    "refused_429": FaultKind(says="refused with 429, without retry-after"),
    "refused_429_retry_after": FaultKind(says="refused with 429, with retry-after"),
    "refused_graphql": FaultKind(says="refused with 200 and errors", needs_graphql=True),
    "partial_success": FaultKind(
        says="one of several mutations fails, the others are done",
        needs_write=True,
        needs_several=True,
    ),
    "slow": FaultKind(says="the answer is slow"),
    "stale_read": FaultKind(
        says="the read shows the world as it was a little ago", needs_read=True, needs_change=True
    ),
    "labels_dropped": FaultKind(
        says="labels are silently not put on (GraphQL)", needs_write=True, needs_labels=True
    ),
    "other_bot": FaultKind(says="another stale bot comments on, labels or closes the item"),
    "person_comments": FaultKind(says="a person comments on the item"),
    "person_closes": FaultKind(says="a person closes the item"),
    "person_reopens": FaultKind(says="a person reopens the item"),
    "person_locks": FaultKind(says="a person locks the item"),
    "person_transfers": FaultKind(says="a person transfers the item"),
    "person_deletes": FaultKind(says="a person deletes the item"),
    "token_expired": FaultKind(says="the installation's token expires", needs_installation=True),
    "app_uninstalled": FaultKind(says="the App is uninstalled", needs_installation=True),
}

REFUSALS = frozenset(name for name in KINDS if name.startswith(("refused_", "lost_")))
RETRY_AFTER = {"retry-after": "1"}


def refusal_of(kind: str, graphql: bool) -> ApiReply:
    """Return what comes instead of doing the work; a lost request is spoiled further on its way
    back."""
    if kind == "refused_graphql":
        return graphql_refusal(SECONDARY, {})
    if kind.startswith("refused_"):
        status = 429 if "429" in kind else 403
        return rest_refusal(status, dict(RETRY_AFTER) if kind.endswith("retry_after") else {})
    return ApiReply(status=502, body=b"")


def bad_gateway() -> ApiReply:
    """Return the page that stands before GitHub when GitHub does not answer in time."""
    return ApiReply(
        status=502,
        body=b"<html><title>502</title>Unicorn!</html>",
        headers={"content-type": "text/html"},
    )


def _nothing() -> None:
    return None


LOSSES: dict[str, Callable[[], ApiReply | None]] = {
    "stored_502": bad_gateway,
    "lost_502": bad_gateway,
    "stored_reset": _nothing,
    "lost_reset": _nothing,
}
"""What gets through of a reply that is lost: a page, or nothing."""
