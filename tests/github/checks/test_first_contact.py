"""`check` asks everything once that a migration will ask, so that nothing is refused for the first
time in the middle of it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLSchema, introspection_from_schema

from migrator.domain.webhooks.subscriptions import REACTS
from migrator.errors import AccountRefused, GitHubError, PermissionDenied, RequestRefused
from migrator.github.api_version import VersionEnd, version_end
from migrator.github.checks.account import event_findings, refused_account, version_findings
from migrator.github.checks.documents import documents
from migrator.github.checks.queries import (
    APP_FIX,
    CLASSIC_FIX,
    FINE_GRAINED_FIX,
    OTHER_FIX,
    refusal_fix,
    refused_part,
)
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.checks.schema import NAME, differences, schema_findings
from migrator.github.client import GitHubClient
from migrator.github.errors import FieldError
from migrator.github.tokens import StaticToken
from tests.github.checks.test_run import _found
from tests.support.sandboxes import CONTROL, NEW, OLD, Sandbox, Sandboxes, issue, pull, repository

if TYPE_CHECKING:
    from tests.github.conftest import ScriptedServer


def _rules(sandbox: Sandbox, *rules: dict[str, Any]) -> None:
    assert CONTROL.post(f"{sandbox.url}/_sandbox/rules", json=list(rules)).is_success


def _act(sandbox: Sandbox, **act: Any) -> None:
    """An act on what is no item; nobody needs to be named."""
    assert CONTROL.post(f"{sandbox.url}/_sandbox/act", json=act).is_success


def _by_code(found: tuple[CheckResult, ...], code: str) -> list[CheckResult]:
    return [finding for finding in found if finding.code == code]


async def test_a_classic_token_without_read_org_scans_and_is_refused_no_query(
    sandboxes: Sandboxes,
) -> None:
    """Nothing is asked of teams, so `repo` is enough."""
    sandbox = sandboxes.start(issue(1), pull(2))
    _act(sandbox, do="token_scopes", login="owner", scopes=["repo"])
    async with sandbox.client() as client:
        pages = [page async for page in client.scan_pulls(OLD)]
    assert [item.number for page in pages for item in page.items] == [2]
    found = await _found(sandbox.clients())
    assert [finding for finding in found if finding.level is CheckLevel.ERROR] == []
    assert _by_code(found, "schema.not_read") == _by_code(found, "schema.unknown") == []


async def test_each_query_that_github_refuses_is_named_with_its_words_and_a_fix(
    sandboxes: Sandboxes,
) -> None:
    """Not one of them keeps the others from being tried, and nothing is written."""
    sandbox = sandboxes.start(issue(1), pull(2))
    words = "Your token has not been granted the required scopes to execute this query."
    missing = {"errors": [{"type": "INSUFFICIENT_SCOPES", "message": words}]}
    denied = {"message": "Resource not accessible by personal access token"}
    _rules(
        sandbox,
        {"operation": "ScanPulls", "status": 200, "body": missing},
        {"path": "/repos/*/issues/*", "method": "GET", "status": 403, "body": denied},
        {"operation": "Comments", "status": 502},
    )
    clients = sandbox.clients()
    found = await _found(clients)
    refused = {
        (finding.message.split(" refuses ")[1].split(" in ")[0], finding.subject): finding
        for finding in _by_code(found, "query.refused")
    }
    assert set(refused) == {
        (query, home)
        for query in ("ScanPulls", "GET /repos/OWNER/NAME/issues/1")
        for home in (OLD, NEW)
    }
    scan = refused["ScanPulls", OLD]
    assert words in scan.message
    assert (scan.level, scan.cure) == (CheckLevel.ERROR, CLASSIC_FIX)
    assert refused["GET /repos/OWNER/NAME/issues/1", NEW].cure == FINE_GRAINED_FIX
    assert [finding.subject for finding in _by_code(found, "query.unanswered")] == [OLD, NEW]
    assert clients.requests.mutation == 0


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (PermissionDenied("Resource not accessible by personal access token"), FINE_GRAINED_FIX),
        (PermissionDenied("Resource not accessible by integration"), APP_FIX),
        (AccountRefused("not been granted the required scopes", why="scopes"), CLASSIC_FIX),
        (AccountRefused("is archived", why="archived", cure="unarchive it"), "unarchive it"),
        (PermissionDenied("Must have push access"), OTHER_FIX),
    ],
)
def test_a_refusal_is_fixed_by_what_github_says(error: GitHubError, fix: str) -> None:
    """Scopes, fine-grained permissions and an App's are given in three different places."""
    assert refusal_fix(error) == fix


