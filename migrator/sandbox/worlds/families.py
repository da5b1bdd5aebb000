"""Sub-issues and dependencies of a made-up source: only where the target has the same owner, as
threads can be transferred there and their relations with them.

Among 163 threads of one public split 20 lost a relation, so that many had one at least
(https://github.com/neomjs/neo-agent-brain/issues/175).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from migrator.sandbox.worlds.item_builder import Record
from migrator.sandbox.worlds.layouts import Layout
from migrator.sandbox.worlds.rng import Rng

PARTS = 0.15
"""Share of issues that are a part of an older one."""
WAITING = 0.08
"""Share of issues that wait for an older one."""
_NEAR = 12
"""Among how many older issues the other end is chosen."""


def with_families(layout: Layout, records: Iterable[Record]) -> Iterator[Record]:
    """Yield the source's items, some with ``parent`` and ``blocked_by``: always an older issue, so
    that no relation leads back."""
    owner = layout.source.partition("/")[0]
    if all(target.partition("/")[0] != owner for target in layout.targets):
        yield from records
        return
    older: deque[int] = deque(maxlen=_NEAR)
    for record in records:
        if record.get("kind", "issue") == "issue":
            dice = Rng(layout.seed, "family", record["number"])
            for share, key in ((PARTS, "parent"), (WAITING, "blocked_by")):
                if older and dice.chance(share):
                    other = {"repository": record["repository"], "number": dice.pick(older)}
                    record[key] = other if key == "parent" else [other]
            older.append(record["number"])
        yield record
