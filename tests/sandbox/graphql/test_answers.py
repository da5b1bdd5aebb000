"""Answers of the GraphQL half: what a client reads, and that our fast executor answers as
graphql-core's own."""

from __future__ import annotations

from typing import Any

import pytest

from migrator.sandbox.call import Call
from migrator.sandbox.graphql.execute import Prepared, prepare, run, run_by_graphql_core
from migrator.sandbox.listings import Listings
from migrator.sandbox.rights import Agent
from migrator.sandbox.world import World
from tests.support.sandbox_server import SOURCE, Local, build

WHO = "fragment Who on Actor { __typename login ... on Node { id } avatarUrl url }"
REPOSITORY = f'repository(owner: "{SOURCE.split("/")[0]}", name: "{SOURCE.split("/")[1]}")'
ITEM = """
  __typename id number title body url resourcePath createdAt updatedAt closedAt locked activeLockReason closed
  authorAssociation viewerDidAuthor viewerCanClose viewerCanReopen viewerCanLabel viewerCanUpdate viewerCanReact
  author { ...Who } editor { ...Who } milestone { number title state url } fullDatabaseId
  labels(first: 10, orderBy: {field: NAME, direction: ASC}) { totalCount nodes { id name color description } }
  assignees(first: 10) { nodes { login isViewer } } participants(first: 10) { totalCount nodes { login } }
  reactions(last: 5) { totalCount viewerHasReacted nodes { content createdAt user { login } } }
  reactionGroups { content createdAt reactors(first: 3) { totalCount edges { reactedAt } } }
  comments(last: 2) {
    totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } edges { cursor }
    nodes { id databaseId body url author { ...Who } isMinimized viewerDidAuthor reactions(first: 3) { nodes { content } } }
  }
"""
QUERIES = {
    "an issue whole": f"""query {{ {REPOSITORY} {{ issue(number: 1) {{ {ITEM} stateReason isPinned
        timelineItems(last: 50) {{ totalCount filteredCount nodes {{ __typename
          ... on LabeledEvent {{ id actor {{ ...Who }} label {{ name }} }}
          ... on CrossReferencedEvent {{ willCloseTarget source {{ ... on PullRequest {{ number state }} }} }}
          ... on AssignedEvent {{ assignee {{ ... on User {{ login }} }} }}
          ... on RenamedTitleEvent {{ previousTitle currentTitle }}
          ... on MilestonedEvent {{ milestoneTitle }} ... on IssueComment {{ body }} }} }}
        closedByPullRequestsReferences(first: 5) {{ nodes {{ number }} }} }} }} }} {WHO}""",
    "a pull request whole": f"""query {{ {REPOSITORY} {{ pullRequest(number: 2) {{ {ITEM} state isDraft mergeable reviewDecision
        baseRefName headRefName headRef {{ id name }} additions deletions changedFiles files(first: 5) {{ nodes {{ path }} }}
        commits(last: 1) {{ nodes {{ commit {{ oid committedDate
            author {{ user {{ login }} }} statusCheckRollup {{ state }} }} }} }}
        reviews(first: 5) {{ nodes {{ state body author {{ ...Who }} }} }}
        reviewRequests(first: 5) {{ nodes {{ requestedReviewer {{ ... on User {{ login }} }} }} }}
        closingIssuesReferences(first: 5) {{ nodes {{ number }} }}
        timelineItems(first: 20) {{ nodes {{ __typename }} }} }} }} }} {WHO}""",
    "a repository": f"""query {{ {REPOSITORY} {{ id nameWithOwner isArchived isBlankIssuesEnabled viewerPermission
        owner {{ login }} defaultBranchRef {{ name target {{ oid }} }} contactLinks {{ name url about }}
        issueTemplates {{ filename name about labels(first: 3) {{ nodes {{ name }} }} }}
        object(expression: "HEAD:.github") {{
            ... on Tree {{ entries {{ name type object {{ __typename ... on Blob {{ text }} }} }} }} }}
        issues(first: 2, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{ totalCount nodes {{ number }} }}
        pullRequests(first: 2, states: [OPEN]) {{ nodes {{ number }} }} watchers(first: 1) {{ totalCount }} }} }}""",
    "errors and nulls": f"""query {{ {REPOSITORY} {{ issue(number: 99) {{ title }}
        a: issue(number: 3) {{ author {{ login }} stateReason }} }}
        node(id: "nonsense") {{ id }} nodes(ids: ["I_a", "I_b"]) {{ id }} missing: repository(owner: "no", name: "no") {{ id }}
        rateLimit {{ cost nodeCount limit }} }}""",
    "introspection": '{ __type(name: "Issue") { name fields { name } } viewer { login } }',
    "a condition": (
        f"query($yes: Boolean!) {{ {REPOSITORY} {{ id @skip(if: $yes) name @include(if: $yes) }} }}"
    ),
}


