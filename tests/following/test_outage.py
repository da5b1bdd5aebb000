"""What happens while nobody listens is not lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.marker import render_origin
from migrator.operations.follow import follow_once
from migrator.workflows.sweep import sweep
from migrator.workflows.verify import verify
from tests.following.house import House, house, listening
from tests.sandbox.small import SOURCE, TARGET


def play(home: House, rounds: int) -> None:
    """People do what they do: open, answer, command, refile, fix, label, comment."""
    for turn in range(rounds):
        mine = home.open(f"The widget breaks {turn}")
        other = home.open(f"Help {turn}", "Something is off.")
        pull = home.open(f"Mend {turn}", do="open_pull", paths=["widget/core.py"])
        home.say(mine, "It still does.")
        home.say(other, "/migrate-help")
        home.say(pull, "/still-here" if turn % 2 else "Looks good", by="amy")
        refiled = home.open("The widget breaks", render_origin(SOURCE, mine), repository=TARGET)
        fix = home.open("Mend", f"Fixes {SOURCE}#{other}", by="bob", do="open_pull", paths=["a"], repository=TARGET)
        home.github.act("root", "merge", fix, TARGET)
        home.github.act("root", "label", refiled, TARGET, labels=["bug"])


def end_state(home: House) -> list[tuple[Any, ...]]:
    """What can be seen of every item: state, how many comments are ours, our reactions, its labels."""
    items = [item for threads in home.github.world.threads.values() for item in threads.values()]
    return sorted(
        (
            item.repository,
            item.number,
            item.state,
            item.state_reason,
            len(home.comments(item.number, item.repository)),
            tuple(home.reactions(item.number, item.repository)),
            tuple(item.labels),
        )
        for item in items
    )


def test_after_an_outage_everything_is_as_if_there_had_been_none(tmp_path: Path) -> None:
    """Down while hundreds of events fire: one sweep brings the same end state, and a second one finds nothing to do."""
    (tmp_path / "up").mkdir()
    (tmp_path / "down").mkdir()
    with house(tmp_path / "up") as up, listening(up):
        play(up, 6)
        up.settle()
        expected = end_state(up)
    with house(tmp_path / "down") as down:
        play(down, 6)
        asyncio.run(sweep(down.context, down.follower))
        assert end_state(down) == expected
        before = dict(down.github.world.acts)
        asyncio.run(sweep(down.context, down.follower))
        verified = asyncio.run(verify(down.context, run_id=None, progress=lambda _: None))
        assert verified.entries >= 18
        assert [finding for finding in verified.findings if finding.fault] == []
        assert dict(down.github.world.acts) == before


def test_following_once_takes_up_what_is_due(quiet: House) -> None:
    """For those who run no service: a scheduler is enough."""
    number = quiet.open("Mend it", do="open_pull", paths=["widget/core.py"])
    followed = asyncio.run(follow_once(quiet.context))
    assert followed.swept.looked_after == 1
    assert len(quiet.comments(number)) == 1
    quiet.pass_time(days=14, minutes=1)
    followed = asyncio.run(follow_once(quiet.context))
    assert len(followed.due_runs) == 1
    assert not quiet.is_open(number)


def test_a_sweep_that_dies_is_done_again(quiet: House) -> None:
    """Its cursor moves on only when everything that it read was looked after."""
    number = quiet.open()

    class Dying:
        scope = quiet.follower.scope

        async def look_after(self, *_: object) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(sweep(quiet.context, Dying()))  # type: ignore[arg-type]
    asyncio.run(sweep(quiet.context, quiet.follower))
    assert len(quiet.comments(number)) == 1
