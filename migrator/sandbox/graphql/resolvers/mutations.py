"""Writes. Each takes one ``input`` and answers with a payload; several in one request run in their order.

Acts get what is, not what a lagging read shows; payloads are read like anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from migrator.sandbox.acts import comments, creation, edits, labels, pulls, states
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.nodes import find_node, true_item, true_repository
from migrator.sandbox.graphql.pages import write_cursor
from migrator.sandbox.graphql.resolvers.comments import groups
from migrator.sandbox.graphql.tables import Table
from migrator.sandbox.threads import Part

_mutation = Table("Mutation")
Write = Callable[[Call, dict[str, Any]], dict[str, Any]]


def write(name: str) -> Callable[[Write], Write]:
    """Register a function from (call, input) to payload as the mutation ``name``."""

    def register(function: Write) -> Write:
        def resolve(_source: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
            info.context.begin_write()
            return {"clientMutationId": input.get("clientMutationId"), **function(info.context, input)}

        _mutation.put(name, resolve)
        return function

    return register


def _names(call: Call, ids: list[str]) -> list[str]:
    """Return the names of labels by their ids."""
    found = [find_node(call, wanted) for wanted in ids]
    if any(not isinstance(part, Part) or part.typename != "Label" for part in found):
        raise Refused(404, "Could not resolve to a Label node.")
    return [part.it.name for part in found]


def _logins(call: Call, ids: list[str]) -> list[str]:
    return [find_node(call, wanted).login for wanted in ids]


def _comment(call: Call, wanted: str) -> tuple[Item, Any]:
    found = find_node(call, wanted)
    if not isinstance(found, Part) or found.typename != "IssueComment":
        raise Refused(404, f"Could not resolve to IssueComment node with the global id of '{wanted}'.")
    return call.world.comment(found.it.id)


# -- comments


@write("addComment")
def add_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Comment on an issue or pull request."""
    item = true_item(call, given["subjectId"])
    comment = comments.add_comment(call.world, call.agent, item, given["body"], read=call.last_read(item))
    edge = {"cursor": write_cursor(comment.id), "node": Part(item, comment, "IssueComment")}
    return {"commentEdge": edge, "timelineEdge": edge, "subject": call.see_now(item)}


@write("updateIssueComment")
def update_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Change a comment's text."""
    item, comment = _comment(call, given["id"])
    comments.edit_comment(call.world, call.agent, item, comment, given["body"])
    call.see_now(item)
    return {"issueComment": Part(item, comment, "IssueComment")}


@write("deleteIssueComment")
def delete_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Delete a comment."""
    item, comment = _comment(call, given["id"])
    comments.delete_comment(call.world, call.agent, item, comment)
    return {}


@write("minimizeComment")
def minimize_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Hide a comment."""
    item, comment = _comment(call, given["subjectId"])
    comments.minimize_comment(call.world, call.agent, item, comment, reason=given["classifier"])
    return {"minimizedComment": Part(item, comment, "IssueComment")}


