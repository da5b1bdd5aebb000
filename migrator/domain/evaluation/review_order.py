"""In which order maintainers see the items that wait: the answer that teaches most first.

What an answer teaches is the product of three numbers, all known when items are planned: how
uncertain the verdict is, how many items wait on the same grounds, and how many emails a wrong act
would send. The order is worked out once for a plan and kept beside it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from migrator.domain.evidence import Activity, OwnershipVerdict
from migrator.domain.items import Frozen, ItemKind, ItemRef
from migrator.domain.not_judged import NOT_JUDGED

DECIDING: Final = 1.0
"""Log-odds from which on a signal is among those that decide: it multiplies the odds by 2.7."""
LEAST_UNCERTAINTY: Final = 0.05
"""Bits. An item that waits for another reason than its owner, such as a draft, is as uncertain as
that, so that its likes and its emails still count."""
_ALONE: Final = frozenset({NOT_JUDGED, "unknown_item"})
"""Reasons that say nothing about the item: no other one is alike."""


class ReviewGrounds(Frozen, frozen=True, kw_only=True):
    """Why an item waits for a maintainer; items with equal grounds are *alike*.

    ``reason`` is the decision's code, ``part`` the part of ours that it leans to (empty if it leans
    to others), ``signals`` the deciding signals with the side that each takes.
    """

    repository: str
    kind: ItemKind
    reason: str
    part: str
    activity: Activity
    contradiction: str
    signals: frozenset[tuple[str, str]]


def review_grounds(
    repository: str,
    kind: ItemKind,
    reason: str,
    ownership: OwnershipVerdict,
    activity: Activity,
) -> ReviewGrounds | None:
    """The grounds on which an item waits; ``None`` if nothing decides there, so that it has no
    likes."""
    signals = frozenset(
        (each.signal, each.says.value)
        for each in ownership.evidence
        if abs(each.weight) >= DECIDING or each.bar
    )
    if not signals or reason in _ALONE:
        return None
    return ReviewGrounds(
        repository=repository,
        kind=kind,
        reason=reason,
        part=ownership.part,
        activity=activity,
        contradiction=ownership.contradiction,
        signals=signals,
    )


def uncertainty(ownership: OwnershipVerdict) -> float:
    """How little is known of who owns an item, in bits: 1 at even odds, or where the evidence
    contradicts itself, so that its probability says nothing."""
    if ownership.contradiction:
        return 1.0
    chance = min(max(ownership.probability, 0.0), 1.0)
    if chance in (0.0, 1.0):
        return LEAST_UNCERTAINTY
    bits = -chance * math.log2(chance) - (1.0 - chance) * math.log2(1.0 - chance)
    return max(bits, LEAST_UNCERTAINTY)


def information(uncertain: float, similar: int, mails: int) -> float:
    """What an answer teaches: uncertainty (bits) times similar items times emails that a wrong act
    would send. A count of 0 is taken as 1."""
    return round(uncertain * max(similar, 1) * max(mails, 1), 6)


class ReviewCandidate(Frozen, frozen=True, kw_only=True):
    """An item that waits, as it is ranked: ``uncertain`` in bits, ``mails`` the people whom a
    notice would mail."""

    ref: ItemRef
    uncertain: float
    mails: int
    grounds: ReviewGrounds | None = None


class RankedItem(Frozen, frozen=True, kw_only=True, array_like=True):
    """An item's place in the queue, and why. ``similar`` counts the waiting items with its
    grounds, itself included; ``group`` is their number, 0 if it is alone."""

    repository: str
    number: int
    information: float
    similar: int
    mails: int
    group: int

    @property
    def ref(self) -> ItemRef:
        """Names the item as it was called when it was planned."""
        return ItemRef(self.repository, self.number)


def ranked(candidates: Iterable[ReviewCandidate]) -> tuple[RankedItem, ...]:
    """The items in the order in which they are shown: most information first, then by repository
    and number. The same for the same items, however they come."""
    found = sorted(candidates, key=lambda each: each.ref)
    sizes = Counter(each.grounds for each in found if each.grounds is not None)
    numbers = {
        grounds: place for place, grounds in enumerate((g for g in sizes if sizes[g] > 1), start=1)
    }
    items = [_ranked(each, sizes, numbers) for each in found]
    return tuple(sorted(items, key=lambda each: (-each.information, each.ref)))


def _ranked(
    one: ReviewCandidate,
    sizes: Mapping[ReviewGrounds, int],
    numbers: Mapping[ReviewGrounds, int],
) -> RankedItem:
    similar = sizes[one.grounds] if one.grounds is not None else 1
    return RankedItem(
        repository=one.ref.repository,
        number=one.ref.number,
        information=information(one.uncertain, similar, one.mails),
        similar=similar,
        mails=one.mails,
        group=numbers.get(one.grounds, 0) if one.grounds is not None else 0,
    )


class ReviewOrder:
    """A plan's queue in its order, with what pages ask of it in one step. Empty for a plan that
    keeps none."""

    def __init__(self, items: Sequence[RankedItem] = ()) -> None:
        self.items = items

    @cached_property
    def refs(self) -> Sequence[ItemRef]:
        """The items by name, in order."""
        return [each.ref for each in self.items]

    @cached_property
    def _places(self) -> Mapping[ItemRef, int]:
        return {ref: place for place, ref in enumerate(self.refs)}

    def place(self, ref: ItemRef) -> int | None:
        """Where an item stands, from 0; ``None`` if it is not in the queue."""
        return self._places.get(ref)

    def item(self, ref: ItemRef) -> RankedItem | None:
        """An item's place and why; ``None`` if it is not in the queue."""
        place = self._places.get(ref)
        return self.items[place] if place is not None else None

    def behind(self, ref: ItemRef) -> Sequence[ItemRef]:
        """All items, those behind one first: the queue begins anew at its end."""
        start = (self._places[ref] + 1) if ref in self._places else 0
        return [*self.refs[start:], *self.refs[:start]] if start else self.refs
