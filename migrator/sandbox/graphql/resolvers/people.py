"""Who has to do with a repository."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Account, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.pages import ConnectionPage, paginate
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.notifications import watcher_count
from migrator.sandbox.rights import Level, level

_repository = ResolverTable("Repository")


def people(accounts: Iterable[Account | None], paging: dict[str, Any]) -> ConnectionPage:
    """Return a page of accounts."""
    return paginate(
        [account for account in accounts if account is not None],
        lambda account: account.id,
        **paging,
    )


def _with_role(call: Call, repository: Repository) -> list[Account]:
    return [
        account
        for account in call.world.accounts.values()
        if repository.name in account.permissions and not account.deleted
    ]


@_repository.field("collaborators")
def collaborators(
    repository: Repository, info: Any, affiliation: str | None = None, **paging: Any
) -> ConnectionPage:
    """Accounts with a role on the repository, for those who may push."""
    if level(info.context.agent, repository) < Level.WRITE:
        raise Refused(403, "Must have push access to view repository collaborators.")
    login, words = paging.pop("login", None), (paging.pop("query", None) or "").lower()
    found = [
        account
        for account in _with_role(info.context, repository)
        if account.type == "User" and words in account.login.lower()
    ]
    page = people([account for account in found if login in (None, account.login)], paging)
    page.edge = lambda account: {"permission": account.permissions[repository.name].upper()}
    return page


@_repository.field("assignableUsers")
@_repository.field("mentionableUsers")
def assignable(
    repository: Repository, info: Any, query: str | None = None, **paging: Any
) -> ConnectionPage:
    """People with a role on the repository."""
    words = (query or "").lower()
    found = [
        account
        for account in _with_role(info.context, repository)
        if account.type == "User" and words in account.login.lower()
    ]
    return people(found, paging)


@_repository.field("watchers")
def watchers(repository: Repository, info: Any, **paging: Any) -> ConnectionPage:
    """Who gets every mail; a world may know only how many."""
    named = repository.watchers if isinstance(repository.watchers, list) else []
    page = people([info.context.world.account(login) for login in named], paging)
    page.total = watcher_count(repository)
    return page
