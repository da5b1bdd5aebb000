"""The queue of deliveries: what is finished, what waits, what is tried again, and what is held."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from migrator.domain.webhooks.triggers import Trigger, TriggerScope
from migrator.errors import ComputeUnavailable, IncompleteReply, LimitExceeded, ServerUnavailable
from migrator.listener.dispatcher import BATCH, Dispatcher
from migrator.listener.item_context import Deferred
from migrator.store import revisions
from migrator.store.database import open_engine
from migrator.store.deliveries import MOST_ATTEMPTS, Arrived, Deliveries

NOW = datetime(2024, 1, 10, 12, tzinfo=UTC)


class Listener:
    """Looks after items as a test tells it to, and remembers what it was asked."""

    scope = TriggerScope(source="big/house", targets=("little/garden",), since=NOW)

    def __init__(self) -> None:
        self.asked: list[tuple[str, frozenset[Trigger]]] = []
        self.script: list[str | Deferred | Exception] = []

    def note_repository(self, repository: str, repository_id: str) -> None:
        """Names are what they are."""

    async def handle(
        self, repository: str, number: int, triggers: frozenset[Trigger]
    ) -> str | Deferred:
        """The next thing of the script, else success."""
        self.asked.append((f"{repository}#{number}", triggers))
        result = self.script.pop(0) if self.script else "there"
        if isinstance(result, Exception):
            raise result
        return result


class Desk:
    """Deliveries, a dispatcher and its clock."""

    def __init__(self, path: Path) -> None:
        self.now = NOW
        self.deliveries = Deliveries(open_engine(f"sqlite:///{path}"))
        self.listener = Listener()
        self.slept: list[float] = []
        self.ended: list[str] = []
        self.dispatcher = Dispatcher(
            self.deliveries,
            self.listener,
            lambda: self.now,
            ended=lambda how, _: self.ended.append(how),
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def arrive(
        self,
        delivery: str,
        number: int = 1,
        *,
        event: str = "issues",
        action: str = "opened",
        **more: object,
    ) -> None:
        """A webhook is stored."""
        item = {"number": number, "node_id": f"I_{number}"}
        payload = {
            "action": action,
            "repository": {"full_name": "big/house"},
            "issue": item,
            **more,
        }
        arrived = Arrived(
            id=delivery,
            event=event,
            action=action,
            received_at=self.now,
            payload=msgspec.json.encode(payload),
        )
        self.deliveries.accept([arrived])

    def work(self) -> bool:
        """One batch."""
        return asyncio.run(self.dispatcher.work_once())

    def result(self, delivery: str) -> str:
        """How the work on a delivery stands."""
        found = self.deliveries.get(delivery)
        assert found is not None
        return found.result if found.finished_at else f"unfinished {found.result}".strip()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database."""
    path = tmp_path_factory.mktemp("dispatching") / "empty.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    revisions.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def desk(empty: Path, tmp_path: Path) -> Desk:
    """A desk of its own for each test."""
    shutil.copy(empty, tmp_path / "migrator.sqlite")
    return Desk(tmp_path / "migrator.sqlite")


def test_many_deliveries_about_one_item_are_one_look(desk: Desk) -> None:
    """Everything that they ask for is asked at once, and all of them are finished."""
    desk.arrive("a")
    desk.arrive("b", action="labeled")
    desk.arrive("c", event="issue_comment", action="created")
    assert desk.work()
    assert desk.listener.asked == [
        ("big/house#1", frozenset({Trigger.ARRIVAL, Trigger.COMMANDS, Trigger.SPEECH}))
    ]
    assert {desk.result(each) for each in "abc"} == {"done: there"}
    assert desk.ended == ["done"] * 3
    assert not desk.work()


def test_what_concerns_no_repository_of_ours_is_finished_unread(desk: Desk) -> None:
    """An App may be installed on more than one migration's repositories."""
    desk.arrive("a", repository={"full_name": "other/place"})
    desk.arrive("b", issue=None)
    desk.work()
    assert desk.listener.asked == []
    assert desk.result("a") == "ignored"
    assert desk.result("b").startswith("unreadable: ")


