"""Acts on repositories, organizations, tokens and clocks: what each makes GitHub answer."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import jwt
import pytest

from migrator.sandbox.server import Options
from migrator.sandbox.state_log import kept_world
from tests.support.sandbox_server import SMALL, SOURCE, Local, build, serving

ISSUE = (
    "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { "
    "nameWithOwner issue(number: 1) { id } } }"
)
COMMENT = (
    'mutation($id: ID!) { addComment(input: {subjectId: $id, body: "Hello"}) { subject { id } } }'
)
TEAMS = """{ repository(owner: "acme", name: "mono") { pullRequest(number: 2) {
  reviewRequests(first: 1) { nodes { requestedReviewer { __typename ... on Team { slug } } } } } } }"""


def do(github: Local, name: str, **given: Any) -> Any:
    """Let something happen."""
    return github.control("POST", "act", json={"do": name, **given})


def issue_id(github: Local, name: str = "mono") -> str:
    """Node id of issue 1."""
    return str(github.graphql(ISSUE, owner="acme", name=name)["data"]["repository"]["issue"]["id"])


def refusal(github: Local, by: str = "root") -> dict[str, Any]:
    """The only error of a query for issue 1."""
    answer = github.graphql(ISSUE, by=by, owner="acme", name="mono")
    assert answer["data"] == {"repository": None}
    return dict(answer["errors"][0])


def test_a_renamed_repository_keeps_its_ids_and_is_found_under_both_names(github: Local) -> None:
    """REST answers 301 with the way by id, GraphQL answers under the new name unless renames are
    not to be followed."""
    before = issue_id(github)
    do(github, "rename_repository", repository=SOURCE, to="acme/monorepo")
    assert issue_id(github, "mono") == issue_id(github, "monorepo") == before
    assert (
        github.graphql(ISSUE, owner="acme", name="mono")["data"]["repository"]["nameWithOwner"]
        == "acme/monorepo"
    )
    moved = github.rest("GET", "/repos/acme/mono/issues/1")
    assert (moved.status_code, moved.headers["location"]) == (301, moved.json()["url"])
    assert (
        github.client.get(moved.headers["location"])
        .json()["repository_url"]
        .endswith("/acme/monorepo")
    )
    assert github.rest("POST", "/repos/acme/mono/issues", json={"title": "New"}).status_code == 307
    strict = '{ repository(owner: "acme", name: "mono", followRenames: false) { id } }'
    assert github.graphql(strict)["errors"][0]["type"] == "NOT_FOUND"
    assert github.client.get("/acme/mono/issues/1").headers["location"] == "/acme/monorepo/issues/1"


def test_a_rename_is_kept_with_the_world(tmp_path: Path) -> None:
    """What was written under the old name comes back under the new one, once."""
    with serving(build(SMALL), Options(state=tmp_path)) as github:
        before = issue_id(github)
        do(github, "rename_repository", repository=SOURCE, to="acme/monorepo")
    kept = kept_world(tmp_path)
    assert kept is not None
    with serving(kept) as again:
        assert issue_id(again, "mono") == before
        assert "acme/mono" not in again.world.repositories
        assert len(again.world.threads["acme/monorepo"]) == len(build(SMALL).threads[SOURCE])


def test_a_name_that_another_repository_takes_means_that_one(github: Local) -> None:
    """A deleted or renamed repository's name can be used again; the id is another."""
    before = issue_id(github)
    do(github, "delete_repository", repository=SOURCE)
    assert github.rest("GET", "/repos/acme/mono").status_code == 404
    github.control("POST", "repository", json={"name": SOURCE})
    answer = github.graphql("query($id: ID!) { node(id: $id) { id } }", id=before)
    assert answer["errors"][0]["type"] == "NOT_FOUND"
    assert github.rest("GET", "/repos/acme/mono").status_code == 200


def test_an_archived_repository_is_read_and_not_written(github: Local) -> None:
    """https://docs.github.com/repositories/archiving-a-github-repository/archiving-repositories"""
    do(github, "archive_repository", repository=SOURCE)
    answer = github.graphql(COMMENT, id=issue_id(github))
    assert (answer["errors"][0]["type"], "archived" in answer["errors"][0]["message"]) == (
        "FORBIDDEN",
        True,
    )
    do(github, "archive_repository", repository=SOURCE, on=False)
    assert "errors" not in github.graphql(COMMENT, id=issue_id(github))


def test_an_allow_list_keeps_everybody_out_of_what_the_owner_has(github: Local) -> None:
    """By REST, by GraphQL, and by node id."""
    node = issue_id(github)
    do(github, "allow_list", owner="acme")
    assert "IP allow list" in github.rest("GET", "/repos/acme/mono/issues/1").json()["message"]
    assert (refusal(github)["type"], "IP allow list" in refusal(github)["message"]) == (
        "FORBIDDEN",
        True,
    )
    assert github.graphql("query($id: ID!) { node(id: $id) { id } }", id=node)["data"] == {
        "node": None
    }
    do(github, "allow_list", owner="acme", on=False)
    assert issue_id(github) == node


