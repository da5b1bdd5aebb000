"""Who may do what
(https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization).
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from migrator.sandbox.entities import Account, Comment, Installation, Item, Repository
from migrator.sandbox.errors import forbidden, invalid
from migrator.sandbox.world import World


class Level(IntEnum):
    """Repository roles, weakest first."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


class Agent(msgspec.Struct, kw_only=True, frozen=True):
    """Who acts: an account, perhaps through an installation of an App, perhaps with a token that
    only reads."""

    account: Account
    read_only: bool = False
    installation: Installation | None = None

    @property
    def login(self) -> str:
        """The login that content of this agent carries."""
        return self.account.login

    @property
    def app(self) -> str:
        """The slug of the App that acts, or nothing."""
        return self.installation.app if self.installation else ""


def level(agent: Agent, repository: Repository) -> Level:
    """Return the agent's role on a repository. All repositories of a world are public: everybody
    may read."""
    if agent.installation is not None:
        return _installed_level(agent.installation, repository)
    if agent.account.login.lower() == repository.owner.lower():
        return Level.ADMIN
    if agent.login.lower() in repository.blocked:  # who is blocked is no collaborator any more
        return Level.READ
    named = next(
        (
            word
            for name, word in agent.account.permissions.items()
            if name.lower() == repository.name.lower()
        ),
        None,
    )
    return Level[named.upper()] if named else Level.READ


def _installed_level(installation: Installation, repository: Repository) -> Level:
    """Return what an App may do: its permissions, where it is installed; elsewhere it reads what
    is public."""
    if not covers(installation, repository):
        return Level.READ
    granted = {
        installation.permissions.get("issues"),
        installation.permissions.get("pull_requests"),
    }
    return Level.WRITE if "write" in granted else Level.READ


def covers(installation: Installation, repository: Repository) -> bool:
    """Return whether an installation includes a repository."""
    if (
        installation.removed
        or installation.suspended
        or installation.account.lower() != repository.owner.lower()
    ):
        return False
    return not installation.repositories or repository.name.lower() in {
        name.lower() for name in installation.repositories
    }


def require_write(agent: Agent, repository: Repository, item: Item | None = None) -> None:
    """Refuse every write by a token that only reads, by an App without the permission, and to an
    archived repository.

    Raises:
        Refused: 403.
    """
    if agent.read_only:
        raise forbidden("Resource not accessible by personal access token")
    if agent.installation is not None:
        need = "pull_requests" if item is not None and item.is_pull else "issues"
        granted = agent.installation.permissions
        if not covers(agent.installation, repository) or "write" not in (
            granted.get(need),
            granted.get("issues"),
        ):
            raise forbidden("Resource not accessible by integration")
    if repository.archived:
        raise forbidden("Repository was archived so is read-only.")
    if agent.login.lower() in repository.blocked:
        raise forbidden("User is blocked")


def require_not_blocked(world: World, agent: Agent, author: str | None) -> None:
    """Refuse words and reactions below what somebody wrote who blocked the agent
    (https://github.com/odoo/runbot/issues/127 shows GitHub's answer).

    Raises:
        Refused: 422.
    """
    account = world.account(author) if author else None
    if account is not None and agent.login.lower() in account.blocks:
        words = "User is blocked"
        raise invalid(words, resource="IssueComment", field="data", code="unprocessable")


def require_level(
    agent: Agent, repository: Repository, needed: Level, act: str, item: Item | None = None
) -> None:
    """Refuse ``act`` (GraphQL's name of it) to an agent below a role.

    Raises:
        Refused: 403, in GitHub's words.
    """
    require_write(agent, repository, item)
    if level(agent, repository) < needed:
        raise forbidden(f"{agent.login} does not have the correct permissions to execute `{act}`")


def wrote(agent: Agent, part: Item | Comment) -> bool:
    """Return whether the agent is the author."""
    return (
        bool(part.author) and part.author is not None and part.author.lower() == agent.login.lower()
    )


def may_triage(agent: Agent, repository: Repository) -> bool:
    """Return whether the agent may label and close what others opened."""
    return not agent.read_only and level(agent, repository) >= Level.TRIAGE


def may_reopen(agent: Agent, repository: Repository, item: Item) -> bool:
    """Return whether the agent may reopen: with triage, or as the author of what the author closed.

    https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/closing-an-issue
    """
    own = wrote(agent, item) and (item.closed_by or "").lower() == agent.login.lower()
    return may_triage(agent, repository) or (own and not agent.read_only)


def association(world: World, login: str | None, repository: Repository) -> str:
    """Return GraphQL's ``CommentAuthorAssociation`` of an account with a repository."""
    account = world.account(login)
    if account is None:
        return "NONE"
    if account.login.lower() == repository.owner.lower():
        return "OWNER"
    if repository.name in account.permissions:
        owner = world.account(repository.owner)
        organization = owner is not None and owner.type == "Organization"
        staff = account.permissions[repository.name] != "read"
        return "MEMBER" if organization and staff else "COLLABORATOR"
    merged = world.contributors.get(repository.name.lower(), ())
    return "CONTRIBUTOR" if account.login.lower() in merged else "NONE"
