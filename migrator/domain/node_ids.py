"""GitHub's node ids come in two forms, and one thing may be named by either: in GraphQL by the new
one, in a webhook still by the legacy one, and after GitHub's change by another one than before.

They are opaque: what is read out of them here only tells whether two that differ name the same
thing, and two that cannot be read are two things
(https://docs.github.com/graphql/guides/migrating-graphql-global-node-ids; that webhooks keep the
legacy form: https://github.com/probot/probot/issues/2043).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, urlsafe_b64decode
from typing import Final

import msgspec

_LEGACY: Final = re.compile(rb"\d+:([A-Za-z]+)(\d+)")
_PREFIXES: Final = {
    "R": "Repository",
    "I": "Issue",
    "PR": "PullRequest",
    "IC": "IssueComment",
    "U": "User",
    "BOT": "Bot",
    "O": "Organization",
}
"""Prefix of the new form -> type as the legacy form has it."""
NodeKey = tuple[str, int] | str


def node_key(node_id: str) -> NodeKey:
    """What a node id names: equal for both forms of one thing. An id that cannot be read is
    its own key."""
    try:
        return _of_new_form(node_id) or _of_legacy_form(node_id) or node_id
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return node_id


def same_node(one: str, other: str) -> bool:
    """Whether two node ids name the same thing."""
    return one == other or node_key(one) == node_key(other)


def _of_new_form(node_id: str) -> NodeKey | None:
    """``I_kwDO...``: a prefix, and a MessagePack list whose last number is the thing's own."""
    prefix, found, rest = node_id.partition("_")
    if not found or prefix not in _PREFIXES:
        return None
    numbers = msgspec.msgpack.decode(urlsafe_b64decode(_padded(rest)), type=list[int])
    return (_PREFIXES[prefix], numbers[-1]) if numbers else None


def _of_legacy_form(node_id: str) -> NodeKey | None:
    """``MDU6SXNzdWUx``: base64 of ``05:Issue1``."""
    found = _LEGACY.fullmatch(b64decode(_padded(node_id), validate=True))
    return (found[1].decode(), int(found[2])) if found else None


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)
