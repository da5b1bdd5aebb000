"""The account that owns the world's repositories, and the tokens of all who have a role."""

from __future__ import annotations

from migrator.sandbox.entities import Account
from migrator.sandbox.signin import PREFIX
from migrator.sandbox.world import World

KEEPER = "keeper"


def ensure_owner(world: World) -> Account:
    """Return the first person who is admin of every repository; where there is none, one called
    ``keeper`` is made."""
    names = [repository.name for repository in world.repositories.values()]
    for account in world.accounts.values():
        admin = all(account.permissions.get(name) == "admin" for name in names)
        if account.type == "User" and not account.deleted and names and admin:
            return account
    return world.add_account(Account(login=KEEPER, permissions=dict.fromkeys(names, "admin")))


def staff_tokens(world: World) -> dict[str, str]:
    """Return the tokens of all accounts with a role, by login, and that of the ``owner``."""
    staff = [
        account
        for account in world.accounts.values()
        if account.permissions and not account.deleted
    ]
    tokens = {account.login: PREFIX + account.login for account in staff}
    return {"owner": PREFIX + ensure_owner(world).login, **tokens}
