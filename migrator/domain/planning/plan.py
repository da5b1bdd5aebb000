"""A plan: what would be done to each item, exactly, frozen and identified by a hash.

Pure: the same judged items, rules and time give the same plan and the same hash on any machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from migrator.domain.calibration import Calibration
from migrator.domain.decisions import Decision
from migrator.domain.evidence import Evidence
from migrator.domain.items import Frozen, ItemKind, ItemRef

_ENCODER = msgspec.json.Encoder(order="deterministic")


class PlanKind(StrEnum):
    """What a plan does: migrate items, take acts of the ledger back, follow one item by the policy
    of the migration file, or

    try once more what failed in a run.
    """

    MIGRATE = "migrate"
    UNDO = "undo"
    FOLLOW = "follow"
    RETRY = "retry"


STEERED = (PlanKind.MIGRATE, PlanKind.UNDO, PlanKind.RETRY)
"""Plans that people approve; those of the listener follow the migration file."""


class PlanItem(Frozen, frozen=True, kw_only=True):
    """One item of a plan: the decision, why, and the exact writes.

    ``text`` is the notice with a placeholder where the nonce will stand; empty if nothing is
    written. ``clock`` is the last moment at which a person had moved the item when it was judged:
    any later one drops it out. ``generation`` counts the notices of this decision that were undone
    before. ``wave`` is 0 where nothing is done; it is set when a stored plan is read.
    ``recipients`` are the logins that a write mails; ``undoes`` names the ledger entry that an undo
    takes back; ``before`` is how the item stood; ``head`` the last commit of a pull request's
    branch, empty if it was not known. ``edits`` names the ledger entry whose notice gets the text,
    by an edit that mails nobody; empty where a notice is posted. ``transfers_to`` is the repository
    that the thread itself is moved to, with its notice before or (``notice_after``) after that;
    ``transfers_from``, in an undo, is where it was moved to and is now. ``parent`` is the issue
    that a transferred one was a part of when it was scanned.
    """

    key: str
    repository: str
    number: int
    kind: ItemKind = ItemKind.ISSUE
    node_id: str = ""
    url: str = ""
    title: str = ""
    author: str = ""
    created_at: datetime | None = None
    decision: Decision
    code: str = ""
    reason: str = ""
    deciding: Evidence | None = None
    part: str = ""
    probability: float = 0.0
    grounds: str = ""
    answer: str = ""
    activity: str = ""
    clock: datetime | None = None
    stale_at: datetime | None = None
    text: str = ""
    label: str = ""
    closes: bool = False
    close_reason: str = ""
    grace_days: int = 0
    generation: int = 1
    recipients: tuple[str, ...] = ()
    wave: int = 0
    undoes: str = ""
    before: dict[str, Any] = {}
    head: str = ""
    edits: str = ""
    transfers_to: str = ""
    transfers_from: str = ""
    notice_after: bool = False
    parent: str = ""

    @property
    def ref(self) -> ItemRef:
        """Names the item as it was called when it was planned."""
        return ItemRef(self.repository, self.number)

    @property
    def place(self) -> str:
        """The repository in which the item is found when work on it begins."""
        return self.transfers_from or self.repository

    @property
    def acts(self) -> bool:
        """Whether applying the plan writes anything for this item."""
        return bool(self.text)

    @property
    def writes(self) -> int:
        """How many write requests this item needs: the notice, label plus close in one more, and
        the transfer."""
        return int(self.acts) * (
            1 + int(self.closes or bool(self.label)) + int(bool(self.transfers_to))
        )


class PlanHeader(Frozen, frozen=True, kw_only=True):
    """What a whole plan stands on. ``rules_digest`` is the digest of the migration file that judged
    the items.

    ``calibration`` is the one they were judged by; everything that follows the plan judges by it
    too. Plans from before there were any have none. ``set_aside`` is how many items could not be
    read, and are not in the plan for that reason alone. The waves follow from the file and the
    items, and are not hashed.
    """

    migration: str
    kind: PlanKind = PlanKind.MIGRATE
    source: str
    targets: tuple[str, ...]
    as_of: datetime
    expires_at: datetime
    rules_digest: str
    set_aside: int = 0
    calibration: Calibration | None = None


CLEAR_CANARY = 5
"""Items of the first wave that clears: the harshest act, as it closes items for their age alone."""
CLEAR_SAMPLE = 20
"""Items to be cleared that an approval lists."""
FEWEST_FOR_NONE, FEWEST_FOR_ALL = 5, 10
"""Open items of the source from which on it is worth a word that none of them would move, or all
would."""


class Totals(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """Sums over a plan. ``notices`` counts the items that are acted on, ``edited`` those of them
    whose standing notice is edited.

    ``source_open`` are the open items of the source, ``source_ours`` those of them that are judged
    to belong to what moves; plans of a part of the items, such as an undo, count none.
    ``clear_wave`` is the first wave that clears; 0 if none does.
    """

    items: int = 0
    decisions: dict[str, int] = {}
    notices: int = 0
    closes: int = 0
    waves: int = 0
    source_open: int = 0
    source_ours: int = 0
    clear_wave: int = 0
    edited: int = 0


class OneSided(StrEnum):
    """What is suspicious about a plan: rules that find nothing, or everything, are mostly wrong."""

    NOTHING = "nothing"
    EVERYTHING = "everything"

    @property
    def warning(self) -> str:
        """What it means, and what to look at."""
        return _WARNINGS[self]


_WARNINGS = {
    OneSided.NOTHING: (
        "Nothing would move: no open item of the source repository is judged to belong to what "
        "moves. Look at `ownership` in the migration file."
    ),
    OneSided.EVERYTHING: (
        "Everything would move: every open item of the source repository is judged to belong to "
        "what moves. Look at `ownership` in the migration file."
    ),
}


def one_sided(totals: Totals) -> OneSided | None:
    """Whether none, or all, of the source's open items belong to what moves. ``None`` if it is
    neither, or there are few."""
    if totals.source_open >= FEWEST_FOR_NONE and not totals.source_ours:
        return OneSided.NOTHING
    if totals.source_ours == totals.source_open >= FEWEST_FOR_ALL:
        return OneSided.EVERYTHING
    return None


class PlanHasher:
    """Hashes a plan item by item, so that a plan of any size needs little memory. Items must
    come in the order of their keys."""

    def __init__(self, header: PlanHeader) -> None:
        self._sum = hashlib.sha256(_ENCODER.encode(header))
        self._last = ("", 0)

    def add(self, item: PlanItem) -> None:
        """Take in the next item. Raises ``ValueError`` if it is out of order, which would make
        the hash depend on chance."""
        place = (item.repository, item.number)
        if place <= self._last:
            raise ValueError(f"{item.key} is out of order")
        self._last = place
        self._sum.update(b"\n" + _ENCODER.encode(item))

    def hexdigest(self) -> str:
        """The plan's hash: 64 hexadecimal digits."""
        return self._sum.hexdigest()