@pytest.mark.parametrize(
    ("path", "kind", "within"),
    [
        (("repository", "pullRequests"), "FORBIDDEN", False),
        (("repository", "pullRequests", "nodes", 0), "FORBIDDEN", False),
        (("repository", "issues", "nodes", 0, "timelineItems", "nodes", 3), "FORBIDDEN", True),
        (("node", "comments"), "INSUFFICIENT_SCOPES", False),
        (("node",), "NOT_FOUND", None),
    ],
)
def test_what_is_hidden_within_an_item_is_only_a_warning(
    path: tuple[str | int, ...], kind: str, within: bool | None
) -> None:
    """A timeline may name repositories that are not for our eyes; whole lists may not be hidden."""
    found = refused_part([FieldError(message="Resource not accessible", type=kind, path=path)])
    assert (found[1] if found is not None else None) is within


def test_a_field_that_github_does_not_know_is_fixed_by_an_update() -> None:
    """No right helps."""
    error = RequestRefused("Field 'isPinned' doesn't exist on type 'Issue'")
    assert refusal_fix(error).startswith("update")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ({"do": "allow_list", "owner": "old"}, "ip_allow_list"),
        ({"do": "single_sign_on", "owner": "old"}, "single_sign_on"),
    ],
    ids=["allow list", "single sign-on"],
)
async def test_a_refused_account_is_a_finding_and_the_other_repository_is_judged(
    sandboxes: Sandboxes, act: dict[str, Any], why: str
) -> None:
    """With why, GitHub's own words, and the way out."""
    homes = (repository(OLD), repository(NEW, archived=True))
    sandbox = sandboxes.start(issue(1), homes=homes)
    _act(sandbox, **act)
    found = await _found(sandbox.clients())
    (refused,) = _by_code(found, "account.refused")
    assert (refused.subject, refused.level) == (OLD, CheckLevel.ERROR)
    assert f"({why})" in refused.message
    assert "organization" in refused.message
    assert refused.cure
    assert [finding.subject for finding in _by_code(found, "repository.archived")] == [NEW]


def test_a_refusal_of_the_whole_account_says_why_and_what_helps() -> None:
    """The code is for programs, the words are GitHub's."""
    error = AccountRefused("Your account is suspended", why="suspended", cure="ask for it back")
    finding = refused_account(error)
    assert (finding.code, finding.cure) == ("account.refused", "ask for it back")
    assert finding.message == "GitHub refuses the account (suspended): Your account is suspended"


@pytest.mark.parametrize("event", sorted(REACTS))
def test_each_event_that_an_app_is_not_subscribed_to_is_named(event: str) -> None:
    """Whatever the product reacts to has to arrive."""
    (finding,) = event_findings("mover", set(REACTS) - {event} | {"star"})
    assert (finding.code, finding.subject) == ("app.event_missing", "mover")
    assert event in finding.cure


def test_an_app_that_hears_everything_has_no_finding() -> None:
    """More events than needed do no harm."""
    assert list(event_findings("mover", [*REACTS, "star"])) == []


async def test_the_events_of_a_real_app_are_compared(sandboxes: Sandboxes) -> None:
    """`GET /app` lists them; the sandbox's App is subscribed to all."""
    found = await _found(sandboxes.start(issue(1), pull(2)).app_clients())
    assert _by_code(found, "app.event_missing") == _by_code(found, "query.refused") == []


@pytest.mark.parametrize(("behind", "refused"), [(90, False), (200, True)])
async def test_an_app_whose_clock_is_ahead_is_told_so_even_where_its_token_is_refused(
    sandboxes: Sandboxes, behind: int, refused: bool
) -> None:
    """GitHub only says that the token is wrong; the clock is the cause."""
    sandbox = sandboxes.start()
    _act(sandbox, do="clock_offset", seconds=-behind)
    found = await _found(sandbox.app_clients())
    assert bool(_by_code(found, "app.refused")) is refused
    (clock,) = _by_code(found, "machine.clock")
    assert clock.level is CheckLevel.ERROR
    assert "App's tokens" in clock.message


# -- the schema


@pytest.fixture(scope="module")
def introspection(official_schema: GraphQLSchema) -> dict[str, Any]:
    """GitHub's own schema as introspection tells it."""
    return dict(introspection_from_schema(official_schema, descriptions=False))


def _without(introspection: dict[str, Any], type_name: str, field: str) -> dict[str, Any]:
    changed = copy.deepcopy(introspection)
    found = next(one for one in changed["__schema"]["types"] if one["name"] == type_name)
    found["fields"] = [one for one in found["fields"] if one["name"] != field]
    return changed


def test_our_documents_fit_githubs_schema(introspection: dict[str, Any]) -> None:
    """Every query and mutation, the composed ones with all their steps."""
    assert differences(introspection, documents()) == ()
    assert {"ScanIssues", "Earlier", "AddComment", "Survey"} <= {one.name for one in documents()}


