"""What GitHub refuses to the account as a whole is told from what it refuses for one item."""

from __future__ import annotations

import pytest

from migrator.errors import (
    AccountRefused,
    AuthenticationError,
    NotFound,
    PermissionDenied,
    RequestRefused,
)
from migrator.github.errors import FieldError, error_of, typed
from migrator.github.http_messages import Counted, HttpReply, HttpRequest
from migrator.github.refusals import account_refusal, account_wide

WORDS = {
    "suspended": "This installation has been suspended",
    "archived": "Repository was archived so is read-only.",
    "ip_allow_list": (
        "Although you appear to have the correct authorization credentials, the `acme` "
        "organization has an IP allow list enabled, and your IP address is not permitted."
    ),
    "single_sign_on": "Resource protected by organization SAML enforcement.",
    "oauth_restrictions": "the `acme` organization has enabled OAuth App access restrictions",
    "blocked": "User is blocked",
    "issues_disabled": "Issues has been disabled in this repository.",
    "repository_blocked": "Repository access blocked",
    "scopes": "Your token has not been granted the required scopes to execute this query.",
}


def refused(status: int, message: str, headers: dict[str, str] | None = None) -> Exception | None:
    """The error of a REST write that is answered so."""
    request = HttpRequest(
        method="POST", url="u", counted=Counted.REST, writes=True, content=b"", name="Test"
    )
    body = f'{{"message": "{message}"}}'.encode()
    reply = HttpReply(status=status, headers=headers or {}, content=body)
    return error_of(request, reply, now=0.0)


@pytest.mark.parametrize("why", WORDS)
def test_github_s_words_name_the_refusal_and_stay_as_they_are(why: str) -> None:
    """By REST and by GraphQL; the fix says what a maintainer can do."""
    for found in (refused(403, WORDS[why]), typed(FieldError(message=WORDS[why], type="X"))):
        assert isinstance(found, AccountRefused)
        assert (found.why, found.cause) == (why, WORDS[why])
        assert found.cure


def test_a_repository_whose_issues_are_off_or_that_is_blocked_is_no_item_s_fault() -> None:
    """By the statuses that GitHub has for them; a deleted issue answers 410, too."""
    found = [refused(410, WORDS["issues_disabled"]), refused(451, "")]
    assert [one.why for one in found if isinstance(one, AccountRefused)] == [
        "issues_disabled",
        "repository_blocked",
    ]
    assert type(refused(410, "This issue was deleted")) is NotFound


def test_single_sign_on_is_told_by_its_header_whatever_the_words() -> None:
    """https://docs.github.com/rest/authentication/authenticating-to-the-rest-api"""
    found = refused(
        403, "Forbidden", {"x-github-sso": "required; url=https://github.com/orgs/a/sso"}
    )
    assert isinstance(found, AccountRefused)
    assert found.why == "single_sign_on"


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, "Unable to create comment because issue is locked.", RequestRefused),
        (404, "Not Found", NotFound),
        (422, "Validation Failed", RequestRefused),
        (403, "Resource not accessible by integration", PermissionDenied),
    ],
)
def test_what_concerns_one_item_is_no_refusal_of_the_account(
    status: int, message: str, kind: type[Exception]
) -> None:
    """A locked thread, an item that is gone, a text that is too long."""
    assert type(refused(status, message)) is kind
    assert account_refusal(message, status=status) is None


def test_a_right_that_is_missing_for_one_write_is_missing_for_all() -> None:
    """The account lost its role: that is nobody's item's fault."""
    found = account_wide(
        PermissionDenied("mover does not have the correct permissions", status=200)
    )
    assert (found.why, found.cause) == ("role", "mover does not have the correct permissions")
    assert account_wide(found) is found


def test_wrong_credentials_are_a_refusal_of_the_account_too() -> None:
    """So whoever holds for one holds for the other."""
    found = refused(401, "Bad credentials")
    assert isinstance(found, AuthenticationError)
    assert isinstance(found, AccountRefused)
    assert found.why == "credentials"