@pytest.fixture
def world(small_records: list[dict[str, Any]]) -> World:
    """The small world, without a server."""
    return build(small_records, now="2021-01-01T00:00:00Z")


def call(world: World) -> Call:
    """A request of somebody with triage."""
    made = Call(world, Agent(account=world.accounts["tria"]), {}, Listings(world))
    made.limits = {"limit": 5000, "used": 1, "remaining": 4999, "resetAt": "2021-01-01T00:00:00Z"}
    return made


def prepared(text: str, **variables: Any) -> Prepared:
    """What runs, or the test fails with the errors."""
    found = prepare(text, None, variables)
    assert isinstance(found, Prepared), found
    return found


@pytest.mark.parametrize("name", QUERIES)
def test_plans_answer_as_graphql_core_does(world: World, name: str) -> None:
    """Data and errors, paths and messages included, are the same by both executors."""
    text = QUERIES[name]
    work = prepared(text, **({"yes": True} if "$yes" in text else {}))
    ours, theirs = run(call(world), work), run_by_graphql_core(call(world), work)
    assert ours["data"] == theirs["data"]

    def sort_of(error: dict[str, Any]) -> str:
        return str(error["path"])

    assert sorted(ours.get("errors", []), key=sort_of) == sorted(
        theirs.get("errors", []), key=sort_of
    )
    assert ours["data"]


def test_writes_run_in_order_and_one_failing_does_not_stop_the_next(github: Local) -> None:
    """Aliased mutations: each succeeds or fails for itself, with the alias as path."""
    issue = github.graphql(f"{{ {REPOSITORY} {{ issue(number: 1) {{ id }} }} }}")["data"][
        "repository"
    ]["issue"]["id"]
    answer = github.graphql(
        """mutation($id: ID!) {
          one: addComment(input: {subjectId: $id, body: "first"}) { commentEdge { node { body } } }
          two: addComment(input: {subjectId: $id, body: ""}) { commentEdge { node { body } } }
          three: closeIssue(input: {issueId: $id, stateReason: NOT_PLANNED}) {
            issue { state comments(last: 1) { nodes { body } } } }
        }""",
        id=issue,
    )
    assert answer["data"]["one"]["commentEdge"]["node"]["body"] == "first"
    assert answer["data"]["two"] is None
    assert answer["data"]["three"]["issue"] == {
        "state": "CLOSED",
        "comments": {"nodes": [{"body": "first"}]},
    }
    assert [(error["path"], error["type"]) for error in answer["errors"]] == [
        (["two"], "UNPROCESSABLE")
    ]


def pages(github: Local, arguments: str) -> list[list[int]]:
    """Walk a connection of issues, two to a page."""
    found, cursor = [], None
    while True:
        chosen = (
            f"issues(first: 2, after: $after{arguments}) {{ pageInfo {{ endCursor hasNextPage }} "
            f"nodes {{ number }} }}"
        )
        text = f"query($after: String) {{ {REPOSITORY} {{ {chosen} }} }}"
        page = github.graphql(text, after=cursor)["data"]["repository"]["issues"]
        found.append([node["number"] for node in page["nodes"]])
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def test_pages_follow_one_another_without_gap_or_repeat(github: Local) -> None:
    """Cursors lead through the whole list, in the order asked for."""
    for number in range(5):
        github.act("amy", "open_issue", title=f"More {number}")
    assert [number for page in pages(github, "") for number in page] == [3, 1, 4, 5, 6, 7, 8, 9]
    newest_first = pages(github, ", orderBy: {field: UPDATED_AT, direction: DESC}")
    assert [number for page in newest_first for number in page] == [9, 8, 7, 6, 5, 4, 1, 3]


