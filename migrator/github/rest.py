"""What only REST tells: who may do what in a repository, as a list, and the limits without spending them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from migrator.github.calls import Calls, github
from migrator.github.limits import RateLimit
from migrator.github.replies import Permission
from migrator.github.tokens import Tokens

if TYPE_CHECKING:  # importing PyGithub takes a quarter of a second, and most commands do without
    from github.Requester import Requester


class RestClient:
    """REST-only reads with one account's tokens."""

    def __init__(self, base_url: str, tokens: Tokens, *, count: Callable[[int], None] | None = None) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._calls = Calls(count)

    async def collaborators(self, repository: str) -> Mapping[str, Permission]:
        """Everyone with a role in the repository, 100 a request. Raises ``PermissionDenied`` without push access.

        https://docs.github.com/rest/collaborators/collaborators#list-repository-collaborators
        """
        people = self._calls.get_all(await self._requester(), f"/repos/{repository}/collaborators")
        return {person["login"]: _role(person) async for person in people}

    async def rate_limits(self) -> Mapping[str, RateLimit]:
        """Primary limits by resource; asking costs nothing (https://docs.github.com/rest/rate-limit/rate-limit)."""
        body = (await self._calls.get(await self._requester(), "/rate_limit")).content
        return {
            name: RateLimit(
                resource=name,
                limit=entry["limit"],
                remaining=entry["remaining"],
                used=entry["used"],
                reset_at=float(entry["reset"]),
            )
            for name, entry in body["resources"].items()
        }

    async def installation_repositories(self) -> tuple[str, ...]:
        """``owner/name`` of every repository that an App's installation token reaches.

        https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation
        """
        entries = self._calls.get_all(await self._requester(), "/installation/repositories", "repositories")
        return tuple([entry["full_name"] async for entry in entries])

    async def _requester(self) -> Requester:
        from github import Auth

        return github(self._base_url, Auth.Token(await self._tokens.token())).requester


def _role(person: Mapping[str, Any]) -> Permission:
    """The role's own name; for custom roles the strongest built-in permission that they hold."""
    if person.get("role_name") in set(Permission):
        return Permission(person["role_name"])
    held = person.get("permissions") or {}
    names = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
    return next((Permission(word) for name, word in names.items() if held.get(name)), Permission.NONE)
