"""Ledger entries for plan items: which generation a new one has, and opening it, or finding what
a former try left."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from migrator.domain.items import Comment, Item
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import Entry, undo_decision
from migrator.store.ledger import Ledger, Recorded

ASKED: Final = "asked"
"""Under this key an entry's ``before`` says which comment a reply answers."""


def asked_in(comment: Comment) -> str:
    """Names a comment by its author, date and text: a transfer may give it another id, and GitHub
    dates comments by whole seconds."""
    login = comment.author.login if comment.author else ""
    text = hashlib.sha256(comment.body.encode()).hexdigest()[:16]
    return f"{login} {comment.created_at.isoformat()} {text}"


def entry_decision(planned: PlanItem) -> str:
    """Under which decision the ledger keeps this item's entry."""
    decision = planned.decision.value
    return undo_decision(decision) if planned.undoes else decision


def find_entry(ledger: Ledger, planned: PlanItem) -> Recorded | None:
    """The entry that stands for this item, decision and generation."""
    return ledger.find(planned.key, entry_decision(planned), planned.generation)


def open_entry(
    ledger: Ledger, planned: PlanItem, run_id: str, plan_hash: str, now: datetime
) -> Recorded:
    """The entry for this item, decision and generation: a new one, or the one that stands."""
    known = find_entry(ledger, planned)
    if known is not None:
        return known
    older = planned.undoes or planned.edits
    original = ledger.get(older) if older else None
    return ledger.open_entry(_entry(ledger, planned, original, run_id, plan_hash, now))


def open_entries(
    ledger: Ledger, planned: Sequence[PlanItem], run_id: str, plan_hash: str, now: datetime
) -> dict[str, Recorded]:
    """Entries of items whose turn has come together, by item key: as :func:`open_entry`, in one
    transaction. Only of those that build on no older entry."""
    first = [item for item in planned if not (item.undoes or item.edits)]
    entries = [_entry(ledger, item, None, run_id, plan_hash, now) for item in first]
    return {each.entry.item_key: each for each in ledger.open_entries(entries)}


def _entry(
    ledger: Ledger,
    planned: PlanItem,
    original: Recorded | None,
    run_id: str,
    plan_hash: str,
    now: datetime,
) -> Entry:
    """A new entry; ``original`` is the one that it builds on."""
    return Entry(
        id=f"{ledger.migration}:{planned.key}:{entry_decision(planned)}:{planned.generation}",
        migration=ledger.migration,
        item_key=planned.key,
        node_id=planned.node_id,
        decision=entry_decision(planned),
        generation=planned.generation,
        run_id=run_id,
        plan_hash=plan_hash,
        nonce=original.entry.nonce if original else secrets.token_hex(16),
        text_hash=hashlib.sha256(planned.text.encode()).hexdigest(),
        created_at=now,
        before=original.entry.before if original and planned.undoes else planned.before,
    )


def open_extra_entry(
    ledger: Ledger,
    item: Item,
    decision: str,
    text: str,
    *,
    run_id: str,
    plan_hash: str,
    now: datetime,
    asked: str = "",
) -> Recorded:
    """The entry for an act that no plan item holds (an answer, a completion): a new one, or the
    one that stands. ``asked`` names what it answers beyond a transfer (see :func:`asked_in`)."""
    entry = Entry(
        id=f"{ledger.migration}:{item.key}:{decision}:1",
        migration=ledger.migration,
        item_key=item.key,
        node_id=item.id,
        decision=decision,
        generation=1,
        run_id=run_id,
        plan_hash=plan_hash,
        nonce=secrets.token_hex(16),
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        created_at=now,
        before={
            "state": item.state.value,
            "labels": list(item.labels),
            **({ASKED: asked} if asked else {}),
        },
    )
    return ledger.find(item.key, decision, 1) or ledger.open_entry(entry)
