"""What is this repository, and how does it take issues? Facts for `check`, the plan and the notices."""

from __future__ import annotations

from migrator.github.document import query

REPOSITORY = query(
    "Repository",
    "$owner: String!, $name: String!, $labels: Int!, $labelsAfter: String",
    """
    repository(owner: $owner, name: $name, followRenames: true) {
      id nameWithOwner isArchived isDisabled isLocked isFork isPrivate hasIssuesEnabled isBlankIssuesEnabled
      viewerPermission url
      defaultBranchRef { name }
      watchers(first: 1) { totalCount }
      openIssues: issues(first: 1, states: [OPEN]) { totalCount }
      openPulls: pullRequests(first: 1, states: [OPEN]) { totalCount }
      labels(first: $labels, after: $labelsAfter) {
        totalCount pageInfo { endCursor hasNextPage } nodes { id name color description }
      }
      issueTemplates { filename name title about }
      contactLinks { name url about }
      settings: object(expression: "HEAD:.github") { ...Folder }
      workflows: object(expression: "HEAD:.github/workflows") { ...Folder }
      forms: object(expression: "HEAD:.github/ISSUE_TEMPLATE") { ...Folder }
    }
    """,
    """
    fragment Folder on GitObject {
      __typename ... on Tree { entries { name type object { __typename ... on Blob { text } } } }
    }
    """,
    sizes={"labels": 100},
)

LABELS = query(
    "Labels",
    "$owner: String!, $name: String!, $labels: Int!, $labelsAfter: String",
    """
    repository(owner: $owner, name: $name, followRenames: false) {
      labels(first: $labels, after: $labelsAfter) {
        totalCount pageInfo { endCursor hasNextPage } nodes { id name color description }
      }
    }
    """,
    sizes={"labels": 100},
)

LABEL = query(
    "Label",
    "$owner: String!, $name: String!, $label: String!",
    """
    repository(owner: $owner, name: $name, followRenames: false) {
      id label(name: $label) { id name color description }
    }
    """,
)
