"""Dealing lives to items: evenly, so that small worlds have the same mix as large ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from functools import lru_cache

from msgspec.structs import replace

from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.vocabulary import Book, Card

_FREQUENT = 5
MOVED = ("moved", "mixed")
"""Words of a card for items that are about what moves."""


def _group(book: Book, card: Card) -> Hashable:
    """Cards of one group are spread evenly together: same owner, fate and kind. Frequent cards
    are a group of their own."""
    story, moved = book.story(card.story), card.part in MOVED
    if card.count >= _FREQUENT:
        return (moved, story.name)
    return (moved, story.fate, story.pull, story.closed)


def deal(book: Book, cards: Sequence[Card], dice: Rng) -> tuple[Card, ...]:
    """Every card as often as its count says, in an order in which each group comes at even
    distances."""
    groups: dict[Hashable, list[Card]] = defaultdict(list)
    for card in cards:
        groups[_group(book, card)].extend([card] * card.count)
    places: list[tuple[float, int, Card]] = []
    for members in groups.values():
        dice.shuffle(members)
        offset = dice.throw()
        places += [
            ((turn + offset) / len(members), len(places) + turn, card)
            for turn, card in enumerate(members)
        ]
    return tuple(card for _, _, card in sorted(places, key=lambda place: place[:2]))


def with_share(cards: Sequence[Card], share: float | None) -> tuple[Card, ...]:
    """The cards, dealt so often that this share of them is about what moves; ``None`` leaves them
    as they are.

    No card becomes rarer, so that every life still occurs, unless the share is 0 or 1.
    """
    if share is None:
        return tuple(cards)
    moved = [card for card in cards if card.part in MOVED]
    others = [card for card in cards if card.part not in MOVED]
    if share in (0.0, 1.0):
        return tuple(moved if share else others)
    ours, rest = (sum(card.count for card in group) for group in (moved, others))
    if ours / (ours + rest) < share:
        return (*_more_often(moved, rest * share / (1 - share) / ours), *others)
    return (*moved, *_more_often(others, ours * (1 - share) / share / rest))


def _more_often(cards: Sequence[Card], factor: float) -> list[Card]:
    """Each card so many times as often; parts of a card are given to those that lack most, so
    that the sum is right."""
    wanted = [card.count * factor for card in cards]
    counts = [int(count) for count in wanted]
    short = round(sum(wanted)) - sum(counts)
    for place in sorted(range(len(cards)), key=lambda place: counts[place] - wanted[place])[:short]:
        counts[place] += 1
    return [replace(card, count=count) for card, count in zip(cards, counts, strict=True)]


class StratifiedSampler:
    """An endless row of cards: deck after deck of the same cards, each newly dealt. Every
    position is found directly."""

    def __init__(self, book: Book, cards: Sequence[Card], *keys: object) -> None:
        self._book = book
        self._cards = tuple(cards)
        self._keys = keys
        self.size = sum(card.count for card in cards)
        self._round = lru_cache(maxsize=64)(self._deal)

    def _deal(self, number: int) -> tuple[Card, ...]:
        return deal(self._book, self._cards, Rng(*self._keys, number))

    def card(self, index: int) -> Card:
        """The card at that position, from 0."""
        return self._round(index // self.size)[index % self.size]

    def rank(self, index: int, names: frozenset[str]) -> int:
        """How many cards of these stories lie before the position."""
        before = self._round(index // self.size)[: index % self.size]
        return index // self.size * self._count(names) + sum(card.story in names for card in before)

    def holds(self, names: frozenset[str]) -> bool:
        """Whether there is a card of one of these stories."""
        return self._count(names) > 0

    def find(self, rank: int, names: frozenset[str]) -> int:
        """Position of the ``rank``-th card (from 0) of these stories. Raises
        ``ZeroDivisionError`` if there are none."""
        number, place = divmod(rank, self._count(names))
        positions = [
            position for position, card in enumerate(self._round(number)) if card.story in names
        ]
        return number * self.size + positions[place]

    def _count(self, names: frozenset[str]) -> int:
        return sum(card.count for card in self._cards if card.story in names)
