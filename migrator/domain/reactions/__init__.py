"""Reactions: one file per capability, each pure. An event, or an item that a sweep met, and what to look after because of it."""

from __future__ import annotations

from typing import Final

from migrator.domain.events import Happened
from migrator.domain.items import Item
from migrator.domain.reactions import arrivals, commands, departures, landings, speech
from migrator.domain.reactions.base import Intent, Reaction, Scope

REACTIONS: Final[tuple[Reaction, ...]] = (
    departures.REACTION,
    commands.REACTION,
    speech.REACTION,
    arrivals.REACTION,
    landings.REACTION,
)

__all__ = ["REACTIONS", "Intent", "Reaction", "Scope", "intents_of_event", "intents_of_item"]


def intents_of_event(happened: Happened, scope: Scope) -> frozenset[Intent]:
    """What to look after on the item that a webhook tells of; nothing for repositories of other migrations."""
    return frozenset(each.intent for each in REACTIONS if each.of_event(happened, scope))


def intents_of_item(item: Item, scope: Scope) -> frozenset[Intent]:
    """What to look after on an item that changed, however it did."""
    return frozenset(each.intent for each in REACTIONS if each.of_item(item, scope))
