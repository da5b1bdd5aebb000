"""Lists of a plan's items: filtered, sorted, a page at a time, and quick with a hundred thousand of
them.

Filters and orders use only columns of the list's index (see ``PlanItemRow``), so that no document
is read for an item that is not shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import (
    ARRAY,
    Connection,
    Engine,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    any_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.planning.plan import PlanItem
from migrator.store import json_columns
from migrator.store.item_texts import holds_words, words_of
from migrator.store.models import EntryRow, ItemTextRow, LabelRow, OutcomeRow, PlanItemRow
from migrator.store.outcomes import BEGUN_NOT, REVERTED, is_undone, keys_that_stand, stands

_FREQUENT = 2_000
"""A label on so many items is met soon on the way along an index: a page needs no list of all of
them."""
_NEAR = 1_000
"""Pages that begin later than that are not near the start of any index."""
_FEW = 400
"""Items that are asked for by their numbers; more are met on the way along the plan."""
_CHUNK = 500
_WORDS_HOLD = 2.0
"""Seconds."""


class PlanItemOrder(StrEnum):
    """What a list is sorted by. ``clock`` is the last human activity, the longest silent first."""

    NUMBER = "number"
    NEWEST = "newest"
    CLOCK = "clock"
    RECENT = "recent"
    TITLE = "title"
    AUTHOR = "author"


class PlanItemFilter(Frozen, frozen=True, kw_only=True):
    """Which items of a plan; empty parts do not restrict. ``silent_since``: no person acted later
    than that.

    ``words`` must all stand in the title or text, in any order and case, at least their
    beginnings. ``among``: only these items.
    ``outcome`` says where an item must stand now (see ``store.outcomes``), ``acting`` that
    something must be planned for it. ``repository`` is compared without case.
    """

    decision: str = ""
    code: str = ""
    signal: str = ""
    label: str = ""
    kind: str = ""
    author: str = ""
    wave: int | None = None
    words: tuple[str, ...] = ()
    among: tuple[ItemRef, ...] | None = None
    number: int | None = None
    repository: str = ""
    silent_since: datetime | None = None
    outcome: str = ""
    acting: bool = False
    order: PlanItemOrder = PlanItemOrder.NUMBER


class PlanItemSummary(Frozen, frozen=True, kw_only=True):
    """One item in a list. ``outcome`` says how its act ended; empty while there is none."""

    key: str
    repository: str
    number: int
    kind: str
    title: str
    author: str
    decision: str
    code: str
    signal: str
    wave: int
    closes: bool
    created_at: datetime | None = None
    clock: datetime | None = None
    outcome: str = ""


_PLACE = (PlanItemRow.repository, PlanItemRow.number)
_ORDERS: dict[PlanItemOrder, Sequence[Any]] = {
    PlanItemOrder.NUMBER: _PLACE,
    PlanItemOrder.NEWEST: (PlanItemRow.created_at.desc(), *_PLACE),
    PlanItemOrder.CLOCK: (PlanItemRow.clock, *_PLACE),
    PlanItemOrder.RECENT: (PlanItemRow.clock.desc(), *_PLACE),
    PlanItemOrder.TITLE: (PlanItemRow.title, *_PLACE),
    PlanItemOrder.AUTHOR: (PlanItemRow.author, *_PLACE),
}


def _order(wanted: PlanItemFilter) -> Sequence[Any]:
    """The order. Among few items, the order by number must not lead the database past all the
    others with their documents."""
    few = wanted.order is PlanItemOrder.NUMBER and wanted != PlanItemFilter(acting=wanted.acting)
    return (PlanItemRow.repository + "", PlanItemRow.number + 0) if few else _ORDERS[wanted.order]


def _is_among(items: Sequence[ItemRef]) -> ColumnElement[bool]:
    """Whether a line is one of these items."""
    numbers: dict[str, list[int]] = {}
    for ref in items:
        numbers.setdefault(ref.repository, []).append(ref.number)
    return or_(
        false(),
        *(
            (PlanItemRow.repository == repository) & PlanItemRow.number.in_(some)
            for repository, some in numbers.items()
        ),
    )


def _listed(numbers: str | list[int]) -> list[int]:
    """Numbers as SQLite (JSON) or PostgreSQL (an array) lists them."""
    return msgspec.json.decode(numbers, type=list[int]) if isinstance(numbers, str) else numbers


def _is_in(column: SQLColumnExpression[int], numbers: str | list[int]) -> ColumnElement[bool]:
    """Whether a column's value is in such a list, which may be long: it is one parameter."""
    if isinstance(numbers, str):
        return column.in_(select(func.json_each(numbers).table_valued("value").c.value))
    return column == any_(literal(numbers, ARRAY(Integer)))


