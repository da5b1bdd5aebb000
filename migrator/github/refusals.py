"""Refusals that concern the account, not one item: told by the status, the type and GitHub's words.

A run and the listener hold on them and charge no item. Sources of the words:

- suspended: https://github.com/octokit/octokit.rb/pull/1307
- archived: https://github.com/r-universe-org/help/issues/247
- IP allow list: https://docs.github.com/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/managing-allowed-ip-addresses-for-your-organization
- single sign-on: https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso
- OAuth restrictions: https://docs.github.com/organizations/managing-oauth-access-to-your-organizations-data/about-oauth-app-access-restrictions
- blocked: https://docs.github.com/communities/maintaining-your-safety-on-github/blocking-a-user-from-your-organization
- role: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
- REST version: https://docs.github.com/rest/about-the-rest-api/api-versions
- issues turned off (410): https://docs.github.com/rest/issues/issues#list-repository-issues
- repository blocked (451): https://docs.github.com/site-policy/content-removal-policies/dmca-takedown-policy
- scopes: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from migrator.errors import AccountRefused, PermissionDenied


class RefusalKind(NamedTuple):
    """One kind of refusal: phrases of GitHub's message in lower case, and how to fix it."""

    phrases: tuple[str, ...]
    fix: str


REFUSALS: Final[dict[str, RefusalKind]] = {
    "suspended": RefusalKind(
        ("installation has been suspended", "account was suspended", "account is suspended"),
        "unsuspend the App's installation (or the account) in the owner's settings",
    ),
    "archived": RefusalKind(
        ("archived so is read-only", "repository is archived", "repository has been archived"),
        "unarchive the repository for the time of the migration",
    ),
    "ip_allow_list": RefusalKind(
        ("ip allow list",),
        "add this machine's IP address to the organization's allow list",
    ),
    "single_sign_on": RefusalKind(
        ("saml enforcement", "saml sso", "single sign-on"),
        "authorize the token for the organization's single sign-on",
    ),
    "oauth_restrictions": RefusalKind(
        ("oauth app access restrictions",),
        "have an owner of the organization approve the application",
    ),
    "blocked": RefusalKind(
        ("user is blocked", "you are blocked", "has been blocked", "you have been blocked"),
        "have the organization unblock the account",
    ),
    "api_version": RefusalKind(
        ("api version", "api-version", "version of the api", "version of the rest api"),
        "update the migrator: GitHub has ended the REST version that it speaks",
    ),
    "issues_disabled": RefusalKind(
        ("issues are disabled", "issues has been disabled", "issues have been disabled"),
        "turn issues on again in the repository's settings",
    ),
    "repository_blocked": RefusalKind(
        ("repository access blocked", "access to this repository has been disabled"),
        "settle it with GitHub's support: the repository is blocked, for legal reasons or by its "
        "terms",
    ),
    "scopes": RefusalKind(
        ("not been granted the required scopes",),
        "give the token the scopes that GitHub names",
    ),
}
"""Code -> refusal. ``role`` and ``credentials`` are told by the status and the type instead."""

UNAVAILABLE_FOR_LEGAL_REASONS: Final = 451
"""RFC 7725."""
ROLE_FIX: Final = "give the account its role back; `migrator check` names what is missing"


def account_refusal(
    message: str, *, status: int | None, headers: Mapping[str, str] | None = None
) -> AccountRefused | None:
    """The refusal that GitHub's message names; ``None`` if it names none.

    ``headers``: names in lower case; ``x-github-sso`` tells of single sign-on whatever the words.
    """
    words = message.lower()
    for why, refusal in REFUSALS.items():
        if any(phrase in words for phrase in refusal.phrases):
            return AccountRefused(message, why=why, cure=refusal.fix, status=status)
    if status == UNAVAILABLE_FOR_LEGAL_REASONS:
        why = "repository_blocked"
        return AccountRefused(message, why=why, cure=REFUSALS[why].fix, status=status)
    if (headers or {}).get("x-github-sso", "").startswith("required"):
        why = "single_sign_on"
        return AccountRefused(message, why=why, cure=REFUSALS[why].fix, status=status)
    return None


_NOT_ACCESSIBLE: Final = "resource not accessible by"
"""How GitHub begins to refuse what the token or App has no permission for."""


def concerns_account(error: PermissionDenied) -> bool:
    """Whether a refused read is about a right of the account, and not about one item: by its status
    over REST, by GitHub's words over GraphQL, where one item among others can be forbidden
    (https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible).
    """
    return error.status == 403 or _NOT_ACCESSIBLE in error.cause.lower()


def account_wide(error: AccountRefused | PermissionDenied) -> AccountRefused:
    """A refusal as one of the account: a right that is missing for one write is missing for every
    other one of its kind."""
    if isinstance(error, AccountRefused):
        return error
    return AccountRefused(error.cause, why="role", cure=ROLE_FIX, status=error.status)
