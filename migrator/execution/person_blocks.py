"""Whether a person, and not the repository's owner, blocked our account.

GitHub answers both with "User is blocked". Whoever blocks an account keeps it from commenting on
the issues and pull requests that they opened, in every repository
(https://docs.github.com/communities/maintaining-your-safety-on-github/blocking-a-user-from-your-personal-account,
https://github.com/odoo/runbot/issues/127). That is no more than a refusal of one item: taken for
one of the account, any author could hold every run and the listener.
"""

from __future__ import annotations

from migrator.domain.items import AccountType
from migrator.errors import AccountRefused, GitHubError
from migrator.github.client import GitHubClient
from migrator.github.models import Permission

BLOCKED = "blocked"


async def is_blocked_by_person(github: GitHubClient, repository: str, error: GitHubError) -> bool:
    """Whether a refused write is one person's doing: our account keeps its role in the repository,
    which an owner who blocks it takes away; nobody can block an App there.

    ``False`` where the role is not known, or where the account never had one.
    """
    if not isinstance(error, AccountRefused) or error.why != BLOCKED:
        return False
    try:
        account, roles = await github.viewer_permissions([repository])
    except GitHubError:
        return False
    app = account.type is AccountType.BOT or account.login.endswith("[bot]")
    return app or any(role.allows(Permission.TRIAGE) for role in roles)