def _stood() -> ColumnElement[str]:
    """Where an entry stands now."""
    return case((is_undone(), REVERTED), else_=stands())


class PlanItemQuery:
    """Lists of one migration's plans."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration
        self._last_words: tuple[tuple[str, ...], float, Sequence[Any]] = ((), 0.0, ())

    def count(self, plan_hash: str, wanted: PlanItemFilter) -> int:
        """How many items there are."""
        counted = select(func.count()).select_from(PlanItemRow)
        with self._engine.connect() as connection:
            return connection.scalar(self._restricted(connection, counted, plan_hash, wanted)) or 0

    def page(
        self, plan_hash: str, wanted: PlanItemFilter, *, limit: int, offset: int = 0
    ) -> list[PlanItemSummary]:
        """Some of the items in their order, with how each one's act ended."""
        columns = select(PlanItemRow.repository, PlanItemRow.number)
        with self._engine.connect() as connection:
            near = offset <= _NEAR
            met = (
                near
                and wanted.order is PlanItemOrder.NEWEST
                and self._is_frequent(connection, wanted.label)
            )
            many = near and self._many_stand(connection, plan_hash, wanted.outcome)
            places = self._restricted(connection, columns, plan_hash, wanted, met=met, near=many)
            order = _ORDERS[wanted.order] if many else _order(wanted)
            found = connection.execute(places.order_by(*order).limit(limit).offset(offset)).all()
            return self._lines(connection, plan_hash, [(row[0], row[1]) for row in found])

    def _many_stand(self, connection: Connection, plan_hash: str, outcome: str) -> bool:
        """Whether so many items stand so that a page meets enough of them on its way."""
        if outcome in ("", BEGUN_NOT):
            return False
        keys = keys_that_stand(plan_hash, outcome)
        return connection.execute(keys.limit(1).offset(_FEW)).first() is not None

    def _is_frequent(self, connection: Connection, label: str) -> bool:
        borne = select(LabelRow.number).where(
            LabelRow.migration == self._migration, LabelRow.label == label
        )
        return (
            bool(label) and connection.execute(borne.limit(1).offset(_FREQUENT)).first() is not None
        )

    def _restricted(
        self,
        connection: Connection,
        query: Select[*tuple[Any, ...]],
        plan_hash: str,
        wanted: PlanItemFilter,
        *,
        met: bool = False,
        near: bool = False,
    ) -> Select[*tuple[Any, ...]]:
        """``met``: the first few are asked for along an index, so each item on the way is asked
        for its label; ``near``: the same for how it stands."""
        row = PlanItemRow
        query = query.where(row.plan_hash == plan_hash)
        for column in ("decision", "code", "signal", "kind", "author"):
            if value := getattr(wanted, column):
                query = query.where(getattr(row, column) == value)
        if wanted.wave is not None:
            query = query.where(row.wave == wanted.wave)
        if wanted.number is not None:
            query = query.where(row.number == wanted.number)
        if wanted.repository:
            query = query.where(func.lower(row.repository) == wanted.repository.lower())
        if wanted.acting:  # by the index of waves SQLite would sort all of them
            query = query.where(row.wave + 0 > 0)
        if wanted.outcome:
            query = query.where(*self._standing(connection, plan_hash, wanted.outcome, near=near))
        if wanted.silent_since is not None:
            query = query.where(row.clock <= wanted.silent_since)
        if wanted.among is not None:
            query = query.where(_is_among(wanted.among))
        if wanted.words:
            query = query.where(*self._written(connection, wanted.words))
        if not wanted.label:
            return query
        return query.where(
            self._bears(wanted.label)
            if met
            else self._labelled(connection, plan_hash, wanted.label)
        )

    def _standing(
        self, connection: Connection, plan_hash: str, outcome: str, *, near: bool
    ) -> Iterator[ColumnElement[bool]]:
        """Whether an item stands so. A few are named, so that the others need not be looked at;
        ``near``: of many, only those on the way to a page are asked, one by one."""
        keys = keys_that_stand(plan_hash, outcome)
        key = PlanItemRow.repository + "#" + cast(PlanItemRow.number, String)
        if outcome == BEGUN_NOT:
            yield PlanItemRow.wave > 0
            yield key.not_in(keys)
            return
        if near:
            stands_so = self._entries(plan_hash).where(
                EntryRow.item_key == key, _stood() == outcome
            )
            yield stands_so.exists()
            return
        few = connection.scalars(keys.limit(_FEW + 1)).all()
        yield (
            _is_among([ItemRef.parse(each) for each in few]) if len(few) <= _FEW else key.in_(keys)
        )

    def _written(
        self, connection: Connection, asked: Sequence[str]
    ) -> Iterator[ColumnElement[bool]]:
        """Whether title or text has all these words, or ones that begin so. Few items are named, so
        that the others need not be looked at. What is no word at all is looked for in titles."""
        words = tuple(words_of(" ".join(asked)))
        if not words:
            yield from map(self._holds, asked)
            return
        found = self._found(connection, words)
        if sum(count for _repository, count, _numbers in found) <= _FEW:
            yield _is_among(
                [ItemRef(each, number) for each, _count, some in found for number in _listed(some)]
            )
            return
        yield or_(
            false(),
            *(
                (PlanItemRow.repository == repository) & _is_in(PlanItemRow.number, numbers)
                for repository, _count, numbers in found
            ),
        )

    def _found(self, connection: Connection, words: tuple[str, ...]) -> Sequence[Any]:
        """Repository, number of items with these words, and the items' numbers as the database
        lists them. The last answer is kept for a moment: a page asks for a count and for lines."""
        asked, until, found = self._last_words
        if asked == words and until > time.monotonic():
            return found
        row, sqlite = ItemTextRow, self._engine.dialect.name == "sqlite"
        listed = func.json_group_array(row.number) if sqlite else func.array_agg(row.number)
        query = select(row.repository, func.count(), listed).where(
            row.migration == self._migration, holds_words(self._engine.dialect.name, words)
        )
        found = connection.execute(query.group_by(row.repository)).all()
        self._last_words = (words, time.monotonic() + _WORDS_HOLD, found)
        return found

    def _holds(self, word: str) -> ColumnElement[bool]:
        """Whether the title holds a word in any case. SQLite's LIKE is blind to the case of
        ASCII letters by itself."""
        if self._engine.dialect.name == "sqlite":
            return PlanItemRow.title.contains(word, autoescape=True)
        return PlanItemRow.title.icontains(word, autoescape=True)

    def _bears(self, label: str) -> ColumnElement[bool]:
        """Whether an item has a label, asked for one item at a time."""
        place = (
            LabelRow.repository == PlanItemRow.repository,
            LabelRow.number == PlanItemRow.number,
        )
        return exists().where(
            LabelRow.migration == self._migration, LabelRow.label == label, *place
        )

    def _labelled(self, connection: Connection, plan_hash: str, label: str) -> ColumnElement[bool]:
        """Whether an item has a label. A list of numbers for each repository is looked up twice
        as fast as one of pairs."""
        labelled = select(LabelRow.number).where(
            LabelRow.migration == self._migration, LabelRow.label == label
        )
        return or_(
            false(),
            *(
                (PlanItemRow.repository == each)
                & PlanItemRow.number.in_(labelled.where(LabelRow.repository == each))
                for each in self._repositories(connection, plan_hash)
            ),
        )

    def _repositories(self, connection: Connection, plan_hash: str) -> Iterator[str]:
        """The repositories of a plan's items, each found by one step in the primary key's index."""
        last: str | None = ""
        while last is not None:
            query = select(func.min(PlanItemRow.repository)).where(
                PlanItemRow.plan_hash == plan_hash
            )
            last = connection.scalar(query.where(PlanItemRow.repository > last))
            if last is not None:
                yield last

    def _lines(
        self, connection: Connection, plan_hash: str, places: Sequence[tuple[str, int]]
    ) -> list[PlanItemSummary]:
        row = PlanItemRow
        columns = (
            row.item_key.label("key"),
            row.repository,
            row.number,
            row.kind,
            row.title,
            row.author,
            row.decision,
        )
        more = (row.code, row.signal, row.wave, row.closes, row.created_at, row.clock)
        numbers: dict[str, list[int]] = {}
        for repository, number in places:
            numbers.setdefault(repository, []).append(number)
        lines: dict[tuple[str, int], dict[str, Any]] = {}
        for (
            repository,
            some,
        ) in numbers.items():  # pairs in one IN would make SQLite read the whole plan
            where = (row.plan_hash == plan_hash, row.repository == repository, row.number.in_(some))
            for each in connection.execute(select(*columns, *more).where(*where)).mappings():
                lines[each["repository"], each["number"]] = dict(each)
        outcomes = self._outcomes(connection, plan_hash, [each["key"] for each in lines.values()])
        return [
            PlanItemSummary(**lines[place], outcome=outcomes.get(lines[place]["key"], ""))
            for place in places
            if place in lines
        ]

    def _outcomes(
        self, connection: Connection, plan_hash: str, keys: Sequence[str]
    ) -> dict[str, str]:
        """Item key -> where its act in this plan stands now: see :func:`stands`."""
        query = self._entries(plan_hash).where(EntryRow.item_key.in_(keys))
        return {row[0]: row[1] for row in connection.execute(query)}

    def _entries(self, plan_hash: str) -> Select[str, str]:
        """Key and standing of the plan's entries."""
        query = select(EntryRow.item_key, _stood()).outerjoin(
            OutcomeRow, OutcomeRow.entry_id == EntryRow.id
        )
        return query.where(EntryRow.migration == self._migration, EntryRow.plan_hash == plan_hash)

    def documents(self, plan_hash: str, wanted: PlanItemFilter) -> Iterator[tuple[PlanItem, str]]:
        """Every item that fits, whole, in the filter's order, with how its act ended; some in
        memory at a time."""
        row = PlanItemRow
        columns = select(row.repository, row.number)
        with self._engine.connect() as connection:
            query = self._restricted(connection, columns, plan_hash, wanted)
            places = [
                ItemRef(each[0], each[1])
                for each in connection.execute(query.order_by(*_ORDERS[wanted.order]))
            ]
        for start in range(0, len(places), _CHUNK):
            yield from self._whole(plan_hash, places[start : start + _CHUNK])

    def _whole(self, plan_hash: str, places: Sequence[ItemRef]) -> Iterator[tuple[PlanItem, str]]:
        row = PlanItemRow
        query = select(row.repository, row.number, row.wave, row.document).where(
            row.plan_hash == plan_hash, _is_among(places)
        )
        with self._engine.connect() as connection:
            found: dict[ItemRef, PlanItem] = {}
            for repository, number, wave, document in connection.execute(query):
                with suppress(*json_columns.UNREADABLE):  # set aside when the plan is carried out
                    item = json_columns.read(document, PlanItem)
                    found[ItemRef(repository, number)] = replace(item, wave=wave)
            items = [found[place] for place in places if place in found]
            outcomes = self._outcomes(connection, plan_hash, [item.key for item in items])
        yield from ((item, outcomes.get(item.key, "")) for item in items)

    def titles(self, plan_hash: str, keys: Sequence[str]) -> dict[str, str]:
        """Item key -> title of some items of a plan."""
        numbers: dict[str, list[int]] = {}
        for key in keys:
            ref = ItemRef.parse(key)
            numbers.setdefault(ref.repository, []).append(ref.number)
        row = PlanItemRow
        found: dict[str, str] = {}
        with self._engine.connect() as connection:
            for repository, some in numbers.items():
                where = (
                    row.plan_hash == plan_hash,
                    row.repository == repository,
                    row.number.in_(some),
                )
                found |= {
                    each[0]: each[1]
                    for each in connection.execute(select(row.item_key, row.title).where(*where))
                }
        return found

    def labels(self, limit: int = 60) -> list[tuple[str, int]]:
        """The most frequent labels, each with the number of items."""
        where = LabelRow.migration == self._migration
        return [(row[0], row[1]) for row in self._counted((LabelRow.label,), where)[:limit]]

    def signals(self, plan_hash: str) -> list[tuple[str, int]]:
        """The signals on which a plan's decisions rest, each with the number of items, the most
        frequent first."""
        where = (PlanItemRow.plan_hash == plan_hash, PlanItemRow.signal != "")
        return [(row[0], row[1]) for row in self._counted((PlanItemRow.signal,), *where)]

    def reasons(self, plan_hash: str) -> list[tuple[str, str, int]]:
        """``(decision, reason code, items)`` of a plan, the most frequent first."""
        columns = (PlanItemRow.decision, PlanItemRow.code)
        rows = self._counted(columns, PlanItemRow.plan_hash == plan_hash)
        return [(row[0], row[1], row[2]) for row in rows]

    def _counted(self, columns: Sequence[Any], *where: ColumnElement[bool]) -> Sequence[Any]:
        """Rows with the same values in these columns, and their number, the most frequent first."""
        count = func.count().label("items")
        query = select(*columns, count).where(*where).group_by(*columns)
        with self._engine.connect() as connection:
            return connection.execute(query.order_by(count.desc(), *columns)).all()

    def waves(self, plan_hash: str) -> list[tuple[int, str, int, int]]:
        """``(wave, decision, items, of them closing)`` of a plan's acting items."""
        row = PlanItemRow
        closing = func.sum(cast(row.closes, row.wave.type))
        query = select(row.wave, row.decision, func.count(), closing).where(
            row.plan_hash == plan_hash, row.wave > 0
        )
        with self._engine.connect() as connection:
            rows = connection.execute(
                query.group_by(row.wave, row.decision).order_by(row.wave, row.decision)
            ).all()
        return [(each[0], each[1], each[2], each[3]) for each in rows]
