"""Which labelled rows belong together, which are held back, and how the rest is folded: all of it repeatable."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from migrator.domain.text.words import words_of

_SHINGLE = 3  # words in a row
_ALIKE = 0.5  # share of common shingles from which on two texts are near-duplicates


def held_back(ids: Sequence[str], count: int) -> frozenset[str]:
    """Return the ``count`` ids that are kept for the end: those whose SHA-256 (of the id in UTF-8, in hex) sorts first."""
    return frozenset(sorted(ids, key=_digest)[:count])


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """Return a group number per text; texts that share half of their word triples, directly or by a chain, share a group."""
    shingles = [_shingles(text) for text in texts]
    group = list(range(len(texts)))
    for right in range(len(texts)):
        for left in range(right):
            if group[left] != group[right] and _alike(shingles[left], shingles[right]):
                group = [group[left] if number == group[right] else number for number in group]
    return group


def folds(groups: Sequence[int], count: int, seed: int) -> list[int]:
    """Return a fold (0 to ``count`` - 1) per row, whole groups together, shuffled by ``seed`` and evenly filled."""
    order = sorted(set(groups), key=lambda group: _digest(f"{seed}:{group}"))
    place = {group: index % count for index, group in enumerate(order)}
    return [place[group] for group in groups]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = words_of(text.lower())
    return frozenset(zip(*(words[start:] for start in range(_SHINGLE)), strict=False))


def _alike(left: frozenset[tuple[str, ...]], right: frozenset[tuple[str, ...]]) -> bool:
    small, large = sorted((len(left), len(right)))
    if small < _ALIKE * large or not small:
        return False
    common = len(left & right)
    return common >= _ALIKE * (len(left) + len(right) - common)
