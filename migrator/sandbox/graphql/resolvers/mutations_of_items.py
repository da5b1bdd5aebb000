"""Writes: labels, people, and items themselves."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.acts import creation, edits, labels, states
from migrator.sandbox.acts.transfers import transfer_item
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item
from migrator.sandbox.graphql.nodes import find_node, true_item, true_repository
from migrator.sandbox.graphql.resolvers.writing import logins_of, names_of, write
from migrator.sandbox.threads import ThreadPart

# -- labels and people


@write("addLabelsToLabelable")
def add_labels(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Put labels on an item."""
    item = true_item(call, given["labelableId"])
    names = names_of(call, given["labelIds"])
    if not call.drops_labels():
        labels.add_labels(call.world, call.agent, item, names)
    return {"labelable": call.see_now(item)}


@write("removeLabelsFromLabelable")
def remove_labels(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Take labels off an item."""
    item = true_item(call, given["labelableId"])
    labels.remove_labels(call.world, call.agent, item, names_of(call, given["labelIds"]))
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
    edits.assign(call.world, call.agent, item, logins_of(call, given["assigneeIds"]))
    return {"assignable": call.see_now(item)}


@write("removeAssigneesFromAssignable")
def remove_assignees(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Unassign people."""
    item = true_item(call, given["assignableId"])
    edits.assign(call.world, call.agent, item, logins_of(call, given["assigneeIds"]), on=False)
    return {"assignable": call.see_now(item)}


@write("createLabel")
def create_label(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Create a label in a repository."""
    repository = true_repository(call, given["repositoryId"])
    label = labels.create_label(
        call.world, call.agent, repository, given["name"], given["color"], given.get("description")
    )
    return {"label": ThreadPart(repository, label, "Label")}


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
        labels=names_of(call, given.get("labelIds") or []),
        assignees=logins_of(call, given.get("assigneeIds") or []),
    )
    return {"issue": call.see_now(item)}


def _update(call: Call, item: Item, given: dict[str, Any]) -> Item:
    """Do what ``updateIssue`` and ``updatePullRequest`` share; labels and assignees given are
    the whole new set."""
    world, agent = call.world, call.agent
    edits.edit_item(world, agent, item, title=given.get("title"), body=given.get("body"))
    if given.get("labelIds") is not None:
        labels.replace_labels(world, agent, item, names_of(call, given["labelIds"]))
    if given.get("assigneeIds") is not None:
        wanted = logins_of(call, given["assigneeIds"])
        edits.assign(
            world, agent, item, [login for login in item.assignees if login not in wanted], on=False
        )
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
    return {
        "issue": _update(call, true_item(call, given["id"], "I"), given),
        "actor": call.agent.account,
    }


@write("updatePullRequest")
def update_pull(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Change a pull request."""
    return {
        "pullRequest": _update(call, true_item(call, given["pullRequestId"], "PR"), given),
        "actor": call.agent.account,
    }


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
    """Transfer an issue to another repository of the same owner. The payload shows the new issue
    even while its number is not found yet."""
    moved = transfer_item(
        call.world,
        call.agent,
        true_item(call, given["issueId"], "I"),
        true_repository(call, given["repositoryId"]),
        create_labels=bool(given.get("createLabelsIfMissing")),
    )
    return {"issue": call.see_now(moved)}


@write("deleteIssue")
def delete(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Delete an issue."""
    item = true_item(call, given["issueId"], "I")
    creation.delete_item(call.world, call.agent, item)
    return {"repository": call.world.repository(item.repository)}
