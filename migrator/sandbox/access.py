"""What keeps an account out as a whole, beside roles: an IP allow list, single sign-on, an expired
token, missing scopes.

Each refusal is in GitHub's words:

-
  https://docs.github.com/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/managing-allowed-ip-addresses-for-your-organization
-
  https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso
- https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrator.sandbox.errors import Refused

if TYPE_CHECKING:
    from migrator.sandbox.rights import Agent

TEAM_SCOPE = "read:org"


class Access:
    """Who is kept out of what. Names are in lower case; ``clock_offset`` is how many seconds
    GitHub's clock is ahead."""

    def __init__(self) -> None:
        self.allow_lists: set[str] = set()
        self.single_sign_on: set[str] = set()
        self.expired: set[str] = set()
        self.scopes: dict[str, list[str]] = {}
        self.clock_offset = 0.0

    @property
    def is_open(self) -> bool:
        """Whether no owner keeps anybody out."""
        return not self.allow_lists and not self.single_sign_on

    def admit(self, agent: Agent, repository: str) -> None:
        """Let an agent into what belongs to the owner of ``owner/name``.

        Raises:
            Refused: 403, by the owner's allow list, or because a person's token was not authorized
            for single sign-on.
        """
        owner = repository.partition("/")[0]
        if owner.lower() in self.allow_lists:
            raise Refused(
                403,
                "Although you appear to have the correct authorization credentials, the "
                f"`{owner}` organization has an IP "
                "allow list enabled, and your IP address is not permitted to access this resource.",
            )
        if owner.lower() in self.single_sign_on and agent.installation is None:
            asked = (
                f"required; url=https://github.com/orgs/{owner}/sso?authorization_request=sandbox"
            )
            raise Refused(
                403,
                "Resource protected by organization SAML enforcement. You must grant your "
                "Personal Access token access to "
                "this organization.",
                headers={"x-github-sso": asked},
            )

    def lacking_scope(self, agent: Agent) -> dict[str, Any] | None:
        """Return GitHub's answer to a query that reads teams with a classic token without
        ``read:org``; else None."""
        granted = self.scopes.get(agent.login.lower())
        if (
            granted is None
            or agent.installation is not None
            or {TEAM_SCOPE, "admin:org"} & set(granted)
        ):
            return None
        message = (
            "Your token has not been granted the required scopes to execute this query. The "
            "'slug' field requires one of the "
            f"following scopes: ['{TEAM_SCOPE}', 'read:discussion'], but your token has only "
            f"been granted the: {granted} "
            "scopes. Please modify your token's scopes at: https://github.com/settings/tokens."
        )
        return {"errors": [{"type": "INSUFFICIENT_SCOPES", "locations": [], "message": message}]}
