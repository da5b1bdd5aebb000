"""``migrator ledger``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import msgspec
import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, json_bytes, moment, print_table
from migrator.domain.items import ItemRef, named_item
from migrator.domain.protocol.ledger import attempt_document
from migrator.errors import UsageError
from migrator.store.ledger import Recorded

EXAMPLE = "migrator ledger --migration moved.toml --json"


def command(
    migration: MigrationOption,
    run: Annotated[str, typer.Option("--run", help="Only this run's entries.")] = "",
    item: Annotated[
        str,
        typer.Option(
            "--item",
            metavar="OWNER/NAME#N",
            help="Only this item's entries: its name, its number in the source, or its URL.",
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Show every act: intent, attempts, replies, outcome; by repository and number. With --json one
    entry a line, complete."""
    records = bootstrap.open_records(migration)
    wanted = _item(item, records.migration.file.migration.source) if item else None
    names = records.store.items.present_names()
    entries = records.store.ledger.by_item(names, run_id=run, item=wanted)
    if json:
        for each in entries:
            sys.stdout.buffer.write(json_bytes(_document(each, names)))
        return
    print_table(
        ("item", "decision", "outcome", "reason", "latest line"),
        (_row(each, names) for each in entries),
        empty=f"The ledger has no entry{_about(run, item)}.",
    )


def _item(named: str, source: str) -> ItemRef:
    """The item that was named; a number alone is one of the source repository."""
    found = named_item(named)
    if found is None:
        raise UsageError(
            f"{named!r} names no item", cure="give OWNER/NAME#N, a number, or the item's URL"
        )
    return ItemRef(found[0] or source, found[1])


def _about(run: str, item: str) -> str:
    return (f" of the run {run}" if run else "") + (f" for {item}" if item else "")


def _name(recorded: Recorded, names: Mapping[int, str]) -> str:
    """The name that the entry's item has now."""
    return names.get(recorded.entry.item_id or 0, recorded.entry.item_key)


def _row(recorded: Recorded, names: Mapping[int, str]) -> tuple[str, ...]:
    state, entry = recorded.state, recorded.entry
    latest = max((each.at for each in recorded.attempts), default=entry.created_at)
    return (
        *(_name(recorded, names), entry.decision),
        *(state.outcome or "at work", state.code, moment(latest)),
    )


def _document(recorded: Recorded, names: Mapping[int, str]) -> dict[str, object]:
    """An entry with its history. ``item_key`` is the name that the item has now."""
    state, entry = recorded.state, recorded.entry
    return {
        "entry": {
            **msgspec.structs.asdict(entry),
            "kind": entry.kind,
            "item_key": _name(recorded, names),
        },
        "attempts": [attempt_document(each) for each in recorded.attempts],
        "outcome": state.outcome,
        "code": state.code,
    }
