"""Nobody is flooded, and nobody is woken."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import ValidationError

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.send_window import (
    MOST_DAYS,
    Sending,
    day_of,
    days_needed,
    is_quiet,
    open_at,
    sendable,
    wave_may_begin,
)
from migrator.domain.rules.sending import WEEKDAYS, QuietHours, SendingRules

MONDAY = datetime(2022, 3, 7, 12, tzinfo=UTC)
NIGHT = {"start": "22:00", "end": "07:00"}
BERLIN = {
    "zone": "Europe/Berlin",
    "quiet_hours": (NIGHT,),
    "quiet_weekdays": ("saturday", "sunday"),
}


def rules(**fields: Any) -> SendingRules:
    """Rules with some keys set."""
    return SendingRules.model_validate(fields)


def item(number: int, *recipients: str) -> PlanItem:
    """An item whose notice mails these people."""
    return PlanItem(
        key=f"a/b#{number}",
        repository="a/b",
        number=number,
        decision=Decision.REDIRECT,
        text="t",
        recipients=recipients,
    )


def test_without_rules_everything_goes_at_once() -> None:
    """No quiet time, and fewer notices than anybody's limit."""
    found = sendable([item(1, "ada"), item(2)], rules(), now=MONDAY, sent_today={})
    assert found.now == ("a/b#1", "a/b#2")
    assert found.held == {}
    assert found.next_at is None


def test_a_person_gets_no_more_than_the_limit_in_a_day() -> None:
    """The rest waits for tomorrow; items of others go on."""
    items = [item(1, "ada"), item(2, "Ada", "bob"), item(3, "ADA"), item(4, "bob")]
    found = sendable(items, rules(notices_per_person_per_day=2), now=MONDAY, sent_today={})
    assert found.now == ("a/b#1", "a/b#2", "a/b#4")
    assert found.held == {"a/b#3": "ada"}
    assert found.next_at == datetime(2022, 3, 8, tzinfo=UTC)


def test_what_was_sent_earlier_today_counts() -> None:
    """Whatever the spelling of the login."""
    found = sendable(
        [item(1, "ada")], rules(notices_per_person_per_day=2), now=MONDAY, sent_today={"ADA": 2}
    )
    assert found.held == {"a/b#1": "ada"}


def test_people_with_triage_rights_hold_nothing_up() -> None:
    """They are told once, in total."""
    items = [item(number, "mia") for number in range(9)]
    assert (
        len(
            sendable(
                items,
                rules(notices_per_person_per_day=1),
                now=MONDAY,
                sent_today={},
                exempt=["Mia"],
            ).now
        )
        == 9
    )


def test_no_limit_means_no_limit() -> None:
    """0 switches it off."""
    items = [item(number, "ada") for number in range(50)]
    assert (
        len(
            sendable(
                items, rules(notices_per_person_per_day=0), now=MONDAY, sent_today={"ada": 99}
            ).now
        )
        == 50
    )


def test_nothing_goes_in_quiet_hours_and_the_morning_is_named() -> None:
    """In the rules' own zone: 22:30 in Berlin is 21:30 UTC in winter."""
    late = datetime(2022, 3, 7, 21, 30, tzinfo=UTC)
    found = sendable([item(1, "ada")], rules(**BERLIN), now=late, sent_today={})
    assert found.now == ()
    assert found.next_at == datetime(2022, 3, 8, 6, tzinfo=UTC)


def test_a_friday_night_waits_for_monday_morning() -> None:
    """Quiet days and quiet hours add up."""
    friday = datetime(2022, 3, 11, 22, tzinfo=UTC)
    assert open_at(friday, rules(**BERLIN)) == datetime(2022, 3, 14, 6, tzinfo=UTC)


def test_what_waits_for_tomorrow_waits_for_its_morning() -> None:
    """A new day that begins in quiet hours does not wake anybody."""
    found = sendable([item(1, "ada")], rules(**BERLIN), now=MONDAY, sent_today={"ada": 5})
    assert found.next_at == datetime(2022, 3, 8, 6, tzinfo=UTC)


def test_days_follow_the_zone_and_its_changes_of_clocks() -> None:
    """The last Sunday of March has 23 hours in Berlin."""
    begins, ends = day_of(datetime(2022, 3, 27, 12, tzinfo=UTC), rules(zone="Europe/Berlin"))
    assert begins == datetime(2022, 3, 26, 23, tzinfo=UTC)
    assert ends - begins == timedelta(hours=23)


def test_waves_keep_to_their_number_a_day() -> None:
    """The next one may begin tomorrow."""
    limited = rules(waves_per_day=2)
    assert wave_may_begin(1, limited, now=MONDAY) == MONDAY
    assert wave_may_begin(2, limited, now=MONDAY) == datetime(2022, 3, 8, tzinfo=UTC)
    assert wave_may_begin(9, rules(), now=MONDAY) == MONDAY


