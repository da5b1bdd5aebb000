"""What is read from a GitHub over real HTTP, and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from migrator.domain.items import AccountType, EventKind, Item, State
from migrator.errors import NotFound
from migrator.github.models import Requests
from tests.support.sandboxes import (
    NEW,
    OLD,
    Sandboxes,
    account,
    all_items,
    comments,
    first_issue,
    issue,
    pull,
)

if TYPE_CHECKING:
    from tests.support.sandboxes import Sandbox


def _person(item: Item) -> bool:
    return any(
        comment.author is not None and comment.author.type is AccountType.USER
        for comment in item.comments
    )


async def test_a_scan_reads_every_open_item_once_with_its_thread(sandbox: Sandbox) -> None:
    """Issues and pull requests are two walks; each item comes with comments, labels, paths."""
    async with sandbox.client() as client:
        issues, pulls = (
            await all_items(client.scan_issues(sandbox.home)),
            await all_items(client.scan_pulls(sandbox.home)),
        )
    assert [item.number for item in issues] == [1, 3]
    assert [comment.body for comment in issues[0].comments] == ["Comment 0", "Comment 1"]
    assert issues[0].labels == ("bug",)
    assert (len(issues[1].comments), issues[1].comments_total) == (20, 130)
    assert pulls[0].pull is not None
    assert pulls[0].pull.changed_paths == ("a/b.py",)
    assert EventKind.COMMITTED in {event.kind for event in pulls[0].events}


async def test_two_hundred_and_fifty_items_take_three_requests(sandboxes: Sandboxes) -> None:
    """100 to a page, whatever hangs on them."""
    started = sandboxes.start(*(issue(number, comments=comments(3)) for number in range(1, 251)))
    async with started.client() as client:
        found = await all_items(client.scan_issues(OLD))
        assert client.requests == Requests(query=3)
    assert sorted(item.number for item in found) == list(range(1, 251))


async def test_a_scan_goes_on_behind_its_cursor(sandboxes: Sandboxes) -> None:
    """A scan that died is not begun anew."""
    started = sandboxes.start(*(issue(number) for number in range(1, 151)))
    async with started.client() as client:
        first = await anext(client.scan_issues(OLD))
        rest = await all_items(client.scan_issues(OLD, after=first.cursor))
    assert first.more
    assert {item.number for item in first.items} | {item.number for item in rest} == set(
        range(1, 151)
    )
    assert len(first.items) + len(rest) == 150


async def test_a_second_scan_of_an_unchanged_repository_takes_one_request_for_each_walk(
    sandboxes: Sandboxes,
) -> None:
    """What did not change is not read again, except for the few minutes of overlap."""
    started = sandboxes.start(
        *(issue(number) for number in range(1, 121)), *(pull(number) for number in range(121, 241))
    )
    since = datetime(2021, 3, 1, tzinfo=UTC)
    async with started.client() as client:
        assert await all_items(client.scan_issues(OLD, since=since)) == []
        assert await all_items(client.scan_pulls(OLD, since=since)) == []
        assert client.requests == Requests(query=2)


@pytest.mark.parametrize("number", [1, 2])
async def test_a_second_scan_reads_what_changed_closed_items_too(
    sandbox: Sandbox, number: int
) -> None:
    """A comment, a close: the snapshot must learn of both."""
    async with sandbox.client() as client:
        before = await client.item_by_number(sandbox.home, number)
        since = before.updated_at + timedelta(days=1)
        sandbox.act("robin", "comment", number, body="Any news?")
        sandbox.act("owner", "close", number)
        changed = await all_items(client.scan_issues(sandbox.home, since=since)) + await all_items(
            client.scan_pulls(sandbox.home, since=since)
        )
    assert [
        (item.number, item.state, item.comments[-1].body)
        for item in changed
        if item.number == number
    ] == [(number, State.CLOSED, "Any news?")]


async def test_a_scan_for_landings_is_cheap(sandboxes: Sandboxes) -> None:
    """Thousands of closed items of the target are read for what they refer to, not for their
    talk."""
    started = sandboxes.start(issue(1, state="closed", comments=comments(4)), limits="real")
    used = []
    async with started.client(
        on_response=lambda seen: used.append(seen.rate.used if seen.rate else 0)
    ) as client:
        (found,) = await all_items(client.scan_issues(OLD, states=(State.CLOSED,), comments=1))
    assert [comment.body for comment in found.comments] == ["Comment 3"]
    assert used == [8]


async def test_ended_items_are_read_where_they_are_asked_for(sandbox: Sandbox) -> None:
    """Landings are often closed already."""
    sandbox.act("owner", "close", 1, reason="COMPLETED")
    sandbox.act("owner", "merge", 2)
    async with sandbox.client() as client:
        issues = await all_items(
            client.scan_issues(sandbox.home, states=(State.CLOSED, State.MERGED))
        )
        pulls = await all_items(client.scan_pulls(sandbox.home, states=(State.MERGED,)))
    assert [(item.number, item.state_reason) for item in issues] == [(1, "COMPLETED")]
    assert [(item.number, item.state) for item in pulls] == [(2, State.MERGED)]


async def test_a_missing_repository_is_not_found(sandbox: Sandbox) -> None:
    """The migration file may have a wrong name in it."""
    async with sandbox.client() as client:
        with pytest.raises(NotFound, match="old/nowhere"):
            await all_items(client.scan_issues("old/nowhere"))
        with pytest.raises(NotFound):
            await client.repository("old/nowhere")


async def test_a_thread_is_read_back_until_a_person_is_heard(sandbox: Sandbox) -> None:
    """129 words of a bot hide the one of a person; two pages further back it is found."""
    async with sandbox.client() as client:
        short = (await all_items(client.scan_issues(sandbox.home)))[1]
        assert not _person(short)
        before = client.requests.query
        (whole,) = await client.complete_threads([short], _person)
        assert client.requests.query - before == 2
    assert [comment.body for comment in whole.comments] == [f"Comment {at}" for at in range(130)]


async def test_many_threads_are_read_back_in_one_request(sandboxes: Sandboxes) -> None:
    """Bots talk everywhere in a large repository: one request for each thread would be one for
    each item."""
    talk = [*comments(1), *comments(60, author="butler")[1:]]
    started = sandboxes.start(*(issue(number, comments=talk) for number in range(1, 21)))
    async with started.client() as client:
        found = await client.complete_threads(await all_items(client.scan_issues(OLD)), _person)
        assert client.requests == Requests(query=2)
    assert all(len(item.comments) == item.comments_total == 60 for item in found)


async def test_a_thread_that_tells_enough_costs_nothing(sandbox: Sandbox) -> None:
    """Only what is missing is asked for: not for a whole thread, nor for a long one that already
    told what was wanted."""
    async with sandbox.client() as client:
        short, long = await all_items(client.scan_issues(sandbox.home))
        before = client.requests
        assert await client.complete_threads([short], lambda item: False) == [short]
        assert await client.complete_threads([long], lambda item: True) == [long]
        assert client.requests == before


async def test_items_come_by_id_and_gone_ones_are_none(sandbox: Sandbox) -> None:
    """Deleted, transferred, never there: the others still come, in order."""
    async with sandbox.client() as client:
        issues, pulls = (
            await all_items(client.scan_issues(sandbox.home)),
            await all_items(client.scan_pulls(sandbox.home)),
        )
        sandbox.act("owner", "delete", 3)
        found = await client.items([pulls[0].id, issues[1].id, "nothing", issues[0].id])
    assert [item.number if item else None for item in found] == [2, None, None, 1]


async def test_the_live_recheck_is_one_request(sandbox: Sandbox) -> None:
    """It is asked before every notice."""
    async with sandbox.client() as client:
        item_id = (await first_issue(client, sandbox.home)).id
        before = client.requests.query
        item = await client.item(item_id)
        assert client.requests.query - before == 1
    assert len(item.comments) == 2


async def test_items_read_together_are_as_deep_as_one_read_alone(sandbox: Sandbox) -> None:
    """In one request; what is gone leaves a gap and no error."""
    async with sandbox.client() as client:
        first, pull = (
            await first_issue(client, sandbox.home),
            (await all_items(client.scan_pulls(sandbox.home)))[0],
        )
        alone = [await client.item(first.id), await client.item(pull.id)]
        before = client.requests.query
        together = await client.deep_items([first.id, "nothing", pull.id])
        assert client.requests.query - before == 1
    assert together == [alone[0], None, alone[1]]


async def test_a_deleted_item_is_not_found(sandbox: Sandbox) -> None:
    """An ordinary outcome between plan and apply."""
    async with sandbox.client() as client:
        item = await first_issue(client, sandbox.home)
        sandbox.act("owner", "delete", 1)
        with pytest.raises(NotFound):
            await client.item(item.id)
        with pytest.raises(NotFound):
            await client.add_comment(item.id, "Moved.")
        assert await client.whereabouts(sandbox.home, 1) is None


async def test_a_transferred_item_is_not_found_by_its_id_but_by_its_old_address(
    sandboxes: Sandboxes,
) -> None:
    """A transfer gives a new id; the old address redirects."""
    other = "old/other"
    people = (account("owner", permissions={OLD: "admin", other: "admin"}), account("robin"))
    homes = (
        {"record": "repository", "name": OLD},
        {"record": "repository", "name": other},
        {"record": "repository", "name": NEW},
    )
    started = sandboxes.start(issue(1), people=people, homes=homes)
    async with started.client() as client:
        item = await first_issue(client, OLD)
        started.act("owner", "transfer", 1, to=other)
        with pytest.raises(NotFound):
            await client.item(item.id)
        now = await client.whereabouts(OLD, 1)
    assert now is not None
    assert now.repository == other
    assert now.id != item.id


async def test_whereabouts_of_an_item_that_never_moved_are_its_own(sandbox: Sandbox) -> None:
    """Asking costs one request and is always right."""
    async with sandbox.client() as client:
        found = await client.whereabouts(sandbox.home, 1)
    assert found is not None
    assert (found.repository, found.number) == (sandbox.home, 1)
