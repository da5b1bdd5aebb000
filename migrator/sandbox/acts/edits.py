"""Changing an item itself: title, body, assignees, milestone, lock, pin, reactions."""

from __future__ import annotations

from migrator.sandbox.acts.states import record
from migrator.sandbox.acts.texts import check_body, check_title
from migrator.sandbox.clock import moment
from migrator.sandbox.entities import Comment, Edit, Item, Reaction, Repository, Review
from migrator.sandbox.errors import forbidden, invalid
from migrator.sandbox.notifications import leave_backlinks, send_mails
from migrator.sandbox.rights import (
    Agent,
    Level,
    may_triage,
    require_level,
    require_not_blocked,
    require_write,
    wrote,
)
from migrator.sandbox.world import World

LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")
REACTIONS = ("THUMBS_UP", "THUMBS_DOWN", "LAUGH", "HOORAY", "CONFUSED", "HEART", "ROCKET", "EYES")


def edit_item(
    world: World, agent: Agent, item: Item, *, title: str | None = None, body: str | None = None
) -> Item:
    """Change title or body; the author may, and whoever may write.

    Raises:
        Refused: 403 the right; 422 the text.
    """
    repository = world.repository(item.repository)
    require_write(agent, repository, item)
    if not wrote(agent, item):
        require_level(
            agent, repository, Level.TRIAGE if body is None else Level.WRITE, "UpdateIssue", item
        )
    new_title = item.title if title is None else check_title(title)
    new_body = item.body if body is None else check_body(body, resource="Issue", blank=True)
    before = {"title": item.title, "body": item.body}
    if (new_title, new_body) == (item.title, item.body):
        return item
    with world.change(item) as sequence:
        if new_title != item.title:
            record(world, agent, item, "renamed", sequence, detail=new_title, before=item.title)
            item.title = new_title
        if new_body != item.body:
            item.edited_at, item.editor, item.body = world.clock.text(), agent.login, new_body
            item.edits.append(
                Edit(editor=agent.login, edited_at=item.edited_at, body=new_body, sequence=sequence)
            )
    leave_backlinks(world, item, agent.login, new_body if body is not None else "")
    world.count("edit", item, agent.login)
    event = "pull_request" if item.is_pull else "issues"
    world.announce(event, "edited", item.repository, agent.login, item, before=before)
    return item


def assign(world: World, agent: Agent, item: Item, logins: list[str], *, on: bool = True) -> Item:
    """Assign people, or unassign them; logins that do not exist are passed over, as GitHub does.

    Raises:
        Refused: 403 below triage.
    """
    require_level(
        agent, world.repository(item.repository), Level.TRIAGE, "AddAssigneesToAssignable", item
    )
    for account in filter(None, (world.account(login) for login in logins)):
        if (account.login in item.assignees) is on:
            continue
        with world.change(item) as sequence:
            if on:
                item.assignees.append(account.login)
            else:
                item.assignees.remove(account.login)
            record(
                world,
                agent,
                item,
                "assigned" if on else "unassigned",
                sequence,
                detail=account.login,
            )
        world.count("assign" if on else "unassign", item, agent.login)
        event = "pull_request" if item.is_pull else "issues"
        world.announce(
            event,
            "assigned" if on else "unassigned",
            item.repository,
            agent.login,
            item,
            assignee=account,
        )
    return item


def set_milestone(world: World, agent: Agent, item: Item, title: str | None) -> Item:
    """Put an item into a milestone of its repository, or into none.

    Raises:
        Refused: 403 below triage; 422 no such milestone.
    """
    repository = world.repository(item.repository)
    require_level(agent, repository, Level.TRIAGE, "UpdateIssue", item)
    if title is not None and title not in repository.milestones:
        raise invalid("milestone does not exist", field="milestone", code="invalid")
    if title == item.milestone:
        return item
    with world.change(item) as sequence:
        if item.milestone:
            record(world, agent, item, "demilestoned", sequence, detail=item.milestone)
        if title:
            record(world, agent, item, "milestoned", sequence, detail=title)
        item.milestone = title
    world.count("milestone", item, agent.login)
    world.announce(
        "issues", "milestoned" if title else "demilestoned", item.repository, agent.login, item
    )
    return item


