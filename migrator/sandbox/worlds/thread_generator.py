"""A life for bare texts: people, labels, programs, comments, reactions, events and dates after
the text was written."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from migrator.sandbox.clock import DAY, HOUR, iso, parse, seconds
from migrator.sandbox.worlds import accounts as account_names
from migrator.sandbox.worlds import wording
from migrator.sandbox.worlds.item_builder import ItemBuilder, Record
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.surroundings import accounts, repository_records, surroundings
from migrator.sandbox.worlds.thread_simulator import StoryContext, play
from migrator.sandbox.worlds.triage import Triage, triage
from migrator.sandbox.worlds.vocabulary import Book, Story, written

_LIVED = ("author", "comments", "labels", "events", "reactions", "assignees")
"""Keys of which one is enough to show that an item brings its own life."""
_UNDATED_YEARS = 2
_DELETED_AUTHORS = 0.015
NOTE = "texts from a file; people, labels, comments and dates after the text are made up"
PLAIN_NOTE = "items from a file, as they are"


def synthesise_threads(
    items: Iterable[Record],
    *,
    seed: int,
    now: datetime | None = None,
    source: str | None = None,
    targets: Sequence[str] | None = None,
    book: Book | None = None,
) -> Iterator[Record]:
    """Records of a world file in which every bare item got a thread; items that bring their own are
    left as they are.

    Bare is an item without author, comments, labels, events, reactions and assignees. What happens
    to it follows from ``seed`` and its own text alone, so neither other rows nor their order change
    it. ``now`` is by default a day after the newest time in the file. Missing numbers are given by
    age. Items come by repository and number. A world file's other records are kept. Raises
    ``ValueError`` for a ``now`` without zone.
    """
    return _completed(book or written(), items, seed, now, source, targets)


def without_threads(
    items: Iterable[Record],
    *,
    now: datetime | None = None,
    source: str | None = None,
    targets: Sequence[str] | None = None,
    book: Book | None = None,
) -> Iterator[Record]:
    """As :func:`synthesise_threads`, but every item stays as it is: only the world around the
    items is added."""
    return _completed(book or written(), items, None, now, source, targets)


def _completed(
    book: Book,
    items: Iterable[Record],
    seed: int | None,
    now: datetime | None,
    source: str | None,
    targets: Sequence[str] | None,
) -> Iterator[Record]:
    records = iter(items)
    first = next(records, None)
    everything = records if first is None else chain((first,), records)
    if (
        first is not None
        and first.get("record") == "world"
        and (seed is None or now or first.keys() & {"now", "clock"})
    ):
        return _passed_through(book, everything, seed, now)
    words = book.words.world
    return _surrounded(
        book, list(everything), seed, now, source or words.source, tuple(targets or words.targets)
    )


# ---------------------------------------------------------------- a world file: nothing is held


def _passed_through(
    book: Book, records: Iterator[Record], seed: int | None, now: datetime | None
) -> Iterator[Record]:
    """A world file's own records; its clock is set if asked for, its bare items live if a seed
    is given."""
    header = dict(next(records))
    if now is not None:
        header["clock"] = iso(seconds(now))
    yield header
    moment = parse(header.get("clock") or header.get("now") or iso(seconds(book.words.world.now)))
    scene = StoryContext(
        moment, header.get("source", ""), header.get("target", ""), 1000, book=book
    )
    for record in records:
        bare = (
            seed is not None
            and record.get("record") == "item"
            and is_bare(record)
            and "number" in record
            and "created_at" in record
        )
        yield _lived(record, scene, seed or 0) if bare else record


# ---------------------------------------------------------------- items from elsewhere


def _surrounded(
    book: Book,
    records: list[Record],
    seed: int | None,
    now: datetime | None,
    source: str,
    targets: tuple[str, ...],
) -> Iterator[Record]:
    items = [record for record in records if record.get("record", "item") == "item"]
    moment = seconds(now) if now else _clock(records) or _newest(book, items) + DAY
    dated = [
        _dated({"repository": source, **item, "record": "item"}, moment, seed or 0)
        for item in items
    ]
    yield from _framed(book, records, moment, source, targets, PLAIN_NOTE if seed is None else NOTE)
    scene = StoryContext(moment, source, targets[0], max(200, len(items)), book=book)
    for item in numbered(dated):
        yield _lived(item, scene, seed) if seed is not None and is_bare(item) else item


def _framed(
    book: Book, records: list[Record], now: int, source: str, targets: tuple[str, ...], note: str
) -> Iterator[Record]:
    """What stands before the items; records that the file brings replace ours of the same name."""
    given = [record for record in records if record.get("record", "item") not in ("item", "world")]
    names = {(record["record"], record.get("login") or record.get("name")) for record in given}
    yield next(surroundings(book, now, source, targets, note))
    for record in chain(accounts(book, source, targets), repository_records(book, source, targets)):
        if (record["record"], record.get("login") or record.get("name")) not in names:
            yield record
    yield from given


def _clock(records: Sequence[Record]) -> int:
    """Where the file's own header says that the clock stands; 0 if it does not."""
    said = next(
        (
            record["clock"]
            for record in records
            if record.get("record") == "world" and record.get("clock")
        ),
        None,
    )
    return parse(said) if said else 0


