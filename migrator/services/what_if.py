"""``what-if``: what other rules would change, answered from the database alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import asdict, replace

from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.items import Frozen, State
from migrator.domain.planning.forecast import Forecast
from migrator.domain.planning.what_if import (
    DecisionChange,
    WhatIfItem,
    needs_classifying,
    needs_reading,
)
from migrator.domain.planning.what_if import what_if as compare
from migrator.domain.protocol.history import Histories
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.settings_override import with_settings
from migrator.domain.stats import Bin
from migrator.errors import UsageError
from migrator.execution.migration_state import MigrationState
from migrator.execution.own_account import bot_identity


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


def what_if(
    records: MigrationState, settings: Sequence[str], *, told_too: bool = False
) -> WhatIfAnswer:
    """Decide every judged item under the present rules and under the changed ones, at the time
    when it was judged.

    ``told_too`` takes in items with a notice of ours, as if nothing had been done yet.
    Raises ``ConfigError`` for a setting that is none, :class:`UsageError` if nothing was classified
    under the present rules.
    """
    file = records.migration.file
    changed = with_settings(file, settings)
    as_of = records.store.verdicts.as_of(rules_digest=records.migration.digest)
    if as_of is None:
        raise UsageError(
            "no item has been classified under these rules",
            cure="run `migrator scan` and `migrator classify`",
        )
    histories = records.store.ledger.histories()
    answers = records.store.verdicts.answers()
    known = list(_stored(records, answers))
    reading, classifying = needs_reading(file, changed), needs_classifying(file, changed)
    items = (
        _read_again(records, known, changed, reading, classifying)
        if reading or classifying
        else known
    )
    fresh = [item for item in items if told_too or not _is_told(histories, item)]
    result = compare(fresh, file, changed, now=as_of)
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


def _is_told(histories: Histories, item: WhatIfItem) -> bool:
    """Whether a notice of ours stands on the item."""
    history = histories.of("", item.facts.subject.key)
    standing = history.standing
    return standing is not None and not history.is_reverted(standing)


def _stored(records: MigrationState, answers: dict[str, ReviewAnswer]) -> Iterator[WhatIfItem]:
    for one in records.store.verdicts.stored(rules_digest=records.migration.digest):
        yield WhatIfItem(
            facts=one.facts, ownership=one.ownership, answer=answers.get(one.facts.subject.key)
        )


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
    for item in records.store.snapshots.stream(state=State.OPEN):
        before = by_place.get((item.repository, item.number))
        if before is not None:
            facts = judge.facts(item) if reading else None
            whose = judge.ownership(item) if classifying else None
            found.append(replace(before, changed_facts=facts, changed_ownership=whose))
    return found
