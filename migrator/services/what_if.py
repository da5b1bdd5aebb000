"""``what-if``: what other rules would change, answered from the database alone.

On the command line in the process itself; for pages in the compute pool, where a question ends when
the same person asks the next one.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

import msgspec
from msgspec.structs import asdict, replace
from pydantic import SecretStr

from migrator import bootstrap
from migrator.config.migration_file import LoadedMigration
from migrator.config.settings import Settings
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.items import Frozen, State
from migrator.domain.planning.forecast import Forecast
from migrator.domain.planning.what_if import (
    DecisionChange,
    WhatIfItem,
    decided,
    needs_classifying,
    needs_reading,
)
from migrator.domain.planning.what_if import what_if as compare
from migrator.domain.protocol.history import Histories
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.settings_override import with_settings
from migrator.domain.stats import Bin
from migrator.errors import MigratorError, UsageError
from migrator.execution.compute_pool import OVERRUN, Task, asking_pool, check
from migrator.execution.migration_state import MigrationState
from migrator.execution.own_account import bot_identity
from migrator.store.runs import RunState

CHECKED_EVERY: Final = 256
"""Items after which a question looks whether somebody still waits for its answer."""
LONGEST: Final = 60.0
"""Seconds that a question from a page may take."""
RESTS: Final = 2.0
"""Seconds for which a question rests beside a run without a pace, for each second that it works.
Its process steps back already; but two that share a core slow each other, whoever comes first. At
1.0 a run of 3 s lost up to 0.38 of its speed to ten questions (`bench/dashboard.py`)."""
MOST_KEPT: Final = 20_000
"""Judged items that the pool's process keeps for the next question; more are read each time."""


class Superseded(MigratorError):
    """The same person has asked another question, so this one was given up."""


class TookTooLong(MigratorError):
    """A question was not answered within its time."""


