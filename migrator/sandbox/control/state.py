"""``POST /_sandbox/act``: acts that change the state of repositories, organizations, tokens and
clocks, not of one item.

They need no ``as``; each is undone by the same act with ``"on": false`` (or the opposite name)::

    {"do": "rename_repository", "repository": "acme/mono", "to": "acme/monorepo"}   301 by REST,
    followed by GraphQL; ids stay {"do": "delete_repository", "repository": "acme/mono"}
    its name is free for one with another id {"do": "archive_repository", "repository": "acme/mono"}
    every write: 403, "archived so is read-only" {"do": "suspend_installation", "owner": "acme"}
    tokens in hand and new ones: 403, "suspended" {"do": "uninstall", "owner": "acme"}
    tokens in hand: 401; no installation is found {"do": "allow_list", "owner": "acme"}
    everything of the owner: 403, "IP allow list" {"do": "single_sign_on", "owner": "acme"}
    persons' tokens: 403 with ``x-github-sso`` {"do": "block", "owner": "acme", "login": "mover"}
    every write of the account: 403, "blocked" {"do": "block", "by": "ada", "login": "mover"}
    comments and reactions on what ada wrote: 422, "blocked" {"do": "set_role",
    "repository": "acme/mono", "login": "mover", "role": "read"} ``""`` takes the role away
    {"do": "expire_token", "login": "mover"}  all tokens of the account: 401 {"do":
    "token_scopes", "login": "mover", "scopes": ["repo"]}                    queries that read
    teams: INSUFFICIENT_SCOPES {"do": "clock_offset", "seconds": 90}
    ``Date`` and the check of App tokens are ahead {"do": "add_sub_issue", "repository":
    "acme/mono", "number": 1, "sub_number": 2} {"do": "add_blocked_by", "repository": "acme/mono",
    "number": 1, "blocking_number": 2} 1 waits for 2

Items are transferred by the act ``transfer`` (with ``as``), see :mod:`.acts`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from migrator.sandbox.acts.relations import connect, disconnect
from migrator.sandbox.acts.repositories import delete_repository, rename_repository
from migrator.sandbox.entities import Account, Installation, Item
from migrator.sandbox.errors import Refused, not_found
from migrator.sandbox.world import World

Given = dict[str, Any]


def _on(given: Given) -> bool:
    return bool(given.get("on", True))


def _rename(world: World, given: Given) -> object:
    repository = world.repository(given["repository"])
    return rename_repository(
        world, repository, given["to"], str(given.get("as") or repository.owner)
    )


def _delete(world: World, given: Given) -> object:
    delete_repository(world, world.repository(given["repository"]))
    return None


def _archive(world: World, given: Given) -> object:
    repository = world.repository(given["repository"])
    repository.archived = _on(given)
    world.touch(repository)
    world.announce(
        "repository",
        "archived" if repository.archived else "unarchived",
        repository.name,
        repository.owner,
    )
    return repository


def _installations(world: World, given: Given) -> list[Installation]:
    owner = str(given["owner"]).lower()
    found = [one for one in world.installations.values() if one.account.lower() == owner]
    if not found:
        raise Refused(404, f"no installation on {owner}")
    return found


def _suspend(world: World, given: Given) -> object:
    for installation in _installations(world, given):
        installation.suspended = _on(given)
        world.touch(installation)
    return _installations(world, given)


def _uninstall(world: World, given: Given) -> object:
    for installation in _installations(world, given):
        installation.removed = _on(given)
        world.touch(installation)
    return _installations(world, given)


def _switch(names: set[str], name: str, on: bool) -> list[str]:
    """Put a name into a set, or take it out; returns what is in it then."""
    if on:
        names.add(name.lower())
    else:
        names.discard(name.lower())
    return sorted(names)


def _block(world: World, given: Given) -> object:
    if "by" in given:
        return _block_by_person(world, given)
    owner, login = str(given["owner"]).lower(), str(given["login"]).lower()
    found = [
        repository
        for repository in world.repositories.values()
        if repository.owner.lower() == owner
    ]
    for repository in found:
        others = [name for name in repository.blocked if name != login]
        repository.blocked = [*others, login] if _on(given) else others
        world.touch(repository)
    return [repository.name for repository in found]


def _block_by_person(world: World, given: Given) -> object:
    account, login = world.account(given["by"]), str(given["login"]).lower()
    if account is None:
        raise not_found(f"no account {given['by']!r}")
    others = [name for name in account.blocks if name != login]
    account.blocks = [*others, login] if _on(given) else others
    return account.login


def _set_role(world: World, given: Given) -> object:
    account: Account | None = world.account(given["login"])
    if account is None:
        raise not_found(f"no account {given['login']!r}")
    name = world.repository(given["repository"]).name
    others = {key: role for key, role in account.permissions.items() if key != name}
    account.permissions = {**others, name: given["role"]} if given["role"] else others
    world.touch(account)
    return account


def _scopes(world: World, given: Given) -> object:
    login, scopes = str(given["login"]).lower(), given.get("scopes")
    if scopes is None or not _on(given):
        world.access.scopes.pop(login, None)
    else:
        world.access.scopes[login] = [str(scope) for scope in scopes]
    return world.access.scopes


def _clock(world: World, given: Given) -> object:
    world.access.clock_offset = float(given.get("seconds", 0)) if _on(given) else 0.0
    return {"clock_offset": world.access.clock_offset}


def _sub_issue(world: World, given: Given) -> object:
    parent, child = _pair(world, given, "sub")
    if child.parent is not None:
        disconnect(
            world, world.item(child.parent.repository, child.parent.number), "sub_issues", child
        )
    if _on(given):
        connect(world, parent, "sub_issues", child)
    return parent.sub_issues


def _blocked_by(world: World, given: Given) -> object:
    item, blocker = _pair(world, given, "blocking")
    (connect if _on(given) else disconnect)(world, item, "blocked_by", blocker)
    return item.blocked_by


def _pair(world: World, given: Given, role: str) -> tuple[Item, Item]:
    """Return the item that an act names, and the other by ``{role}_number``."""
    other = given.get(f"{role}_repository") or given["repository"]
    return (
        world.item(given["repository"], int(given["number"])),
        world.item(other, int(given[f"{role}_number"])),
    )


STATE_ACTS: dict[str, Callable[[World, Given], object]] = {
    "rename_repository": _rename,
    "delete_repository": _delete,
    "archive_repository": _archive,
    "suspend_installation": _suspend,
    "uninstall": _uninstall,
    "allow_list": lambda world, given: _switch(
        world.access.allow_lists, given["owner"], _on(given)
    ),
    "single_sign_on": lambda world, given: _switch(
        world.access.single_sign_on, given["owner"], _on(given)
    ),
    "block": _block,
    "set_role": _set_role,
    "expire_token": lambda world, given: _switch(world.access.expired, given["login"], _on(given)),
    "token_scopes": _scopes,
    "clock_offset": _clock,
    "add_sub_issue": _sub_issue,
    "add_blocked_by": _blocked_by,
}
