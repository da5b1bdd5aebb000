"""Replies of the REST surface against GitHub's official description."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jsonschema_rs
import jwt
import pytest

from tests.support.sandbox_server import SOURCE, Local

Check = Callable[[httpx.Response, str], Any]


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 writes *may be null* as a flag of its own."""
    if isinstance(node, list):
        return [_as_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _as_json_schema(value)
        for key, value in node.items()
        if key not in ("nullable", "example", "examples")
    }
    if node.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _named_in(node: Any) -> Iterator[str]:
    """Names of the shared schemas that a schema refers to."""
    if isinstance(node, list):
        for one in node:
            yield from _named_in(one)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for one in node.values():
            yield from _named_in(one)


def _with_what_it_names(schema: Any, shared: dict[str, Any]) -> dict[str, Any]:
    """The schema with those shared ones that it needs: a validator of all of them takes a
    hundred megabytes."""
    needed: dict[str, Any] = {}
    open_names = [*_named_in(schema)]
    while open_names:
        name = open_names.pop()
        if name not in needed:
            needed[name] = _as_json_schema(shared[name])
            open_names += _named_in(needed[name])
    return {**_as_json_schema(schema), "components": {"schemas": needed}}


@pytest.fixture(scope="session")
def fits(openapi: dict[str, Any]) -> Check:
    """Checks a reply against the description of ``METHOD /path/{template}`` and returns its
    body."""
    made: dict[tuple[str, int], Any] = {}

    def validator(call: str, status: int) -> Any:
        method, _, path = call.partition(" ")
        responses = openapi["paths"][path][method.lower()]["responses"]
        found = responses[str(status)]
        if "$ref" in found:
            found = openapi["components"]["responses"][found["$ref"].rpartition("/")[2]]
        schema = found.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        if (
            call == "GET /app/installations"
        ):  # written out there with an account that is a person *and* an enterprise
            schema = {"type": "array", "items": {"$ref": "#/components/schemas/installation"}}
        return jsonschema_rs.validator_for(
            _with_what_it_names(schema, openapi["components"]["schemas"])
        )

    def check(reply: httpx.Response, call: str) -> Any:
        key = (call, reply.status_code)
        if key not in made:
            made[key] = validator(*key)
        if made[key] is None:
            assert not reply.content
            return None
        body = reply.json()
        errors = [
            f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in made[key].iter_errors(body)
        ]
        assert not errors, f"{call} {reply.status_code}: {errors[:5]}"
        return body

    return check


REPO = "/repos/{owner}/{repo}"
ISSUE = REPO + "/issues/{issue_number}"
PULL = REPO + "/pulls/{pull_number}"
READS = {
    f"GET {REPO}": f"/repos/{SOURCE}",
    f"GET {REPO}/issues": f"/repos/{SOURCE}/issues?state=all",
    f"GET {ISSUE}": f"/repos/{SOURCE}/issues/1",
    f"GET {ISSUE}/comments": f"/repos/{SOURCE}/issues/1/comments",
    f"GET {ISSUE}/events": f"/repos/{SOURCE}/issues/1/events",
    f"GET {ISSUE}/timeline": f"/repos/{SOURCE}/issues/1/timeline",
    f"GET {ISSUE}/labels": f"/repos/{SOURCE}/issues/1/labels",
    f"GET {ISSUE}/reactions": f"/repos/{SOURCE}/issues/1/reactions",
    f"GET {REPO}/issues/comments": f"/repos/{SOURCE}/issues/comments",
    f"GET {REPO}/issues/events": f"/repos/{SOURCE}/issues/events",
    f"GET {REPO}/labels": f"/repos/{SOURCE}/labels",
    f"GET {REPO}/labels/{{name}}": f"/repos/{SOURCE}/labels/help%20wanted",
    f"GET {REPO}/milestones": f"/repos/{SOURCE}/milestones",
    f"GET {REPO}/milestones/{{milestone_number}}": f"/repos/{SOURCE}/milestones/1",
    f"GET {ISSUE}/parent": f"/repos/{SOURCE}/issues/3/parent",
    f"GET {ISSUE}/sub_issues": f"/repos/{SOURCE}/issues/1/sub_issues",
    f"GET {ISSUE}/dependencies/blocked_by": f"/repos/{SOURCE}/issues/1/dependencies/blocked_by",
    f"GET {ISSUE}/dependencies/blocking": f"/repos/{SOURCE}/issues/3/dependencies/blocking",
    f"GET {REPO}/pulls": f"/repos/{SOURCE}/pulls?state=all",
    f"GET {PULL}": f"/repos/{SOURCE}/pulls/2",
    f"GET {PULL}/files": f"/repos/{SOURCE}/pulls/2/files",
    f"GET {PULL}/commits": f"/repos/{SOURCE}/pulls/2/commits",
    f"GET {PULL}/reviews": f"/repos/{SOURCE}/pulls/2/reviews",
    f"GET {REPO}/collaborators": f"/repos/{SOURCE}/collaborators",
    f"GET {REPO}/collaborators/{{username}}/permission": f"/repos/{SOURCE}/collaborators/tria/permission",
    f"GET {REPO}/contents/{{path}}": f"/repos/{SOURCE}/contents/.github/workflows/stale.yml",
    "GET /user": "/user",
    "GET /users/{username}": "/users/amy",
    "GET /rate_limit": "/rate_limit",
    "GET /apps/{app_slug}": "/apps/butler",
}


