"""Reads a world file into a :class:`World`, completing what the file leaves out.

The order of records does not matter, and of two records with the same name the later one wins: so a
world file followed by a journal of changed records is again a world file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from migrator.sandbox.acts.relations import INVERSE, relate, related
from migrator.sandbox.clock import Clock, moment, read_moment
from migrator.sandbox.defaults import complete_item
from migrator.sandbox.entities import (
    Account,
    AnyRecord,
    App,
    Delivery,
    Header,
    Hook,
    Installation,
    Item,
    Label,
    Repository,
    Token,
)
from migrator.sandbox.errors import WorldFileError
from migrator.sandbox.world import FIRST_ID, World

_DECODER = msgspec.json.Decoder(AnyRecord)
EPOCH = "2020-01-01T00:00:00Z"


def read_records(lines: Iterable[bytes], name: str = "world file") -> list[AnyRecord]:
    """Return the records of a world file, in the file's order.

    Raises:
        WorldFileError: a line is no record; names the line, counted from 1.
    """
    records: list[AnyRecord] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            records.append(_DECODER.decode(line))
        except msgspec.MsgspecError as error:
            raise WorldFileError(f"{name}, line {number}: {error}") from error
    if not records or not isinstance(records[0], Header):
        raise WorldFileError(f"{name}: the first record must be the world")
    return records


def load_world(path: Path, *, now: str | None = None) -> World:
    """Return the world of a file. Its clock starts at ``now``, else where the file's stood, else a
    day after its newest date.

    Raises:
        WorldFileError: the file is no world file.
        OSError: it cannot be read.
    """
    with path.open("rb") as lines:
        return build_world(read_records(lines, path.name), now=now)


def build_world(records: list[AnyRecord], *, now: str | None = None) -> World:
    """Return the world that ``records`` describe; see :func:`load_world`."""
    headers = [record for record in records if isinstance(record, Header)]
    world = World(Clock(read_moment(EPOCH)))
    world.source, world.target = (
        headers[-1].source or headers[0].source,
        headers[-1].target or headers[0].target,
    )
    world.note = headers[0].note
    world.sequence = headers[-1].sequence
    world.next_id = max(
        [FIRST_ID, *(header.next_id for header in headers), *map(_largest_id, records)]
    )
    _place_records(world, records)
    world.clock = Clock(read_moment(moment(now)) if now else _start(world, headers))
    world.dirty.clear()
    return world


def _start(world: World, headers: list[Header]) -> datetime:
    """Return where the clock starts when nobody says."""
    if headers[-1].clock:
        return read_moment(headers[-1].clock)
    newest = max(
        (item.updated_at for items in world.threads.values() for item in items.values()), default=""
    )
    return read_moment(
        max(newest, moment(headers[0].now) if headers[0].now else "", "") or EPOCH
    ) + timedelta(days=1)


def _place_records(world: World, records: list[AnyRecord]) -> None:
    """Put every record where it belongs: accounts and repositories first, then items, then what
    points at them."""
    latest: dict[tuple[str, object], Item] = {}
    for record in records:
        match record:
            case Account():
                world.add_account(record)
            case Repository():
                world.add_repository(record)
            case App():
                world.apps[record.slug] = record
            case Installation():
                world.installations[record.id] = record
            case Token():
                world.tokens[record.secret] = record
            case Hook():
                world.hooks[record.id] = record
            case Delivery():
                world.deliveries[record.id] = record
            case Item():
                key = (record.repository.lower(), record.number or object())
                latest[key] = record
            case _:
                pass
    for key in _left_behind(world, latest):
        latest.pop(key)
    for name in (world.source, world.target):
        _ensure_repository(world, name)
    _place_items(world, list(latest.values()))


def _left_behind(world: World, items: dict[tuple[str, object], Item]) -> list[tuple[str, object]]:
    """Return what a journal still has under a repository's old name; the old names of a renamed
    repository are dropped, too."""
    for repository in list(world.repositories.values()):
        for name in repository.former_names:
            other = world.repositories.get(name.lower())
            if other is not None and other.id == repository.id:
                del world.repositories[name.lower()]
                world.threads.pop(name.lower(), None)
    return [
        key
        for key in items
        if key[0] not in world.repositories and world.renamed(str(key[0])) is not None
    ]


def _place_items(world: World, items: list[Item]) -> None:
    """Number the items that have no number after those that have one, complete them and add
    them."""
    for item in items:
        _ensure_repository(world, item.repository)
        if item.number:
            world.threads[item.repository.lower()][item.number] = item
    following = {name: max(thread, default=0) for name, thread in world.threads.items()}
    for item in items:
        if not item.number:
            name = item.repository.lower()
            following[name] += 1
            item.number = following[name]
    for item in items:
        complete_item(item)
        _ensure_parts(world, item)
        world.add_item(item)
    for item in items:
        _complete_relations(world, item)


def _complete_relations(world: World, item: Item) -> None:
    """Give a relation that a file names at one end its other end."""
    for kind, inverse in INVERSE.items():
        for one in related(item, kind):
            other = world.threads.get(one.repository.lower(), {}).get(one.number)
            if other is not None and item.moved_to is None:
                relate(other, inverse, item.reference)


def _ensure_repository(world: World, name: str) -> None:
    """Add a repository that a record names but none describes."""
    if name and name.lower() not in world.repositories and world.renamed(name) is None:
        world.add_repository(Repository(name=name))


def _ensure_parts(world: World, item: Item) -> None:
    """Add the accounts, labels, milestone and other repositories that an item names but no
    record describes."""
    for event in item.events:
        if event.source is not None:
            _ensure_repository(world, event.source.repository)
    for login in _logins(item):
        if login.lower() not in world.accounts:
            world.add_account(Account(login=login))
    repository = world.repositories[item.repository.lower()]
    for name in item.labels:
        if world.label(repository, name) is None:
            world.add_label(repository, Label(name=name))
    if item.milestone and item.milestone not in repository.milestones:
        repository.milestones.append(item.milestone)


def _logins(item: Item) -> set[str]:
    """Return every login that an item names."""
    names = {
        item.author,
        item.closed_by,
        item.editor,
        *item.assignees,
        *(reaction.user for reaction in item.reactions),
    }
    for comment in item.comments:
        names |= {comment.author, *(reaction.user for reaction in comment.reactions)}
    names |= {event.actor for event in item.events}
    if item.pull is not None:
        names |= {review.author for review in item.pull.reviews} | {
            commit.author for commit in item.pull.commits
        }
        names |= {item.pull.merged_by, *item.pull.review_requests}
    return {name for name in names if name}


def _largest_id(record: AnyRecord) -> int:
    """Return the largest id that a record carries, so that new ids do not collide with it."""
    match record:
        case Item():
            return _largest_in(record)
        case Repository():
            return max([record.id, *(label.id for label in record.labels)])
        case Account() | Delivery() | Hook():
            return record.id
        case _:
            return 0


def _largest_in(item: Item) -> int:
    numbers = [
        item.id,
        *(comment.id for comment in item.comments),
        *(event.id for event in item.events),
    ]
    numbers += [reaction.id for comment in item.comments for reaction in comment.reactions]
    numbers += [reaction.id for reaction in item.reactions]
    numbers += [review.id for review in item.pull.reviews] if item.pull else []
    return max(numbers)
