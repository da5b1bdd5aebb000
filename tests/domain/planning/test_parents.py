"""Parents come before their sub-issues."""

from __future__ import annotations

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem, depth
from migrator.execution.run import parents_first

PARENTS = {"a/b#1": "a/b#3", "a/b#2": "", "a/b#3": "a/b#9", "a/b#9": "x/y#1"}


def test_an_issue_is_as_deep_as_there_are_known_issues_above_it() -> None:
    """A parent that is not among them moves nowhere, so nothing waits for it."""
    found = {key: depth(key, PARENTS) for key in PARENTS}
    assert found == {"a/b#1": 2, "a/b#2": 0, "a/b#3": 1, "a/b#9": 0}


def test_a_circle_ends() -> None:
    """GitHub allows none, but two readings of different ages may show one."""
    assert depth("a/b#1", {"a/b#1": "a/b#2", "a/b#2": "a/b#1"}) == 1


def test_a_wave_is_worked_off_parents_first() -> None:
    """Whatever their numbers; all else keeps its order."""
    items = [
        PlanItem(
            key=key,
            repository="a/b",
            number=int(key[-1]),
            decision=Decision.TRANSFER,
            transfers_to="a/c",
            parent=parent,
        )
        for key, parent in sorted(PARENTS.items())
    ]
    assert [item.number for item in parents_first(items)] == [2, 9, 3, 1]
    redirects = [PlanItem(key="a/b#4", repository="a/b", number=4, decision=Decision.REDIRECT)]
    assert parents_first(redirects) is redirects
