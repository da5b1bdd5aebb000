"""What one process knows of the item that it works on, between its reading and its writes."""

from __future__ import annotations

import msgspec

from migrator.domain.actions import Live
from migrator.domain.items import Item
from migrator.domain.ledger import EntryState
from migrator.domain.planning import PlanItem
from migrator.github.replies import Subject
from migrator.store.ledger import Recorded


class Task:
    """What is known, in this process, of the item at work."""

    def __init__(self, planned: PlanItem, recorded: Recorded) -> None:
        self.planned = planned
        self.recorded = recorded
        self.live: Live | None = None
        self.item: Item | None = None
        self.failed_look_ups = 0
        self.granted = False

    @property
    def state(self) -> EntryState:
        """What the ledger says."""
        return self.recorded.state


def with_subject(item: Item, subject: Subject) -> Item:
    """The item as the reply to one of our writes showed it: state, lock, labels, and comments that were not there before."""
    known = {comment.id for comment in item.comments}
    fresh = tuple(comment for comment in subject.comments if comment.id not in known)
    return msgspec.structs.replace(
        item,
        state=subject.state,
        state_reason=subject.state_reason,
        locked=subject.locked,
        labels=subject.labels,
        comments=item.comments + fresh,
        comments_total=max(subject.comments_total, item.comments_total),
    )