@pytest.mark.parametrize("call", READS)
def test_what_is_read_has_the_described_shape(github: Local, fits: Check, call: str) -> None:
    """Each read that is offered answers as GitHub's description says."""
    for do, key in (("add_sub_issue", "sub_number"), ("add_blocked_by", "blocking_number")):
        github.control("POST", "act", json={"do": do, "repository": SOURCE, "number": 1, key: 3})
    reply = github.rest("GET", READS[call])
    assert reply.status_code == 200, reply.text
    assert fits(reply, call)


def test_a_pull_request_has_its_timeline_in_the_described_shape(github: Local, fits: Check) -> None:
    """Commits and reviews stand in the timeline too."""
    kinds = [
        part["event"]
        for part in fits(
            github.rest("GET", f"/repos/{SOURCE}/issues/2/timeline"), f"GET {ISSUE}/timeline"
        )
    ]
    assert {"committed", "reviewed", "commented", "review_requested"} <= set(kinds)


def test_a_folder_is_listed_in_the_described_shape(github: Local, fits: Check) -> None:
    """The same address lists folders."""
    entries = fits(
        github.rest("GET", f"/repos/{SOURCE}/contents/.github"), f"GET {REPO}/contents/{{path}}"
    )
    assert [entry["name"] for entry in entries] == ["ISSUE_TEMPLATE", "workflows"]


WRITES: dict[str, tuple[str, dict[str, Any], int]] = {
    f"POST {REPO}/issues": (f"/repos/{SOURCE}/issues", {"title": "New", "labels": ["bug"]}, 201),
    f"PATCH {ISSUE}": (
        f"/repos/{SOURCE}/issues/1",
        {"state": "closed", "state_reason": "not_planned"},
        200,
    ),
    f"POST {ISSUE}/comments": (f"/repos/{SOURCE}/issues/1/comments", {"body": "Hello"}, 201),
    f"POST {ISSUE}/labels": (f"/repos/{SOURCE}/issues/1/labels", {"labels": ["fresh"]}, 200),
    f"PUT {ISSUE}/labels": (f"/repos/{SOURCE}/issues/1/labels", {"labels": ["fresh"]}, 200),
    f"PUT {ISSUE}/lock": (f"/repos/{SOURCE}/issues/1/lock", {"lock_reason": "resolved"}, 204),
    f"POST {ISSUE}/reactions": (f"/repos/{SOURCE}/issues/1/reactions", {"content": "heart"}, 201),
    f"POST {ISSUE}/assignees": (
        f"/repos/{SOURCE}/issues/1/assignees",
        {"assignees": ["walt"]},
        201,
    ),
    f"POST {REPO}/milestones": (
        f"/repos/{SOURCE}/milestones",
        {"title": "2.0", "due_on": "2021-05-01T00:00:00Z"},
        201,
    ),
    f"POST {REPO}/labels": (f"/repos/{SOURCE}/labels", {"name": "fresh", "color": "00ff00"}, 201),
    f"PATCH {PULL}": (f"/repos/{SOURCE}/pulls/2", {"state": "closed"}, 200),
    f"POST {PULL}/reviews": (
        f"/repos/{SOURCE}/pulls/2/reviews",
        {"event": "COMMENT", "body": "Hm"},
        200,
    ),
    f"PUT {PULL}/merge": (f"/repos/{SOURCE}/pulls/2/merge", {}, 200),
}


