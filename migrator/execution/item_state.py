"""What one process knows of the item that it works on, between its reading and its writes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from migrator.domain.items import Comment, Item
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, EntryState
from migrator.domain.protocol.next_step import Live
from migrator.github.models import ItemAfterWrite
from migrator.github.transfers import Thread
from migrator.store.ledger import Recorded


class ItemState:
    """What is known, in this process, of the item at work. ``other_comments`` are those of
    others that a look-up for our notice met, ``own_comments`` all of ours where a thread is too
    long to be read whole (``None``: not asked). ``thread`` is the issue as a transfer has to keep
    it, at the place where it was read last. ``unsaved``: how many of the last lines of ``recorded``
    the ledger does not hold yet (see :class:`~.ledger_writer.LedgerWriter`); always none unless
    ``holds``."""

    def __init__(self, planned: PlanItem, recorded: Recorded, *, holds: bool = False) -> None:
        self.planned = planned
        self.recorded = recorded
        self.holds = holds
        self.unsaved = 0
        self.live: Live | None = None
        self.item: Item | None = None
        self.other_comments: tuple[Comment, ...] = ()
        self.own_comments: tuple[Comment, ...] | None = None
        self.failed_look_ups = 0
        self.budget_granted = False
        self.thread: Thread | None = None

    @property
    def entry_state(self) -> EntryState:
        """What the ledger says."""
        return self.recorded.state

    @property
    def node_id(self) -> str:
        """Node id of the item as it is now: a transfer changes it."""
        transfer = self.entry_state.act(ActKind.TRANSFER)
        moved = transfer is not None and transfer.done
        return transfer.node_id if transfer is not None and moved else self.planned.node_id

    @property
    def is_moved(self) -> bool:
        """Whether this entry is known to have transferred the thread."""
        return self.entry_state.is_done(ActKind.TRANSFER)


def with_subject(item: Item, subject: ItemAfterWrite) -> Item:
    """The item as the reply to one of our writes showed it: state, lock, labels, and what people
    said and did meanwhile."""
    known = {comment.id for comment in item.comments} | {event.id for event in item.events}
    fresh = tuple(comment for comment in subject.comments if comment.id not in known)
    events = tuple(event for event in subject.events if event.id not in known)
    shown = {comment.id: comment for comment in subject.comments}
    return msgspec.structs.replace(
        item,
        state=subject.state,
        state_reason=subject.state_reason,
        locked=subject.locked,
        labels=subject.labels,
        edited_at=subject.edited_at,
        editor=subject.editor,
        comments=(*(_edited(comment, shown.get(comment.id)) for comment in item.comments), *fresh),
        comments_total=max(subject.comments_total, item.comments_total),
        events=item.events + events,
        events_total=item.events_total + len(events),
    )


def with_other_comments(item: Item, other_comments: Sequence[Comment]) -> Item:
    """The item with comments that were read before it: a later reading may come from a copy that
    lags behind."""
    known = {comment.id for comment in item.comments}
    missing = tuple(comment for comment in other_comments if comment.id not in known)
    total = item.comments_total + len(missing)
    return msgspec.structs.replace(item, comments=item.comments + missing, comments_total=total)


def _edited(comment: Comment, now: Comment | None) -> Comment:
    """A comment as it reads now; replies to writes show no reactions, so those stay as they
    were."""
    return comment if now is None else msgspec.structs.replace(now, reactions=comment.reactions)
