"""Everything that we write to GitHub. A notice travels alone; label and close share one request.

Root fields of a mutation run in the order written, and one failing does not stop the next: each
reply is read by alias. Every reply selects what the second look needs (state, lock, labels, last
comments, who reopened, edited, reviewed or pushed), so that no extra read follows a write.
"""

from __future__ import annotations

from enum import StrEnum

from migrator.domain.items import ItemKind
from migrator.github.http_messages import GraphQLDocument, mutation
from migrator.github.queries.fragments import (
    COMMENT,
    ISSUE_SPEECH,
    ISSUE_SPEECH_TYPES,
    PULL_SPEECH,
    PULL_SPEECH_TYPES,
    WHO,
)

LAST_COMMENTS = 10
"""Comments of the thread that come back with each write, and as many acts of other kinds by
which people speak."""

_AFTER = f"""
  __typename id number updatedAt closedAt lastEditedAt locked activeLockReason
  editor {{ ...Who }}
  labels(first: 100) {{ totalCount nodes {{ name }} }}
  comments(last: {LAST_COMMENTS}) {{ totalCount nodes {{ ...CommentFields }} }}
"""
_TIMELINE = "timelineItems(last: %d, itemTypes: [%s]) { nodes { ...%s } }"
_ISSUE_TIMELINE = _TIMELINE % (LAST_COMMENTS, ISSUE_SPEECH_TYPES, "IssueSpeech")
_PULL_TIMELINE = _TIMELINE % (LAST_COMMENTS, PULL_SPEECH_TYPES, "PullSpeech")
ISSUE_AFTER = (
    f"{ISSUE_SPEECH} fragment IssueAfter on Issue {{ {_AFTER} issueState: state stateReason "
    f"{_ISSUE_TIMELINE} }}"
)
PULL_AFTER = (
    f"{PULL_SPEECH} fragment PullAfter on PullRequest {{ {_AFTER} pullState: state "
    f"{_PULL_TIMELINE} }}"
)
_AFTER_PARTS = (WHO, COMMENT)

ADD_COMMENT = mutation(
    "AddComment",
    "$subject: ID!, $body: String!",
    """
    comment: addComment(input: {subjectId: $subject, body: $body}) {
      commentEdge { node { ...CommentFields } }
      subject { __typename ...IssueAfter ...PullAfter }
    }
    """,
    ISSUE_AFTER,
    PULL_AFTER,
    *_AFTER_PARTS,
)

UPDATE_COMMENT = mutation(
    "UpdateComment",
    "$comment: ID!, $body: String!",
    "edit: updateIssueComment(input: {id: $comment, body: $body}) { issueComment { "
    "...CommentFields } }",
    *_AFTER_PARTS,
)

ADD_REACTION = mutation(
    "AddReaction",
    "$subject: ID!, $content: ReactionContent!",
    "react: addReaction(input: {subjectId: $subject, content: $content}) { reaction { id content "
    "} }",
)

CREATE_LABEL = mutation(
    "CreateLabel",
    "$repository: ID!, $label: String!, $color: String!, $description: String!",
    """
    create: createLabel(input: {repositoryId: $repository, name: $label, color: $color, description: $description}) {
      label { id name color description }
    }
    """,
)


class MutationStep(StrEnum):
    """One act of a composed request; the value is its alias in the reply."""

    LABEL = "label"
    UNLABEL = "unlabel"
    CLOSE = "close"
    REOPEN = "reopen"
    EDIT = "edit"


def composed(name: str, kind: ItemKind, steps: tuple[MutationStep, ...]) -> GraphQLDocument:
    """One request that does ``steps`` in this order on an item of ``kind``."""
    declared = ["$item: ID!"] if steps != (MutationStep.EDIT,) else []
    declared += [
        _VARIABLES[step]
        for step in steps
        if step in _VARIABLES and not (step is MutationStep.CLOSE and kind is not ItemKind.ISSUE)
    ]
    body = "\n".join(_step(step, kind) for step in steps)
    touches_item = steps != (MutationStep.EDIT,)
    after = (ISSUE_AFTER if kind is ItemKind.ISSUE else PULL_AFTER,) if touches_item else ()
    return mutation(name, ", ".join(declared), body, *after, *_AFTER_PARTS)


_VARIABLES = {
    MutationStep.LABEL: "$labels: [ID!]!",
    MutationStep.UNLABEL: "$unlabel: [ID!]!",
    MutationStep.CLOSE: "$reason: IssueClosedStateReason!",
    MutationStep.EDIT: "$comment: ID!, $body: String!",
}


def _step(step: MutationStep, kind: ItemKind) -> str:
    """The root field of one step. Pull requests have no close reason."""
    issue = kind is ItemKind.ISSUE
    subject = "issue { ...IssueAfter }" if issue else "pullRequest { ...PullAfter }"
    labelable = (
        "labelable { __typename ...IssueAfter }"
        if issue
        else "labelable { __typename ...PullAfter }"
    )
    match step:
        case MutationStep.LABEL:
            return (
                f"label: addLabelsToLabelable(input: {{labelableId: $item, labelIds: $labels}}) "
                f"{{ {labelable} }}"
            )
        case MutationStep.UNLABEL:
            return (
                f"unlabel: removeLabelsFromLabelable(input: {{labelableId: $item, labelIds: "
                f"$unlabel}}) {{ {labelable} }}"
            )
        case MutationStep.CLOSE if issue:
            return (
                f"close: closeIssue(input: {{issueId: $item, stateReason: $reason}}) {{ "
                f"{subject} }}"
            )
        case MutationStep.CLOSE:
            return f"close: closePullRequest(input: {{pullRequestId: $item}}) {{ {subject} }}"
        case MutationStep.REOPEN:
            field, argument = (
                ("reopenIssue", "issueId") if issue else ("reopenPullRequest", "pullRequestId")
            )
            return f"reopen: {field}(input: {{{argument}: $item}}) {{ {subject} }}"
        case MutationStep.EDIT:
            return (
                "edit: updateIssueComment(input: {id: $comment, body: $body}) { issueComment { "
                "...CommentFields } }"
            )
