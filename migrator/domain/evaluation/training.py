"""Fitting the weights of the findings to labelled items, gently.

Logistic regression with a normal prior around each weight's written-down value
(``ownership_priors``), and signs that never turn: what speaks for ours by knowledge never speaks
against it because of three odd rows. Found by cyclic Newton steps, one weight at a time, which
needs no numerical library at this size (hundreds of rows, hundreds of weights).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from migrator.domain.classification.text.words import words_of

Row = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Softness:
    """How far data may move a weight from its prior: standard deviation ``floor + share *
    |prior|``, ``bias`` for the bias."""

    floor: float = 0.1
    share: float = 0.25
    bias: float = 0.7
    sweeps: int = 60
    enough: float = 1e-3

    def variance(self, name: str, prior: float) -> float:
        """Variance of the prior of one weight."""
        return (self.bias if name == "bias" else self.floor + self.share * abs(prior)) ** 2


def fit(
    rows: Sequence[Row],
    ours: Sequence[bool],
    priors: Mapping[str, float],
    softness: Softness = Softness(),
) -> dict[str, float]:
    """Return the most probable weights: one for each finding that occurs in ``rows`` and has a
    prior, and the bias.

    ``rows`` map finding names to values; ``ours`` are their labels. A weight whose prior is 0 stays
    0.
    """
    columns = _columns(rows, priors)
    weights = {name: priors.get(name, 0.0) for name in columns}
    logits = [
        sum(weights[name] * value for name, value in row.items() if name in weights)
        for row in _with_bias(rows)
    ]
    for _ in range(softness.sweeps):
        moved = max(
            (
                _step(name, columns[name], weights, logits, ours, priors, softness)
                for name in columns
            ),
            default=0.0,
        )
        if moved < softness.enough:
            break
    return weights


def for_share(weights: Mapping[str, float], sampled: float, share: float) -> dict[str, float]:
    """Return the weights with the bias for a stream in which ``share`` is ours; they were fitted
    where ``sampled`` was.

    Rows that were chosen by their label move the bias alone, by the difference in log-odds of the
    two shares (Prentice and Pyke 1979). Without a share, or where all rows have one label, the
    weights stay as they are.
    """
    if not (0.0 < share < 1.0 and 0.0 < sampled < 1.0):
        return dict(weights)
    moved = math.log(share / (1.0 - share)) - math.log(sampled / (1.0 - sampled))
    return {**weights, "bias": weights.get("bias", 0.0) + moved}


def _with_bias(rows: Sequence[Row]) -> list[Row]:
    return [{"bias": 1.0, **row} for row in rows]


def _columns(
    rows: Sequence[Row], priors: Mapping[str, float]
) -> dict[str, list[tuple[int, float]]]:
    columns: dict[str, list[tuple[int, float]]] = {"bias": []}
    for index, row in enumerate(_with_bias(rows)):
        for name, value in row.items():
            if name == "bias" or (value and priors.get(name, 0.0)):
                columns.setdefault(name, []).append((index, value))
    return columns


def _step(
    name: str,
    column: list[tuple[int, float]],
    weights: dict[str, float],
    logits: list[float],
    ours: Sequence[bool],
    priors: Mapping[str, float],
    softness: Softness,
) -> float:
    """Move one weight by a Newton step, at most by 1, and keep its sign; return how far it
    moved."""
    prior, old = priors.get(name, 0.0), weights[name]
    variance = softness.variance(name, prior)
    slope, bend = (old - prior) / variance, 1.0 / variance
    for index, value in column:
        chance = 1.0 / (1.0 + math.exp(-max(-35.0, min(35.0, logits[index]))))
        slope += (chance - ours[index]) * value
        bend += chance * (1.0 - chance) * value * value
    new = old - max(-1.0, min(1.0, slope / bend))
    if name != "bias":
        new = max(new, 0.0) if prior > 0 else min(new, 0.0)
    for index, value in column:
        logits[index] += (new - old) * value
    weights[name] = new
    return abs(new - old)


_SHINGLE = 3  # words in a row
_ALIKE = 0.5  # share of common shingles from which on two texts are near-duplicates


def held_back(ids: Sequence[str], count: int) -> frozenset[str]:
    """Return the ``count`` ids that are kept for the end: those whose SHA-256 (of the id in
    UTF-8, in hex) sorts first."""
    return frozenset(sorted(ids, key=_digest)[:count])


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """Return a group number per text; texts that share half of their word triples, directly or
    by a chain, share a group."""
    shingles = [_shingles(text) for text in texts]
    group = list(range(len(texts)))
    for right in range(len(texts)):
        for left in range(right):
            if group[left] != group[right] and _alike(shingles[left], shingles[right]):
                group = [group[left] if number == group[right] else number for number in group]
    return group


def folds(groups: Sequence[int], count: int, seed: int) -> list[int]:
    """Return a fold (0 to ``count`` - 1) per row, whole groups together, shuffled by ``seed``
    and evenly filled."""
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