def test_single_sign_on_names_where_to_authorize_the_token(github: Local) -> None:
    """In a header, with REST's 403 and with GraphQL's 200."""
    do(github, "single_sign_on", owner="acme")
    rest = github.rest("GET", "/repos/acme/mono/issues/1")
    graphql = github.client.post(
        "/graphql",
        json={"query": ISSUE, "variables": {"owner": "acme", "name": "mono"}},
        headers={"authorization": "bearer sandbox-root"},
    )
    assert (rest.status_code, graphql.status_code) == (403, 200)
    assert rest.headers["x-github-sso"] == graphql.headers["x-github-sso"]


def test_an_expired_token_is_refused_until_it_is_renewed(github: Local) -> None:
    """401, whatever is asked."""
    do(github, "expire_token", login="root")
    assert github.rest("GET", "/repos/acme/mono").status_code == 401
    do(github, "expire_token", login="root", on=False)
    assert github.rest("GET", "/repos/acme/mono").status_code == 200


def test_a_blocked_account_reads_and_does_not_write(github: Local) -> None:
    """https://docs.github.com/communities/maintaining-your-safety-on-github/blocking-a-user-from-your-organization"""
    do(github, "block", owner="acme", login="amy")
    answer = github.graphql(COMMENT, by="amy", id=issue_id(github))
    assert (answer["errors"][0]["type"], answer["errors"][0]["message"]) == (
        "FORBIDDEN",
        "User is blocked",
    )


def test_a_suspended_installation_is_refused_with_tokens_in_hand(
    github: Local, app_record: dict[str, Any]
) -> None:
    """Both the token that was made before and the making of a new one."""
    now = int(time.time())
    signed = jwt.encode(
        {"iss": "77", "iat": now, "exp": now + 300}, app_record["private_key"], "RS256"
    )
    as_app = {"authorization": f"bearer {signed}"}
    token = github.client.post("/app/installations/88/access_tokens", headers=as_app).json()[
        "token"
    ]
    assert (
        github.client.get(
            "/repos/acme/mono", headers={"authorization": f"bearer {token}"}
        ).status_code
        == 200
    )
    do(github, "suspend_installation", owner="acme")
    for reply in (
        github.client.get("/repos/acme/mono", headers={"authorization": f"bearer {token}"}),
        github.client.post("/app/installations/88/access_tokens", headers=as_app),
    ):
        assert (reply.status_code, reply.json()["message"]) == (
            403,
            "This installation has been suspended",
        )


def test_a_classic_token_without_read_org_may_not_ask_for_teams(github: Local) -> None:
    """The whole query is refused, with status 200 and no data."""
    do(github, "token_scopes", login="root", scopes=["repo"])
    answer = github.graphql(TEAMS)
    assert ("data" in answer, answer["errors"][0]["type"]) == (False, "INSUFFICIENT_SCOPES")
    do(github, "token_scopes", login="root", scopes=["repo", "read:org"])
    assert "errors" not in github.graphql(TEAMS)


@pytest.mark.parametrize(("ahead", "status"), [(0, 200), (-50, 200), (-90, 401)])
def test_a_clock_that_differs_shows_in_the_date_and_refuses_app_tokens(
    github: Local, app_record: dict[str, Any], ahead: int, status: int
) -> None:
    """An App's clock may be 60 seconds ahead of GitHub's."""
    now = parsedate_to_datetime(github.client.get("/_sandbox/health").headers["date"]).timestamp()
    do(github, "clock_offset", seconds=ahead)
    signed = jwt.encode(
        {"iss": "77", "iat": int(now), "exp": int(now) + 300}, app_record["private_key"], "RS256"
    )
    reply = github.client.get("/app", headers={"authorization": f"bearer {signed}"})
    assert reply.status_code == status
    assert abs(parsedate_to_datetime(reply.headers["date"]).timestamp() - now - ahead) < 5


def test_sub_issues_know_their_parent(github: Local) -> None:
    """https://docs.github.com/graphql/reference/objects#issue"""
    do(github, "add_sub_issue", repository=SOURCE, number=1, sub_number=3)
    text = """{ repository(owner: "acme", name: "mono") {
      one: issue(number: 1) { subIssues(first: 5) { totalCount nodes { number } } }
      three: issue(number: 3) { parent { number } } } }"""
    found = github.graphql(text)["data"]["repository"]
    assert found == {
        "one": {"subIssues": {"totalCount": 1, "nodes": [{"number": 3}]}},
        "three": {"parent": {"number": 1}},
    }


def test_an_unknown_act_names_those_that_there_are(github: Local) -> None:
    """Also the acts on what is no item."""
    reply = github.client.post("/_sandbox/act", json={"as": "root", "do": "fly"})
    assert (reply.status_code, "rename_repository" in reply.text) == (400, True)