def test_the_busiest_person_sets_the_number_of_days() -> None:
    """Eleven notices at five a day take three days; triagers do not count."""
    items = [item(number, "ada", "mia") for number in range(11)]
    assert days_needed(items, rules(), exempt=["mia"]) == 3
    assert days_needed(items, rules(notices_per_person_per_day=0)) == 1
    assert days_needed([], rules()) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"quiet_weekdays": WEEKDAYS},
        {"quiet_hours": ({"start": "08:00", "end": "08:00"},)},
        {"quiet_hours": ({"start": "00:00", "end": "13:00"}, {"start": "12:00", "end": "00:00"})},
        {"zone": "Berlin"},
        {"quiet_hours": ({"start": "25:00", "end": "07:00"},)},
        {"quiet_hours": ({"start": "22:00+01:00", "end": "07:00"},)},
    ],
    ids=["every day", "whole day", "two halves", "no zone", "no time", "time with zone"],
)
def test_rules_that_cannot_work_are_refused(fields: dict[str, Any]) -> None:
    """A migration that never sends anything would wait for ever."""
    with pytest.raises(ValidationError):
        rules(**fields)


times = st.times().map(lambda value: value.replace(second=0, microsecond=0, fold=0))


@st.composite
def any_rules(draw: st.DrawFn) -> SendingRules:
    """Rules of any kind that leave some time to send."""
    stretches = [
        QuietHours(start=draw(times), end=draw(times)) for _ in range(draw(st.integers(0, 2)))
    ]
    fields: dict[str, Any] = {
        "zone": draw(
            st.sampled_from(
                ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe")
            )
        ),
        "quiet_hours": tuple(stretches),
        "quiet_weekdays": tuple(draw(st.sets(st.sampled_from(WEEKDAYS), max_size=6))),
        "notices_per_person_per_day": draw(st.integers(0, 3)),
    }
    try:
        return SendingRules(**fields)
    except ValidationError:
        return SendingRules(zone=fields["zone"])


@given(found=any_rules(), minutes=st.integers(0, 730 * 24 * 60))
@settings(deadline=None)
def test_the_next_opening_is_the_very_next_one(found: SendingRules, minutes: int) -> None:
    """It is open then, and no quarter of an hour before it was."""
    moment = datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opening = open_at(moment, found)
    assert opening >= moment
    assert not is_quiet(opening, found)
    step = moment
    while step < opening:
        assert is_quiet(step, found)
        step += timedelta(minutes=15)


@given(
    people=st.lists(st.lists(st.sampled_from("abcdef"), max_size=3), max_size=30),
    sent=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 4)),
    limit=st.integers(1, 3),
)
def test_nobody_ever_gets_more_than_the_limit(
    people: list[list[str]], sent: dict[str, int], limit: int
) -> None:
    """And everybody who may get something does; each item is either sent or held."""
    items = [item(number, *names) for number, names in enumerate(people)]
    found = sendable(items, rules(notices_per_person_per_day=limit), now=MONDAY, sent_today=sent)
    assert set(found.now) | set(found.held) == {each.key for each in items}
    assert not set(found.now) & set(found.held)
    got = Counter(sent)
    for each in items:
        if each.key in found.now:
            got.update(set(each.recipients))
    assert all(count <= max(limit, sent.get(name, 0)) for name, count in got.items())
    for each in items:
        if each.key in found.held:
            assert any(got[name] >= limit for name in each.recipients)


def test_times_are_written_as_people_do() -> None:
    """The file's own form comes out again."""
    assert rules(quiet_hours=(NIGHT,)).model_dump(mode="json")["quiet_hours"] == [NIGHT]
    assert rules(quiet_hours=(NIGHT,)).quiet_hours[0].start == time(22)


def test_what_is_sent_in_quiet_hours_waits_for_their_end() -> None:
    """All of it, held by nobody in particular; where there is nothing to send, nothing is waited
    for."""
    night = datetime(2022, 3, 7, 22, 30, tzinfo=UTC)
    quiet = rules(zone="UTC", quiet_hours=(NIGHT,))
    found = sendable([item(1, "ada"), item(2)], quiet, now=night, sent_today={})
    assert found == Sending(
        now=(), held={"a/b#1": "", "a/b#2": ""}, next_at=datetime(2022, 3, 8, 7, tzinfo=UTC)
    )
    assert sendable([], quiet, now=night, sent_today={}) == Sending()


def test_who_got_enough_is_named_in_the_order_of_their_logins() -> None:
    """So that a second look says the same."""
    found = sendable(
        [item(1, "zoe", "Ada", "bob")],
        rules(notices_per_person_per_day=1),
        now=MONDAY,
        sent_today={"zoe": 1, "ADA": 3},
    )
    assert found.held == {"a/b#1": "ada"}
    assert found.now == ()