def _newest(book: Book, items: Sequence[Record]) -> int:
    """The newest time of any item or comment; the book's own if the file holds none."""
    times = [parse(item["created_at"]) for item in items if item.get("created_at")]
    times += [
        parse(said["created_at"])
        for item in items
        for said in item.get("comments", ())
        if said.get("created_at")
    ]
    return max(times, default=seconds(book.words.world.now))


def _dated(item: Record, now: int, seed: int) -> Record:
    if item.get("created_at"):
        return item
    age = Rng(seed, *_key(item), "date").between(DAY, _UNDATED_YEARS * 365 * DAY)
    return item | {"created_at": iso(now - int(age))}


def _key(item: Record) -> tuple[str, str, int]:
    """What names a text's chance: nothing but the text and its date."""
    return item["title"], item.get("created_at", ""), zlib.crc32(item.get("body", "").encode())


def numbered(items: Sequence[Record]) -> list[Record]:
    """Every item with a number, sorted by repository and number; who has none follows the
    highest one, the oldest first."""
    highest: dict[str, int] = {}
    for item in items:
        highest[item["repository"]] = max(highest.get(item["repository"], 0), item.get("number", 0))
    done = [item for item in items if "number" in item]
    for item in sorted(
        (item for item in items if "number" not in item),
        key=lambda item: (item["created_at"], *_key(item)),
    ):
        highest[item["repository"]] += 1
        done.append(item | {"number": highest[item["repository"]]})
    return sorted(done, key=lambda item: (item["repository"], item["number"]))


def is_bare(item: Record) -> bool:
    """Whether an item brings nothing but its text."""
    return not any(item.get(key) for key in _LIVED)


# ---------------------------------------------------------------- one life


def _lived(item: Record, scene: StoryContext, seed: int) -> Record:
    dice = Rng(seed, *_key(item), "life")
    created = min(parse(item["created_at"]), scene.now - 60)
    author = (
        None
        if dice.chance(_DELETED_AUTHORS)
        else account_names.somebody(scene.book, dice, scene.crowd)
    )
    draft = ItemBuilder(item["repository"], item["number"], created, author, now=scene.now)
    draft.title, draft.body = item["title"], item.get("body", "")
    draft.pull = {} if item.get("kind") == "pull_request" else None
    judged = triage(draft.title, draft.body, dice, scene.book.words)
    draft.part_labels = judged.labels
    draft.role = "moved_maintainer" if judged.moved else "maintainer"
    _opened(draft, scene.book, judged, dice)
    play(draft, _story(scene.book, scene.now - created, dice), scene, dice)
    draft.facts |= {key: item[key] for key in ("state", "milestone") if key in item}
    return draft.record() | {key: item[key] for key in ("title", "created_at")}


def _opened(draft: ItemBuilder, book: Book, judged: Triage, dice: Rng) -> None:
    """Type and version labels, and somebody to look after it, within a day."""
    if not judged.labels and dice.chance(0.5):
        return
    at = draft.created + int(dice.between(0.05, 20) * HOUR)
    triager = account_names.holder(book, "triager", at, dice)
    draft.add_label(at, triager, judged.kind)
    if dice.chance(0.12):
        draft.assign(at + 20, account_names.holder(book, "butler", at, dice), triager)
    label = wording.version_at(book, draft.created).label
    if label and dice.chance(0.4):
        draft.add_label(at + 40, triager, label)


def _story(book: Book, age: int, dice: Rng) -> Story:
    cards = [card for card in book.lives.synthetic if card.from_days * DAY <= age]
    return book.story(dice.weighted(cards, [card.weight for card in cards]).story)
