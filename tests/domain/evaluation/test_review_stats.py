"""What maintainers' answers teach, and the gate that they open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.calibration import LEAST_ANSWERS
from migrator.domain.evaluation.review_stats import (
    Reviewed,
    alive_at,
    answers_needed,
    error_rate,
    gate,
)
from migrator.domain.evidence import Activity, Ownership
from migrator.domain.rules import ReviewRules
from tests.support.threads import after
from tests.support.threads import alive as alive_verdict

OURS, NOT_OURS, UNSURE = Ownership.OURS, Ownership.NOT_OURS, Ownership.UNSURE


def reviewed(right: int, wrong: int = 0, asked: int = 0) -> list[Reviewed]:
    """That many answers: agreeing, disagreeing, and on items where we had asked."""
    agreed = [Reviewed(key=f"a/b#{n}", judged=OURS, answered=OURS) for n in range(right)]
    disagreed = [Reviewed(key=f"a/c#{n}", judged=NOT_OURS, answered=OURS) for n in range(wrong)]
    return [
        *agreed,
        *disagreed,
        *(Reviewed(key=f"a/d#{n}", judged=UNSURE, answered=OURS) for n in range(asked)),
    ]


def test_only_automatic_verdicts_can_be_wrong() -> None:
    """Having asked is no error, and no proof of being right."""
    found = error_rate(reviewed(8, 2, asked=5))
    assert (found.checked, found.wrong, found.asked, found.interval.share) == (10, 2, 5, 0.2)
    assert found.wrong_keys == ("a/c#0", "a/c#1")


def test_an_unsure_answer_is_no_answer() -> None:
    """It counts nowhere."""
    found = error_rate([Reviewed(key="a/b#1", judged=OURS, answered=UNSURE)])
    assert (found.checked, found.wrong, found.asked) == (0, 0, 0)


def test_an_item_that_was_chosen_says_nothing_of_the_error_rate() -> None:
    """What is asked about because it is uncertain is wrong more often than what is not."""
    wrong = Reviewed(key="a/b#1", judged=OURS, answered=NOT_OURS, chosen=True)
    found = error_rate([wrong, *reviewed(3)])
    assert (found.checked, found.wrong, found.asked, found.wrong_keys) == (3, 0, 1, ())


ACTIVE, STALE = Activity.ACTIVE, Activity.STALE


@pytest.mark.parametrize(
    ("alive", "said", "counts"),
    [(STALE, ACTIVE, (1, 1)), (STALE, STALE, (1, 0)), (STALE, None, (0, 0)), (None, STALE, (0, 0))],
)
def test_a_thread_called_stale_that_a_person_calls_alive_is_an_error(
    alive: Activity | None, said: Activity | None, counts: tuple[int, int]
) -> None:
    """It would have been closed. What nobody answered, or nobody could know, is none."""
    found = error_rate([Reviewed(key="a/b#1", judged=OURS, alive=alive, said_alive=said)])
    assert (found.checked, found.wrong) == counts


def test_an_item_counts_once_however_much_of_it_was_answered() -> None:
    """Right about the owner and wrong about the age is one wrong verdict."""
    found = error_rate(
        [Reviewed(key="a/b#1", judged=OURS, answered=OURS, alive=STALE, said_alive=ACTIVE)]
    )
    assert (found.checked, found.wrong) == (1, 1)


@pytest.mark.parametrize("judged", [NOT_OURS, UNSURE])
def test_whether_an_item_is_alive_matters_only_if_it_is_ours(judged: Ownership) -> None:
    """Nothing would be done to it."""
    found = error_rate([Reviewed(key="a/b#1", judged=judged, alive=STALE, said_alive=ACTIVE)])
    assert (found.checked, found.wrong) == (0, 0)


@pytest.mark.parametrize(("seconds", "expected"), [(-1, ACTIVE), (0, STALE), (1, STALE)])
def test_a_verdict_is_measured_as_of_the_answer(seconds: int, expected: Activity) -> None:
    """What became stale since the answer was alive for whoever gave it."""
    verdict = alive_verdict(clock=after(10), stale_at=after(190))
    assert alive_at(verdict, after(190, seconds)) is expected


def test_what_a_person_did_after_the_answer_is_held_against_nobody() -> None:
    """Neither we nor the maintainer could know."""
    verdict = alive_verdict(clock=after(10), stale_at=after(190))
    assert alive_at(verdict, after(10, -1)) is None
    assert alive_at(alive_verdict(clock=after(10), stale_at=None), after(999)) is ACTIVE, (
        "protected"
    )


def test_without_a_demand_the_gate_is_open() -> None:
    """The default."""
    assert gate(error_rate([]), ReviewRules()).open


@pytest.mark.parametrize(("checked", "is_open"), [(99, False), (100, True), (101, True)])
def test_the_gate_wants_its_number_of_checked_verdicts(checked: int, is_open: bool) -> None:
    """Answers on items that we had asked about do not help."""
    rules = ReviewRules(needs_reviewed=100)
    found = gate(error_rate(reviewed(checked, asked=50)), rules)
    assert found.open is is_open
    assert is_open or "99 of 100" in found.reason


def test_the_gate_looks_at_the_worst_that_the_sample_allows() -> None:
    """One wrong of a hundred may be 5.4 % in truth."""
    rules = ReviewRules(needs_reviewed=100, max_error_rate=0.05)
    assert gate(error_rate(reviewed(100)), rules).open
    refused = gate(error_rate(reviewed(99, 1)), rules)
    assert not refused.open
    assert (
        refused.reason
        == "1 of 100 checked verdicts were wrong (at most 5.4%); the migration file allows 5.0%."
    )


def test_a_bound_that_is_exactly_met_is_met() -> None:
    """At most means at most."""
    measured = error_rate(reviewed(99, 1))
    rules = ReviewRules(needs_reviewed=1, max_error_rate=measured.interval.high)
    assert gate(measured, rules).open


@pytest.mark.parametrize(
    ("right", "wrong", "rules", "more", "reason"),
    [
        (0, 0, {}, 73, "Check 73 more automatic verdicts to know with 95% confidence that at most "
         "5.0% are wrong, if none is wrong."),
        (72, 0, {}, 1, "Check 1 more automatic verdict to know with 95% confidence that at most "
         "5.0% are wrong, if none is wrong."),
        (99, 1, {}, 15, "Check 15 more automatic verdicts to know with 95% confidence that at most "
         "5.0% are wrong, if 1.0% of them are wrong, as so far."),
        (73, 0, {}, 0, "Enough automatic verdicts were checked: with 95% confidence at most 5.0% "
         "are wrong."),
        (80, 0, {"needs_reviewed": 100}, 20, "Check 20 more automatic verdicts: the migration file "
         "demands 100."),
        (20, 0, {"max_error_rate": 0.2}, 5, "Check 5 more automatic verdicts: below 25 the "
         "precision is that of the migration file."),
        (9, 1, {}, None, "If 10.0% of the automatic verdicts are wrong, as so far, no number of "
         "answers can show that at most 5.0% are: change the rules, and classify again."),
    ],
)  # fmt: skip
def test_how_many_answers_are_needed_is_said_in_one_sentence(
    right: int, wrong: int, rules: dict[str, float], more: int | None, reason: str
) -> None:
    """Assuming that as many are wrong as so far."""
    found = answers_needed(error_rate(reviewed(right, wrong)), ReviewRules.model_validate(rules))
    assert (found.more, found.reason) == (more, reason)


@given(st.integers(0, 400), st.integers(0, 40), st.integers(0, 300), st.floats(0, 1))
def test_nothing_more_is_needed_exactly_where_the_gate_is_open(
    right: int, wrong: int, needs: int, most: float
) -> None:
    """From the number of answers on from which a precision is measured at all."""
    rules = ReviewRules(needs_reviewed=max(needs, LEAST_ANSWERS), max_error_rate=most)
    measured = error_rate(reviewed(right, wrong))
    assert (answers_needed(measured, rules).more == 0) is gate(measured, rules).open
