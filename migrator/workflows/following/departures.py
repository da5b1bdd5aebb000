"""An item is gone: the snapshot says so, and nothing is planned for it any more."""

from __future__ import annotations

from migrator.workflows.context import Context


def depart(context: Context, repository: str, number: int) -> str:
    """Note that an item was deleted or transferred away."""
    context.store.snapshots.mark_gone(repository, number, context.clock())
    return "gone"
