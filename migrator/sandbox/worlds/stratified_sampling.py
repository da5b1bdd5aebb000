"""Dealing lives to items: evenly, so that small worlds have the same mix as large ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from functools import lru_cache

from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.vocabulary import Card, stories

_FREQUENT = 5


def _group(card: Card) -> Hashable:
    """Cards of one group are spread evenly together: same owner, fate and kind. Frequent cards
    are a group of their own."""
    story, moved = stories().story(card.story), card.part in ("moved", "mixed")
    if card.count >= _FREQUENT:
        return (moved, story.name)
    return (moved, story.fate, story.pull, story.closed)


def deal(cards: Sequence[Card], dice: Rng) -> tuple[Card, ...]:
    """Every card as often as its count says, in an order in which each group comes at even
    distances."""
    groups: dict[Hashable, list[Card]] = defaultdict(list)
    for card in cards:
        groups[_group(card)].extend([card] * card.count)
    places: list[tuple[float, int, Card]] = []
    for members in groups.values():
        dice.shuffle(members)
        offset = dice.throw()
        places += [
            ((turn + offset) / len(members), len(places) + turn, card)
            for turn, card in enumerate(members)
        ]
    return tuple(card for _, _, card in sorted(places, key=lambda place: place[:2]))


class StratifiedSampler:
    """An endless row of cards: deck after deck of the same cards, each newly dealt. Every
    position is found directly."""

    def __init__(self, cards: Sequence[Card], *keys: object) -> None:
        self._cards = tuple(cards)
        self._keys = keys
        self.size = sum(card.count for card in cards)
        self._round = lru_cache(maxsize=64)(self._deal)

    def _deal(self, number: int) -> tuple[Card, ...]:
        return deal(self._cards, Rng(*self._keys, number))

    def card(self, index: int) -> Card:
        """The card at that position, from 0."""
        return self._round(index // self.size)[index % self.size]

    def rank(self, index: int, names: frozenset[str]) -> int:
        """How many cards of these stories lie before the position."""
        before = self._round(index // self.size)[: index % self.size]
        return index // self.size * self._count(names) + sum(card.story in names for card in before)

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