def test_a_change_while_paging_does_not_lose_what_stays_in_place(github: Local) -> None:
    """A cursor names a place in the order, not an index: what moves to the front does not push
    others out."""
    order = "orderBy: {field: UPDATED_AT, direction: DESC}"
    chosen = (
        f"issues(first: 1, after: $after, {order}) {{ pageInfo {{ endCursor }} nodes {{ number "
        f"}} }}"
    )
    text = f"query($after: String) {{ {REPOSITORY} {{ {chosen} }} }}"
    first = github.graphql(text)["data"]["repository"]["issues"]
    github.act("amy", "comment", number=3)
    second = github.graphql(text, after=first["pageInfo"]["endCursor"])["data"]["repository"][
        "issues"
    ]
    assert [first["nodes"], second["nodes"]] == [[{"number": 4}], [{"number": 1}]]


def test_only_what_changed_since_is_listed(github: Local) -> None:
    """``filterBy.since`` holds against ``updatedAt``; a comment by a bot moves it, a reaction
    does not."""
    since = "2020-04-01T12:00:00Z"
    text = (
        f'{{ {REPOSITORY} {{ issues(first: 10, filterBy: {{since: "{since}"}}) {{ nodes {{ '
        f"number }} }} }} }}"
    )
    github.act("amy", "react", number=3, content="HEART")
    assert github.graphql(text)["data"]["repository"]["issues"]["nodes"] == []
    github.act("rex", "comment", number=1)
    assert github.graphql(text)["data"]["repository"]["issues"]["nodes"] == [{"number": 1}]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("(first: 101)", "EXCESSIVE_PAGINATION"),
        ("(first: 1, last: 1)", "INVALID_PAGINATION_BOUNDARIES"),
    ],
)
def test_pages_without_a_proper_size_are_refused(github: Local, arguments: str, kind: str) -> None:
    """GitHub wants ``first`` or ``last``, and at most 100."""
    answer = github.graphql(f"{{ {REPOSITORY} {{ issues{arguments} {{ totalCount }} }} }}")
    assert [error["type"] for error in answer["errors"]] == [kind]


def test_a_query_for_too_many_nodes_is_refused(github: Local) -> None:
    """500,000 nodes are the bound: 100 issues with 100 comments with 100 reactions are over it."""
    nested = "comments(first: 100) { nodes { reactions(first: 100) { totalCount } } }"
    answer = github.graphql(
        f"{{ {REPOSITORY} {{ issues(first: 100) {{ nodes {{ {nested} }} }} }} }}"
    )
    assert answer["errors"][0]["type"] == "MAX_NODE_LIMIT_EXCEEDED"


def test_the_cost_is_that_of_githubs_own_example() -> None:
    """GitHub's documentation computes 5,101 requests for this query, which is 51 points.

    https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    text = f"""{{ {REPOSITORY} {{ issues(first: 50) {{ nodes {{ labels(first: 60) {{ totalCount }} }} }} }} }}"""
    assert prepared(text).cost.nodes == 50 + 50 * 60
    assert prepared(text).cost.points == 1
    nested = "comments(first: 50) { nodes { reactions(first: 60) { totalCount } } }"
    deep = f"{{ {REPOSITORY} {{ issues(first: 100) {{ nodes {{ {nested} }} }} }} }}"
    assert (prepared(deep).cost.points, prepared(deep).cost.nodes) == (
        51,
        100 + 100 * 50 + 5000 * 60,
    )


def test_an_unknown_field_is_a_loud_error(github: Local) -> None:
    """What is not implemented is no null but a validation error, and counted as an error only."""
    answer = github.graphql(f"{{ {REPOSITORY} {{ stargazers(first: 1) {{ totalCount }} }} }}")
    assert "stargazers" in answer["errors"][0]["message"]
    assert "data" not in answer


def test_deleted_and_transferred_issues_are_not_found(github: Local) -> None:
    """By number and by node id; a transferred issue has a new id."""
    ask = f"{{ {REPOSITORY} {{ issue(number: 1) {{ id }} }} }}"
    old = github.graphql(ask)["data"]["repository"]["issue"]["id"]
    github.act("root", "transfer", to="acme/widget")
    assert github.graphql(ask)["errors"][0]["type"] == "NOT_FOUND"
    assert (
        github.graphql("query($id: ID!) { node(id: $id) { id } }", id=old)["errors"][0]["type"]
        == "NOT_FOUND"
    )
    moved = github.graphql(
        '{ repository(owner: "acme", name: "widget") { issue(number: 2) { id title '
        "comments(first: 1) { totalCount } } } }"
    )
    issue = moved["data"]["repository"]["issue"]
    assert (issue["title"], issue["comments"]["totalCount"], issue["id"] == old) == (
        "Widget breaks",
        3,
        False,
    )
