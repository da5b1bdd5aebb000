"""Who did what: every act of a person on the dashboard is noted with the person, the door and the moment."""

from __future__ import annotations

from migrator.store.audit import Deed
from migrator.workflows.context import Context


def note(context: Context, who: str, door: str, verb: str, subject: str = "", detail: str = "") -> None:
    """Append a deed at the present moment."""
    context.store.audit.note(Deed(at=context.clock(), who=who, door=door, verb=verb, subject=subject, detail=detail[:500]))


def deeds(context: Context, *, subject: str = "", limit: int = 100) -> list[Deed]:
    """The latest deeds, newest first."""
    return context.store.audit.newest(limit, subject=subject)