def test_a_failure_is_tried_again_each_time_later_and_given_up_in_the_end(desk: Desk) -> None:
    """It does not hold up the others, and a person sees what fails for good."""
    desk.arrive("bad", 1)
    desk.arrive("good", 2)
    desk.listener.script = [ValueError("odd"), "there"]
    desk.work()
    assert (desk.result("bad"), desk.result("good")) == (
        "unfinished failed: ValueError: odd",
        "done: there",
    )
    assert not desk.work()
    for _ in range(MOST_ATTEMPTS - 1):
        desk.now += timedelta(hours=1)
        desk.listener.script = [ValueError("odd")]
        assert desk.work()
    assert desk.result("bad") == "failed: ValueError: odd"
    assert desk.ended == ["done", "failed"]


def test_an_item_that_github_does_not_show_holds_up_no_other(desk: Desk) -> None:
    """GitHub answers: it is this delivery that is tried again later."""
    desk.arrive("a", 1)
    desk.arrive("b", 2)
    desk.listener.script = [IncompleteReply("labels is null")]
    desk.work()
    assert (desk.result("a"), desk.result("b")) == (
        "unfinished failed: IncompleteReply: labels is null",
        "done: there",
    )
    assert desk.slept == []


@pytest.mark.parametrize(
    "error",
    [
        LimitExceeded("slow down", wait=60, secondary=True),
        ServerUnavailable("down"),
        ComputeUnavailable("no process began"),
    ],
    ids=["limit", "outage", "no process"],
)
def test_patience_is_with_github_and_not_with_a_delivery(desk: Desk, error: Exception) -> None:
    """A limit or an outage counts against nothing, nor does a machine on which no process for
    judging starts; after the wait the work goes on."""
    desk.arrive("a", 1)
    desk.arrive("b", 2)
    desk.listener.script = [error]
    desk.work()
    assert desk.slept
    assert [desk.deliveries.get(each).attempts for each in "ab"] == [0, 0]  # type: ignore[union-attr]
    desk.work()
    assert {desk.result("a"), desk.result("b")} == {"done: there"}


def test_what_has_to_wait_waits_and_nothing_else_does(desk: Desk) -> None:
    """The outcome of a write is unknown for a while: that item is left alone until then."""
    desk.arrive("a", 1)
    desk.listener.script = [Deferred(until=NOW + timedelta(seconds=20))]
    desk.work()
    desk.arrive("b", 2)
    desk.work()
    assert (desk.result("a"), desk.result("b")) == ("unfinished", "done: there")
    desk.now += timedelta(seconds=21)
    desk.work()
    assert desk.result("a") == "done: there"


def test_more_than_a_batch_is_worked_on_batch_by_batch(desk: Desk) -> None:
    """Nothing is left over."""
    for number in range(BATCH + 5):
        desk.arrive(f"d{number}", number + 1)
    asyncio.run(desk.dispatcher.drain())
    assert len(desk.listener.asked) == BATCH + 5
    assert desk.deliveries.backlog().unfinished == 0


def test_stopping_finishes_the_item_at_work_and_leaves_the_rest(desk: Desk) -> None:
    """A graceful stop loses nothing and hurries nothing."""
    desk.arrive("a", 1)
    desk.arrive("b", 2)

    async def stop_during(*_: object) -> str:
        desk.dispatcher.stop()
        return "there"

    desk.listener.handle = stop_during  # type: ignore[method-assign,assignment]
    asyncio.run(desk.dispatcher.run())
    assert (desk.result("a"), desk.result("b")) == ("done: there", "unfinished")


def test_a_finished_delivery_can_be_worked_on_once_more(desk: Desk) -> None:
    """A person replays it; looking again is safe."""
    desk.arrive("a")
    desk.work()
    assert desk.deliveries.replay("a")
    assert not desk.deliveries.replay("unheard of")
    desk.work()
    assert len(desk.listener.asked) == 2
    assert desk.result("a") == "done: there"


def test_old_finished_deliveries_are_removed_and_unfinished_ones_never(desk: Desk) -> None:
    """Tidying removes no work."""
    desk.arrive("a", 1)
    desk.work()
    desk.arrive("b", 2)
    desk.now += timedelta(days=31)
    assert desk.deliveries.forget_before(desk.now - timedelta(days=30)) == 1
    assert [each.id for each in desk.deliveries.newest()] == ["b"]
