"""Renaming and deleting repositories.

https://docs.github.com/repositories/creating-and-managing-repositories/renaming-a-repository
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.sandbox.entities import Event, Item, Reference, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.world import World


def rename_repository(world: World, repository: Repository, name: str, by: str) -> Repository:
    """Give a repository another name; ids stay, and the old name leads to the new one until another
    repository takes it.

    Raises:
        Refused: 422, the name is taken or is no ``owner/name``.
    """
    if name.count("/") != 1 or world.repositories.get(name.lower(), repository) is not repository:
        raise Refused(
            422, f"The name {name} already exists on this account, or is no name.", "UNPROCESSABLE"
        )
    old = repository.name
    world.rename(repository, name)
    for record in (*world.accounts.values(), *world.installations.values()):
        _rename_in(world, record, old, name)
    for item in list(world.items_by_id.values()):
        _rename_references(world, item, old, name)
    if world.source == old:
        world.source = name
    if world.target == old:
        world.target = name
    world.announce("repository", "renamed", name, by, renamed_from=old.partition("/")[2])
    return repository


def _rename_in(world: World, record: object, old: str, new: str) -> None:
    """Put the new name where an account's permissions or an installation's repositories have the
    old one."""
    permissions, repositories = (
        getattr(record, "permissions", {}),
        getattr(record, "repositories", []),
    )
    if old in permissions:
        permissions[new] = permissions.pop(old)
    elif old in repositories:
        repositories[repositories.index(old)] = new
    else:
        return
    world.touch(record)  # type: ignore[arg-type]


def _rename_references(world: World, item: Item, old: str, new: str) -> None:
    """Let what an item says of other items name the repository as it is called now."""
    named: Iterable[Reference | None] = (
        item.moved_to,
        item.came_from,
        item.parent,
        *item.sub_issues,
        *item.blocked_by,
        *item.blocking,
        *(event.source for event in item.events),
    )
    found = [
        reference
        for reference in named
        if reference is not None and reference.repository.lower() == old.lower()
    ]
    told: list[Event] = [
        event
        for event in item.events
        if event.kind == "transferred" and event.detail.lower() == old.lower()
    ]
    for reference in found:
        reference.repository = new
    for event in told:
        event.detail = new
    if found or told:
        world.touch(item)


def delete_repository(world: World, repository: Repository) -> None:
    """Delete a repository with everything in it. Its name is free again; who makes it anew gets
    another id."""
    for item in world.threads.pop(repository.name.lower(), {}).values():
        item.deleted = True
        world.touch(item)
    world.repositories.pop(repository.name.lower(), None)
    world.repositories_by_id.pop(repository.id, None)
    world.forget_former_names(repository)
