"""Ledger entries for plan items: which generation a new one has, and opening it, or finding what
a former try left."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from migrator.domain.decisions import Decision
from migrator.domain.items import Item
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import Entry, undo_decision
from migrator.store.ledger import Ledger, Recorded, Standing


def entry_decision(planned: PlanItem) -> str:
    """Under which decision the ledger keeps this item's entry."""
    decision = planned.decision.value
    return undo_decision(decision) if planned.undoes else decision


def find_entry(ledger: Ledger, planned: PlanItem) -> Recorded | None:
    """The entry that stands for this item, decision and generation."""
    return ledger.find(planned.key, entry_decision(planned), planned.generation)


def next_generation(
    standings: Mapping[tuple[str, str], Standing], key: str, decision: str
) -> int | None:
    """The generation of a new notice; ``None`` if one that says as much stands, or may stand, on
    the item."""
    welcome = Decision.WELCOME.value
    welcomed = decision == Decision.REDIRECT and (key, welcome) in standings
    if (
        welcomed and next_generation(standings, key, welcome) is None
    ):  # a welcome names the new address, too
        return None
    newest = standings.get((key, decision))
    if newest is None:
        return 1
    undone = standings.get((key, undo_decision(decision)))
    taken_back = (
        undone is not None and undone.generation == newest.generation and undone.outcome is not None
    )
    wrote_nothing = newest.outcome in ("skipped", "failed") and not newest.noticed
    return newest.generation + 1 if taken_back or wrote_nothing else None


def open_entry(
    ledger: Ledger, planned: PlanItem, run_id: str, plan_hash: str, now: datetime
) -> Recorded:
    """The entry for this item, decision and generation: a new one, or the one that stands."""
    known = find_entry(ledger, planned)
    if known is not None:
        return known
    original = ledger.get(planned.undoes) if planned.undoes else None
    entry = Entry(
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
        before=original.entry.before if original else planned.before,
    )
    return ledger.open_entry(entry)


def open_extra_entry(
    ledger: Ledger,
    item: Item,
    decision: str,
    text: str,
    *,
    run_id: str,
    plan_hash: str,
    now: datetime,
) -> Recorded:
    """The entry for an act that no plan item holds (an answer, a completion): a new one, or the
    one that stands."""
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
        before={"state": item.state.value, "labels": list(item.labels)},
    )
    return ledger.find(item.key, decision, 1) or ledger.open_entry(entry)
