"""Closing, reopening and merging."""

from __future__ import annotations

from migrator.sandbox.entities import Event, Item
from migrator.sandbox.errors import Refused, forbidden, invalid
from migrator.sandbox.notifications import send_mails
from migrator.sandbox.rights import (
    Agent,
    Level,
    may_reopen,
    may_triage,
    require_level,
    require_write,
    wrote,
)
from migrator.sandbox.world import World

CLOSE_REASONS = ("completed", "not_planned", "duplicate")


def record(
    world: World,
    agent: Agent,
    item: Item,
    kind: str,
    sequence: int,
    *,
    label: str = "",
    detail: str = "",
    before: str = "",
) -> Event:
    """Append an event of the agent's to an item's timeline."""
    event = Event(
        kind=kind,
        actor=agent.login,
        created_at=world.clock.text(),
        sequence=sequence,
        app=agent.app,
    )
    event.id, event.label, event.detail, event.before = world.new_id(), label, detail, before
    item.events.append(event)
    return event


def close(
    world: World, agent: Agent, item: Item, reason: str | None = None, *, read: int = 0
) -> Item:
    """Close an item; ``reason`` is ``completed``, ``not_planned`` or ``duplicate``, and for issues
    only.

    Closing what is closed changes nothing, not even the reason.

    Raises:
        Refused: 403 neither author nor triage; 422 unknown reason.
    """
    repository = world.repository(item.repository)
    require_write(agent, repository, item)
    if not wrote(agent, item) and not may_triage(agent, repository):
        act = "ClosePullRequest" if item.is_pull else "CloseIssue"
        raise forbidden(f"{agent.login} does not have the correct permissions to execute `{act}`")
    wanted = (reason or "completed").lower()
    if wanted not in CLOSE_REASONS:
        raise invalid(f"{reason} is not a reason to close", field="state_reason")
    if item.state != "open":
        return item
    with world.change(item) as sequence:
        item.state, item.closed_at, item.closed_by = "closed", world.clock.text(), agent.login
        item.state_reason = None if item.is_pull else wanted
        record(world, agent, item, "closed", sequence, detail=item.state_reason or "").read = read
        send_mails(world, "close", item, agent.login, sequence)
    world.count("close", item, agent.login)
    world.announce(
        "pull_request" if item.is_pull else "issues", "closed", item.repository, agent.login, item
    )
    return item


def reopen(world: World, agent: Agent, item: Item) -> Item:
    """Reopen an item; an author only what the author closed.

    Raises:
        Refused: 403 the right; 422 merged, or its branch is gone.
    """
    repository = world.repository(item.repository)
    require_write(agent, repository, item)
    if item.state == "open":
        return item
    if not may_reopen(agent, repository, item):
        act = "ReopenPullRequest" if item.is_pull else "ReopenIssue"
        raise forbidden(f"{agent.login} does not have the correct permissions to execute `{act}`")
    _check_reopenable(item)
    with world.change(item) as sequence:
        item.state, item.closed_at, item.closed_by = "open", None, None
        item.state_reason = None if item.is_pull else "reopened"
        record(world, agent, item, "reopened", sequence)
        send_mails(world, "reopen", item, agent.login, sequence)
    world.count("reopen", item, agent.login)
    world.announce(
        "pull_request" if item.is_pull else "issues", "reopened", item.repository, agent.login, item
    )
    return item


def _check_reopenable(item: Item) -> None:
    """Refuse what GitHub cannot open again."""
    if item.state == "merged":
        raise Refused(422, "Could not open the pull request: it was merged.")
    if item.pull is not None and item.pull.head_deleted:
        raise invalid(
            "state cannot be changed. The head branch has been deleted.",
            resource="PullRequest",
            field="state",
        )


def merge(world: World, agent: Agent, item: Item) -> Item:
    """Merge a pull request, closing the issues that it says it closes.

    Raises:
        Refused: 403 the right to write; 405 it is not open, or not a pull request.
    """
    repository = world.repository(item.repository)
    require_level(agent, repository, Level.WRITE, "MergePullRequest", item)
    if item.pull is None or item.state != "open":
        raise Refused(405, "Pull Request is not mergeable", "UNPROCESSABLE")
    with world.change(item) as sequence:
        now = world.clock.text()
        item.state, item.closed_at, item.closed_by = "merged", now, agent.login
        item.pull.merged_at, item.pull.merged_by = now, agent.login
        record(world, agent, item, "merged", sequence)
        record(world, agent, item, "closed", sequence)
        send_mails(world, "merge", item, agent.login, sequence)
    world.contributors.setdefault(item.repository.lower(), set()).add((item.author or "").lower())
    world.count("merge", item, agent.login)
    world.announce("pull_request", "closed", item.repository, agent.login, item)
    for number in item.pull.closes:
        issue = world.peek(item.repository, number)
        if issue is not None and issue.state == "open":
            close(world, agent, issue)
    return item
