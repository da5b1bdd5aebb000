"""What only a probe writes: an issue of our own in a scratch repository."""

from __future__ import annotations

from migrator.errors import OutcomeUnknown
from migrator.github.client import GitHubClient
from migrator.github.document import mutation

OPEN_ISSUE = mutation(
    "OpenIssue",
    "$repository: ID!, $title: String!, $body: String!",
    "open: createIssue(input: {repositoryId: $repository, title: $title, body: $body}) { issue { id number } }",
)


async def open_issue(github: GitHubClient, repository_id: str, title: str, body: str) -> tuple[str, int]:
    """Open an issue; returns its node id and number. Never repeated: a probe that dies leaves at most one more issue.

    https://docs.github.com/graphql/reference/mutations#createissue
    """
    reply = await github.wire.write(OPEN_ISSUE, {"repository": repository_id, "title": title, "body": body})
    payload = reply.at("open", "the new issue")
    if payload.get("issue") is None:
        raise OutcomeUnknown("createIssue: the reply is empty")
    return str(payload["issue"]["id"]), int(payload["issue"]["number"])