def create_milestone(
    world: World, agent: Agent, repository: Repository, title: str, due: str | None = None
) -> str:
    """Create a milestone with an ISO 8601 due date or none, and return its title.

    Raises:
        Refused: 403 below write; 422 it exists, has no title, or the date is none.
    """
    require_level(agent, repository, Level.WRITE, "CreateMilestone")
    if not title.strip() or title in repository.milestones:
        code = "already_exists" if title.strip() else "missing_field"
        raise invalid("Validation Failed", resource="Milestone", field="title", code=code)
    try:
        day = moment(due) if due else ""
    except ValueError as error:
        raise invalid("due_on is not a date", resource="Milestone", field="due_on") from error
    repository.milestones.append(title)
    if day:
        repository.milestone_due[title] = day
    world.tick()
    world.touch(repository)
    world.count("create_milestone", None, agent.login)
    return title


def lock(
    world: World, agent: Agent, item: Item, reason: str | None = None, *, on: bool = True
) -> Item:
    """Lock or unlock a conversation (https://docs.github.com/rest/issues/issues#lock-an-issue).

    Raises:
        Refused: 403 below write; 422 unknown reason.
    """
    require_level(
        agent,
        world.repository(item.repository),
        Level.WRITE,
        "LockLockable" if on else "UnlockLockable",
        item,
    )
    wanted = (
        reason.lower().replace("_", "-").replace("too-heated", "too heated") if reason else None
    )
    if wanted is not None and wanted not in LOCK_REASONS:
        raise invalid("lock_reason is not valid", field="lock_reason", code="invalid")
    if item.locked is on:
        return item
    with world.change(item) as sequence:
        item.locked, item.lock_reason = on, wanted if on else None
        record(world, agent, item, "locked" if on else "unlocked", sequence, detail=wanted or "")
    world.count("lock" if on else "unlock", item, agent.login)
    world.announce(
        "pull_request" if item.is_pull else "issues",
        "locked" if on else "unlocked",
        item.repository,
        agent.login,
        item,
    )
    return item


def pin(world: World, agent: Agent, item: Item, *, on: bool = True) -> Item:
    """Pin an issue to its repository, or unpin it; three at most.

    Raises:
        Refused: 403 below write; 422 three are pinned.
    """
    require_level(
        agent,
        world.repository(item.repository),
        Level.WRITE,
        "PinIssue" if on else "UnpinIssue",
        item,
    )
    if on and sum(other.pinned for other in world.living(item.repository)) >= 3:
        raise invalid("Maximum 3 pinned issues per repository")
    if item.pinned is on:
        return item
    with world.change(item) as sequence:
        item.pinned = on
        record(world, agent, item, "pinned" if on else "unpinned", sequence)
    world.count("pin" if on else "unpin", item, agent.login)
    world.announce("issues", "pinned" if on else "unpinned", item.repository, agent.login, item)
    return item


def react(
    world: World, agent: Agent, item: Item, part: Item | Comment | Review, content: str
) -> tuple[Reaction, bool]:
    """React to an item or a part of it. Returns the reaction and whether it is new; ``updated_at``
    stays.

    Raises:
        Refused: 403 locked to the agent, or it may not write; 422 unknown content.
    """
    repository = world.repository(item.repository)
    require_write(agent, repository, item)
    for author in dict.fromkeys((item.author, part.author)):
        require_not_blocked(world, agent, author)
    if content not in REACTIONS:
        raise invalid("content is not valid", resource="Reaction", field="content", code="invalid")
    if item.locked and not may_triage(agent, repository):
        raise forbidden("Unable to create reaction because the conversation is locked.")
    found = next(
        (old for old in part.reactions if old.user == agent.login and old.content == content), None
    )
    if found is not None:
        return found, False
    with world.change(item, moves=False) as sequence:
        made = Reaction(
            content=content,
            user=agent.login,
            created_at=world.clock.text(),
            id=world.new_id(),
            sequence=sequence,
        )
        part.reactions.append(made)
    world.count("react", item, agent.login)
    return made, True


def unreact(
    world: World, agent: Agent, item: Item, part: Item | Comment | Review, reaction: Reaction
) -> None:
    """Take a reaction back; only whose it is may.

    Raises:
        Refused: 403 it is another's.
    """
    require_write(agent, world.repository(item.repository), item)
    if reaction.user != agent.login:
        raise forbidden("Reactions can only be removed by who left them.")
    with world.change(item, moves=False):
        part.reactions.remove(reaction)
    world.count("unreact", item, agent.login)


def subscribe(world: World, item: Item, login: str) -> None:
    """Let an account get mails of an item."""
    if login not in item.subscribers:
        item.subscribers.append(login)
        world.touch(item)


__all__ = [
    "LOCK_REASONS",
    "REACTIONS",
    "assign",
    "edit_item",
    "lock",
    "pin",
    "react",
    "send_mails",
    "set_milestone",
    "subscribe",
    "unreact",
]
