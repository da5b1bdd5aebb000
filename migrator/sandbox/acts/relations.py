"""Sub-issues and dependencies: how issues hang together.

https://docs.github.com/rest/issues/sub-issues
https://docs.github.com/rest/issues/issue-dependencies
"""

from __future__ import annotations

from typing import Literal

from migrator.sandbox.entities import Item, Reference
from migrator.sandbox.errors import Refused
from migrator.sandbox.rights import Agent, Level, require_level
from migrator.sandbox.world import World

Kind = Literal["parent", "sub_issues", "blocked_by", "blocking"]
INVERSE: dict[Kind, Kind] = {
    "parent": "sub_issues",
    "sub_issues": "parent",
    "blocked_by": "blocking",
    "blocking": "blocked_by",
}
MOST_SUB_ISSUES = 100
MOST_BLOCKERS = 50


def related(item: Item, kind: Kind) -> list[Reference]:
    """Return what an item is related to in one way; a parent is a list of one."""
    if kind == "parent":
        return [] if item.parent is None else [item.parent]
    found: list[Reference] = getattr(item, kind)
    return found


def relate(item: Item, kind: Kind, other: Reference) -> None:
    """Put one side of a relation on an item, at the end."""
    if kind == "parent":
        item.parent = other
    elif not _names(item, kind, other):
        getattr(item, kind).append(other)


def unrelate(item: Item, kind: Kind, other: Reference) -> None:
    """Take one side of a relation off an item."""
    if kind == "parent":
        item.parent = None
    else:
        setattr(item, kind, [one for one in related(item, kind) if not _same(one, other)])


def replace(item: Item, kind: Kind, old: Reference, new: Reference) -> bool:
    """Let one side of a relation name another place; returns whether it was there."""
    if not _names(item, kind, old):
        return False
    if kind == "parent":
        item.parent = new
    else:
        places = [new if _same(one, old) else one for one in related(item, kind)]
        setattr(item, kind, places)
    return True


def _names(item: Item, kind: Kind, other: Reference) -> bool:
    return any(_same(one, other) for one in related(item, kind))


def _same(one: Reference, other: Reference) -> bool:
    return (one.repository.lower(), one.number) == (other.repository.lower(), other.number)


def add_sub_issue(
    world: World, agent: Agent, parent: Item, child: Item, *, replace_parent: bool = False
) -> None:
    """Make an issue a part of another.

    Raises:
        Refused: 403 below triage on the parent's repository; 422 it is a part already, of this or
            (without ``replace_parent``) of another issue, or the parent is full.
    """
    require_level(agent, world.repository(parent.repository), Level.TRIAGE, "AddSubIssue", parent)
    if _names(parent, "sub_issues", child.reference):
        raise _refused("Issue may not contain duplicate sub-issues")
    if child.parent is not None and not replace_parent:
        raise _refused("Sub issue may only have one parent")
    if child is parent or len(parent.sub_issues) >= MOST_SUB_ISSUES:
        raise _refused("Parent cannot have more than 100 sub-issues, nor be its own")
    if child.parent is not None and (old := _there(world, child.parent)) is not None:
        unrelate(old, "sub_issues", child.reference)
        world.touch(old)
    connect(world, parent, "sub_issues", child)
    world.count("add_sub_issue", parent, agent.login)


def remove_sub_issue(world: World, agent: Agent, parent: Item, child: Item) -> None:
    """Take a part out of an issue.

    Raises:
        Refused: 403 below triage; 404 it is no part of it.
    """
    require_level(
        agent, world.repository(parent.repository), Level.TRIAGE, "RemoveSubIssue", parent
    )
    disconnect(world, parent, "sub_issues", child)
    world.count("remove_sub_issue", parent, agent.login)


def add_blocked_by(world: World, agent: Agent, item: Item, blocker: Item) -> None:
    """Say that an issue waits for another.

    Raises:
        Refused: 403 below triage on its repository; 422 it does already, or waits for too many.
    """
    require_level(agent, world.repository(item.repository), Level.TRIAGE, "AddBlockedBy", item)
    if blocker is item or _names(item, "blocked_by", blocker.reference):
        raise _refused("Issue is already blocked by this issue, or is the issue itself")
    if len(item.blocked_by) >= MOST_BLOCKERS:
        raise _refused("Issue cannot be blocked by more than 50 issues")
    connect(world, item, "blocked_by", blocker)
    world.count("add_blocked_by", item, agent.login)


def remove_blocked_by(world: World, agent: Agent, item: Item, blocker: Item) -> None:
    """Say that an issue no longer waits for another.

    Raises:
        Refused: 403 below triage; 404 it does not.
    """
    require_level(agent, world.repository(item.repository), Level.TRIAGE, "RemoveBlockedBy", item)
    disconnect(world, item, "blocked_by", blocker)
    world.count("remove_blocked_by", item, agent.login)


def connect(world: World, item: Item, kind: Kind, other: Item) -> None:
    """Put a relation on both of its ends."""
    with world.change(item), world.change(other):
        relate(item, kind, other.reference)
        relate(other, INVERSE[kind], item.reference)


def disconnect(world: World, item: Item, kind: Kind, other: Item) -> None:
    """Take a relation off both of its ends.

    Raises:
        Refused: 404, there is none.
    """
    if not _names(item, kind, other.reference):
        raise Refused(404, "Not Found")
    with world.change(item), world.change(other):
        unrelate(item, kind, other.reference)
        unrelate(other, INVERSE[kind], item.reference)


def _there(world: World, reference: Reference) -> Item | None:
    return world.threads.get(reference.repository.lower(), {}).get(reference.number)


def _refused(message: str) -> Refused:
    return Refused(422, message, "UNPROCESSABLE")
