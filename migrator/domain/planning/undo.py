"""Undoing: a plan made from the ledger. Says what is taken back, and what GitHub does not let us
take back."""

from __future__ import annotations

from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen, Item, ItemRef, State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, Entry, EntryState

COMPLETED = "completed"
"""How an entry ends whose item was closed because its fix was merged, whatever had been planned
for it."""
LANDED = "landed"
"""How an entry ends whose item was closed because it goes on in a target repository, whatever
had been planned for it."""
RESOLVED = "resolved"
"""How an entry ends whose item was closed because its author, or a person with triage rights,
answered our question by ``/done``."""
CLOSED_LATER = frozenset({COMPLETED, LANDED, RESOLVED})


class Undoable(Frozen, frozen=True, kw_only=True):
    """An entry that may be undone, with the plan item it came from and the item as last read."""

    entry: Entry
    state: EntryState
    planned: PlanItem
    item: Item


def can_be_undone(state: EntryState) -> bool:
    """Whether an entry left anything on GitHub: a notice, or a transferred thread."""
    return state.is_done(ActKind.NOTICE) or state.is_done(ActKind.TRANSFER)


def _may_stand(state: EntryState) -> bool:
    """Whether our label and close stand on the item, or may: a reply was lost and nobody has
    looked since."""
    close = state.act(ActKind.CLOSE)
    sent = close is not None and (close.done or (close.pending and not close.unwritten))
    return sent and not state.is_done(ActKind.REOPEN)


def undo_item(undoable: Undoable, text: str) -> PlanItem:
    """The plan item that takes an entry back. ``text`` is the notice's new text, with a
    placeholder for its nonce."""
    planned, state = undoable.planned, undoable.state
    stands = _may_stand(state)
    closed = stands and (planned.closes or state.code in CLOSED_LATER)
    labelled = stands and bool(planned.label)
    transfer = state.act(ActKind.TRANSFER)
    moved = transfer if transfer is not None and transfer.done else None
    return PlanItem(
        key=planned.key,
        repository=planned.repository,
        number=planned.number,
        kind=planned.kind,
        node_id=moved.node_id if moved else planned.node_id,
        url=planned.url,
        title=planned.title,
        author=planned.author,
        created_at=planned.created_at,
        decision=Decision(planned.decision),
        code="undo",
        reason=f"Takes back {planned.decision} of {undoable.entry.created_at:%Y-%m-%d}."
        + (_new_number(planned, moved.moved_to) if moved else ""),
        part=planned.part,
        text=text,
        label=planned.label if labelled else "",
        closes=closed,
        generation=planned.generation,
        recipients=planned.recipients if closed else (),
        undoes=undoable.entry.id,
        before={"state": State.CLOSED.value if closed else State.OPEN.value},
        transfers_to=planned.repository if moved else "",
        transfers_from=ItemRef.parse(moved.moved_to).repository if moved else "",
        parent=planned.parent if moved else "",
    )


def _new_number(planned: PlanItem, now: str) -> str:
    """What a transfer back cannot bring back: GitHub never uses a number twice."""
    return (
        f" It is {now} now and gets a new number in {planned.repository}: {planned.number} is "
        "never used again, and leads to it."
    )