def test_an_item_that_is_held_uses_up_nobodys_share() -> None:
    """Bob may get the next one."""
    items = [item(1, "ada", "bob"), item(2, "bob")]
    found = sendable(items, rules(notices_per_person_per_day=1), now=MONDAY, sent_today={"ada": 1})
    assert (found.now, found.held) == (("a/b#2",), {"a/b#1": "ada"})


def test_nobody_holds_a_plan_for_longer_than_thirty_days() -> None:
    """One account commented on a thousand items: 34 of them go out on each day, and the forecast
    says so. The others keep their limit, except where as many take part as much."""
    items = [item(number, "everywhere") for number in range(1000)] + [item(2000, "ada")]
    five = rules(notices_per_person_per_day=5)
    planned = {"Everywhere": 1000, "ada": 1}
    found = sendable(items, five, now=MONDAY, sent_today={"ada": 4}, planned=planned)
    assert len(found.now) == 34 + 1
    assert days_needed(items, five) == MOST_DAYS
    assert sendable(items[-1:], five, now=MONDAY, sent_today={"ada": 5}, planned=planned).now == ()
    more = sendable(items[-1:], five, now=MONDAY, sent_today={"ada": 5}, planned={"b": 900})
    assert more.now == ("a/b#2000",)


def test_without_a_limit_nobody_ever_gets_enough() -> None:
    """Zero switches it off."""
    found = sendable(
        [item(1, "ada")], rules(notices_per_person_per_day=0), now=MONDAY, sent_today={"ada": 999}
    )
    assert found == Sending(now=("a/b#1",))


def test_what_is_held_for_tomorrow_waits_for_tomorrows_first_open_hour() -> None:
    """By the rules' zone."""
    found = sendable(
        [item(1, "ada")],
        rules(**BERLIN, notices_per_person_per_day=1),
        now=MONDAY,
        sent_today={"ada": 1},
    )
    assert found.next_at == datetime(2022, 3, 8, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begun", "per_day", "now", "expected"),
    [
        (0, 1, MONDAY, MONDAY),
        (1, 1, MONDAY, datetime(2022, 3, 8, 6, tzinfo=UTC)),
        (1, 2, MONDAY, MONDAY),
        (9, 0, MONDAY, MONDAY),
        (0, 1, MONDAY.replace(hour=22), datetime(2022, 3, 8, 6, tzinfo=UTC)),
    ],
)
def test_a_wave_begins_now_or_when_the_next_one_may(
    begun: int, per_day: int, now: datetime, expected: datetime
) -> None:
    """As many a day as the file says, in hours that are not quiet."""
    assert wave_may_begin(begun, rules(**BERLIN, waves_per_day=per_day), now=now) == expected


@pytest.mark.parametrize(
    ("recipients", "per_day", "days"),
    [
        ([], 2, 0),
        ([()], 2, 1),
        ([("ada",)] * 2, 2, 1),
        ([("ada",), ("ADA",), ("Ada", "bob")], 2, 2),
        ([("ada",)] * 5, 2, 3),
        ([("ada",)] * 5, 0, 1),
        ([("tri",)] * 5, 2, 1),
        ([], 0, 0),
    ],
)
def test_days_are_those_of_the_person_with_the_most_notices(
    recipients: list[tuple[str, ...]], per_day: int, days: int
) -> None:
    """One where anything is sent at all; people who are told once in total are not counted."""
    items = [item(number, *people) for number, people in enumerate(recipients)]
    assert days_needed(items, rules(notices_per_person_per_day=per_day), exempt=("TRI",)) == days
    silent = [replace(each, decision=Decision.LEAVE, text="") for each in items]
    assert days_needed(silent, rules(notices_per_person_per_day=per_day)) == 0


def test_a_day_is_the_zones_day_whatever_its_length() -> None:
    """The night on which clocks change included."""
    berlin = rules(zone="Europe/Berlin")
    assert day_of(MONDAY, berlin) == (
        datetime(2022, 3, 6, 23, tzinfo=UTC),
        datetime(2022, 3, 7, 23, tzinfo=UTC),
    )
    changing = datetime(2022, 3, 27, 12, tzinfo=UTC)
    assert day_of(changing, berlin) == (
        datetime(2022, 3, 26, 23, tzinfo=UTC),
        datetime(2022, 3, 27, 22, tzinfo=UTC),
    )


def test_quiet_hours_that_end_in_a_repeated_hour_end_twice_and_not_a_day_later() -> None:
    """In Berlin 2:00 to 3:00 comes twice on that night: at 2:10 the second time it is quiet again
    until half past two, not until the next night."""
    night = rules(zone="Europe/Berlin", quiet_hours=({"start": "22:00", "end": "02:30"},))
    first, second = (datetime(2022, 10, 30, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert open_at(first - timedelta(minutes=20), night) == first
    assert open_at(second - timedelta(minutes=20), night) == second
