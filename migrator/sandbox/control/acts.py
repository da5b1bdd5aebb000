"""``POST /_sandbox/act``: a person acts, through the same acts and with the same rights as over the
wire.

Acts on what is no item (a rename, a suspension, an allow list ...) are those of :mod:`.state`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from migrator.sandbox.acts import comments, creation, edits, labels, pulls, states
from migrator.sandbox.acts.transfers import transfer_item
from migrator.sandbox.control.state import STATE_ACTS
from migrator.sandbox.entities import Account, ChangedPath, Comment, Item, Pull
from migrator.sandbox.errors import Refused
from migrator.sandbox.names import GRAPHQL_REACTIONS
from migrator.sandbox.rights import Agent
from migrator.sandbox.world import World

Given = dict[str, Any]
Act = Callable[[World, Agent, Item, Given], object]


def _comment_of(item: Item, given: Given) -> Comment:
    """Return the comment that ``comment`` names by id, or the last one."""
    wanted = given.get("comment")
    found = next(
        (comment for comment in reversed(item.comments) if wanted in (None, comment.id)), None
    )
    if found is None:
        raise Refused(404, "no such comment")
    return found


def _react(world: World, agent: Agent, item: Item, given: Given) -> object:
    content = str(given.get("content", "THUMBS_UP"))
    part = _comment_of(item, given) if "comment" in given else item
    return edits.react(world, agent, item, part, GRAPHQL_REACTIONS.get(content, content.upper()))[0]


def _transfer(world: World, agent: Agent, item: Item, given: Given) -> object:
    target = world.repository(given["to"])
    return transfer_item(world, agent, item, target, create_labels=bool(given.get("create_labels")))


ACTS: dict[str, Act] = {
    "comment": lambda w, a, i, g: comments.add_comment(
        w, a, i, g.get("body", "Still an issue for me.")
    ),
    "edit_comment": lambda w, a, i, g: comments.edit_comment(
        w, a, i, _comment_of(i, g), g.get("body")
    ),
    "delete_comment": lambda w, a, i, g: comments.delete_comment(w, a, i, _comment_of(i, g)),
    "minimize": lambda w, a, i, g: comments.minimize_comment(
        w, a, i, _comment_of(i, g), reason=g.get("reason", "RESOLVED")
    ),
    "close": lambda w, a, i, g: states.close(w, a, i, g.get("reason")),
    "reopen": lambda w, a, i, g: states.reopen(w, a, i),
    "merge": lambda w, a, i, g: states.merge(w, a, i),
    "lock": lambda w, a, i, g: edits.lock(w, a, i, g.get("reason")),
    "unlock": lambda w, a, i, g: edits.lock(w, a, i, on=False),
    "label": lambda w, a, i, g: labels.add_labels(w, a, i, _list(g, "labels", "label")),
    "unlabel": lambda w, a, i, g: labels.remove_labels(w, a, i, _list(g, "labels", "label")),
    "assign": lambda w, a, i, g: edits.assign(w, a, i, _list(g, "assignees", "assignee")),
    "unassign": lambda w, a, i, g: edits.assign(
        w, a, i, _list(g, "assignees", "assignee"), on=False
    ),
    "edit": lambda w, a, i, g: edits.edit_item(w, a, i, title=g.get("title"), body=g.get("body")),
    "milestone": lambda w, a, i, g: edits.set_milestone(w, a, i, g.get("milestone")),
    "pin": lambda w, a, i, g: edits.pin(w, a, i),
    "unpin": lambda w, a, i, g: edits.pin(w, a, i, on=False),
    "react": _react,
    "transfer": _transfer,
    "delete": lambda w, a, i, g: creation.delete_item(w, a, i),
    "push": lambda w, a, i, g: pulls.push(
        w, a, i, g.get("message", ""), g.get("paths"), g.get("at", "")
    ),
    "force_push": lambda w, a, i, g: pulls.force_push(w, a, i),
    "review": lambda w, a, i, g: pulls.review(
        w, a, i, g.get("state", "COMMENTED"), g.get("body", "")
    ),
    "request_review": lambda w, a, i, g: pulls.request_review(w, a, i, g["reviewer"]),
    "convert_to_draft": lambda w, a, i, g: pulls.set_draft(w, a, i, draft=True),
    "ready_for_review": lambda w, a, i, g: pulls.set_draft(w, a, i, draft=False),
    "delete_branch": lambda w, a, i, g: pulls.delete_branch(w, a, i),
}


def _list(given: Given, many: str, one: str) -> list[str]:
    return list(given[many]) if many in given else [given[one]]


def act(world: World, given: Given) -> Given:
    """Do one act and return what came of it: ``result``, the item as it is now, and the world's
    ``sequence``.

    Raises:
        Refused: what GitHub would say; 400 for an unknown act, 404 for an unknown account; a
        missing key is 400.
    """
    try:
        if given.get("do") in STATE_ACTS:
            result, item = STATE_ACTS[given["do"]](world, given), None
        else:
            result, item = _do(world, acting_agent(world, str(given.get("as", ""))), given)
    except KeyError as error:
        raise Refused(400, f"the act {given.get('do')!r} needs {error}") from error
    shown = None if item is None else whole(item)
    return {"result": msgspec.to_builtins(result), "item": shown, "sequence": world.sequence}


def whole(item: Item) -> Given:
    """Return an item's record with every key of its own, also those that are as usual."""
    return {
        "record": "item",
        **{name: msgspec.to_builtins(getattr(item, name)) for name in item.__struct_fields__},
    }


def acting_agent(world: World, login: str) -> Agent:
    """Return who acts; an account that does not exist yet is made, as anybody may join GitHub."""
    account = world.accounts.get(login.lower())
    if not login or (account is not None and account.deleted):
        raise Refused(404, f"no account {login!r}")
    if account is None:
        account = world.add_account(Account(login=login))
    return Agent(account=account)


def _do(world: World, agent: Agent, given: Given) -> tuple[object, Item | None]:
    name = str(given.get("do", ""))
    if name in ("open_issue", "open_pull"):
        item = _open(world, agent, given, pull=name == "open_pull")
        return item, item
    if name not in ACTS:
        raise Refused(
            400,
            f"unknown act {name!r}; known: open_issue, open_pull, "
            f"{', '.join([*ACTS, *STATE_ACTS])}",
        )
    item = world.item(given["repository"], int(given["number"]))
    result = ACTS[name](world, agent, item, given)
    return result, item


def _open(world: World, agent: Agent, given: Given, *, pull: bool) -> Item:
    part = None
    if pull:
        paths = [ChangedPath(path=path, additions=1) for path in given.get("paths", ())]
        part = Pull(
            paths=paths,
            closes=given.get("closes", []),
            draft=given.get("draft", False),
            base_ref=given.get("base", ""),
        )
    repository = world.repository(given["repository"])
    return creation.open_item(
        world,
        agent,
        repository,
        given.get("title", "Something is wrong"),
        given.get("body", ""),
        labels=given.get("labels"),
        pull=part,
    )
