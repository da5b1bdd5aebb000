"""The forecast of mail: who gets how much, before anybody gets any."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.decisions import Decision
from migrator.domain.planning.mail_forecast import MailForecast, forecast_mails
from migrator.domain.planning.plan import PlanItem
from migrator.domain.rules import BudgetRules

BUDGET = BudgetRules()


def planned(
    number: int,
    *recipients: str,
    closes: bool = False,
    text: str = "A notice.",
    repository: str = "a/old",
) -> PlanItem:
    """One item of a plan."""
    return PlanItem(
        key=f"{repository}#{number}",
        repository=repository,
        number=number,
        decision=Decision.RETIRE if closes else Decision.REDIRECT,
        text=text,
        closes=closes,
        recipients=recipients,
    )


def by_login(found: MailForecast) -> dict[str, int]:
    """Mails of each person that the forecast names."""
    return {person.login: person.mails for person in found.busiest}


def test_a_notice_is_one_mail_and_a_close_another() -> None:
    """Everybody who takes part gets each of them."""
    found = forecast_mails([planned(1, "ann", "bob", closes=True), planned(2, "ann")], BUDGET)
    assert by_login(found) == {"ann": 3, "bob": 2}
    assert (found.notices, found.closes, found.people, found.mails, found.most) == (2, 1, 2, 5, 3)


def test_items_that_are_left_alone_mail_nobody() -> None:
    """Without a text nothing is written."""
    assert forecast_mails([planned(1, "ann", text="")], BUDGET) == forecast_mails([], BUDGET)


def test_watchers_are_counted_apart_from_participants() -> None:
    """Each watcher gets every notice and close of the repository; where their number is unknown
    it stays unknown."""
    items = [
        planned(1, "ann", closes=True),
        planned(2, "ann"),
        planned(1, "bob", repository="a/new"),
    ]
    found = forecast_mails(items, BUDGET, watchers={"a/old": 1000})
    new, old = found.watched
    assert (old.repository, old.mails_each, old.mails) == ("a/old", 3, 3000)
    assert (new.repository, new.mails_each, new.watchers, new.mails) == ("a/new", 1, None, 0)
    assert sum(each.mails for each in found.watched) == 3000
    assert found.mails == 4


def test_people_with_triage_rights_are_told_once_in_total() -> None:
    """They stand apart, whatever the case of their login, and do not weigh on the other people's
    measure."""
    found = forecast_mails(
        [planned(1, "ann", "Maintainer", closes=True)], BUDGET, triagers=["maintainer"]
    )
    assert by_login(found) == {"ann": 2}
    assert [(person.login, person.mails) for person in found.maintainers] == [("Maintainer", 2)]
    assert found.people == 1


def test_our_own_account_gets_no_mail_of_its_own_acts() -> None:
    """GitHub does not mail people about what they did themselves."""
    assert by_login(forecast_mails([planned(1, "ann", "Mover")], BUDGET, own_login="mover")) == {
        "ann": 1
    }


def test_a_person_named_twice_gets_one_mail() -> None:
    """An author who is assigned, too, is one recipient."""
    assert by_login(forecast_mails([planned(1, "ann", "ann", "")], BUDGET)) == {"ann": 1}


def test_the_busiest_people_come_first_and_twenty_are_named() -> None:
    """By mails, then by name, so that the same plan gives the same list."""
    items = [planned(number, *(f"p{one:02}" for one in range(number, 30))) for number in range(30)]
    found = forecast_mails(items, BUDGET)
    assert [person.login for person in found.busiest[:3]] == ["p29", "p28", "p27"]
    assert len(found.busiest) == 20
    assert found.people == 30


def test_the_hours_follow_the_budget() -> None:
    """1,000 closes are 2,000 units: at 490 an hour that is more than four hours."""
    items = [planned(number, closes=True) for number in range(1000)]
    assert 4.0 < forecast_mails(items, BUDGET).hours < 4.2
    free = BudgetRules(close_costs=0)
    assert 2.0 < forecast_mails(items, free).hours < 2.2


def test_a_label_alone_costs_a_request_but_mails_nobody() -> None:
    """GitHub sends no mail for labels."""
    plain = [planned(number, "ann") for number in range(100)]
    labelled = [msgspec.structs.replace(item, label="moved") for item in plain]
    found = forecast_mails(labelled, BUDGET)
    assert by_login(found) == {"ann": 100}
    assert found.hours > forecast_mails(plain, BUDGET).hours


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from("abcdefgh"), unique=True), st.booleans()), max_size=40
    )
)
def test_everybody_is_in_exactly_one_group(plan: list[tuple[list[str], bool]]) -> None:
    """The spread adds up to the people, and the people's mails to the sum."""
    items = [
        planned(number, *people, closes=closes) for number, (people, closes) in enumerate(plan)
    ]
    found = forecast_mails(items, BUDGET, triagers="a")
    assert sum(bucket.people for bucket in found.spread) == found.people
    assert sum(by_login(found).values()) == found.mails
    assert found.mails + sum(person.mails for person in found.maintainers) == sum(
        len(people) * (1 + closes) for people, closes in plan
    )


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_plan_needs_no_time(count: int) -> None:
    """The first write goes out at once."""
    assert forecast_mails([planned(number) for number in range(count)], BUDGET).hours == 0
