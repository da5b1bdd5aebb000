"""The client against a GitHub over real HTTP: what is read, what is written, and what it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from migrator.domain.items import AccountType, EventKind, Item, ItemKind, State
from migrator.errors import AuthenticationError, NotFound, PermissionDenied, RequestRefused
from migrator.github.client import GitHubClient
from migrator.github.mutations import Step
from migrator.github.replies import Page, Permission, Requests
from migrator.github.tokens import StaticToken
from tests.github.sandboxes import NEW, OLD, Sandboxes, account, comments, issue, pull, repository

if TYPE_CHECKING:
    from tests.github.sandboxes import Sandbox


async def _items(pages: AsyncIterator[Page]) -> list[Item]:
    return [item async for page in pages for item in page.items]


async def _first_issue(client: GitHubClient, repository: str) -> Item:
    return await client.item_by_number(repository, 1)


def _person(item: Item) -> bool:
    return any(comment.author is not None and comment.author.type is AccountType.USER for comment in item.comments)


# Who and where


async def test_the_client_knows_whose_token_it_has(sandbox: Sandbox) -> None:
    """Our own acts are known by this account; asked once, however often."""
    async with sandbox.client("robin") as client:
        assert (await client.viewer()).login == "robin"
        await client.viewer()
        assert client.requests == Requests(query=1)


async def test_a_wrong_token_is_said_to_be_wrong(sandbox: Sandbox) -> None:
    """Not "not found", not "try again"."""
    async with sandbox.client("nobody-of-that-name") as client:
        with pytest.raises(AuthenticationError):
            await client.viewer()


async def test_a_sandbox_is_told_from_the_real_thing(sandbox: Sandbox) -> None:
    """Only an address on this machine that says so itself may be written to without the ceremony."""
    async with sandbox.client() as client:
        assert await client.is_sandbox()
        assert client.requests == Requests()


@pytest.mark.parametrize("path", ["", "/api/v3"])
async def test_both_forms_of_a_base_address_lead_to_the_same_github(sandbox: Sandbox, path: str) -> None:
    """github.com's and Enterprise's addresses differ; the client derives GraphQL's from REST's."""
    async with GitHubClient(sandbox.url + path, StaticToken("sandbox-owner")) as client:
        assert (await _first_issue(client, sandbox.home)).number == 1


async def test_repositories_and_account_are_one_request(sandboxes: Sandboxes) -> None:
    """A second scan of an unchanged repository has five requests in all: this one, and one for each of the four walks."""
    many = [{"name": f"label {number:03d}", "color": "ededed", "description": ""} for number in range(180)]
    started = sandboxes.start(homes=(repository(OLD, labels=many), repository(NEW, archived=True)))
    async with started.client() as client:
        old, new = await client.repositories([OLD, NEW])
        assert (await client.viewer()).login == "owner"
        assert client.requests == Requests(query=1)
    assert (old.name, new.name, new.archived) == (OLD, NEW, True)
    assert [label.name for label in old.labels] == [label["name"] for label in many]


async def test_any_number_of_labels_is_read_whole(sandboxes: Sandboxes) -> None:
    """A label that is overlooked would be created again, or called misspelt."""
    many = [{"name": f"label {number:03d}", "color": "ededed", "description": ""} for number in range(330)]
    async with sandboxes.start(homes=(repository(OLD, labels=many),)).client() as client:
        facts = await client.repository(OLD)
    assert {label.name for label in facts.labels} == {label["name"] for label in many}
    assert len(facts.labels) == 330


# Reading


async def test_a_scan_reads_every_open_item_once_with_its_thread(sandbox: Sandbox) -> None:
    """Issues and pull requests are two walks; each item comes with comments, labels, paths."""
    async with sandbox.client() as client:
        issues, pulls = await _items(client.scan_issues(sandbox.home)), await _items(client.scan_pulls(sandbox.home))
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
        found = await _items(client.scan_issues(OLD))
        assert client.requests == Requests(query=3)
    assert sorted(item.number for item in found) == list(range(1, 251))


async def test_a_scan_goes_on_behind_its_cursor(sandboxes: Sandboxes) -> None:
    """A scan that died is not begun anew."""
    started = sandboxes.start(*(issue(number) for number in range(1, 151)))
    async with started.client() as client:
        first = await anext(client.scan_issues(OLD))
        rest = await _items(client.scan_issues(OLD, after=first.cursor))
    assert first.more
    assert {item.number for item in first.items} | {item.number for item in rest} == set(range(1, 151))
    assert len(first.items) + len(rest) == 150


async def test_a_second_scan_of_an_unchanged_repository_takes_one_request_for_each_walk(sandboxes: Sandboxes) -> None:
    """What did not change is not read again, except for the few minutes of overlap."""
    started = sandboxes.start(*(issue(number) for number in range(1, 121)), *(pull(number) for number in range(121, 241)))
    since = datetime(2021, 3, 1, tzinfo=UTC)
    async with started.client() as client:
        assert await _items(client.scan_issues(OLD, since=since)) == []
        assert await _items(client.scan_pulls(OLD, since=since)) == []
        assert client.requests == Requests(query=2)


@pytest.mark.parametrize("number", [1, 2])
async def test_a_second_scan_reads_what_changed_closed_items_too(sandbox: Sandbox, number: int) -> None:
    """A comment, a close: the snapshot must learn of both."""
    async with sandbox.client() as client:
        before = await client.item_by_number(sandbox.home, number)
        since = before.updated_at + timedelta(days=1)
        sandbox.act("robin", "comment", number, body="Any news?")
        sandbox.act("owner", "close", number)
        changed = await _items(client.scan_issues(sandbox.home, since=since)) + await _items(
            client.scan_pulls(sandbox.home, since=since)
        )
    assert [(item.number, item.state, item.comments[-1].body) for item in changed if item.number == number] == [
        (number, State.CLOSED, "Any news?")
    ]


async def test_ended_items_are_read_where_they_are_asked_for(sandbox: Sandbox) -> None:
    """Landings are often closed already."""
    sandbox.act("owner", "close", 1, reason="COMPLETED")
    sandbox.act("owner", "merge", 2)
    async with sandbox.client() as client:
        issues = await _items(client.scan_issues(sandbox.home, states=(State.CLOSED, State.MERGED)))
        pulls = await _items(client.scan_pulls(sandbox.home, states=(State.MERGED,)))
    assert [(item.number, item.state_reason) for item in issues] == [(1, "COMPLETED")]
    assert [(item.number, item.state) for item in pulls] == [(2, State.MERGED)]


async def test_a_missing_repository_is_not_found(sandbox: Sandbox) -> None:
    """The migration file may have a wrong name in it."""
    async with sandbox.client() as client:
        with pytest.raises(NotFound, match="old/nowhere"):
            await _items(client.scan_issues("old/nowhere"))
        with pytest.raises(NotFound):
            await client.repository("old/nowhere")


async def test_a_thread_is_read_back_until_a_person_is_heard(sandbox: Sandbox) -> None:
    """129 words of a bot hide the one of a person; two pages further back it is found."""
    async with sandbox.client() as client:
        short = (await _items(client.scan_issues(sandbox.home)))[1]
        assert not _person(short)
        before = client.requests.query
        whole = await client.complete_thread(short, _person)
        assert client.requests.query - before == 2
    assert [comment.body for comment in whole.comments] == [f"Comment {at}" for at in range(130)]


async def test_many_threads_are_read_back_in_one_request(sandboxes: Sandboxes) -> None:
    """Bots talk everywhere in a large repository: one request for each thread would be one for each item."""
    talk = [*comments(1), *comments(60, author="butler")[1:]]
    started = sandboxes.start(*(issue(number, comments=talk) for number in range(1, 21)))
    async with started.client() as client:
        found = await client.complete_threads(await _items(client.scan_issues(OLD)), _person)
        assert client.requests == Requests(query=2)
    assert all(len(item.comments) == item.comments_total == 60 for item in found)


async def test_a_thread_that_tells_enough_costs_nothing(sandbox: Sandbox) -> None:
    """Only what is missing is asked for: not for a whole thread, nor for a long one that already told what was wanted."""
    async with sandbox.client() as client:
        short, long = await _items(client.scan_issues(sandbox.home))
        before = client.requests
        assert await client.complete_threads([short], lambda item: False) == [short]
        assert await client.complete_threads([long], lambda item: True) == [long]
        assert client.requests == before


async def test_items_come_by_id_and_gone_ones_are_none(sandbox: Sandbox) -> None:
    """Deleted, transferred, never there: the others still come, in order."""
    async with sandbox.client() as client:
        issues, pulls = await _items(client.scan_issues(sandbox.home)), await _items(client.scan_pulls(sandbox.home))
        sandbox.act("owner", "delete", 3)
        found = await client.items([pulls[0].id, issues[1].id, "nothing", issues[0].id])
    assert [item.number if item else None for item in found] == [2, None, None, 1]


async def test_the_live_recheck_is_one_request(sandbox: Sandbox) -> None:
    """It is asked before every notice."""
    async with sandbox.client() as client:
        item_id = (await _first_issue(client, sandbox.home)).id
        before = client.requests.query
        item = await client.item(item_id)
        assert client.requests.query - before == 1
    assert len(item.comments) == 2


async def test_a_deleted_item_is_not_found(sandbox: Sandbox) -> None:
    """An ordinary outcome between plan and apply."""
    async with sandbox.client() as client:
        item = await _first_issue(client, sandbox.home)
        sandbox.act("owner", "delete", 1)
        with pytest.raises(NotFound):
            await client.item(item.id)
        with pytest.raises(NotFound):
            await client.add_comment(item.id, "Moved.")
        assert await client.whereabouts(sandbox.home, 1) is None


async def test_a_transferred_item_is_not_found_by_its_id_but_by_its_old_address(sandboxes: Sandboxes) -> None:
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
        item = await _first_issue(client, OLD)
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


# Writing


async def test_a_notice_is_one_request_and_its_reply_the_second_look(sandbox: Sandbox) -> None:
    """The reply shows state, lock and last words, our own comment among them."""
    async with sandbox.client() as client:
        item = await _first_issue(client, sandbox.home)
        sandbox.act("robin", "comment", 1, body="Wait!")
        reply = await client.add_comment(item.id, "Moved.")
        assert client.requests.mutation == 1
    assert reply.comment.body == "Moved."
    assert reply.comment.viewer_did_author
    assert reply.subject is not None
    assert (reply.subject.state, reply.subject.locked, reply.subject.comments_total) == (State.OPEN, False, 4)
    assert [comment.body for comment in reply.subject.comments] == ["Comment 0", "Comment 1", "Wait!", "Moved."]


async def test_a_locked_thread_refuses_those_without_rights(sandbox: Sandbox) -> None:
    """A refusal, not a missing right: the item goes to a person."""
    sandbox.act("owner", "lock", 1)
    async with sandbox.client("robin") as client:
        item = await _first_issue(client, sandbox.home)
        assert item.locked
        with pytest.raises((RequestRefused, PermissionDenied)):
            await client.add_comment(item.id, "Moved.")


async def test_a_comment_longer_than_github_takes_is_refused(sandbox: Sandbox) -> None:
    """65,536 characters, not one more; nothing is stored."""
    async with sandbox.client() as client:
        item = await _first_issue(client, sandbox.home)
        with pytest.raises(RequestRefused):
            await client.add_comment(item.id, "x" * 65_537)
        longest = await client.add_comment(item.id, "x" * 65_536)
        assert len(longest.comment.body) == 65_536
        assert len(await client.find_comments(item.id)) == 1


@pytest.mark.parametrize("number", [1, 2])
async def test_label_and_close_are_one_request(sandbox: Sandbox, number: int) -> None:
    """Issues close as not planned; pull requests have no reason."""
    async with sandbox.client() as client:
        item = await client.item_by_number(sandbox.home, number)
        label = await client.ensure_label(sandbox.home, "migrated", description="Went to another repository")
        before = client.requests
        reply = await client.label_and_close(item.id, item.kind, label_ids=[label.id])
        assert client.requests.mutation - before.mutation == 1
        after = await client.item(item.id)
    assert reply.done == (Step.LABEL, Step.CLOSE)
    assert reply.subject is not None
    assert (reply.subject.state, "migrated" in reply.subject.labels) == (State.CLOSED, True)
    assert (after.state, after.state_reason) == (State.CLOSED, "NOT_PLANNED" if item.kind is ItemKind.ISSUE else "")


async def test_the_close_shows_who_spoke_just_before(sandbox: Sandbox) -> None:
    """GitHub has no conditional close, so its reply must be read."""
    async with sandbox.client() as client:
        item = await _first_issue(client, sandbox.home)
        sandbox.act("robin", "comment", 1, body="Not so fast!")
        reply = await client.label_and_close(item.id, item.kind)
    assert reply.subject is not None
    assert reply.subject.comments[-1].body == "Not so fast!"


async def test_a_refused_label_does_not_hide_the_close(sandbox: Sandbox) -> None:
    """Aliased mutations go on after a failure: each step has its own outcome."""
    async with sandbox.client() as client:
        item = await _first_issue(client, sandbox.home)
        reply = await client.label_and_close(item.id, item.kind, label_ids=["no-such-label"])
    assert reply.did(Step.CLOSE)
    assert set(reply.errors) == {Step.LABEL}


async def test_without_rights_every_step_is_refused_and_nothing_changes(sandbox: Sandbox) -> None:
    """Comment-only mode must not half-work."""
    async with sandbox.client("robin") as client:
        item = await client.item_by_number(sandbox.home, 3)
        bug = await client.label_id(sandbox.home, "bug")
        assert bug is not None
        other = await sandbox.client("butler").item_by_number(sandbox.home, 1)
        reply = await sandbox.client("butler").label_and_close(other.id, other.kind, label_ids=[bug])
        assert set(reply.errors) == {Step.LABEL, Step.CLOSE}
        assert all(isinstance(error, PermissionDenied) for error in reply.errors.values())
        assert (await client.item(item.id)).state is State.OPEN


async def test_nothing_to_do_sends_nothing(sandbox: Sandbox) -> None:
    """No label and no close is no request."""
    async with sandbox.client() as client:
        assert (await client.label_and_close("I_1", ItemKind.ISSUE, close=False)).done == ()
        assert client.requests == Requests()


@pytest.mark.parametrize("number", [1, 2])
async def test_an_act_is_taken_back_in_one_request(sandbox: Sandbox, number: int) -> None:
    """Open again, label gone, notice reworded."""
    async with sandbox.client() as client:
        item = await client.item_by_number(sandbox.home, number)
        notice = (await client.add_comment(item.id, "Moved.")).comment
        label = await client.ensure_label(sandbox.home, "migrated")
        await client.label_and_close(item.id, item.kind, label_ids=[label.id])
        before = client.requests.mutation
        reply = await client.take_back(item.id, item.kind, label_ids=[label.id], comment_id=notice.id, body="Taken back.")
        assert client.requests.mutation - before == 1
        after = await client.item(item.id)
    assert reply.done == (Step.REOPEN, Step.UNLABEL, Step.EDIT)
    assert reply.comment is not None
    assert reply.comment.body == "Taken back."
    assert (after.state, "migrated" in after.labels, after.comments[-1].body) == (State.OPEN, False, "Taken back.")


async def test_a_pull_request_whose_head_is_gone_cannot_be_reopened(sandbox: Sandbox) -> None:
    """GitHub refuses it; the label still goes."""
    async with sandbox.client() as client:
        item = await client.item_by_number(sandbox.home, 2)
        label = await client.ensure_label(sandbox.home, "migrated")
        await client.label_and_close(item.id, item.kind, label_ids=[label.id])
        sandbox.act("robin", "delete_branch", 2)
        reply = await client.take_back(item.id, item.kind, label_ids=[label.id])
        after = await client.item(item.id)
    assert reply.done == (Step.UNLABEL,)
    assert isinstance(reply.errors[Step.REOPEN], RequestRefused)
    assert after.pull is not None
    assert not after.pull.head_exists


async def test_our_comments_are_found_behind_any_number_of_others(sandbox: Sandbox) -> None:
    """The look-up for a nonce walks back page by page and takes nobody else's text for ours."""
    async with sandbox.client() as client:
        item = await client.item_by_number(sandbox.home, 3)
        notice = (await client.add_comment(item.id, "<!-- nonce -->")).comment
        for at in range(120):
            sandbox.act("robin", "comment", 3, body=f"<!-- nonce --> {at}")
        found = await client.find_comments(item.id, since=notice.created_at)
        everybody = await client.find_comments(item.id, since=notice.created_at, by_viewer=False)
    assert [comment.id for comment in found] == [notice.id]
    assert len(everybody) == 121


