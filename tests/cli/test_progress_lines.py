"""Progress where no terminal shows a bar."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from migrator.cli.output import LINE_EVERY, ProgressLines

UNTIL = datetime(2021, 9, 21, 6, tzinfo=UTC)


class Clock:
    """Seconds that a test moves on."""

    now = 100.0

    def __call__(self) -> float:
        """The seconds now."""
        return self.now


def test_lines_are_ten_seconds_apart_and_tell_how_far_it_is() -> None:
    """What is done, left, the rate, and what it waits for."""
    lines: list[str] = []
    clock = Clock()
    report = ProgressLines(lines.append, seconds=clock)
    for done in range(41):
        report("migrate", done, 100)
        clock.now += 1
    told = [json.loads(line) for line in lines]
    assert [line["done"] for line in told] == [0, 10, 20, 30, 40]
    assert [line["left"] for line in told] == [100, 90, 80, 70, 60]
    assert told[-1]["per_second"] == 1.0
    assert (told[-1]["waits_until"], told[-1]["why"]) == (None, "")
    clock.now += LINE_EVERY
    report("migrate", 40, 100, until=UNTIL, why="nothing is sent in quiet hours")
    last = json.loads(lines[-1])
    assert (last["waits_until"], last["why"]) == (
        "2021-09-21T06:00:00+00:00",
        "nothing is sent in quiet hours",
    )


def test_a_quiet_command_says_nothing_in_its_first_seconds() -> None:
    """Where it fails at once, standard error holds its error alone."""
    lines: list[str] = []
    clock = Clock()
    report = ProgressLines(lines.append, first_after=LINE_EVERY, seconds=clock)
    report("scan", 1, 0)
    assert lines == []
    clock.now += LINE_EVERY
    report("scan", 2, 0)
    (line,) = lines
    assert json.loads(line)["left"] is None


def test_what_went_before_this_process_is_no_part_of_the_rate() -> None:
    """A run that goes on at item 90 did not do 90 items in a second."""
    lines: list[str] = []
    clock = Clock()
    report = ProgressLines(lines.append, seconds=clock)
    report("migrate", 90, 100)
    clock.now += LINE_EVERY
    report("migrate", 95, 100)
    assert json.loads(lines[-1])["per_second"] == 0.5
