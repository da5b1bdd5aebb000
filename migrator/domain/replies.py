"""What we answer in words: where a command is refused, and where somebody asks for help. Everything else is a reaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from migrator.domain.commands import Asker, Command, Who
from migrator.domain.items import Item
from migrator.domain.marker import Marker, render_marker
from migrator.domain.messages.wording import kind_words

DECISION: Final = "command"
"""The marker's word for an answer."""


def refused(command: Command, asker: Asker) -> str:
    """Why somebody may not use a command, in one sentence."""
    who = (
        "the author, and people with triage rights or more," if command.who is Who.AUTHOR else "people with triage rights or more"
    )
    if asker.may_triage is None:
        return f"`{command.name}` is for {who} and GitHub did not tell whether that is you."
    return f"`{command.name}` is for {who.rstrip(',')}."


def not_ours_to_reopen(item: Item) -> str:
    """Somebody else closed it."""
    return f"This {kind_words(item)} was not closed by the migration, so it is not ours to open again."


def cannot_reopen(item: Item) -> str:
    """GitHub declined."""
    reason = ", as it does when the branch of a pull request is gone" if item.is_pull_request else ""
    return f"GitHub does not let us open this {kind_words(item)} again{reason}."


def locked(item: Item) -> str:
    """A locked thread is left as it is."""
    return f"This {kind_words(item)} is locked, so it is left as it is."


def help_text(words: Sequence[Command]) -> str:
    """The commands of a migration as a Markdown table."""
    rows = [f"| `{word.name}` | {word.who.value} | {word.does} |" for word in words]
    head = ["Each command goes on a line of its own in a comment.", "", "| command | who may | what it does |", "|---|---|---|"]
    return "\n".join([*head, *rows])


def whole(sentences: Sequence[str], migration: str) -> str:
    """An answer as it is posted, with a placeholder where its nonce will stand (see ``marker.with_nonce``)."""
    text = "\n\n".join(dict.fromkeys(sentences))
    return f"{text}\n\n{render_marker(Marker(migration=migration, decision=DECISION))}\n"
