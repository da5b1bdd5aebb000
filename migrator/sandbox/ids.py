"""Node ids and other names that GitHub makes up, computed from numbers so that they are stable for
the same world.

GitHub's current node ids are a type prefix and base64 of a MessagePack array; clients must treat
them as opaque (https://docs.github.com/graphql/guides/migrating-graphql-global-node-ids).
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from struct import error as struct_error
from struct import pack, unpack

_SHAPE = ">BBBIBI"


@lru_cache(maxsize=65536)
def node_id(prefix: str, number: int, repository: int = 0) -> str:
    """Return the opaque id of entity ``number`` (below 2**32) of the kind that ``prefix`` names."""
    packed = pack(_SHAPE, 0x93, 0x00, 0xCE, repository, 0xCE, number)
    return f"{prefix}_{urlsafe_b64encode(packed).decode().rstrip('=')}"


@lru_cache(maxsize=65536)
def parse_node_id(text: str) -> tuple[str, int] | None:
    """Return ``(prefix, number)`` of an id made by :func:`node_id`, or None if it is no such id."""
    prefix, _, rest = text.partition("_")
    try:
        return prefix, int(_unpacked(rest)[5])
    except (ValueError, struct_error):
        return None


def home_of(text: str) -> int:
    """Return the repository that :func:`node_id` was given, 0 if none; ``text`` is such an id."""
    return int(_unpacked(text.partition("_")[2])[3])


def _unpacked(rest: str) -> tuple[int, ...]:
    return unpack(_SHAPE, urlsafe_b64decode(rest + "=" * (-len(rest) % 4)))


def commit_oid(*parts: object) -> str:
    """Return a 40-digit commit name made from ``parts``."""
    return hashlib.sha1("\0".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
