"""``export --moved``: where each item that moved was, and where it is now."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from migrator.domain.items import Frozen, ItemRef
from migrator.execution.migration_state import MigrationState
from migrator.github.http_messages import endpoints
from migrator.store.items import ItemAlias


class MovedItem(Frozen, frozen=True, kw_only=True):
    """One old name of an item and its present one. ``old`` and ``new`` are ``owner/name#number``,
    ``moved_at`` is when the migrator learned of it."""

    old: str
    new: str
    old_url: str
    new_url: str
    old_node_id: str
    new_node_id: str
    moved_at: datetime | None


def moved_items(records: MigrationState) -> tuple[MovedItem, ...]:
    """One entry for each old place of each item that the ledger knows, by old name.

    Items move by a transfer, by whomever, or as their repository is renamed. One that came back to
    a place is not listed under that name.
    """
    web = endpoints(records.settings.github_url).web
    found = [one for names in records.store.items.moved() for one in _of_item(names, web)]
    return tuple(sorted(found, key=lambda one: _by_number(one.old)))


def _of_item(names: tuple[ItemAlias, ...], web: str) -> Iterator[MovedItem]:
    present = names[-1]
    last = {name.ref: name for name in names if name.ref != present.ref}
    for ref, name in last.items():
        yield MovedItem(
            old=str(ref),
            new=str(present.ref),
            old_url=_url(web, ref),
            new_url=_url(web, present.ref),
            old_node_id=name.node_id,
            new_node_id=present.node_id,
            moved_at=name.seen_until,
        )


def _url(web: str, ref: ItemRef) -> str:
    """GitHub leads from ``issues`` to ``pull`` where it is a pull request."""
    return f"{web}/{ref.repository}/issues/{ref.number}"


def _by_number(key: str) -> tuple[str, int]:
    repository, _, number = key.rpartition("#")
    return repository, int(number)


def moved_csv(items: Iterable[MovedItem]) -> str:
    """The list as CSV with a heading; times are ISO 8601, empty where not known."""
    text = io.StringIO()
    names = MovedItem.__struct_fields__
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for item in items:
        values = (getattr(item, name) for name in names)
        writer.writerow(
            [value.isoformat() if isinstance(value, datetime) else value for value in values]
        )
    return text.getvalue()
