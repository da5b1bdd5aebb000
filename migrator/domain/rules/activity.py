"""Rules for the question: is it alive?"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from migrator.domain.rules.base import Rules


def _days(value: object) -> object:
    """Read ``"180d"`` or ``180`` as days."""
    if isinstance(value, str) and value.endswith("d") and value[:-1].isdigit():
        return timedelta(days=int(value[:-1]))
    if isinstance(value, int) and not isinstance(value, bool):
        return timedelta(days=value)
    return value


Days = Annotated[
    timedelta,
    BeforeValidator(_days),
    PlainSerializer(lambda value: f"{value.days}d", return_type=str),
    Field(examples=["180d"], json_schema_extra={"type": "string"}),
]


class ActivityRules(Rules):
    """Terms, protections and what counts as a person's act."""

    stale_after: Days = timedelta(days=180)
    """Days without a person's act after which an item is stale."""
    awaiting_author_after: Days = timedelta(days=60)
    """Shorter term while the thread waits for its author (see `awaiting_author_labels`)."""
    quiet_days: Days = timedelta(days=7)
    """An item on which a person acted within these days is never closed."""
    unanswered: Literal["redirect", "retire", "review"] = "redirect"
    """What happens to an item that is old, whose last word is its author's, and that nobody answered."""
    awaiting_author_labels: tuple[str, ...] = ()
    """Labels that say: waiting for the author."""
    awaiting_maintainer_labels: tuple[str, ...] = ()
    """Labels that say: waiting for the maintainers."""
    protecting_labels: tuple[str, ...] = ()
    """Labels that keep an item active whatever its age."""
    nags: tuple[str, ...] = ()
    """Sentences of triage accounts that ask and do not answer; a comment made of them does not move the clock."""
