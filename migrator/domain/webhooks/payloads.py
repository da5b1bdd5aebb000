"""What a webhook says, as far as we read it: small records instead of GitHub's payloads, which end
here.

Everything that we decide is read again from GitHub. A payload only says where to look, so little of
it is kept, and unknown fields are skipped
(https://docs.github.com/webhooks/webhook-events-and-payloads).
"""

from __future__ import annotations

from typing import Any

import msgspec

from migrator.domain.items import AccountType, Actor, Frozen, ItemKind
from migrator.domain.webhooks.subscriptions import Interest, interest


class UnreadablePayload(ValueError):
    """A payload does not say what its event has to say; reading it again will not help."""


class Happened(Frozen, frozen=True, kw_only=True):
    """Something happened to one item.

    ``event`` and ``action`` are the webhook's words, ``by`` whoever caused it (its ``sender``).
    ``comment_id`` is the node id of the comment that it is about, empty for other events;
    ``repository_id`` the repository's, which stays through renames.
    ``merged`` holds for a pull request that was closed by a merge.
    """

    event: str
    action: str
    repository: str
    number: int
    kind: ItemKind
    node_id: str
    repository_id: str = ""
    by: Actor | None = None
    comment_id: str = ""
    merged: bool = False

    @property
    def key(self) -> str:
        """``owner/name#number``."""
        return f"{self.repository}#{self.number}"

    @property
    def name(self) -> str:
        """``issues.opened``, as GitHub's documentation writes it."""
        return f"{self.event}.{self.action}"


class _PayloadAccount(msgspec.Struct):
    login: str = ""
    node_id: str = ""
    type: str = "User"


class _PayloadRepository(msgspec.Struct):
    full_name: str
    node_id: str = ""


class _PayloadItem(msgspec.Struct):
    number: int
    node_id: str = ""
    pull_request: Any = None  # of an issue: an object if it is really a pull request
    merged: bool | None = None


class _PayloadComment(msgspec.Struct):
    node_id: str = ""


class _Payload(msgspec.Struct):
    repository: _PayloadRepository
    action: str = ""
    sender: _PayloadAccount | None = None
    issue: _PayloadItem | None = None
    pull_request: _PayloadItem | None = None
    comment: _PayloadComment | None = None


_decode = msgspec.json.Decoder(_Payload).decode


def read(event: str, payload: bytes) -> Happened | None:
    """What a webhook of this event (``X-GitHub-Event``) tells of; ``None`` if we do not react to
    it.

    Raises :class:`UnreadablePayload` for one that lacks what such an event has to say.
    """
    try:
        body = _decode(payload)
    except (msgspec.MsgspecError, RecursionError) as error:
        if interest(event, _action(payload)) is not Interest.REACT:
            return None
        raise UnreadablePayload(f"the payload of {event} cannot be read: {error}") from error
    if interest(event, body.action) is not Interest.REACT:
        return None
    item = body.issue or body.pull_request
    if item is None:
        raise UnreadablePayload(f"the payload of {event} names no item")
    is_pull = body.issue is None or body.issue.pull_request is not None
    return Happened(
        event=event,
        action=body.action,
        repository=body.repository.full_name,
        number=item.number,
        kind=ItemKind.PULL_REQUEST if is_pull else ItemKind.ISSUE,
        node_id=item.node_id,
        repository_id=body.repository.node_id,
        by=_actor(body.sender),
        comment_id=body.comment.node_id if body.comment and event == "issue_comment" else "",
        merged=bool(item.merged),
    )


def _action(payload: bytes) -> str:
    try:
        return msgspec.json.decode(payload, type=_ActionOnly).action
    except (msgspec.MsgspecError, RecursionError):
        return ""


class _ActionOnly(msgspec.Struct):
    action: str = ""


def _actor(account: _PayloadAccount | None) -> Actor | None:
    """REST appends ``[bot]`` to an App's login, GraphQL does not; ours are as GraphQL gives
    them."""
    if account is None or not account.login:
        return None
    known = account.type in set(AccountType)
    kind = AccountType(account.type) if known else AccountType.USER
    return Actor(login=account.login.removesuffix("[bot]"), type=kind, id=account.node_id)