@pytest.mark.parametrize("call", WRITES)
def test_what_is_written_answers_in_the_described_shape(
    github: Local, fits: Check, call: str
) -> None:
    """Each write that is offered answers as GitHub's description says."""
    path, body, status = WRITES[call]
    reply = github.rest(call.partition(" ")[0], path, json=body)
    assert reply.status_code == status, reply.text
    fits(reply, call)


def test_the_timeline_of_what_was_done_has_the_described_shape(github: Local, fits: Check) -> None:
    """Events made by acts are as complete as loaded ones."""
    for do in ("comment", "close", "reopen", "lock", "unlock", "pin"):
        github.act("root", do)
    github.act("root", "edit", title="Renamed")
    github.act("root", "label", label="fresh")
    fits(
        github.rest("GET", f"/repos/{SOURCE}/issues/1/timeline", params={"per_page": 100}),
        f"GET {ISSUE}/timeline",
    )
    fits(
        github.rest("GET", f"/repos/{SOURCE}/issues/1/events", params={"per_page": 100}),
        f"GET {ISSUE}/events",
    )


@pytest.fixture
def as_app(github: Local) -> dict[str, str]:
    """Headers of the App itself."""
    now = int(time.time())
    token = jwt.encode(
        {"iat": now - 30, "exp": now + 300, "iss": str(github.app.id)},
        github.app.private_key,
        "RS256",
    )
    return {"authorization": f"bearer {token}"}


def test_an_app_sees_itself_in_the_described_shape(
    github: Local, fits: Check, as_app: dict[str, str]
) -> None:
    """App, installations, a token and what the token reaches."""
    fits(github.rest("GET", "/app", headers=as_app), "GET /app")
    listed = fits(
        github.rest("GET", "/app/installations", headers=as_app), "GET /app/installations"
    )
    address = f"/app/installations/{listed[0]['id']}"
    fits(github.rest("GET", address, headers=as_app), "GET /app/installations/{installation_id}")
    made = github.rest("POST", f"{address}/access_tokens", headers=as_app)
    token = fits(made, "POST /app/installations/{installation_id}/access_tokens")["token"]
    reached = github.rest(
        "GET", "/installation/repositories", headers={"authorization": f"token {token}"}
    )
    assert fits(reached, "GET /installation/repositories")["total_count"] == 2


REFUSALS = {
    "missing item": ("GET", f"/repos/{SOURCE}/issues/99", "amy", f"GET {ISSUE}", 404),
    "close below triage": ("PATCH", f"/repos/{SOURCE}/issues/2", "amy", f"PATCH {ISSUE}", 403),
    "comment on a locked issue": (
        "POST",
        f"/repos/{SOURCE}/issues/4/comments",
        "bob",
        f"POST {ISSUE}/comments",
        403,
    ),
    "empty body": (
        "POST",
        f"/repos/{SOURCE}/issues/1/comments",
        "bob",
        f"POST {ISSUE}/comments",
        422,
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_has_the_described_shape(github: Local, fits: Check, case: str) -> None:
    """Refusals are described too."""
    method, path, by, call, status = REFUSALS[case]
    body = {"body": "" if case == "empty body" else "Hello", "state": "closed"}
    reply = github.rest(method, path, by=by, json=body if method != "GET" else None)
    assert reply.status_code == status, reply.text
    fits(reply, call)