async def test_looking_for_comments_stops_at_the_time_asked_for(sandbox: Sandbox) -> None:
    """A thread of thousands is not read whole after each time-out."""
    async with sandbox.client() as client:
        item = await client.item_by_number(sandbox.home, 3)
        before = client.requests.query
        assert await client.find_comments(item.id, since=item.updated_at + timedelta(days=2)) == ()
        assert client.requests.query - before == 1


async def test_our_comment_is_found_by_a_clock_that_is_hours_ahead(sandbox: Sandbox) -> None:
    """`since` comes from our clock, the comment's time from GitHub's: missing our own notice would mean a second one."""
    async with sandbox.client() as client:
        item = await _first_issue(client, sandbox.home)
        notice = (await client.add_comment(item.id, "Moved.")).comment
        found = await client.find_comments(item.id, since=notice.created_at + timedelta(hours=5))
    assert [comment.id for comment in found] == [notice.id]


async def test_a_label_is_created_once(sandbox: Sandbox) -> None:
    """By name, without regard to case, as GitHub compares them."""
    async with sandbox.client() as client:
        assert await client.label_id(sandbox.home, "migrated") is None
        label = await client.ensure_label(sandbox.home, "migrated", color="ededed", description="Went to another repository")
        again = await client.ensure_label(sandbox.home, "Migrated")
        assert client.requests.mutation == 1
        assert await client.label_id(sandbox.home, "migrated") == label.id == again.id


