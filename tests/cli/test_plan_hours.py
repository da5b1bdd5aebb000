"""What a plan says of time is GitHub's time, whatever clock the sandbox has."""

from __future__ import annotations

from tests.cli.conftest import Desk


def test_the_hours_of_a_plan_are_githubs_on_a_scaled_clock(judged: Desk) -> None:
    """The same plan costs the same hours; the text says that the clock is scaled."""
    usual = judged.run("plan", "--json").json
    scaled = judged.run("plan", "--json", MIGRATOR_CLOCK_SCALE="60").json
    assert usual["mails"]["hours"] == scaled["mails"]["hours"] > 0
    shown = judged.run("plan", MIGRATOR_CLOCK_SCALE="60").out
    assert "the hours are GitHub's" in shown
    assert "60 times as fast" in shown
