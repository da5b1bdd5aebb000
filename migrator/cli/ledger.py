"""``migrator ledger``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import msgspec
import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, json_bytes, print_table
from migrator.domain.protocol.ledger import attempt_document
from migrator.store.ledger import Recorded

EXAMPLE = "migrator ledger --migration moved.toml --json"


def command(
    migration: MigrationOption,
    run: Annotated[str, typer.Option("--run", help="Only this run's entries.")] = "",
    json: JsonOption = False,
) -> None:
    """Show every act: intent, attempts, replies, outcome. With --json one entry a line,
    complete."""
    records = bootstrap.open_records(migration)
    entries = records.store.ledger.stream(run_id=run or None)
    if json:
        names = records.store.items.present_names()
        for each in entries:
            sys.stdout.buffer.write(json_bytes(_document(each, names)))
    else:
        rows = [
            (e.entry.item_key, e.entry.decision, e.state.outcome or "at work", e.state.code)
            for e in entries
        ]
        print_table(("item", "decision", "outcome", "reason"), rows)


def _document(recorded: Recorded, names: Mapping[int, str]) -> dict[str, object]:
    """An entry with its history. ``item_key`` is the name that the item has now."""
    state, entry = recorded.state, recorded.entry
    return {
        "entry": {
            **msgspec.structs.asdict(entry),
            "kind": entry.kind,
            "item_key": names.get(entry.item_id or 0, entry.item_key),
        },
        "attempts": [attempt_document(each) for each in recorded.attempts],
        "outcome": state.outcome,
        "code": state.code,
    }