async def test_a_reaction_given_twice_is_one(sandbox: Sandbox) -> None:
    """Commands are answered by a reaction, and may be answered again after a crash."""
    async with sandbox.client() as client:
        comment = (await _first_issue(client, sandbox.home)).comments[0]
        await client.add_reaction(comment.id, "ROCKET")
        await client.add_reaction(comment.id, "ROCKET")
        item = await _first_issue(client, sandbox.home)
    assert [reaction.content for reaction in item.comments[0].reactions] == ["ROCKET"]


# Rights


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ("owner", Permission.ADMIN),
        ("triager", Permission.TRIAGE),
        ("robin", Permission.READ),
        ("no-such-account", Permission.NONE),
    ],
)
async def test_the_role_of_an_account_is_known(sandbox: Sandbox, login: str, expected: Permission) -> None:
    """Commands are for the author and for people with triage rights or more."""
    async with sandbox.client() as client:
        assert await client.permission(sandbox.home, login) == expected


def test_roles_are_ordered() -> None:
    """Each role allows what the weaker ones do."""
    assert Permission.ADMIN.allows(Permission.TRIAGE)
    assert Permission.TRIAGE.allows(Permission.TRIAGE)
    assert not Permission.READ.allows(Permission.TRIAGE)


async def test_the_client_counts_what_the_server_counts(sandboxes: Sandboxes) -> None:
    """The promised numbers of requests are read from this count."""
    started = sandboxes.start(issue(1))
    async with started.client() as client:
        item = await _first_issue(client, OLD)
        await client.add_comment(item.id, "Moved.")
        await client.permission(OLD, "robin")
        assert started.stats()["requests"] == {"query": 1, "mutation": 1, "rest": 1}
        assert client.requests == Requests(query=1, mutation=1, rest=1)
