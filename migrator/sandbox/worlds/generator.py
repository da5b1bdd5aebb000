"""A made-up world that looks like a large repository whose part has moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from migrator.sandbox.clock import DAY, iso, seconds
from migrator.sandbox.worlds.families import with_families
from migrator.sandbox.worlds.item_builder import Record
from migrator.sandbox.worlds.layouts import Layout
from migrator.sandbox.worlds.source_items import source_item
from migrator.sandbox.worlds.surroundings import surroundings
from migrator.sandbox.worlds.target_items import item_after, item_before
from migrator.sandbox.worlds.vocabulary import Book, written

_SOONEST = 14 * DAY
"""Least time between the cutover and now: items since then need room."""
LEAST_SHARE = 0.005
"""Least share of what moves that is not 0: a deck holds each life at least once."""


def generate(
    *,
    items: int,
    seed: int,
    now: datetime | None = None,
    source: str | None = None,
    targets: Sequence[str] | None = None,
    book: Book | None = None,
    share: float | None = None,
) -> Iterator[Record]:
    """Records of a world file: `world`, accounts, repositories, then exactly ``items`` items,
    oldest first per repository.

    Equal arguments give equal records on any machine. Nothing is held: an item costs the same in a
    world of any size. Names and dates left out come from the book, by default that of the default
    world. ``share`` is how many of the source's items are about what moves, 0 to 1; ``None`` as the
    book has it.

    Raises ``ValueError`` for a negative size, for a ``now`` without zone or sooner than 14 days
    after the cutover, and for a share that cannot be dealt.
    """
    book = book or written()
    words = book.words.world
    moment = seconds(now or words.now)
    if items < 0:
        raise ValueError(f"items is {items}; give 0 or more")
    if moment < seconds(words.cutover) + _SOONEST:
        raise ValueError(
            f"now is {iso(moment)}; give a time at least 14 days after the cutover, "
            f"{iso(seconds(words.cutover))}"
        )
    if share is not None and not (share in (0.0, 1.0) or LEAST_SHARE <= share <= 1 - LEAST_SHARE):
        raise ValueError(
            f"the share of what moves is {share}; give 0, 1, or something between {LEAST_SHARE} "
            f"and {1 - LEAST_SHARE}"
        )
    return _records(
        Layout(
            items,
            seed,
            moment,
            source or words.source,
            tuple(targets or words.targets),
            book,
            share,
        )
    )


def _records(layout: Layout) -> Iterator[Record]:
    yield from surroundings(layout.book, layout.now, layout.source, layout.targets)
    yield from with_families(layout, map(partial(source_item, layout), range(layout.in_source)))
    for index in range(layout.before):
        yield item_before(layout, index)
    for index in range(layout.after):
        yield item_after(layout, index)