@write("unminimizeComment")
def unminimize_comment(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Show a hidden comment again."""
    item, comment = _comment(call, given["subjectId"])
    comments.minimize_comment(call.world, call.agent, item, comment, hidden=False)
    return {"unminimizedComment": Part(item, comment, "IssueComment")}


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


# -- labels and people


@write("addLabelsToLabelable")
def add_labels(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Put labels on an item."""
    item = true_item(call, given["labelableId"])
    names = _names(call, given["labelIds"])
    if not call.drops_labels():
        labels.add_labels(call.world, call.agent, item, names)
    return {"labelable": call.see_now(item)}


@write("removeLabelsFromLabelable")
def remove_labels(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Take labels off an item."""
    item = true_item(call, given["labelableId"])
    labels.remove_labels(call.world, call.agent, item, _names(call, given["labelIds"]))
    return {"labelable": call.see_now(item)}


@write("clearLabelsFromLabelable")
def clear_labels(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Take all labels off an item."""
    item = true_item(call, given["labelableId"])
    labels.remove_labels(call.world, call.agent, item, list(item.labels))
    return {"labelable": call.see_now(item)}


@write("addAssigneesToAssignable")
def add_assignees(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Assign people."""
    item = true_item(call, given["assignableId"])
    edits.assign(call.world, call.agent, item, _logins(call, given["assigneeIds"]))
    return {"assignable": call.see_now(item)}


@write("removeAssigneesFromAssignable")
def remove_assignees(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Unassign people."""
    item = true_item(call, given["assignableId"])
    edits.assign(call.world, call.agent, item, _logins(call, given["assigneeIds"]), on=False)
    return {"assignable": call.see_now(item)}


@write("createLabel")
def create_label(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Create a label in a repository."""
    repository = true_repository(call, given["repositoryId"])
    label = labels.create_label(call.world, call.agent, repository, given["name"], given["color"], given.get("description"))
    return {"label": Part(repository, label, "Label")}


@write("updateLabel")
def update_label(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Change a label."""
    part = find_node(call, given["id"])
    changes = {key: given.get(key) for key in ("name", "color", "description")}
    labels.update_label(call.world, call.agent, part.home, part.it, **changes)
    return {"label": part}


@write("deleteLabel")
def delete_label(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Delete a label everywhere."""
    part = find_node(call, given["id"])
    labels.delete_label(call.world, call.agent, part.home, part.it)
    return {}


# -- items


@write("createIssue")
def create_issue(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Open an issue; labels of those below triage are dropped without a word."""
    repository = true_repository(call, given["repositoryId"])
    item = creation.open_item(
        call.world,
        call.agent,
        repository,
        given["title"],
        given.get("body"),
        labels=_names(call, given.get("labelIds") or []),
        assignees=_logins(call, given.get("assigneeIds") or []),
    )
    return {"issue": call.see_now(item)}


def _update(call: Call, item: Item, given: dict[str, Any]) -> Item:
    """Do what ``updateIssue`` and ``updatePullRequest`` share; labels and assignees given are the whole new set."""
    world, agent = call.world, call.agent
    edits.edit_item(world, agent, item, title=given.get("title"), body=given.get("body"))
    if given.get("labelIds") is not None:
        labels.replace_labels(world, agent, item, _names(call, given["labelIds"]))
    if given.get("assigneeIds") is not None:
        wanted = _logins(call, given["assigneeIds"])
        edits.assign(world, agent, item, [login for login in item.assignees if login not in wanted], on=False)
        edits.assign(world, agent, item, wanted)
    if "milestoneId" in given:
        title = find_node(call, given["milestoneId"]).it if given["milestoneId"] else None
        edits.set_milestone(world, agent, item, title)
    if given.get("state") == "CLOSED":
        states.close(world, agent, item, read=call.last_read(item))
    elif given.get("state") == "OPEN":
        states.reopen(world, agent, item)
    return call.see_now(item)


@write("updateIssue")
def update_issue(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Change an issue."""
    return {"issue": _update(call, true_item(call, given["id"], "I"), given), "actor": call.agent.account}


@write("updatePullRequest")
def update_pull(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Change a pull request."""
    return {"pullRequest": _update(call, true_item(call, given["pullRequestId"], "PR"), given), "actor": call.agent.account}


@write("lockLockable")
def lock(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Lock a conversation."""
    item = true_item(call, given["lockableId"])
    edits.lock(call.world, call.agent, item, given.get("lockReason"))
    return {"lockedRecord": call.see_now(item), "actor": call.agent.account}


@write("unlockLockable")
def unlock(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Unlock a conversation."""
    item = true_item(call, given["lockableId"])
    edits.lock(call.world, call.agent, item, on=False)
    return {"unlockedRecord": call.see_now(item), "actor": call.agent.account}


@write("pinIssue")
def pin(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Pin an issue."""
    return {"issue": edits.pin(call.world, call.agent, true_item(call, given["issueId"], "I"))}


@write("unpinIssue")
def unpin(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Unpin an issue."""
    item = edits.pin(call.world, call.agent, true_item(call, given["issueId"], "I"), on=False)
    return {"issue": item, "id": given["issueId"]}


@write("transferIssue")
def transfer(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Transfer an issue to another repository of the same owner."""
    item = true_item(call, given["issueId"], "I")
    return {"issue": creation.transfer_item(call.world, call.agent, item, true_repository(call, given["repositoryId"]))}


@write("deleteIssue")
def delete(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Delete an issue."""
    item = true_item(call, given["issueId"], "I")
    creation.delete_item(call.world, call.agent, item)
    return {"repository": call.world.repository(item.repository)}


# -- reactions


def _reactable(call: Call, wanted: str) -> tuple[Item, Any, Any]:
    """Return (item, the entity that carries the reactions, what GraphQL shows for it)."""
    found = find_node(call, wanted)
    if isinstance(found, Item):
        item = true_item(call, wanted)
        return item, item, item
    if isinstance(found, Part) and found.typename in ("IssueComment", "PullRequestReview"):
        look_up = call.world.comment if found.typename == "IssueComment" else call.world.review
        item, part = look_up(found.it.id)
        return item, part, Part(item, part, found.typename)
    raise Refused(404, f"Could not resolve to Reactable node with the global id of '{wanted}'.")


@write("addReaction")
def add_reaction(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """React to something."""
    item, part, shown = _reactable(call, given["subjectId"])
    reaction, _ = edits.react(call.world, call.agent, item, part, given["content"])
    return {"reaction": Part(shown, reaction, "Reaction"), "subject": shown, "reactionGroups": groups(shown, call.agent.login)}


@write("removeReaction")
def remove_reaction(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Take a reaction back."""
    item, part, shown = _reactable(call, given["subjectId"])
    mine = [old for old in part.reactions if old.user == call.agent.login and old.content == given["content"]]
    if not mine:
        raise Refused(404, "Could not find the reaction.")
    edits.unreact(call.world, call.agent, item, part, mine[0])
    return {"reaction": Part(shown, mine[0], "Reaction"), "subject": shown, "reactionGroups": groups(shown, call.agent.login)}