@pytest.mark.parametrize(
    ("type_name", "field", "needs"),
    [("Issue", "isPinned", "ScanIssues"), ("Mutation", "closeIssue", "Change_issue")],
)
def test_a_field_that_the_live_schema_lacks_is_named_with_its_queries(
    introspection: dict[str, Any], type_name: str, field: str, needs: str
) -> None:
    """Once, however many queries need it."""
    (finding,) = differences(_without(introspection, type_name, field), documents())
    assert (finding.code, finding.level) == ("schema.unknown", CheckLevel.ERROR)
    assert field in finding.message
    assert type_name in finding.message
    assert needs in finding.subject


def test_an_optional_field_that_the_live_schema_lacks_is_a_warning(
    introspection: dict[str, Any],
) -> None:
    """The migration goes on without, and says what it does not know then."""
    (finding,) = differences(_without(introspection, "Issue", "subIssuesSummary"), documents())
    assert (finding.code, finding.level) == ("schema.optional", CheckLevel.WARNING)
    assert "not protected" in finding.message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"message": "Introspection is disabled"}),
        (200, {"errors": [{"message": "Introspection is disabled"}]}),
        (200, {"data": {"__schema": {"types": []}}}),
        (200, {"data": {}}),
    ],
)
async def test_a_refused_introspection_is_only_said(
    scripted: ScriptedServer, status: int, body: dict[str, Any]
) -> None:
    """Some servers turn it off; nothing else depends on it."""
    scripted.plays(scripted.answers(status, body))
    async with GitHubClient(scripted.url, StaticToken("t")) as client:
        (finding,) = await schema_findings(client.wire)
    assert scripted.seen[0].body["operationName"] == NAME
    assert (finding.code, finding.level) == ("schema.not_read", CheckLevel.INFO)


# -- the end of a REST version

SUNSET = "Fri, 10 Mar 2028 00:00:00 GMT"
END = datetime(2028, 3, 10, tzinfo=UTC)
SINCE = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"deprecation": "false"}, None),
        ({"sunset": SUNSET}, VersionEnd(sunset=END)),
        (
            {"deprecation": "@1773100800", "sunset": SUNSET},
            VersionEnd(deprecated=SINCE, sunset=END),
        ),
        ({"deprecation": "Tue, 10 Mar 2026 00:00:00 GMT"}, VersionEnd(deprecated=SINCE)),
        ({"deprecation": "true"}, VersionEnd()),
        ({"deprecation": "@soon", "sunset": "next year"}, VersionEnd()),
        ({"deprecation": "@99999999999999999999"}, VersionEnd()),
    ],
)
def test_the_end_of_a_version_is_read_from_the_headers(
    headers: dict[str, str], expected: VersionEnd | None
) -> None:
    """In every form that the two standards and their drafts have."""
    assert version_end(headers) == expected


@pytest.mark.parametrize(
    ("end", "dates"),
    [
        (VersionEnd(deprecated=SINCE, sunset=END), ["2026-03-10", "2028-03-10"]),
        (VersionEnd(sunset=END), ["2028-03-10"]),
        (VersionEnd(), []),
    ],
)
def test_an_announced_end_is_a_warning_with_its_dates(end: VersionEnd, dates: list[str]) -> None:
    """Time is left, and how much of it is said."""
    (finding,) = version_findings(end)
    assert finding.level is CheckLevel.WARNING
    assert [date for date in ("2026-03-10", "2028-03-10") if date in finding.message] == dates


async def test_a_sunset_header_of_a_rest_reply_is_found_by_check(sandboxes: Sandboxes) -> None:
    """Only REST replies carry it."""
    sandbox = sandboxes.start(issue(1))
    assert _by_code(await _found(sandbox.clients()), "api.version_ends") == []
    _rules(sandbox, {"path": "/repos/*/issues/*", "headers": {"sunset": SUNSET}})
    (finding,) = _by_code(await _found(sandbox.clients()), "api.version_ends")
    assert "2028-03-10" in finding.message


async def test_an_ended_version_is_not_taken_for_a_deleted_issue(scripted: ScriptedServer) -> None:
    """410 says both; a deleted issue is gone, an ended version stops the run."""
    client = GitHubClient(scripted.url, StaticToken("t"))
    async with client:
        scripted.plays(scripted.answers(410, {"message": "This issue was deleted"}))
        assert await client.whereabouts(OLD, 1) is None
        ended = "This API version is no longer supported"
        scripted.plays(scripted.answers(410, {"message": ended}))
        with pytest.raises(AccountRefused, match=ended) as raised:
            await client.whereabouts(OLD, 1)
    assert raised.value.why == "api_version"
