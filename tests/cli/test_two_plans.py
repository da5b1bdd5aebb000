"""Two approved plans say the same of an item: the second one ends with a reason."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Desk


@pytest.mark.trouble("`the run ... has dealt with ... since this plan was made` (7)")
def test_a_plan_that_another_one_has_overtaken_stops_and_says_so(at_work: Desk) -> None:
    """Nothing is written twice, and the run does not look at its items for ever.

    The plans differ by an option: two plans of the same items within one second are one plan."""
    first = at_work.run("plan", "--json").json["hash"]
    second = at_work.run("plan", "--commands-served", "--json").json["hash"]
    assert first != second
    for plan in (first, second):
        at_work.run("approve", plan)
    at_work.run("apply", first, "--unpaced")
    before = at_work.sandbox.stats()["requests"]["mutation"]
    stopped = at_work.run("apply", second, "--unpaced", "--json", "--stop-after", "1", code=7)
    assert "has dealt with" in stopped.json["run"]["reason"]
    assert "then scan, classify and plan again" in stopped.json["run"]["reason"]
    assert at_work.sandbox.stats()["requests"]["mutation"] == before
    assert at_work.run("verify", "--json").json["verified"]
