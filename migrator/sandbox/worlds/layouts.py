"""Where each item of a generated world sits: its number, date and author, and which items name each
other.

Every seat is found directly from its position, so that one item can name another one without the
world being held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from migrator.sandbox.clock import DAY, HOUR, seconds
from migrator.sandbox.worlds import accounts
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.stratified_sampling import StratifiedSampler, with_share
from migrator.sandbox.worlds.vocabulary import Book, Card, NamedBy, written

_TARGET_SHARE = 0.1
_BEFORE_SHARE = 0.55
_RECENCY = 0.6
"""Exponent of the dates: below 1, later times hold more items."""
_DELETED_AUTHORS = 0.015


@dataclass(frozen=True, slots=True)
class ItemSlot:
    """One item's place in the world. ``created`` is in seconds since 1970."""

    repository: str
    number: int
    created: int
    author: str | None


@dataclass(frozen=True)
class Layout:
    """How many items there are, of what age, and where."""

    items: int
    seed: int
    now: int
    source: str
    targets: tuple[str, ...]
    book: Book = field(default_factory=written)
    share: float | None = None
    """Share of the source's items that are about what moves; ``None`` as the deck has it."""

    @cached_property
    def in_target(self) -> int:
        """Items of the target repositories."""
        return round(self.items * _TARGET_SHARE)

    @cached_property
    def in_source(self) -> int:
        """Items of the source repository."""
        return self.items - self.in_target

    @cached_property
    def before(self) -> int:
        """Items of the target repositories opened before the cutover."""
        return round(self.in_target * _BEFORE_SHARE)

    @cached_property
    def after(self) -> int:
        """Items of the target repositories opened since the cutover."""
        return self.in_target - self.before

    @cached_property
    def crowd(self) -> int:
        """Ordinary people of this world."""
        return self.items // 2

    @cached_property
    def source_deck(self) -> StratifiedSampler:
        """Lives of the source repository's items."""
        return StratifiedSampler(
            self.book, with_share(self.book.lives.source_deck, self.share), self.seed, "source"
        )

    @cached_property
    def before_deck(self) -> StratifiedSampler:
        """Lives of the target's items from before the cutover."""
        return StratifiedSampler(self.book, self.book.lives.target_before, self.seed, "before")

    @cached_property
    def after_deck(self) -> StratifiedSampler:
        """Lives of the target's items since the cutover."""
        return StratifiedSampler(self.book, self.book.lives.target_after, self.seed, "after")

    def source_seat(self, index: int) -> ItemSlot:
        """Seat of the ``index``-th item of the source repository."""
        world = self.book.words.world
        last = max(world.last_number.source, self.in_source)
        return self._seat(
            "source", index, self.in_source, self.source, seconds(world.began), self.now, (0, last)
        )

    def before_seat(self, index: int) -> ItemSlot:
        """Seat of the ``index``-th item of the target repositories from before the cutover."""
        world = self.book.words.world
        begin, end, split = (
            seconds(world.began) + 365 * DAY,
            seconds(world.cutover),
            self._split_number(),
        )
        return self._seat("before", index, self.before, self._target(index), begin, end, (0, split))

    def after_seat(self, index: int) -> ItemSlot:
        """Seat of the ``index``-th item of the target repositories since the cutover."""
        world = self.book.words.world
        split = self._split_number()
        last = max(world.last_number.target, split + self.after)
        return self._seat(
            "after",
            index,
            self.after,
            self._target(index),
            seconds(world.cutover),
            self.now,
            (split, last),
        )

    def _target(self, index: int) -> str:
        return self.targets[index % len(self.targets)]

    def _split_number(self) -> int:
        """The target's highest number at the cutover."""
        return max(int(self.book.words.world.last_number.target * 0.97), self.before)

    def _seat(
        self,
        row: str,
        index: int,
        rows: int,
        repository: str,
        begin: int,
        end: int,
        numbers: tuple[int, int],
    ) -> ItemSlot:
        dice = Rng(self.seed, row, index, "seat")
        first, last = numbers
        step = (last - first) / rows
        number = first + 1 + int(index * step) + int(dice.throw() * int(step))
        created = (
            begin
            + HOUR
            + int((end - begin - 2 * HOUR) * ((index + dice.throw()) / rows) ** _RECENCY)
        )
        author = (
            None
            if dice.chance(_DELETED_AUTHORS)
            else accounts.somebody(self.book, dice, self.crowd)
        )
        return ItemSlot(repository, number, created, author)

    # ------------------------------------------------------------------ items that name each other

    def named_by(self, index: int, card: Card) -> tuple[NamedBy, ItemSlot | None] | None:
        """For a source item whose story wants to be named: by whom it is, if by anybody.
        ``None`` for other stories."""
        pair = next((pair for pair in self.book.lives.pairs if pair.source == card.story), None)
        if pair is None:
            return None
        rank = self.source_deck.rank(index, frozenset({card.story}))
        if not (self.source_deck if pair.within == "source" else self.after_deck).holds(
            pair.named_by
        ):
            return pair, None
        if pair.within == "source":
            other = self.source_deck.find(rank + 1, pair.named_by)
            seat = self.source_seat(other) if other < self.in_source else None
        else:
            other = self.after_deck.find(rank, pair.named_by)
            seat = self.after_seat(other) if other < self.after else None
        return pair, seat if seat and _later(seat, self.source_seat(index)) else None

    def names(self, index: int, card: Card, within: str) -> tuple[NamedBy, int | None] | None:
        """For an item whose story names an older one: the older one's position in the source.
        ``None`` for other stories.

        ``within`` is where the item sits: ``source`` or ``target``.
        """
        pair = next(
            (
                pair
                for pair in self.book.lives.pairs
                if card.story in pair.named_by and pair.within == within
            ),
            None,
        )
        if pair is None:
            return None
        inside = within == "source"
        rank = (self.source_deck if inside else self.after_deck).rank(index, pair.named_by) - inside
        if rank < 0 or not self.source_deck.holds(frozenset({pair.source})):
            return pair, None
        older = self.source_deck.find(rank, frozenset({pair.source}))
        seat = self.source_seat(index) if inside else self.after_seat(index)
        return pair, older if older < self.in_source and _later(
            seat, self.source_seat(older)
        ) else None


def _later(later: ItemSlot, earlier: ItemSlot) -> bool:
    return later.created > earlier.created + DAY
