"""Writes: comments, reactions, states."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.acts import comments, edits, pulls, states
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.nodes import find_node, true_item
from migrator.sandbox.graphql.pages import write_cursor
from migrator.sandbox.graphql.resolvers.comments import groups
from migrator.sandbox.graphql.resolvers.writing import comment_of, write
from migrator.sandbox.threads import ThreadPart

# -- comments


@write("addComment")
def add_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Comment on an issue or pull request."""
    item = true_item(call, given["subjectId"])
    comment = comments.add_comment(
        call.world, call.agent, item, given["body"], read=call.last_read(item)
    )
    edge = {"cursor": write_cursor(comment.id), "node": ThreadPart(item, comment, "IssueComment")}
    return {"commentEdge": edge, "timelineEdge": edge, "subject": call.see_now(item)}


@write("updateIssueComment")
def update_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Change a comment's text."""
    item, comment = comment_of(call, given["id"])
    comments.edit_comment(call.world, call.agent, item, comment, given["body"])
    call.see_now(item)
    return {"issueComment": ThreadPart(item, comment, "IssueComment")}


@write("deleteIssueComment")
def delete_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Delete a comment."""
    item, comment = comment_of(call, given["id"])
    comments.delete_comment(call.world, call.agent, item, comment)
    return {}


@write("minimizeComment")
def minimize_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Hide a comment."""
    item, comment = comment_of(call, given["subjectId"])
    comments.minimize_comment(call.world, call.agent, item, comment, reason=given["classifier"])
    return {"minimizedComment": ThreadPart(item, comment, "IssueComment")}


@write("unminimizeComment")
def unminimize_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Show a hidden comment again."""
    item, comment = comment_of(call, given["subjectId"])
    comments.minimize_comment(call.world, call.agent, item, comment, hidden=False)
    return {"unminimizedComment": ThreadPart(item, comment, "IssueComment")}


# -- states


@write("closeIssue")
def close_issue(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Close an issue."""
    item = true_item(call, given["issueId"], "I")
    states.close(call.world, call.agent, item, given.get("stateReason"), read=call.last_read(item))
    return {"issue": call.see_now(item)}


@write("closePullRequest")
def close_pull(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Close a pull request."""
    item = true_item(call, given["pullRequestId"], "PR")
    states.close(call.world, call.agent, item, read=call.last_read(item))
    return {"pullRequest": call.see_now(item)}


@write("reopenIssue")
def reopen_issue(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Reopen an issue."""
    item = true_item(call, given["issueId"], "I")
    states.reopen(call.world, call.agent, item)
    return {"issue": call.see_now(item)}


@write("reopenPullRequest")
def reopen_pull(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Reopen a pull request."""
    item = true_item(call, given["pullRequestId"], "PR")
    states.reopen(call.world, call.agent, item)
    return {"pullRequest": call.see_now(item)}


@write("mergePullRequest")
def merge_pull(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Merge a pull request."""
    item = true_item(call, given["pullRequestId"], "PR")
    states.merge(call.world, call.agent, item)
    return {"pullRequest": call.see_now(item), "actor": call.agent.account}


@write("convertPullRequestToDraft")
def to_draft(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Make a pull request a draft."""
    item = true_item(call, given["pullRequestId"], "PR")
    return {"pullRequest": pulls.set_draft(call.world, call.agent, item, draft=True)}


@write("markPullRequestReadyForReview")
def to_ready(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Make a draft ready for review."""
    item = true_item(call, given["pullRequestId"], "PR")
    return {"pullRequest": pulls.set_draft(call.world, call.agent, item, draft=False)}


# -- reactions


def _reactable(call: Call, wanted: str) -> tuple[Item, Any, Any]:
    """Return (item, the entity that carries the reactions, what GraphQL shows for it)."""
    found = find_node(call, wanted)
    if isinstance(found, Item):
        item = true_item(call, wanted)
        return item, item, item
    if isinstance(found, ThreadPart) and found.typename in ("IssueComment", "PullRequestReview"):
        look_up = call.world.comment if found.typename == "IssueComment" else call.world.review
        item, part = look_up(found.it.id)
        return item, part, ThreadPart(item, part, found.typename)
    raise Refused(404, f"Could not resolve to Reactable node with the global id of '{wanted}'.")


@write("addReaction")
def add_reaction(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """React to something."""
    item, part, shown = _reactable(call, given["subjectId"])
    reaction, _ = edits.react(call.world, call.agent, item, part, given["content"])
    return {
        "reaction": ThreadPart(shown, reaction, "Reaction"),
        "subject": shown,
        "reactionGroups": groups(shown, call.agent.login),
    }


@write("removeReaction")
def remove_reaction(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Take a reaction back."""
    item, part, shown = _reactable(call, given["subjectId"])
    mine = [
        old
        for old in part.reactions
        if old.user == call.agent.login and old.content == given["content"]
    ]
    if not mine:
        raise Refused(404, "Could not find the reaction.")
    edits.unreact(call.world, call.agent, item, part, mine[0])
    return {
        "reaction": ThreadPart(shown, mine[0], "Reaction"),
        "subject": shown,
        "reactionGroups": groups(shown, call.agent.login),
    }
