"""Closed, labelled issues of the source are read to learn from: bounded, resumable, and never
written to."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from typing import Any

import pytest

from migrator import bootstrap
from migrator.config.settings import Settings
from migrator.domain.items import State
from migrator.execution.labelled_items import LabelledRead, closed_issues, read_labelled_items
from migrator.services.learn import from_closed
from migrator.store.set_aside import LEARN
from tests.support.killing_proxy import When
from tests.support.listener import ACCOUNT, House, house, loaded
from tests.support.sandbox_server import SOURCE

OURS, OTHERS = 14, 12
PAGES = 3
"""One for each label: `comp:widget`, `other`, and its sub-label."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Closed issues of both sides, some with labels of both, some open, one a pull request's."""
    with house(tmp_path_factory.mktemp("learn"), proxied=True) as built:
        for at in range(OURS):
            close(built, f"Widget {at} squeaks", ("comp:widget",))
        for at in range(OTHERS):
            close(built, f"Gear {at} is stuck", ("other",) if at % 2 else ("other:small",))
        close(built, "Widget on a gear", ("comp:widget", "other"))
        close(built, "Something else", ())
        built.open("An open widget", labels=("comp:widget",))
        yield built


def close(home: House, title: str, labels: tuple[str, ...]) -> None:
    """Somebody opens an issue, and a maintainer labels and closes it."""
    home.github.act("root", "close", home.open(title, labels=labels))


def anew(home: House) -> None:
    """Forget what was learned from: cursors, snapshots and what is set aside."""
    store = home.context.store
    store.snapshots.forget_cursors()
    for item in closed_issues(store, SOURCE):
        store.snapshots.mark_gone(SOURCE, item.number, home.context.clock())
    store.set_aside.take_back(
        [(one.repository, one.number) for one in store.set_aside.all((LEARN,))], (LEARN,)
    )


@pytest.fixture(autouse=True)
def fresh(home: House) -> Iterator[None]:
    """Each test begins with nothing read and a GitHub that is well."""
    yield
    home.github.control("POST", "rules", json=[])
    anew(home)


def read(home: House, items: int = 60) -> LabelledRead:
    """Read once."""
    return asyncio.run(read_labelled_items(home.context, items, lambda *_: None))


def known(home: House) -> list[str]:
    """Titles of the closed issues that are known."""
    return sorted(item.title for item in closed_issues(home.context.store, SOURCE))


def test_the_labels_of_closed_issues_tell_the_owner(home: House) -> None:
    """Issues without a listed label are not read; those with labels of both sides teach
    nothing."""
    read(home)
    data = from_closed(closed_issues(home.context.store, SOURCE), home.context.migration.file)
    owners = [row.owner for row in data.rows]
    assert (owners.count("ours"), owners.count("not_ours")) == (OURS, OTHERS)
    assert "Something else" not in known(home)
    assert all(not row.item.labels and not row.item.comments for row in data.rows)


def test_a_second_call_reads_nothing_again(home: House) -> None:
    """What was read is known."""
    first, second = read(home), read(home)
    assert (first.pages, second.pages) == (PAGES, 0)
    assert sum(first.read.values()) == OURS + OTHERS + 2  # the one of both sides comes twice


def test_no_more_is_read_than_was_asked_for(home: House) -> None:
    """Each label has its part, ten at least; a later call for more goes on from there."""
    assert read(home, 20).read == {"comp:widget": 10, "other": 7, "other:small": 6}
    assert read(home, 60).read == {"comp:widget": OURS + 1 - 10}


def test_nothing_is_written_to_github(home: House) -> None:
    """Reading to learn asks questions only."""
    read(home)
    numbers = [item.number for item in closed_issues(home.context.store, SOURCE)]
    before = [home.github.item(number) for number in numbers]
    anew(home)
    read(home)
    assert [home.github.item(number) for number in numbers] == before


def test_open_issues_are_none_the_wiser(home: House) -> None:
    """What is classified and planned stays what the scan read."""
    before = home.context.store.snapshots.places(state=State.OPEN)
    read(home)
    assert home.context.store.snapshots.places(state=State.OPEN) == before


@pytest.mark.parametrize("use", ["null_node", "item_times_out"])
def test_an_issue_that_github_does_not_show_is_named_and_tried_again(home: House, use: str) -> None:
    """It stops no other, and a scan does not count it."""
    number = home.open("Widget that hides", labels=("comp:widget",))
    home.github.act("root", "close", number)
    rules: list[dict[str, Any]] = [
        {"use": use, "items": [number], "operation": operation} for operation in ("Scan*", "Items")
    ]
    home.github.control("POST", "rules", json=rules)
    assert [one.number for one in read(home).set_aside] == [number]
    assert home.context.store.set_aside.all() == []
    home.github.control("POST", "rules", json=[])
    assert read(home).set_aside == ()
    assert "Widget that hides" in known(home)


def reading(database: str, url: str) -> None:
    """A process that reads."""
    settings = Settings.model_validate(
        {"database_url": database, "github_url": url, "github_token": f"sandbox-{ACCOUNT}"}
    )
    context = bootstrap.build(loaded(), settings=settings, require_revision=False)
    asyncio.run(read_labelled_items(context, 60, lambda *_: None))


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("at", [4])
def test_a_process_that_is_killed_loses_no_page_and_reads_none_twice(
    home: House, at: int, when: When
) -> None:
    """The next one reads what is left."""
    assert home.proxy is not None
    home.proxy.arm(at, when)
    child = multiprocessing.get_context("spawn").Process(
        target=reading,
        args=(home.context.settings.database_url.get_secret_value(), home.proxy.url),
    )
    child.start()
    home.proxy.victim = child.pid or 0
    child.join()
    assert home.proxy.killed
    home.proxy.arm(0, When.BEFORE)
    assert known(home)  # a kill that comes late on a busy machine finds more
    again = read(home)
    assert len(known(home)) >= OURS + OTHERS + 1
    assert again.pages < PAGES
