"""What a whole plan adds up to, for pages: worked out once, in one pass, and kept, because a plan never changes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

from migrator.domain.histograms import TENTHS, Bin, Histogram
from migrator.domain.items import Frozen
from migrator.domain.mails import MailForecast, PersonMails
from migrator.domain.planning import PlanItem
from migrator.operations.mails import mail_forecast
from migrator.operations.report_data import collect
from migrator.store.plans import StoredPlan
from migrator.workflows.records import Records

FACTS, PEOPLE = "facts-2", "people-1"
"""Names of the kept facts; the number changes with their shape."""
QUICK = 3_000
"""Items of a plan that are added up while a page waits; larger ones are added up beside it."""

_at_work: set[str] = set()
_lock = threading.Lock()


class Facts(Frozen, frozen=True, kw_only=True):
    """Sums over a plan. ``graces`` holds days of grace, each with the number of items that close after them.

    ``silence`` counts items by days since the last act of a person, ``probability`` by how likely they are ours; ``days``
    is the least number of days until the person with the most notices has got them, at so many a day as the file allows.
    """

    mails: MailForecast
    silence: tuple[Bin, ...]
    reasons: tuple[tuple[str, str, int], ...]
    graces: tuple[tuple[int, int], ...] = ()
    second_requests: int = 0
    probability: tuple[Bin, ...] = ()
    days: int = 0


def facts_of(records: Records, plan: StoredPlan) -> Facts:
    """The sums of a plan, worked out now if nobody did before. Takes seconds for a hundred thousand items."""
    known = records.store.facts.get(plan.hash, FACTS, Facts)
    if known is not None:
        return known
    tally = _Tally()
    days = records.migration.file.activity.stale_after.days
    collected = collect(tally.watching(records.store.plans.items(plan.hash)), as_of=plan.header.as_of, stale_days=days)
    mails = mail_forecast(records, plan.hash)
    facts = Facts(
        mails=mails,
        silence=collected.silence,
        reasons=collected.reasons[:40],
        graces=tuple(sorted(tally.graces.items())),
        second_requests=tally.second_requests,
        probability=tally.probability.bins(),
        days=_days(records, mails),
    )
    records.store.facts.keep(plan.hash, PEOPLE, tally.people())
    records.store.facts.keep(plan.hash, FACTS, facts)
    return facts


def _days(records: Records, mails: MailForecast) -> int:
    limit = records.migration.file.sending.notices_per_person_per_day
    most = max((person.notices for person in mails.busiest), default=0)
    return max(int(bool(mails.notices)), -(-most // limit)) if limit else int(bool(mails.notices))


def facts_so_far(records: Records, plan: StoredPlan) -> Facts | None:
    """The sums of a plan without a long wait: ``None`` while they are being worked out beside the request."""
    known = records.store.facts.get(plan.hash, FACTS, Facts)
    if known is not None or plan.totals.items <= QUICK:
        return known or facts_of(records, plan)
    with _lock:
        if plan.hash in _at_work:
            return None
        _at_work.add(plan.hash)
    threading.Thread(target=_work_out, args=(records, plan), name="plan facts", daemon=True).start()
    return None


def _work_out(records: Records, plan: StoredPlan) -> None:
    try:
        facts_of(records, plan)
    finally:
        with _lock:
            _at_work.discard(plan.hash)


def people_of(records: Records, plan: StoredPlan) -> tuple[PersonMails, ...] | None:
    """Everybody whom the plan mails because they take part, the most mailed first; ``None`` while that is worked out."""
    if facts_so_far(records, plan) is None:
        return None
    return records.store.facts.get(plan.hash, PEOPLE, tuple[PersonMails, ...])


class _Tally:
    """Counts what only a page needs, while the items go by."""

    def __init__(self) -> None:
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
        for login in item.recipients:
            self._notices[login] += 1
            self._closes[login] += item.closes

    def people(self) -> tuple[PersonMails, ...]:
        everybody = [PersonMails(login=who, notices=count, closes=self._closes[who]) for who, count in self._notices.items()]
        return tuple(sorted(everybody, key=lambda person: (-person.mails, person.login.casefold())))
