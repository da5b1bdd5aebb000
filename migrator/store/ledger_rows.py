"""How the ledger's entries, their lines and their outcomes stand in tables."""

from __future__ import annotations

from datetime import datetime

from migrator.domain.protocol.ledger import (
    Attempt,
    Ending,
    Entry,
    LedgerLine,
    Outcome,
    line_data,
    read_line,
)
from migrator.store import json_columns
from migrator.store.models import AttemptRow, EntryRow

UNREADABLE_LINE = "unreadable_line"
"""Code of an entry with a line that cannot be read."""


def entry_row(entry: Entry) -> dict[str, object]:
    """The row of an entry, without its lines."""
    return {
        "id": entry.id,
        "migration": entry.migration,
        "item_key": entry.item_key,
        "node_id": entry.node_id,
        "decision": entry.decision,
        "generation": entry.generation,
        "run_id": entry.run_id,
        "plan_hash": entry.plan_hash,
        "nonce": entry.nonce,
        "text_hash": entry.text_hash,
        "before": json_columns.write(entry.before),
        "created_at": entry.created_at,
        "kind": entry.kind.value,
        "item_id": entry.item_id,
    }


def read_entry(row: EntryRow) -> Entry:
    """The entry that a row holds."""
    return Entry(
        id=row.id,
        migration=row.migration,
        item_key=row.item_key,
        node_id=row.node_id,
        decision=row.decision,
        generation=row.generation,
        run_id=row.run_id,
        plan_hash=row.plan_hash,
        nonce=row.nonce,
        text_hash=row.text_hash,
        created_at=row.created_at,
        item_id=row.item_id,
        before=json_columns.read_or(row.before, dict, {}),
    )


def attempt_row(entry_id: str, seq: int, attempt: Attempt) -> dict[str, object]:
    """The row of one line of an entry; ``seq`` counts from 0."""
    return {
        "entry_id": entry_id,
        "seq": seq,
        "act": attempt.act.value,
        "phase": attempt.phase.value,
        "at": attempt.at,
        "fencing": attempt.fencing,
        "data": json_columns.write(line_data(attempt.line)),
    }


def stored_line(act: str, phase: str, data: bytes) -> LedgerLine:
    """A line read back. One that cannot be read leaves its entry in doubt: nothing more is done to
    the item before a maintainer has looked."""
    try:
        return read_line(act, phase, json_columns.read(data, dict))
    except json_columns.UNREADABLE as error:
        words = f"a line of the ledger ({act} {phase}) cannot be read: {error}"
        return Ending(outcome=Outcome.IN_DOUBT, code=UNREADABLE_LINE, message=words)


def read_attempt(row: AttemptRow) -> Attempt:
    """The line that a row holds."""
    return Attempt(
        line=stored_line(row.act, row.phase, row.data),
        at=row.at,
        fencing=row.fencing,
    )


def outcome_row(entry: Entry, ending: Ending, at: datetime) -> dict[str, object]:
    """The row that says how an entry ended."""
    whose = {"entry_id": entry.id, "run_id": entry.run_id, "decision": entry.decision}
    return {**whose, "outcome": ending.outcome.value, "code": ending.code, "at": at}
