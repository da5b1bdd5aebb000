"""Correctly signed webhooks about repositories of strangers are answered and counted, and leave
nothing in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from migrator.domain.webhooks.subscriptions import may_be_of_strangers
from migrator.services.known_repositories import KnownRepositories, learn_numbers
from migrator.store.deliveries import Deliveries
from migrator.web.app import AppDependencies, create_app
from tests.support.dashboard import SOURCE, TARGET, Hall, hall
from tests.support.webhook_sender import SECRET, Sender, serving


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration and its sandbox."""
    with hall(tmp_path_factory.mktemp("strangers"), items=10, applies=False) as found:
        yield found


def number_of(home: Hall, name: str) -> int:
    """The number of a repository."""
    return int(home.sandbox.rest("GET", f"/repos/{name}", by="ada").json()["id"])


async def test_a_repository_is_known_by_its_number_whatever_its_name(home: Hall) -> None:
    """After a rename the number stays, and the free name can be a stranger's. The worker asks,
    and another process reads what it was told."""
    assert await learn_numbers(home.context)
    known = KnownRepositories(home.context)
    assert known.look()
    assert all(
        known.concerns(number_of(home, name), "renamed/elsewhere") for name in (SOURCE, TARGET)
    )
    assert not known.concerns(number_of(home, SOURCE) + 1_000_000, SOURCE)
    assert not known.concerns(7, "stranger/place")


def test_until_the_numbers_are_known_names_decide(home: Hall) -> None:
    """While GitHub cannot be asked nothing of ours is lost."""
    known = KnownRepositories(home.context)
    assert known.concerns(number_of(home, SOURCE), SOURCE.upper())
    assert known.concerns(0, TARGET)
    assert not known.concerns(7, "stranger/place")


@pytest.mark.parametrize(
    "event", ["installation", "installation_repositories", "installation_target"]
)
def test_what_is_about_the_app_always_passes(event: str) -> None:
    """So do renames and transfers of repositories."""
    assert not may_be_of_strangers(event, "created")
    assert not may_be_of_strangers("repository", "renamed")
    assert not may_be_of_strangers("repository", "transferred")
    assert may_be_of_strangers("issues", "opened")
    assert may_be_of_strangers("repository", "deleted")


def test_a_strangers_delivery_is_answered_counted_and_not_stored(home: Hall) -> None:
    """GitHub sees a success, and the database stays as it is."""
    deliveries = Deliveries(home.context.store.engine)
    before = len(deliveries.newest())
    tools = AppDependencies(
        store=deliveries.accept,
        secrets=(SECRET,),
        clock=lambda: datetime.now(UTC),
        concerns=lambda number, _name: number == 1,
    )
    with serving(create_app(tools)) as address:
        sender = Sender(address, deliveries)
        private = {
            "action": "opened",
            "issue": {"number": 1, "body": "private"},
            "repository": {"id": 2, "full_name": "a/b"},
        }
        assert sender.send(private).json() == {"result": "elsewhere"}
        assert sender.send({"action": "opened"}).json() == {"result": "elsewhere"}
        assert sender.send({**private, "repository": {"id": 1, "full_name": "c/d"}}).json() == {
            "result": "accepted"
        }
        assert 'result="elsewhere"} 2.0' in httpx.get(f"{address}/metrics").text
    assert len(deliveries.newest()) == before + 1
