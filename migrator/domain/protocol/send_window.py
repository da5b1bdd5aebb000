"""Who gets how much mail, and when: which items of a plan may be written to now, and when the next
ones may.

Pure: the caller says what was sent since the day began (see :func:`day_of`), and by what clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

from migrator.domain.items import Frozen
from migrator.domain.planning.plan import PlanItem
from migrator.domain.rules.sending import WEEKDAYS, SendingRules, is_within, zone_of

LONGEST_SILENCE = 15
"""Days within which some time to send comes, whatever is quiet: a week, and another if a change
of clocks skips the only hour."""


MOST_DAYS = 30
"""Days with sending over which one person's notices are spread at most. Whoever comments on a
thousand items would otherwise keep them, and everybody else on them, waiting for most of a year."""


def daily_limit(notices: int, rules: SendingRules) -> int:
    """How many of so many notices of a plan one person may get a day; 0: any number."""
    most = rules.notices_per_person_per_day
    return max(most, -(-notices // MOST_DAYS)) if most else 0


class Sending(Frozen, frozen=True, kw_only=True):
    """What may be sent. ``now`` are item keys in the order given, ``held`` maps the others to the
    person who got enough today.

    ``next_at`` is when to ask again for those that may not go now; ``None`` if all may.
    """

    now: tuple[str, ...] = ()
    held: Mapping[str, str] = {}
    next_at: datetime | None = None


def is_quiet(moment: datetime, rules: SendingRules) -> bool:
    """Whether nothing is sent at that moment (timezone-aware)."""
    local = moment.astimezone(zone_of(rules.zone))
    by_day = WEEKDAYS[local.weekday()] in rules.quiet_weekdays
    return by_day or any(is_within(local.time(), stretch) for stretch in rules.quiet_hours)


def open_at(moment: datetime, rules: SendingRules) -> datetime:
    """The first moment, from this one on, at which something may be sent (UTC)."""
    if not is_quiet(moment, rules):
        return moment.astimezone(UTC)
    return next(
        each for each in _openings(moment, rules) if each > moment and not is_quiet(each, rules)
    )


def _openings(moment: datetime, rules: SendingRules) -> Iterator[datetime]:
    """Moments at which quiet may end, in their order: beginnings of days and ends of quiet hours,
    both of them where a change of clocks repeats the hour."""
    zone = zone_of(rules.zone)
    first = moment.astimezone(zone).date()
    ends = {time(), *(stretch.end for stretch in rules.quiet_hours)}
    days = (first + timedelta(days=number) for number in range(LONGEST_SILENCE + 1))
    return iter(
        sorted(
            datetime.combine(day, end, zone).replace(fold=fold).astimezone(UTC)
            for day in days
            for end in ends
            for fold in (0, 1)
        )
    )


def day_of(moment: datetime, rules: SendingRules) -> tuple[datetime, datetime]:
    """Beginning and end (UTC) of the day that this moment belongs to, as the rules' zone counts
    days."""
    zone = zone_of(rules.zone)
    today = moment.astimezone(zone).date()
    begins, ends = (
        datetime.combine(day, time(), zone) for day in (today, today + timedelta(days=1))
    )
    return begins.astimezone(UTC), ends.astimezone(UTC)


def sendable(
    items: Iterable[PlanItem],
    rules: SendingRules,
    *,
    now: datetime,
    sent_today: Mapping[str, int],
    exempt: Collection[str] = (),
    planned: Mapping[str, int] | None = None,
) -> Sending:
    """Which of these items may get their notice now.

    ``sent_today`` counts the notices that each person (login) got since the day began; ``exempt``
    are the logins of people with triage rights, who are told once, in total. ``planned`` are the
    people with the most mail of the whole plan and how much (see :func:`daily_limit`); nobody else
    gets more than the least of them. An item waits if any of its recipients got enough; those
    behind it need not wait for it.
    """
    chosen = list(items)
    if is_quiet(now, rules):
        return Sending(
            held={item.key: "" for item in chosen}, next_at=open_at(now, rules) if chosen else None
        )
    counts = Counter({login.casefold(): count for login, count in sent_today.items()})
    free = frozenset(login.casefold() for login in exempt)
    limits = {
        login.casefold(): daily_limit(count, rules) for login, count in (planned or {}).items()
    }
    others = min(limits.values(), default=rules.notices_per_person_per_day)
    going: list[str] = []
    held: dict[str, str] = {}
    for item in chosen:
        people = {login.casefold() for login in item.recipients} - free
        sated = _first_sated(people, counts, {login: limits.get(login, others) for login in people})
        if sated:
            held[item.key] = sated
        else:
            going.append(item.key)
            counts.update(people)
    next_at = open_at(day_of(now, rules)[1], rules) if held else None
    return Sending(now=tuple(going), held=held, next_at=next_at)


def _first_sated(
    people: Collection[str], counts: Mapping[str, int], limits: Mapping[str, int]
) -> str:
    """One of the people who may get no more today; empty if all may."""
    return min(
        (login for login in people if limits[login] and counts.get(login, 0) >= limits[login]),
        default="",
    )


def wave_may_begin(begun_today: int, rules: SendingRules, *, now: datetime) -> datetime:
    """When the next wave may begin: ``now`` itself, or later. ``begun_today``: waves that began
    since the day did."""
    if rules.waves_per_day and begun_today >= rules.waves_per_day:
        return open_at(day_of(now, rules)[1], rules)
    return open_at(now, rules)


def days_needed(
    items: Iterable[PlanItem], rules: SendingRules, *, exempt: Collection[str] = ()
) -> int:
    """At least so many days with sending it takes until the person with the most notices has got
    them all."""
    free = frozenset(login.casefold() for login in exempt)
    counts: Counter[str] = Counter()
    any_item = False
    for item in items:
        if item.acts:
            any_item = True
            counts.update({login.casefold() for login in item.recipients} - free)
    if not rules.notices_per_person_per_day:
        return int(any_item)
    most = max(counts.values(), default=0)
    return max(int(any_item), -(-most // daily_limit(most, rules)))
