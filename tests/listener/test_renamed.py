"""A repository is the same one under another name, and another one under the same name is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.errors import RepositoryReplaced
from migrator.listener.reconciler import reconcile
from tests.support.listener import House, house, listening
from tests.support.sandbox_server import SOURCE

RENAMED = SOURCE.partition("/")[0] + "/monorepo-of-old"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """One issue that is ours, open since before the listener began to listen."""
    with house(tmp_path) as built:
        built.open(labels=("comp:widget",))
        yield built


def rename(home: House) -> None:
    """The owner renames the source; nobody tells the migration file."""
    body = {"do": "rename_repository", "repository": SOURCE, "to": RENAMED}
    home.github.control("POST", "act", json=body)


def replace(home: House) -> None:
    """And somebody takes the name that became free: another repository."""
    rename(home)
    home.github.control("POST", "repository", json={"name": SOURCE})


def test_the_listener_goes_on_when_its_source_was_renamed(home: House) -> None:
    """Its webhooks have the new name and the id that it had: what arrives is welcomed, once, and
    kept under the name that the migration file has."""
    with listening(home):
        rename(home)
        number = home.open(repository=RENAMED, labels=("comp:widget",))
        home.settle()
        assert len(home.comments(number, RENAMED)) == 1
        home.say(number, "/still-here", repository=RENAMED)
        home.settle()
    assert len(home.comments(number, RENAMED)) == 1
    assert "ignored" not in home.results()[0]
    assert home.context.store.snapshots.get(SOURCE, number) is not None
    assert home.context.store.snapshots.get(RENAMED, number) is None


def test_a_sweep_goes_on_when_its_source_was_renamed(home: House) -> None:
    """Without webhooks, too; a second sweep notifies nobody again."""
    asyncio.run(reconcile(home.context, home.follower))
    rename(home)
    number = home.open(repository=RENAMED, labels=("comp:widget",))
    swept = asyncio.run(reconcile(home.context, home.follower))
    assert f"{SOURCE}#{number}" in swept.results
    asyncio.run(reconcile(home.context, home.follower))
    assert len(home.comments(number, RENAMED)) == 1


def test_nothing_is_done_in_another_repository_under_the_name(home: House) -> None:
    """A sweep ends with its own error; a webhook is held and not charged."""
    replace(home)
    with pytest.raises(RepositoryReplaced, match="is another repository now"):
        asyncio.run(reconcile(home.context, home.follower))
    with listening(home):
        number = home.open()
        home.until(lambda: home.deliveries.backlog().unfinished > 0)
    assert home.comments(number) == []
    (waiting, *_) = home.deliveries.unfinished(10)
    assert waiting.attempts == 0


def test_a_listener_that_knew_the_repository_notices_that_another_took_its_name(
    home: House,
) -> None:
    """The webhook's id is not the one that was looked up when the process began."""
    with listening(home):
        first = home.open(labels=("comp:widget",))
        home.settle()
        replace(home)
        number = home.open()
        home.until(lambda: home.deliveries.backlog().unfinished > 0)
        assert len(home.comments(first, RENAMED)) == 1
        assert home.comments(number) == []
