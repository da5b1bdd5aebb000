"""Words that every text uses: dates without a locale, what an item is called, what an event was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from migrator.domain.items import Item, ItemKind

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def day(moment: datetime) -> str:
    """``3 March 2020``, in UTC."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def kind_words(item: Item) -> str:
    """``issue`` or ``pull request``."""
    return "pull request" if item.kind is ItemKind.PULL_REQUEST else "issue"


def days(count: int) -> str:
    """``1 day``, ``14 days``, ``1,234 days``."""
    return f"{count:,} day" + ("" if count == 1 else "s")


def listed(words: tuple[str, ...] | list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
