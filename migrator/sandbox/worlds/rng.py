"""Chance that falls the same way on every machine: seeded by words, and built on ``random()``
alone."""

from __future__ import annotations

import math
import random
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

T = TypeVar("T")


class Rng:
    """A random stream named by its keys: equal keys give equal throws, in any process and Python
    version.

    Only ``Random.random`` is used, whose sequence Python promises to keep
    (https://docs.python.org/3/library/random.html#notes-on-reproducibility).
    """

    __slots__ = ("throw",)

    def __init__(self, *keys: object) -> None:
        self.throw = random.Random("/".join(map(str, keys))).random  # noqa: S311  # a made-up world, no secret

    def chance(self, probability: float) -> bool:
        """True with that probability, 0 to 1."""
        return self.throw() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely. Raises ``IndexError`` if there is none."""
        return choices[int(self.throw() * len(choices))]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        """One of the choices, as likely as its weight says. ``weights`` are not negative and
        their sum is not 0."""
        mark = self.throw() * sum(weights)
        for choice, weight in zip(choices, weights, strict=True):
            mark -= weight
            if mark < 0:
                return choice
        return choices[-1]

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound - 1``."""
        return int(self.throw() * bound)

    def between(self, low: float, high: float) -> float:
        """A number between the two, evenly."""
        return low + (high - low) * self.throw()

    def between_in_scale(self, low: float, high: float) -> float:
        """A number between the two (both above 0), small ones more often: even in its logarithm."""
        return math.exp(self.between(math.log(low), math.log(high)))

    def shuffle(self, things: MutableSequence[T]) -> None:
        """Put the things into another order, in place."""
        for index in range(len(things) - 1, 0, -1):
            other = self.below(index + 1)
            things[index], things[other] = things[other], things[index]
