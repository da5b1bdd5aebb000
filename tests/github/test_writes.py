"""What is written to a GitHub over real HTTP, what it costs, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from migrator.domain.items import ItemKind, State
from migrator.errors import PermissionDenied, RequestRefused
from migrator.github.models import Requests
from migrator.github.mutations import MutationStep
from tests.support.sandboxes import first_issue

if TYPE_CHECKING:
    from tests.support.sandboxes import Sandbox


async def test_a_notice_is_one_request_and_its_reply_the_second_look(sandbox: Sandbox) -> None:
    """The reply shows state, lock and last words, our own comment among them."""
    async with sandbox.client() as client:
        item = await first_issue(client, sandbox.home)
        sandbox.act("robin", "comment", 1, body="Wait!")
        reply = await client.add_comment(item.id, "Moved.")
        assert client.requests.mutation == 1
    assert reply.comment.body == "Moved."
    assert reply.comment.viewer_did_author
    assert reply.subject is not None
    assert (reply.subject.state, reply.subject.locked, reply.subject.comments_total) == (
        State.OPEN,
        False,
        4,
    )
    assert [comment.body for comment in reply.subject.comments] == [
        "Comment 0",
        "Comment 1",
        "Wait!",
        "Moved.",
    ]


async def test_a_locked_thread_refuses_those_without_rights(sandbox: Sandbox) -> None:
    """A refusal, not a missing right: the item goes to a person."""
    sandbox.act("owner", "lock", 1)
    async with sandbox.client("robin") as client:
        item = await first_issue(client, sandbox.home)
        assert item.locked
        with pytest.raises((RequestRefused, PermissionDenied)):
            await client.add_comment(item.id, "Moved.")


async def test_a_comment_longer_than_github_takes_is_refused(sandbox: Sandbox) -> None:
    """65,536 characters, not one more; nothing is stored."""
    async with sandbox.client() as client:
        item = await first_issue(client, sandbox.home)
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
        label = await client.ensure_label(
            sandbox.home, "migrated", description="Went to another repository"
        )
        before = client.requests
        reply = await client.label_and_close(item.id, item.kind, label_ids=[label.id])
        assert client.requests.mutation - before.mutation == 1
        after = await client.item(item.id)
    assert reply.done == (MutationStep.LABEL, MutationStep.CLOSE)
    assert reply.subject is not None
    assert (reply.subject.state, "migrated" in reply.subject.labels) == (State.CLOSED, True)
    assert (after.state, after.state_reason) == (
        State.CLOSED,
        "NOT_PLANNED" if item.kind is ItemKind.ISSUE else "",
    )


async def test_the_close_shows_who_spoke_just_before(sandbox: Sandbox) -> None:
    """GitHub has no conditional close, so its reply must be read."""
    async with sandbox.client() as client:
        item = await first_issue(client, sandbox.home)
        sandbox.act("robin", "comment", 1, body="Not so fast!")
        reply = await client.label_and_close(item.id, item.kind)
    assert reply.subject is not None
    assert reply.subject.comments[-1].body == "Not so fast!"


async def test_a_refused_label_does_not_hide_the_close(sandbox: Sandbox) -> None:
    """Aliased mutations go on after a failure: each step has its own outcome."""
    async with sandbox.client() as client:
        item = await first_issue(client, sandbox.home)
        reply = await client.label_and_close(item.id, item.kind, label_ids=["no-such-label"])
    assert reply.did(MutationStep.CLOSE)
    assert set(reply.errors) == {MutationStep.LABEL}


async def test_without_rights_every_step_is_refused_and_nothing_changes(sandbox: Sandbox) -> None:
    """Comment-only mode must not half-work."""
    async with sandbox.client("robin") as client:
        item = await client.item_by_number(sandbox.home, 3)
        bug = await client.label_id(sandbox.home, "bug")
        assert bug is not None
        other = await sandbox.client("butler").item_by_number(sandbox.home, 1)
        reply = await sandbox.client("butler").label_and_close(
            other.id, other.kind, label_ids=[bug]
        )
        assert set(reply.errors) == {MutationStep.LABEL, MutationStep.CLOSE}
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
        reply = await client.take_back(
            item.id, item.kind, label_ids=[label.id], comment_id=notice.id, body="Taken back."
        )
        assert client.requests.mutation - before == 1
        after = await client.item(item.id)
    assert reply.done == (MutationStep.REOPEN, MutationStep.UNLABEL, MutationStep.EDIT)
    assert reply.comment is not None
    assert reply.comment.body == "Taken back."
    assert (after.state, "migrated" in after.labels, after.comments[-1].body) == (
        State.OPEN,
        False,
        "Taken back.",
    )


async def test_a_pull_request_whose_head_is_gone_cannot_be_reopened(sandbox: Sandbox) -> None:
    """GitHub refuses it; the label still goes."""
    async with sandbox.client() as client:
        item = await client.item_by_number(sandbox.home, 2)
        label = await client.ensure_label(sandbox.home, "migrated")
        await client.label_and_close(item.id, item.kind, label_ids=[label.id])
        sandbox.act("robin", "delete_branch", 2)
        reply = await client.take_back(item.id, item.kind, label_ids=[label.id])
        after = await client.item(item.id)
    assert reply.done == (MutationStep.UNLABEL,)
    assert isinstance(reply.errors[MutationStep.REOPEN], RequestRefused)
    assert after.pull is not None
    assert not after.pull.head_exists


async def test_our_comments_are_found_behind_any_number_of_others(sandbox: Sandbox) -> None:
    """The look-up for a nonce walks back page by page and takes nobody else's text for ours."""
    async with sandbox.client() as client:
        item = await client.item_by_number(sandbox.home, 3)
        notice = (await client.add_comment(item.id, "<!-- nonce -->")).comment
        for at in range(120):
            sandbox.act("robin", "comment", 3, body=f"<!-- nonce --> {at}")
        since = notice.created_at + timedelta(
            hours=2
        )  # the look-up reads a day further back; the world's newest comment is that old
        found = await client.find_comments(item.id, since=since)
        everybody = await client.find_comments(item.id, since=since, by_viewer=False)
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
    """`since` comes from our clock, the comment's time from GitHub's: missing our own notice
    would mean a second one."""
    async with sandbox.client() as client:
        item = await first_issue(client, sandbox.home)
        notice = (await client.add_comment(item.id, "Moved.")).comment
        found = await client.find_comments(item.id, since=notice.created_at + timedelta(hours=5))
    assert [comment.id for comment in found] == [notice.id]


async def test_a_label_is_created_once(sandbox: Sandbox) -> None:
    """By name, without regard to case, as GitHub compares them."""
    async with sandbox.client() as client:
        assert await client.label_id(sandbox.home, "migrated") is None
        label = await client.ensure_label(
            sandbox.home, "migrated", color="ededed", description="Went to another repository"
        )
        again = await client.ensure_label(sandbox.home, "Migrated")
        assert client.requests.mutation == 1
        assert await client.label_id(sandbox.home, "migrated") == label.id == again.id


async def test_a_reaction_given_twice_is_one(sandbox: Sandbox) -> None:
    """Commands are answered by a reaction, and may be answered again after a crash."""
    async with sandbox.client() as client:
        comment = (await first_issue(client, sandbox.home)).comments[0]
        await client.add_reaction(comment.id, "ROCKET")
        await client.add_reaction(comment.id, "ROCKET")
        item = await first_issue(client, sandbox.home)
    assert [reaction.content for reaction in item.comments[0].reactions] == ["ROCKET"]
