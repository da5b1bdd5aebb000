"""Writes a world as a world file, ids and the sandbox's own facts included, so that it can be
loaded as the same world."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.sandbox.entities import Header
from migrator.sandbox.world import World

_ENCODER = msgspec.json.Encoder()


def header(world: World) -> Header:
    """Return the first line of a world file."""
    return Header(
        version=1,
        source=world.source,
        target=world.target,
        note=world.note,
        clock=world.clock.text(),
        sequence=world.sequence,
        next_id=world.next_id,
    )


def world_lines(world: World) -> Iterator[bytes]:
    """Return the lines of a world file, without line ends; what they name is settled at once,
    each is written when asked for."""
    groups = (
        world.accounts,
        world.repositories,
        world.apps,
        world.installations,
        world.tokens,
        world.hooks,
        world.deliveries,
    )
    records: list[msgspec.Struct] = [
        header(world),
        *(record for group in groups for record in group.values()),
    ]
    records += [item for thread in world.threads.values() for _, item in sorted(thread.items())]
    return map(_ENCODER.encode, records)