def plan_hash(header: PlanHeader, items: Iterable[PlanItem]) -> str:
    """Hash of a whole plan; items in any order."""
    hasher = PlanHasher(header)
    for item in sorted(items, key=lambda one: (one.repository, one.number)):
        hasher.add(item)
    return hasher.hexdigest()


def wave_order(count: int, first: int = 0, clear_wave: int = 0) -> tuple[int, ...]:
    """The waves (from 1) in the order in which they are worked off: the canary, then ``first`` if
    it is one, then the others.

    No wave that clears comes before ``clear_wave``, the canary of those, whichever is to be first.
    """
    chosen: tuple[int, ...] = (first,) if 1 < first <= count else ()
    if chosen and 1 < clear_wave < first:
        chosen = (clear_wave, first)
    return (
        *range(1, min(count, 1) + 1),
        *chosen,
        *(wave for wave in range(2, count + 1) if wave not in chosen),
    )


def gated_wave_numbers(others: int, clears: int, sizes: Sequence[int]) -> Iterator[int]:
    """As :func:`wave_numbers`, for ``others`` acting items and then ``clears`` that are cleared,
    which share no wave.

    The first wave that clears holds :data:`CLEAR_CANARY` items at most, and comes after a canary of
    the plan's own size if nothing else does.
    """
    yield from wave_numbers(others, sizes)
    before = list(wave_numbers(others, sizes))[-1] if others else 0
    larger = tuple(size for size in sizes if size > CLEAR_CANARY) or (min(CLEAR_CANARY, sizes[-1]),)
    gate = (min(CLEAR_CANARY, max(sizes)), *larger)
    yield from (
        before + wave
        for wave in wave_numbers(clears, gate if others else (min(sizes[0], gate[0]), *gate))
    )


def wave_numbers(count: int, sizes: Sequence[int]) -> Iterator[int]:
    """Wave number (from 1) of each of ``count`` acting items in their order; the last size repeats.

    The order is the gentlest first, so that the canary is an item that stays open.
    """
    wave, left = 1, sizes[0]
    for _ in range(count):
        if left == 0:
            wave += 1
            left = sizes[min(wave, len(sizes)) - 1]
        left -= 1
        yield wave


class KnownParents(Frozen, frozen=True, kw_only=True):
    """``owner/name#number`` of issues -> that of the issue that each is a part of: parents are
    transferred before their sub-issues.

    As old as the scan, so it orders a plan and nothing else: when its turn comes, a sub-issue still
    waits for a parent that is to move.
    """

    parents: dict[str, str] = {}


def depth(key: str, parents: Mapping[str, str]) -> int:
    """How many of the issues in ``parents`` an issue is below; a circle ends where it began."""
    seen = {key}
    while (parent := parents.get(key, "")) in parents and parent not in seen:
        seen.add(parent)
        key = parent
    return len(seen) - 1
