"""What REST and webhooks show of things: one function per form of GitHub's REST description."""

from __future__ import annotations

from typing import Any

import msgspec

from migrator.sandbox.world import World

Json = dict[str, Any]


class ShapeContext(msgspec.Struct, frozen=True):
    """What a form needs besides the thing: the world, and the address that API links begin with."""

    world: World
    base: str
