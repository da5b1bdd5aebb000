"""Which commands a notice offers, and what it says where nothing serves them."""

from __future__ import annotations

from migrator.domain.items import Item
from migrator.domain.messages.wording import kind_words
from migrator.domain.rules import MigrationFile, Part


def offered(decision: str, part: Part, item: Item, *, closes: bool, waits: bool) -> list[dict[str, str]]:
    """``[{"name": "/reopen", "does": "opens this issue again, ..."}]`` for one notice.

    ``closes`` says that the notice comes with a close, ``waits`` that a grace lies between the two.
    """
    kind = kind_words(item)
    lines = []
    if closes and waits:
        lines.append({"name": "/still-here", "does": f"keeps this {kind} open"})
    if closes:
        lines.append({"name": "/reopen", "does": f"opens this {kind} again, also after the close"})
    if decision != "clear":
        lines.append({"name": f"/not-{part.name}", "does": f"says that it is not about {part.title}; a person then looks at it"})
    return lines


def human_way(file: MigrationFile, item: Item) -> str:
    """One sentence: what to do where no command is served. Only what is true anyway is said without a word in the file."""
    contact = file.notices.human_contact.strip().rstrip(".")
    if contact:
        return f"Please {contact}."
    return f"Say so in a comment here: people with triage rights in {item.repository} can change it."
