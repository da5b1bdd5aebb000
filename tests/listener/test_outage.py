"""What happens while nobody listens is not lost."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.marker import render_origin
from migrator.execution.verify import verify
from migrator.github.app import GitHubApp
from migrator.listener.dispatcher import Dispatcher
from migrator.listener.reconciler import gap, reconcile
from migrator.sandbox.entities import Hook
from migrator.services.follow import follow_once
from migrator.services.missed_deliveries import MOST_A_ROUND, redeliver_missed
from migrator.web.app import AppDependencies, create_app
from tests.support.listener import RULES, SECRET, House, house, listening
from tests.support.small_world import SOURCE, TARGET
from tests.support.webhook_sender import serving

ROUNDS = 6
MANY = f"{RULES}\n[decisions.welcome]\nper_author_per_day = 1000\n"
"""One author opens more here than anybody gets notices for."""
CHAT = 75
"""Comments in each round that ask for nothing: each is an event all the same."""


def play(home: House, rounds: int) -> None:
    """People do what they do: open, answer, command, refile, fix, label, comment."""
    for turn in range(rounds):
        mine = home.open(f"The widget breaks {turn}")
        other = home.open(f"Help {turn}", "Something is off.")
        pull = home.open(f"Mend {turn}", do="open_pull", paths=["widget/core.py"])
        home.say(mine, "It still does.")
        home.say(other, "/migrate-help", by="root")  # the author would get a reaction or a comment
        home.say(pull, "/still-here" if turn % 2 else "Looks good", by="amy")
        refiled = home.open("The widget breaks", render_origin(SOURCE, mine), repository=TARGET)
        fix = home.open(
            "Mend",
            f"Fixes {SOURCE}#{other}",
            by="bob",
            do="open_pull",
            paths=["a"],
            repository=TARGET,
        )
        home.github.act("root", "merge", fix, TARGET)
        home.github.act("root", "label", refiled, TARGET, labels=["bug"])
        chat = [
            {
                "do": "comment",
                "as": "bob",
                "repository": SOURCE,
                "number": mine,
                "body": f"Me too {n}",
            }
            for n in range(CHAT)
        ]
        home.github.control("POST", "act", json=chat)


def end_state(home: House) -> list[tuple[Any, ...]]:
    """What can be seen of every item: state, how many comments are ours, our reactions, its
    labels."""
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


def deaf(home: House) -> Hook:
    """The App's webhook, at an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/webhooks"
    made = home.github.control(
        "POST", "hook", json={"url": url, "secret": SECRET, "app": home.github.app.slug}
    )
    return home.github.world.hooks[made["id"]]


@pytest.mark.slow
def test_after_an_outage_everything_is_as_if_there_had_been_none(tmp_path: Path) -> None:
    """Down while 500 events fire: one sweep brings the same end state; what GitHub then delivers
    again finds nothing to do."""
    (tmp_path / "up").mkdir()
    (tmp_path / "down").mkdir()
    with house(tmp_path / "up", MANY) as up, listening(up):
        play(up, ROUNDS)
        up.settle()
        expected = end_state(up)
    with house(tmp_path / "down", MANY) as down:
        hook = deaf(down)
        play(down, ROUNDS)
        down.until(lambda: not down.github.server.webhooks._tasks, seconds=60)
        assert (
            len([each for each in down.github.world.deliveries.values() if each.hook == hook.id])
            >= 500
        )
        asyncio.run(reconcile(down.context, down.follower))
        assert end_state(down) == expected
        before = dict(down.github.world.acts)
        asyncio.run(reconcile(down.context, down.follower))
        verified = asyncio.run(verify(down.context, run_id=None, progress=lambda _: None))
        assert verified.entries >= 3 * ROUNDS
        assert [finding for finding in verified.findings if finding.fault] == []
        _deliver_again(down, hook)
        assert end_state(down) == expected
        assert dict(down.github.world.acts) == before


def _deliver_again(home: House, hook: Hook) -> None:
    """Have GitHub deliver what it could not, in portions, as after each sweep; then work on all
    of it."""
    app = GitHubApp(
        home.github.url, home.github.app.id, home.github.app.private_key, seconds_between_writes=0.0
    )
    rounds = 0
    with serving(
        create_app(
            AppDependencies(
                store=home.deliveries.accept, secrets=(SECRET.encode(),), clock=home.context.clock
            )
        )
    ) as address:
        hook.url = f"{address}/webhooks"
        while asked := asyncio.run(redeliver_missed(home.context, app, home.deliveries)):
            assert asked <= MOST_A_ROUND
            home.until(lambda: not home.github.server.webhooks._tasks, seconds=60)
            rounds += 1
    assert rounds >= 2
    assert home.deliveries.backlog().unfinished >= 450
    asyncio.run(Dispatcher(home.deliveries, home.follower, home.context.clock).drain())
    assert home.deliveries.backlog().unfinished == 0


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


def test_the_gap_runs_from_the_last_sweep_and_before_the_first_from_the_beginning(
    quiet: House,
) -> None:
    """A listener that never got to sweep is the one that should alarm most."""
    quiet.pass_time(hours=2)
    before = gap(quiet.context)
    assert before is not None
    assert before >= timedelta(hours=2)
    asyncio.run(reconcile(quiet.context, quiet.follower))
    after = gap(quiet.context)
    assert after is not None
    assert after < timedelta(hours=1)


def test_a_sweep_that_dies_is_done_again(quiet: House) -> None:
    """Its cursor moves on only when everything that it read was looked after."""
    number = quiet.open()

    class Dying:
        scope = quiet.follower.scope

        async def handle(self, *_: object) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(reconcile(quiet.context, Dying()))  # type: ignore[arg-type]
    asyncio.run(reconcile(quiet.context, quiet.follower))
    assert len(quiet.comments(number)) == 1
