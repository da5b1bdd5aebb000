"""Tells which items are left out because what is stored of them cannot be read."""

from __future__ import annotations

from migrator.errors import ItemsSetAside
from migrator.execution.migration_state import MigrationState
from migrator.store.unreadable import unreadable

NAMED = 5


def report_unreadable(records: MigrationState) -> None:
    """Raise :class:`ItemsSetAside` if there are such items; the others were worked on."""
    found = unreadable(records.store.set_aside.all())
    if not found:
        return
    names = [f"{item.key} ({item.words})" for item in found[:NAMED]]
    names += [f"and {len(found) - NAMED} more"] if len(found) > NAMED else []
    one = "1 item is" if len(found) == 1 else f"{len(found)} items are"
    raise ItemsSetAside(
        f"{one} set aside: {'; '.join(names)}",
        cure="run `migrator scan`, which reads them again; then classify and plan",
    )
