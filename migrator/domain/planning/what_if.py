"""What would change if the rules were others: both sets of rules, the same stored facts, the same
moment.

Nothing is read but what a scan stored. Facts are judged under either file in some ten microseconds,
so ten thousand items are answered well within two seconds. A change of the words that facts are
read with, or of what ownership rests on, needs a second reading; :func:`needs_reading` and
:func:`needs_classifying` say when.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import ActivityFacts
from migrator.domain.classification.activity.reader import reading_digest
from migrator.domain.classification.activity.verdict import judge_facts
from migrator.domain.decisions import NOT_OURS, Decided, Decision, ReviewAnswer, decide_subject
from migrator.domain.evidence import Ownership, OwnershipVerdict
from migrator.domain.items import Frozen
from migrator.domain.planning.forecast import Forecast, forecast
from migrator.domain.rules import MigrationFile, OwnershipRules
from migrator.domain.stats import AGES, TENTHS, Bin, Histogram, days_between

_BARS = {"ours_at", "not_ours_at", "close_at"}
"""Settings of ownership that only hold a known probability against other bars."""


class WhatIfItem(Frozen, frozen=True, kw_only=True):
    """One stored item. The ``changed_`` parts are given only where the changed rules need a
    second reading; ``decided`` is what :func:`decided` found before."""

    facts: ActivityFacts
    ownership: OwnershipVerdict
    answer: ReviewAnswer | None = None
    changed_facts: ActivityFacts | None = None
    changed_ownership: OwnershipVerdict | None = None
    decided: Decided | None = None


class DecisionChange(Frozen, frozen=True, kw_only=True):
    """An item whose decision, or the reason for it, would be another."""

    key: str
    before: Decision
    after: Decision
    before_code: str
    after_code: str
    message: str
    closes: bool


class WhatIf(Frozen, frozen=True, kw_only=True):
    """Both forecasts, and every item that changes, by repository and number.

    ``silence`` and ``probability`` show the items under the changed file: by days since the last
    act of a person (without those that are left alone), and by how likely they are ours.
    """

    before: Forecast
    after: Forecast
    changed: tuple[DecisionChange, ...]
    silence: tuple[Bin, ...] = ()
    probability: tuple[Bin, ...] = ()


def needs_reading(file: MigrationFile, changed: MigrationFile) -> bool:
    """Whether facts have to be read anew from the snapshots, because other people or words
    count."""
    return reading_digest(file) != reading_digest(changed)


def needs_classifying(file: MigrationFile, changed: MigrationFile) -> bool:
    """Whether ownership has to be judged anew from the snapshots; other bars alone do not ask
    for it."""
    if file.parts != changed.parts:
        return True
    return file.ownership.model_dump(exclude=_BARS) != changed.ownership.model_dump(exclude=_BARS)


def decided(item: WhatIfItem, file: MigrationFile, *, now: datetime) -> WhatIfItem:
    """The same item with its decision under ``file`` at ``now``: for many questions on the same
    items, it is worked out once."""
    found, _ = _decide(item.facts, item.ownership, item.answer, file, now)
    return replace(item, decided=found)


def what_if(
    items: Iterable[WhatIfItem], file: MigrationFile, changed: MigrationFile, *, now: datetime
) -> WhatIf:
    """Decide every item under both files at ``now`` (aware) and compare. What an item was
    :func:`decided` before must have been decided under ``file`` at ``now``.

    Raises ``ValueError`` if an item's facts were read under other rules than they are to be judged
    by.
    """
    before: list[tuple[Decided, int]] = []
    after: list[tuple[Decided, int]] = []
    changes: list[tuple[tuple[str, int], DecisionChange]] = []
    digests = reading_digest(file), reading_digest(changed)
    silence, probability = Histogram((*AGES, changed.activity.stale_after.days)), Histogram(TENTHS)
    only_activity = changed == file.model_copy(update={"activity": changed.activity})
    for item in items:
        facts = item.changed_facts or item.facts
        if (item.facts.reading, facts.reading) != digests:
            raise ValueError(f"{facts.subject.key} was read under other rules")
        old = item.decided or _decide(item.facts, item.ownership, item.answer, file, now)[0]
        whose = _under(item, changed)
        if only_activity and _is_never_ours(item, old):
            new, clock = old, now
        else:
            new, clock = _decide(facts, whose, item.answer, changed, now)
        probability.add(whose.probability, new.decision.value)
        if new.decision is not Decision.LEAVE:
            silence.add(days_between(clock, now), new.decision.value)
        before.append((old, item.facts.mailed))
        after.append((new, facts.mailed))
        if (old.decision, old.code, old.closes) != (new.decision, new.code, new.closes):
            changes.append(
                ((facts.subject.repository, facts.subject.number), _change(facts, old, new))
            )
    return WhatIf(
        before=forecast(before, file.budget),
        after=forecast(after, changed.budget),
        changed=tuple(change for _, change in sorted(changes, key=lambda each: each[0])),
        silence=silence.bins(),
        probability=probability.bins(),
    )


def _is_never_ours(item: WhatIfItem, old: Decided) -> bool:
    """Whether an item is left alone as another's, whatever the rules of activity are: these are
    most of a stream, and need not be decided again. When somebody acted does count where a
    maintainer has answered."""
    return old.code == NOT_OURS and item.answer is None and item.changed_facts is None


def with_bars(verdict: OwnershipVerdict, rules: OwnershipRules) -> OwnershipVerdict:
    """The verdict with its probability held against these bars. What contradicts itself stays
    unsure."""
    bars = (rules.not_ours_at, rules.ours_at)
    if bars == verdict.bars or verdict.contradiction:
        return verdict
    answer = Ownership.UNSURE
    if verdict.probability >= rules.ours_at:
        answer = Ownership.OURS
    elif verdict.probability <= rules.not_ours_at:
        answer = Ownership.NOT_OURS
    return replace(verdict, answer=answer, bars=bars)


def _under(item: WhatIfItem, changed: MigrationFile) -> OwnershipVerdict:
    return item.changed_ownership or with_bars(item.ownership, changed.ownership)


def _decide(
    facts: ActivityFacts,
    ownership: OwnershipVerdict,
    answer: ReviewAnswer | None,
    file: MigrationFile,
    now: datetime,
) -> tuple[Decided, datetime]:
    """The decision, and when a person last acted."""
    verdict = judge_facts(facts, file.activity, now)
    return decide_subject(
        facts.subject, ownership, verdict, file, now=now, answer=answer
    ), verdict.clock


def _change(facts: ActivityFacts, old: Decided, new: Decided) -> DecisionChange:
    return DecisionChange(
        key=facts.subject.key,
        before=old.decision,
        after=new.decision,
        before_code=old.code,
        after_code=new.code,
        message=new.message,
        closes=new.closes,
    )
