"""What was done to one item so far, by all plans and runs together, and what follows from it for
the next decision.

An item has one notice at most. Whatever is decided later edits that comment:

    nothing stands                     -> a notice is posted
    the same decision stands           -> nothing to do
    another decision, which stays open -> the notice is edited
    "stays open", now to be closed     -> review; once confirmed: edited, closed 7 days later
    the notice was taken back          -> the same comment is edited
    a person deleted the notice        -> nothing, for good
    a person reopened after our close  -> never closed by us again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from migrator.domain.decisions import REASONS, Decided, Decision, ReviewAnswer
from migrator.domain.items import EventKind, Frozen, Item, ItemRef
from migrator.domain.people import BotIdentity
from migrator.domain.protocol.ledger import (
    NOT_SENT,
    EntryKind,
    Outcome,
    entry_kind,
    undo_decision,
)

LEAST_GRACE_DAYS = 7
"""Days between an edit that announces a close where the notice had said that the item stays open,
and that close: an edit mails nobody."""
CLOSE_AFTER_NOTICE = "close_after_notice"
"""Reason of items whose close a maintainer has to confirm."""
NOTICE_DELETED = "notice_deleted"
"""Reason of an entry whose notice a person deleted."""
_STAYS_OPEN = frozenset({Decision.REDIRECT.value, Decision.TRANSFER.value, Decision.WELCOME.value})


class PastEntry(NamedTuple):
    """One entry of the ledger, short. ``outcome`` is ``None`` while it is unfinished. Entries with
    one ``nonce`` are about one comment, which a later one edited."""

    entry_id: str
    decision: str
    generation: int
    at: datetime
    outcome: str | None
    code: str | None
    noticed: bool
    closed: bool
    nonce: str = ""


class ItemHistory(Frozen, frozen=True, kw_only=True):
    """All entries of an item under any of its names, oldest first. ``known`` is false where an old
    ledger does not tell which item its entries of this name meant."""

    entries: tuple[PastEntry, ...] = ()
    known: bool = True

    @property
    def notices(self) -> tuple[PastEntry, ...]:
        """Entries that are no undo."""
        return tuple(each for each in self.entries if entry_kind(each.decision) is EntryKind.NOTICE)

    def is_reverted(self, entry: PastEntry) -> bool:
        """Whether an undo of the entry has ended."""
        return any(
            each.decision == undo_decision(entry.decision)
            and each.generation == entry.generation
            and each.outcome is not None
            for each in self.entries
        )

    @property
    def standing(self) -> PastEntry | None:
        """The entry whose comment stands on the item: the newest that was not taken back, else the
        newest; unfinished ones count, as their notice may stand. Older ones are superseded."""
        newest = {
            each.nonce: each
            for each in self.notices
            if each.noticed or each.outcome in (None, Outcome.IN_DOUBT)
        }
        may_stand = list(newest.values())
        kept = [each for each in may_stand if not self.is_reverted(each)]
        return max(kept or may_stand, key=lambda each: each.at, default=None)

    @property
    def notice_deleted(self) -> bool:
        """Whether a person deleted our notice: then none is posted again."""
        return any(each.code == NOTICE_DELETED for each in self.entries)

    @property
    def kept_open(self) -> bool:
        """Whether we opened the item again ourselves because a person asked for it."""
        return any(each.closed and each.outcome == Outcome.YIELDED for each in self.notices)

    def next_generation(self, decision: str) -> int:
        """The generation of a new entry of that decision."""
        return 1 + max(
            (each.generation for each in self.notices if each.decision == decision), default=0
        )


class Histories:
    """The histories of all items of a migration, by whatever name each has now."""

    def __init__(
        self,
        by_id: Mapping[int, Sequence[PastEntry]],
        nodes: Mapping[str, int],
        names: Mapping[str, int],
        unmatched: Mapping[str, Sequence[PastEntry]],
    ) -> None:
        self._by_id = by_id
        self._nodes = nodes
        self._names = names
        self._unmatched = unmatched
        self._places = _places(names)

    def was_in(self, repository: str, node_id: str, key: str) -> bool:
        """Whether the item with that node id (empty: not known), which is called ``key`` now, was
        ever seen in that repository."""
        item_id = self._id(node_id, key)
        return item_id is not None and repository.casefold() in self._places.get(item_id, ())

    def _id(self, node_id: str, key: str) -> int | None:
        return self._nodes.get(node_id) if node_id else self._names.get(key)

    def of(self, node_id: str, key: str) -> ItemHistory:
        """The history of the item with that node id (empty: not known), which is called ``key``
        now."""
        item_id = self._id(node_id, key)
        known = self._by_id.get(item_id or 0, ())
        unknown = self._unmatched.get(key, ())
        entries = sorted((*unknown, *known), key=lambda each: (each.at, each.entry_id))
        return ItemHistory(entries=tuple(entries), known=not unknown)


def _places(names: Mapping[str, int]) -> dict[int, set[str]]:
    """Item id -> the repositories in which it was seen, in lower case."""
    found: dict[int, set[str]] = {}
    for name, item_id in names.items():
        found.setdefault(item_id, set()).add(ItemRef.parse(name).repository.casefold())
    return found


def was_reopened_by_others(item: Item, own: BotIdentity) -> bool:
    """Whether the timeline shows a reopening after a close of ours that was not our own."""
    closed = False
    for event in sorted(item.events, key=lambda each: each.at):
        if event.kind is EventKind.CLOSED:
            closed = own.is_account(event.actor)
        elif event.kind is EventKind.REOPENED and closed and not own.is_account(event.actor):
            return True
    return False


class FollowUp(NamedTuple):
    """A decision in the light of what was done before. ``edits`` is the entry whose comment gets
    the new text, ``None`` if a notice is posted."""

    decided: Decided
    edits: PastEntry | None = None


def follow_up(
    decided: Decided, history: ItemHistory, answer: ReviewAnswer | None, *, reopened: bool
) -> FollowUp:
    """What becomes of a decision that notifies (see the table above). ``reopened``: the timeline
    shows that others opened the item again after our close."""
    standing = history.standing
    if not history.known and answer is None:
        return instead(decided, Decision.REVIEW, "unknown_item")
    if history.notice_deleted:
        return instead(decided, Decision.LEAVE, NOTICE_DELETED)
    if decided.closes and (reopened or history.kept_open):
        return instead(decided, Decision.LEAVE, "reopened")
    if standing is None:
        return FollowUp(decided)
    if history.is_reverted(standing):
        return FollowUp(decided, standing)
    if _says_as_much(standing, decided):
        return instead(decided, Decision.LEAVE, "already_done")
    if not decided.closes or not _stays_open(standing):
        return FollowUp(decided, standing)
    if answer is None or answer.at <= standing.at:
        return instead(decided, Decision.REVIEW, CLOSE_AFTER_NOTICE)
    grace = max(decided.grace_days, LEAST_GRACE_DAYS)
    return FollowUp(replace(decided, grace_days=grace), standing)


def _says_as_much(standing: PastEntry, decided: Decided) -> bool:
    """Whether nothing has to be said or done beside what stands; while somebody is at work on the
    item, or nobody knows what came of it, nothing may be."""
    if standing.outcome in (None, Outcome.IN_DOUBT) or decided.code == "known_landing":
        return True
    welcomed = standing.decision == Decision.WELCOME and decided.decision is Decision.REDIRECT
    if standing.decision != decided.decision.value and not welcomed:
        return False
    if standing.code == NOT_SENT:
        return False
    unfinished = standing.outcome == Outcome.FAILED and not standing.closed
    return not (decided.closes and (unfinished or standing.outcome == Outcome.YIELDED))


def _stays_open(standing: PastEntry) -> bool:
    """Whether the notice that stands says that the item stays open."""
    if standing.decision in _STAYS_OPEN or standing.outcome == Outcome.YIELDED:
        return True
    return standing.outcome == Outcome.DONE and not standing.closed


def instead(decided: Decided, decision: Decision, code: str) -> FollowUp:
    """Another decision, which writes nothing, for that reason."""
    changed = replace(
        decided,
        decision=decision,
        code=code,
        message=REASONS[code],
        closes=False,
        grace_days=0,
        label="",
    )
    return FollowUp(changed)