class WhatIfAnswer(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """What would change: the interface of ``migrator what-if --json``.

    ``items`` were decided under both files; of them ``changes`` get another decision, and
    ``changed`` names these and those that get the same decision for another reason. ``notices``,
    ``closes``, ``mails`` and ``hours`` are those under the changed file, as in ``after``.
    ``told_already`` counts items left out because a notice of ours stands there. ``read_again``
    says that the change made a second reading of all threads necessary, which takes its time.
    """

    as_of: datetime
    settings: tuple[str, ...]
    items: int
    changes: int
    notices: int
    closes: int
    mails: int
    hours: float
    before: Forecast
    after: Forecast
    changed: tuple[DecisionChange, ...]
    silence: tuple[Bin, ...] = ()
    probability: tuple[Bin, ...] = ()
    told_already: int = 0
    read_again: bool = False


class WhatIfData(NamedTuple):
    """What a question is answered from: the judged items, and when they were judged."""

    as_of: datetime
    items: list[WhatIfItem]


def read_data(records: MigrationState) -> WhatIfData:
    """Read what was stored of every judged item. Raises :class:`UsageError` if nothing was
    classified under the present rules."""
    as_of = records.store.verdicts.as_of(rules_digest=records.migration.digest)
    if as_of is None:
        raise UsageError(
            "no item has been classified under these rules",
            cure="run `migrator scan` and `migrator classify`",
        )
    answers = records.store.verdicts.answers()
    return WhatIfData(as_of, list(_unless_cancelled(_stored(records, answers, as_of))))


def what_if(
    records: MigrationState,
    settings: Sequence[str],
    *,
    told_too: bool = False,
    data: WhatIfData | None = None,
    rests: float = 0.0,
) -> WhatIfAnswer:
    """Decide every judged item under the present rules and under the changed ones, at the time
    when it was judged.

    ``told_too`` takes in items with a notice of ours, as if nothing had been done yet; ``data`` is
    what :func:`read_data` gave before; ``rests`` is how many seconds to rest for each second of
    work. Raises ``ConfigError`` for a setting that is none,
    :class:`UsageError` if nothing was classified under the present rules.
    """
    file = records.migration.file
    changed = with_settings(file, settings)
    as_of, known = data or read_data(records)
    reading, classifying = needs_reading(file, changed), needs_classifying(file, changed)
    items: Sequence[WhatIfItem] = (
        _read_again(records, known, changed, reading, classifying)
        if reading or classifying
        else known
    )
    fresh = items if told_too else _not_told(records, items)
    result = compare(_unless_cancelled(fresh, rests=rests), file, changed, now=as_of)
    return WhatIfAnswer(
        as_of=as_of,
        settings=tuple(settings),
        items=result.after.items,
        changes=sum(one.before is not one.after for one in result.changed),
        notices=result.after.notices,
        closes=result.after.closes,
        mails=result.after.mails,
        hours=result.after.hours,
        **asdict(result),
        told_already=len(items) - len(fresh),
        read_again=reading or classifying,
    )


_Each = TypeVar("_Each")


def _unless_cancelled(items: Iterable[_Each], *, rests: float = 0.0) -> Iterator[_Each]:
    """The same items, until nobody waits for the answer any more; with rests in between, so many
    seconds for each that it works."""
    began = time.monotonic()
    for place, item in enumerate(items):
        if place % CHECKED_EVERY == 0:
            check()
            if rests:
                time.sleep(rests * (time.monotonic() - began))
                began = time.monotonic()
        yield item


def _not_told(records: MigrationState, items: Sequence[WhatIfItem]) -> list[WhatIfItem]:
    """The items on which no notice of ours stands."""
    histories = records.store.histories.all()
    return [item for item in items if not _is_told(histories, item)]


def _is_told(histories: Histories, item: WhatIfItem) -> bool:
    history = histories.of("", item.facts.subject.key)
    standing = history.standing
    return standing is not None and not history.is_reverted(standing)


def _stored(
    records: MigrationState, answers: dict[str, ReviewAnswer], as_of: datetime
) -> Iterator[WhatIfItem]:
    """What was stored of each judged item, decided under the present rules."""
    for one in records.store.verdicts.stored(rules_digest=records.migration.digest):
        item = WhatIfItem(
            facts=one.facts, ownership=one.ownership, answer=answers.get(one.facts.subject.key)
        )
        yield decided(item, records.migration.file, now=as_of)


def _read_again(
    records: MigrationState,
    known: Sequence[WhatIfItem],
    changed: MigrationFile,
    reading: bool,
    classifying: bool,
) -> list[WhatIfItem]:
    """The items with what the changed file reads in their threads: other people, words or signals
    count under it.

    Only what the change touches is read anew: facts of activity if ``reading``, ownership if
    ``classifying``.
    """
    judge = Classifier(
        changed,
        bot_identity(records),
        records.store.calibrations.newest(rules_digest=records.migration.digest),
    )
    by_place = {(item.facts.subject.repository, item.facts.subject.number): item for item in known}
    found = []
    for item in _unless_cancelled(records.store.snapshots.stream(state=State.OPEN)):
        before = by_place.get((item.repository, item.number))
        if before is not None:
            facts = judge.facts(item) if reading else None
            whose = judge.ownership(item) if classifying else None
            found.append(replace(before, changed_facts=facts, changed_ownership=whose))
    return found


class _WhatIfTask(NamedTuple):
    """What the pool's process needs to know. ``stamp`` changes with the stored data; ``rests`` is
    that of :func:`what_if`."""

    database_url: str
    migration: LoadedMigration
    settings: tuple[str, ...]
    stamp: str
    rests: float


class Questions:
    """What people ask on pages: each in the compute pool, and one at a time for each person."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Task[bytes]] = {}

    def ask(
        self, records: MigrationState, settings: tuple[str, ...], stamp: str, person: str
    ) -> WhatIfAnswer:
        """The answer, with the items that were notified already. A question that the same person
        asked before ends.

        Nothing is worked out here, not even whether the settings are valid: a run in this process
        would wait for it. Raises what :func:`what_if` raises, :class:`Superseded` if the person
        asks the next one meanwhile, and :class:`TookTooLong`.
        """
        url = records.store.engine.url.render_as_string(hide_password=False)
        rests = RESTS if has_unpaced_run(records) else 0.0
        question = _WhatIfTask(url, records.migration, settings, stamp, rests)
        with self._lock:
            before = self._running.get(person)
            if before is not None:
                before.cancel()
            task = self._running[person] = asking_pool().submit(LONGEST, _answer, question)
        try:
            return msgspec.msgpack.decode(task.result(), type=WhatIfAnswer)
        except CancelledError:
            raise Superseded("another question was asked", cure="look at its answer") from None
        except OVERRUN:
            raise TookTooLong(
                "the answer took too long", cure="ask `migrator what-if` on the command line"
            ) from None
        finally:
            with self._lock:
                if self._running.get(person) is task:
                    del self._running[person]


def has_unpaced_run(records: MigrationState) -> bool:
    """Whether a run is at work as fast as it can."""
    return any(
        run.state is RunState.RUNNING and not run.options.paced and run.held_until is None
        for run in records.store.runs.unfinished()
    )


_kept: tuple[tuple[str, ...], MigrationState, WhatIfData] | None = None
"""In a process of the pool: what the last question was answered from."""


def _answer(question: _WhatIfTask) -> bytes:
    """Answer a question, in a process of the pool."""
    # tens of thousands of small records without a cycle: looking for garbage among them is a third
    # of the time
    gc.disable()
    try:
        records, data = _read(question)
        answer = what_if(records, question.settings, told_too=True, data=data, rests=question.rests)
        return msgspec.msgpack.encode(answer)
    finally:
        gc.enable()


def _read(question: _WhatIfTask) -> tuple[MigrationState, WhatIfData]:
    """The data of a question: what was kept of the one before, if nothing has changed since."""
    global _kept
    name = question.migration.file.migration.name
    key = (question.database_url, name, question.migration.digest, question.stamp)
    if _kept is not None and _kept[0] == key:
        return _kept[1], _kept[2]
    if _kept is not None:
        _kept[1].store.engine.dispose()
        _kept = None
    settings = Settings(database_url=SecretStr(question.database_url))
    records = bootstrap.open_records(
        question.migration,
        settings=settings,
        clock=bootstrap.system_clock,
        require_revision=False,
        reads_only=True,
    )
    data = read_data(records)
    if len(data.items) <= MOST_KEPT:
        _kept = (key, records, data)
    return records, data
