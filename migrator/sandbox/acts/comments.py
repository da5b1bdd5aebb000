"""Writing, editing, deleting and hiding comments."""

from __future__ import annotations

from migrator.sandbox.acts.texts import check_body
from migrator.sandbox.entities import Comment, Edit, Event, Item
from migrator.sandbox.errors import forbidden
from migrator.sandbox.notifications import leave_backlinks, send_mails
from migrator.sandbox.rights import (
    Agent,
    Level,
    level,
    require_level,
    require_not_blocked,
    require_write,
    wrote,
)
from migrator.sandbox.world import World


def add_comment(
    world: World, agent: Agent, item: Item, body: str | None, *, read: int = 0
) -> Comment:
    """Comment on an item; participants and watchers are mailed, items named in it get a backlink.

    Raises:
        Refused: 403 the conversation is locked to the agent, or it may not write; 422 the body, or
            the item's author blocked the agent.
    """
    repository = world.repository(item.repository)
    require_write(agent, repository, item)
    require_not_blocked(world, agent, item.author)
    if item.locked and level(agent, repository) < Level.WRITE:
        kind = "pull request" if item.is_pull else "issue"
        raise forbidden(f"Unable to create comment because {kind} is locked.")
    text = check_body(body)
    with world.change(item) as sequence:
        now = world.clock.text()
        comment = Comment(
            author=agent.login,
            body=text,
            created_at=now,
            updated_at=now,
            sequence=sequence,
            read=read,
            app=agent.app,
        )
        item.comments.append(comment)
        world.place_comment(item, comment)
        send_mails(world, "comment", item, agent.login, sequence, text)
    leave_backlinks(world, item, agent.login, text)
    world.count("comment", item, agent.login)
    world.announce("issue_comment", "created", item.repository, agent.login, item, comment=comment)
    return comment


def edit_comment(
    world: World, agent: Agent, item: Item, comment: Comment, body: str | None
) -> Comment:
    """Change a comment's text. Nobody is mailed.

    Raises:
        Refused: 403 it is another's and the agent may not write; 422 the body.
    """
    repository = world.repository(item.repository)
    if not wrote(agent, comment):
        require_level(agent, repository, Level.WRITE, "UpdateIssueComment", item)
    require_write(agent, repository, item)
    text = check_body(body)
    before = comment.body
    with world.change(item) as sequence:
        now = world.clock.text()
        comment.edits.append(Edit(editor=agent.login, edited_at=now, body=text, sequence=sequence))
        comment.body, comment.edited_at, comment.updated_at, comment.editor = (
            text,
            now,
            now,
            agent.login,
        )
    leave_backlinks(world, item, agent.login, text)
    world.count("edit_comment", item, agent.login)
    world.announce(
        "issue_comment",
        "edited",
        item.repository,
        agent.login,
        item,
        comment=comment,
        before=before,
    )
    return comment


def delete_comment(world: World, agent: Agent, item: Item, comment: Comment) -> None:
    """Delete a comment; the timeline keeps that one was deleted.

    Raises:
        Refused: 403 it is another's and the agent may not write.
    """
    repository = world.repository(item.repository)
    if not wrote(agent, comment):
        require_level(agent, repository, Level.WRITE, "DeleteIssueComment", item)
    require_write(agent, repository, item)
    with world.change(item) as sequence:
        item.comments.remove(comment)
        world.comment_home.pop(comment.id, None)
        gone = Event(
            kind="comment_deleted",
            actor=agent.login,
            created_at=world.clock.text(),
            detail=comment.author or "",
        )
        gone.id, gone.sequence = world.new_id(), sequence
        item.events.append(gone)
    world.count("delete_comment", item, agent.login)
    world.announce("issue_comment", "deleted", item.repository, agent.login, item, comment=comment)


def minimize_comment(
    world: World,
    agent: Agent,
    item: Item,
    comment: Comment,
    *,
    reason: str = "",
    hidden: bool = True,
) -> Comment:
    """Hide a comment, or show it again; ``reason`` is GitHub's classifier in lower case.

    Raises:
        Refused: 403 it is another's and the agent may not write.
    """
    if not wrote(agent, comment):
        require_level(
            agent, world.repository(item.repository), Level.WRITE, "MinimizeComment", item
        )
    require_write(agent, world.repository(item.repository), item)
    with world.change(item, moves=False):
        comment.minimized, comment.minimized_reason = (
            hidden,
            reason.lower().replace("_", "-") if hidden else "",
        )
    world.count("minimize_comment", item, agent.login)
    return comment
