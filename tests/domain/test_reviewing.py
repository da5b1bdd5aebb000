"""What maintainers' answers teach, and the gate that they open."""

from __future__ import annotations

import pytest

from migrator.domain.evidence import Ownership
from migrator.domain.reviewing import Reviewed, error_rate, gate
from migrator.domain.rules import ReviewRules

OURS, NOT_OURS, UNSURE = Ownership.OURS, Ownership.NOT_OURS, Ownership.UNSURE


def reviewed(right: int, wrong: int = 0, asked: int = 0) -> list[Reviewed]:
    """That many answers: agreeing, disagreeing, and on items where we had asked."""
    agreed = [Reviewed(key=f"a/b#{n}", judged=OURS, answered=OURS) for n in range(right)]
    disagreed = [Reviewed(key=f"a/c#{n}", judged=NOT_OURS, answered=OURS) for n in range(wrong)]
    return [*agreed, *disagreed, *(Reviewed(key=f"a/d#{n}", judged=UNSURE, answered=OURS) for n in range(asked))]


def test_only_automatic_verdicts_can_be_wrong() -> None:
    """Having asked is no error, and no proof of being right."""
    found = error_rate(reviewed(8, 2, asked=5))
    assert (found.checked, found.wrong, found.asked, found.interval.share) == (10, 2, 5, 0.2)
    assert found.wrong_keys == ("a/c#0", "a/c#1")


def test_an_unsure_answer_is_no_answer() -> None:
    """It counts nowhere."""
    found = error_rate([Reviewed(key="a/b#1", judged=OURS, answered=UNSURE)])
    assert (found.checked, found.wrong, found.asked) == (0, 0, 0)


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
    assert refused.reason == "1 of 100 checked verdicts were wrong (at most 5.4%); the migration file allows 5.0%."


def test_a_bound_that_is_exactly_met_is_met() -> None:
    """At most means at most."""
    measured = error_rate(reviewed(99, 1))
    rules = ReviewRules(needs_reviewed=1, max_error_rate=measured.interval.high)
    assert gate(measured, rules).open
