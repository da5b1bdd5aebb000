"""In which order maintainers see the items that wait: the answer that teaches most first.

What an answer teaches is the product of three numbers, all known when items are planned: how
uncertain the verdict is, how many items wait on the same grounds, and how many emails a wrong act
would send. The order is worked out once for a plan and kept beside it.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from msgspec.structs import replace

from migrator.domain.decisions import FIRM_GROUNDS
from migrator.domain.evidence import Activity, Evidence, OwnershipVerdict
from migrator.domain.items import Frozen, ItemKind, ItemRef
from migrator.domain.not_judged import NOT_JUDGED

DECIDING: Final = 1.0
"""Log-odds from which on a signal is among those that decide: it multiplies the odds by 2.7."""
LEAST_UNCERTAINTY: Final = 0.05
"""Bits. An item that waits for another reason than its owner, such as a draft, is as uncertain as
that, so that its likes and its emails still count."""
SAMPLED_EVERY: Final = 10
"""One item of so many is drawn at random."""
_FIRM: Final = ("label.", "path.", "thread.")
"""How the signals begin that give better grounds than text."""
_LIMIT: Final = "text.limit"
"""No evidence of its own: it takes back what text says beside such grounds."""
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
    signals = frozenset((each.signal, each.says.value) for each in deciding(ownership))
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


def deciding(ownership: OwnershipVerdict) -> tuple[Evidence, ...]:
    """The evidence that a verdict rests on: what weighs :data:`DECIDING` or more, and what
    contradicts. Where a label, a path or a maintainer's comment decides, text is none of it."""
    heavy = tuple(
        each
        for each in ownership.evidence
        if (abs(each.weight) >= DECIDING or each.bar) and each.signal != _LIMIT
    )
    if ownership.contradiction or ownership.grounds not in FIRM_GROUNDS:
        return heavy
    return tuple(each for each in heavy if each.signal.startswith(_FIRM))


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
    grounds, itself included; ``group`` is their number, 0 if it is alone. ``sample``: it was drawn
    at random."""

    repository: str
    number: int
    information: float
    similar: int
    mails: int
    group: int
    sample: bool = False

    @property
    def ref(self) -> ItemRef:
        """Names the item as it was called when it was planned."""
        return ItemRef(self.repository, self.number)


def drawn(refs: Iterable[ItemRef], size: int, seed: str = "") -> list[ItemRef]:
    """So many items, drawn by a hash of their names: as good as at random, the same ones for
    everybody, and a larger sample holds the smaller one."""
    return sorted(refs, key=lambda ref: hashlib.sha256(f"{seed}{ref}".encode()).digest())[:size]


def ranked(candidates: Iterable[ReviewCandidate], seed: str = "") -> tuple[RankedItem, ...]:
    """The items in the order in which they are shown: most information first, then by repository
    and number, and behind each nine of them one of the random sample, whatever it teaches.

    The sample is a tenth, rounded up, drawn with ``seed``; without a seed there is none. The same
    for the same items and seed, however the items come.
    """
    found = sorted(candidates, key=lambda each: each.ref)
    sizes = Counter(each.grounds for each in found if each.grounds is not None)
    numbers = {
        grounds: place for place, grounds in enumerate((g for g in sizes if sizes[g] > 1), start=1)
    }
    items = {each.ref: _ranked(each, sizes, numbers) for each in found}
    chosen = drawn(items, -(-len(items) // SAMPLED_EVERY), seed) if seed else []
    sample = [replace(items.pop(ref), sample=True) for ref in chosen]
    best = sorted(items.values(), key=lambda each: (-each.information, each.ref))
    return tuple(_mixed(best, sample))


def _mixed(best: Sequence[RankedItem], sample: Sequence[RankedItem]) -> Iterator[RankedItem]:
    """One of the sample behind each nine of the others."""
    step = SAMPLED_EVERY - 1
    for place, one in enumerate(sample):
        yield from best[place * step : (place + 1) * step]
        yield one
    yield from best[len(sample) * step :]


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

    @cached_property
    def _groups(self) -> Mapping[int, Sequence[RankedItem]]:
        groups: dict[int, list[RankedItem]] = {}
        for each in self.items:
            groups.setdefault(each.group, []).append(each)
        return groups

    def alike(self, ref: ItemRef) -> Sequence[ItemRef]:
        """The other items with an item's grounds, in order, without those of the random sample:
        these are to get answers of their own."""
        item = self.item(ref)
        if item is None or not item.group:
            return ()
        group = self._groups[item.group]
        return [each.ref for each in group if not each.sample and each.ref != ref]

    def behind(self, ref: ItemRef) -> Sequence[ItemRef]:
        """All items, those behind one first: the queue begins anew at its end."""
        start = (self._places[ref] + 1) if ref in self._places else 0
        return [*self.refs[start:], *self.refs[:start]] if start else self.refs
