"""What are these repositories, how do they take issues, and whose token asks? Several repositories
in one request.

Facts for `check`, the plan and the notices. Labels come from both ends of their list, so that one
request holds up to 200.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from migrator.github.http_messages import GraphQLDocument, query

VIEWER_FIELDS = "viewer { __typename id databaseId login }"

VIEWER = query("Viewer", "", VIEWER_FIELDS)


LABELS_AT_ONCE = 100

_LABEL = "fragment LabelFields on Label { id name color description }"

_FOLDER = """
fragment Folder on GitObject {
  __typename ... on Tree { entries { name type object { __typename ... on Blob { text } } } }
}
"""

_REPOSITORY = """
fragment RepositoryFields on Repository {
  id nameWithOwner isArchived isDisabled isLocked isFork isPrivate hasIssuesEnabled isBlankIssuesEnabled
  viewerPermission url
  defaultBranchRef { name }
  watchers(first: 1) { totalCount }
  openIssues: issues(first: 1, states: [OPEN]) { totalCount }
  openPulls: pullRequests(first: 1, states: [OPEN]) { totalCount }
  labels(first: $labels) { totalCount pageInfo { endCursor hasNextPage } nodes { ...LabelFields } }
  lastLabels: labels(last: $labels) { nodes { ...LabelFields } }
  milestones(first: 100) { totalCount nodes { title } }
  issueTemplates { filename name title about }
  contactLinks { name url about }
  settings: object(expression: "HEAD:.github") { ...Folder }
  workflows: object(expression: "HEAD:.github/workflows") { ...Folder }
  forms: object(expression: "HEAD:.github/ISSUE_TEMPLATE") { ...Folder }
}
"""


def survey(repositories: Sequence[str]) -> tuple[GraphQLDocument, dict[str, Any]]:
    """The question for these ``owner/name``, and its variables; the reply's aliases are ``viewer``,
    ``r0``, ``r1`` ...

    Renames are followed: ``nameWithOwner`` tells the present name.
    """
    declared, body, values = ["$labels: Int!"], [VIEWER_FIELDS], dict[str, Any]()
    for index, repository in enumerate(repositories):
        owner, _, name = repository.partition("/")
        values |= {f"owner{index}": owner, f"name{index}": name}
        declared.append(f"$owner{index}: String!, $name{index}: String!")
        body.append(
            f"r{index}: repository(owner: $owner{index}, name: $name{index}) {{ "
            f"...RepositoryFields }}"
        )
    fragments = (_REPOSITORY, _LABEL, _FOLDER)
    return query(
        "Survey", ", ".join(declared), "\n".join(body), *fragments, sizes={"labels": LABELS_AT_ONCE}
    ), values


def roles(repositories: Sequence[str]) -> tuple[GraphQLDocument, dict[str, Any]]:
    """What whoever asks may do in these ``owner/name``; the reply's aliases are ``viewer``, ``r0``,
    ``r1`` ...

    https://docs.github.com/graphql/reference/objects#repository (``viewerPermission``)
    """
    declared, body, values = list[str](), [VIEWER_FIELDS], dict[str, Any]()
    for index, repository in enumerate(repositories):
        owner, _, name = repository.partition("/")
        values |= {f"owner{index}": owner, f"name{index}": name}
        declared.append(f"$owner{index}: String!, $name{index}: String!")
        body.append(
            f"r{index}: repository(owner: $owner{index}, name: $name{index}) {{ viewerPermission }}"
        )
    return query("Roles", ", ".join(declared), "\n".join(body)), values


LABELS = query(
    "Labels",
    "$owner: String!, $name: String!, $labels: Int!, $labelsAfter: String",
    """
    repository(owner: $owner, name: $name) {
      labels(first: $labels, after: $labelsAfter) {
        totalCount pageInfo { endCursor hasNextPage } nodes { ...LabelFields }
      }
    }
    """,
    _LABEL,
    sizes={"labels": LABELS_AT_ONCE},
)

LABEL_BY_ID = query(
    "LabelById",
    "$id: ID!",
    "node(id: $id) { __typename ...LabelFields }",
    _LABEL,
)

LABEL = query(
    "Label",
    "$owner: String!, $name: String!, $label: String!",
    "repository(owner: $owner, name: $name) { id label(name: $label) { ...LabelFields } }",
    _LABEL,
)
