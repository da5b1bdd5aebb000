"""Items as they were: for reads that lag behind writes.

GitHub answers reads from replicas, so a read shortly after a write may not show it yet. With
``--lag SECONDS`` each request sees the world as it was up to that long ago; a schedule of faults
decides for itself which requests do.
"""

from __future__ import annotations

import random
import time
from collections import deque

import msgspec

from migrator.sandbox.call import View
from migrator.sandbox.entities import Item
from migrator.sandbox.world import World

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Item)


class History:
    """Keeps the versions of changed items for ``lag`` seconds."""

    def __init__(self, world: World, lag: float, seed: int = 0) -> None:
        self.lag = lag
        self.always = lag > 0
        self._past: dict[int, deque[tuple[float, bytes]]] = {}
        self._random = random.Random(seed)  # noqa: S311 - how old a read is, is no secret
        world.before_change.append(self._remember)

    def _remember(self, item: Item) -> None:
        """Keep an item as it is before it changes."""
        if self.lag <= 0:
            return
        now = time.monotonic()
        versions = self._past.setdefault(item.id, deque())
        while versions and versions[0][0] < now - self.lag:
            versions.popleft()
        versions.append((now, _ENCODER.encode(item)))

    def view(self) -> View | None:
        """Return how the next request sees items: as they are, unless all reads lag."""
        return self.old_view() if self.always else None

    def old_view(self) -> View:
        """Return a view of the world as it was a random time ago, at most ``lag``."""
        wanted = time.monotonic() - self._random.uniform(0, self.lag)

        def see(item: Item) -> Item:
            for replaced, packed in self._past.get(item.id, ()):
                if replaced > wanted:
                    return _DECODER.decode(packed)
            return item

        return see

    def differs(self) -> bool:
        """Return whether anything changed within the last ``lag`` seconds, so that an old view
        may show something old."""
        now = time.monotonic()
        return any(
            versions and versions[-1][0] > now - self.lag for versions in self._past.values()
        )
