"""Every stop reason that operating meets has a row in docs/how-to/trouble.md, and a test that follows
the row's way back."""

from __future__ import annotations

import re

import pytest

from tests.support.shown_commands import ROOT

ROWS = [
    line
    for line in (ROOT / "docs/how-to/trouble.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
DAY = "migration_day/test_migration_day.py::test_every_trouble_of_a_day_has_its_documented_way_back"
FOLLOWED = {
    "`the run ... has dealt with ...": "cli/test_two_plans.py::test_a_plan_that_another_one_has_overtaken_stops_and_says_so",
    "`people opened ... closed items again`": DAY,
    "`this machine's clock is ... ahead": DAY,
    "a worker was killed": DAY,
    "`migrator serve` was killed": DAY,
    '`"why":"GitHub is unavailable"`': DAY,
    "the database is lost": DAY,
    "`migrator apply` ended with 137": DAY,
    "`the database is unavailable: ...`": "migration_day/test_migration_day.py::test_a_worker_and_the_database_die_in_the_middle_of_a_run",
    "`the disk with the database is full`": "cli/test_disk_full.py::test_a_full_disk_is_named_and_everything_goes_on_when_there_is_room",
    "`the time is over with ... items left`": "cli/test_stop_after.py::test_apply_ends_before_its_deadline_and_goes_on",
}
"""Start of a row -> the test that follows it."""


@pytest.mark.parametrize("start", FOLLOWED)
def test_a_row_has_a_way_back_and_a_test_that_follows_it(start: str) -> None:
    """One row, something to do in its last column, and the test is there."""
    (row,) = (line for line in ROWS if line.startswith(f"| {start}"))
    assert len(row.strip("| ").split(" | ")) == 3
    file, _, name = FOLLOWED[start].partition("::")
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, re.MULTILINE)
