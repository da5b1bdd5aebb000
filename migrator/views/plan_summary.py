"""What a whole plan adds up to, for pages: worked out once, in one pass, and kept, because a
plan never changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.planning.mail_forecast import MailForecast, PersonMails
from migrator.domain.planning.plan import PlanItem
from migrator.domain.stats import TENTHS, Bin, Histogram
from migrator.execution.migration_state import MigrationState
from migrator.execution.own_account import own_account
from migrator.services.mail_forecast import mail_forecast
from migrator.store.plan_items import PlanItemFilter
from migrator.store.plans import StoredPlan
from migrator.views.report_data import collect
from migrator.views.transfers import transfer_preflights

FACTS, PEOPLE, MAILED = "facts-3", "people-2", "mailed-1"
"""Names of the kept facts; the number changes with their shape."""
QUICK = 3_000
"""Items of a plan that are added up while a page waits; larger ones are added up beside it."""

_at_work: set[str] = set()
_lock = threading.Lock()


class PlanSummary(Frozen, frozen=True, kw_only=True):
    """Sums over a plan. ``graces`` holds days of grace, each with the number of items that close
    after them.

    ``silence`` counts items by days since the last human activity, ``probability`` by how likely
    they are ours; ``days`` is the least number of days until the person with the most notices has
    got them, at so many a day as the file allows.
    """

    mails: MailForecast
    silence: tuple[Bin, ...]
    reasons: tuple[tuple[str, str, int], ...]
    graces: tuple[tuple[int, int], ...] = ()
    second_requests: int = 0
    probability: tuple[Bin, ...] = ()
    days: int = 0


def summary_of(records: MigrationState, plan: StoredPlan) -> PlanSummary:
    """The sums of a plan, worked out now if no one did before. Takes seconds for a hundred
    thousand items."""
    known = records.store.facts.get(plan.hash, FACTS, PlanSummary)
    if known is not None:
        return known
    tally = _SummaryTally(own_account(records).login)
    days = records.migration.file.activity.stale_after.days
    collected = collect(
        tally.watching(records.store.plans.items(plan.hash)),
        as_of=plan.header.as_of,
        stale_days=days,
    )
    mails = mail_forecast(records, plan.hash)
    facts = PlanSummary(
        mails=mails,
        silence=collected.silence,
        reasons=collected.reasons[:40],
        graces=tuple(sorted(tally.graces.items())),
        second_requests=tally.second_requests,
        probability=tally.probability.bins(),
        days=_days(records, mails),
    )
    records.store.facts.keep(plan.hash, PEOPLE, tally.people())
    records.store.facts.keep(plan.hash, MAILED, tally.mailed)
    records.store.facts.keep(plan.hash, FACTS, facts)
    return facts


def _days(records: MigrationState, mails: MailForecast) -> int:
    limit = records.migration.file.sending.notices_per_person_per_day
    most = max((person.notices for person in mails.busiest), default=0)
    return max(int(bool(mails.notices)), -(-most // limit)) if limit else int(bool(mails.notices))


def summary_so_far(records: MigrationState, plan: StoredPlan) -> PlanSummary | None:
    """The sums of a plan without a long wait: ``None`` while they are being worked out beside
    the request."""
    known = records.store.facts.get(plan.hash, FACTS, PlanSummary)
    if known is not None or plan.totals.items <= QUICK:
        return known or summary_of(records, plan)
    with _lock:
        if plan.hash in _at_work:
            return None
        _at_work.add(plan.hash)
    threading.Thread(target=_work_out, args=(records, plan), name="plan facts", daemon=True).start()
    return None


def _work_out(records: MigrationState, plan: StoredPlan) -> None:
    try:
        summary_of(records, plan)
        transfer_preflights(records, plan)
    finally:
        with _lock:
            _at_work.discard(plan.hash)


def people_of(records: MigrationState, plan: StoredPlan) -> tuple[PersonMails, ...] | None:
    """Everybody whom the plan mails because they take part, the most mailed first; ``None``
    while that is worked out."""
    if summary_so_far(records, plan) is None:
        return None
    return records.store.facts.get(plan.hash, PEOPLE, tuple[PersonMails, ...])


def mailed_items(records: MigrationState, plan: StoredPlan, login: str) -> tuple[ItemRef, ...]:
    """The items of a plan by which a person is mailed; none while that is worked out."""
    if summary_so_far(records, plan) is None:
        return ()
    mailed = records.store.facts.get(plan.hash, MAILED, dict[str, list[str]]) or {}
    return tuple(ItemRef.parse(key) for key in mailed.get(login.casefold(), ()))


class _SummaryTally:
    """Counts what only a page needs, while the items go by."""

    def __init__(self, own_login: str) -> None:
        self.mailed: dict[str, list[str]] = {}
        self._own = own_login.casefold()
        self.graces: Counter[int] = Counter()
        self.second_requests = 0
        self.probability = Histogram(TENTHS)
        self._notices: Counter[str] = Counter()
        self._closes: Counter[str] = Counter()

    def watching(self, items: Iterator[PlanItem]) -> Iterator[PlanItem]:
        for item in items:
            self.probability.add(item.probability, item.decision.value)
            if item.acts:
                self._add(item)
            yield item

    def _add(self, item: PlanItem) -> None:
        self.second_requests += item.writes - 1
        if item.closes:
            self.graces[item.grace_days] += 1
        for login in {name for name in item.recipients if name.casefold() not in ("", self._own)}:
            if not item.edits or item.closes:
                self.mailed.setdefault(login.casefold(), []).append(item.key)
            self._notices[login] += not item.edits
            self._closes[login] += item.closes

    def people(self) -> tuple[PersonMails, ...]:
        everybody = [
            PersonMails(login=who, notices=count, closes=self._closes[who])
            for who, count in self._notices.items()
        ]
        return tuple(sorted(everybody, key=lambda person: (-person.mails, person.login.casefold())))


SHAPE: Final = "shape-3"
"""Name of the kept fact; the number changes with its form."""
SHOWN: Final = ("retire", "ask", "redirect", "transfer", "port", "clear")
"""Decisions of which a sample is shown, the one with the most to explain first."""
TRIED: Final = 10
"""Items looked at for a sample of one decision: some have their notice already."""


class WaveView(Frozen, frozen=True, kw_only=True):
    """One wave of a plan: how many items of each decision, and how many of them close."""

    number: int
    items: int
    closes: int
    decisions: dict[str, int]


class PlanShape(Frozen, frozen=True, kw_only=True):
    """``waves`` in their order, the canary first; ``reasons`` as ``(decision, code, items)``;
    ``labels`` and deciding ``signals`` with their items; ``samples`` are up to three items of each
    decision that writes, with their texts.
    """

    waves: tuple[WaveView, ...]
    reasons: tuple[tuple[str, str, int], ...]
    labels: tuple[tuple[str, int], ...]
    signals: tuple[tuple[str, int], ...] = ()
    samples: tuple[PlanItem, ...] = ()


def shape_of(records: MigrationState, plan: StoredPlan) -> PlanShape:
    """The shape of a plan. Labels are those that its items carried when someone first looked."""
    known = records.store.facts.get(plan.hash, SHAPE, PlanShape)
    if known is not None:
        return known
    lists = records.store.lists
    shape = PlanShape(
        waves=_waves(records, plan),
        reasons=tuple(lists.reasons(plan.hash)),
        labels=tuple(lists.labels()),
        signals=tuple(lists.signals(plan.hash)),
        samples=tuple(_samples(records, plan)),
    )
    records.store.facts.keep(plan.hash, SHAPE, shape)
    return shape


def _samples(records: MigrationState, plan: StoredPlan) -> Iterator[PlanItem]:
    """Three acting items of each decision, from the begin, the middle and the end of the list:
    what people will read, by example."""
    for decision in SHOWN:
        count = plan.totals.decisions.get(decision, 0)
        wanted, shown = PlanItemFilter(decision=decision), set[str]()
        for offset in (0, count // 2, max(0, count - TRIED)) if count else ():
            lines = records.store.lists.page(plan.hash, wanted, limit=TRIED, offset=offset)
            found = (
                records.store.plans.item(plan.hash, line.repository, line.number)
                for line in lines
                if line.key not in shown
            )
            for item in islice((each for each in found if each is not None and each.acts), 1):
                shown.add(item.key)
                yield item


def _waves(records: MigrationState, plan: StoredPlan) -> tuple[WaveView, ...]:
    waves: dict[int, WaveView] = {}
    for number, decision, items, closes in records.store.lists.waves(plan.hash):
        before = waves.get(number) or WaveView(number=number, items=0, closes=0, decisions={})
        waves[number] = WaveView(
            number=number,
            items=before.items + items,
            closes=before.closes + closes,
            decisions={**before.decisions, decision: items},
        )
    return tuple(waves.values())
