"""``export``: the scanned items as a world file, which the sandbox reads: a rehearsal's input,
and an archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.domain.items import (
    MAINTAINER_ASSOCIATIONS,
    Actor,
    Comment,
    Event,
    EventKind,
    Item,
    Pull,
    Reaction,
)
from migrator.execution.migration_state import MigrationState, known_repository
from migrator.execution.own_account import own_account
from migrator.github.models import RepositoryFacts

EVENT_WORDS = {EventKind.CROSS_REFERENCED: "cross-referenced"}
"""GitHub's REST spelling where it differs from ours."""


def world_records(records: MigrationState) -> Iterator[bytes]:
    """Lines of a world file (see ``docs/world-file.md``): the world, accounts, repositories,
    then every known item."""
    file = records.migration.file
    yield _line(
        {
            "record": "world",
            "version": 1,
            "source": file.migration.source,
            "target": file.targets[0],
        }
    )
    yield from _accounts(records)
    for name in (file.migration.source, *file.targets):
        facts = known_repository(records.store.snapshots, name)
        if facts is not None:
            yield _line(_repository(name, facts))
    for item in records.store.snapshots.stream():
        yield _line(_item(item))


def _line(record: dict[str, Any]) -> bytes:
    kept = {
        key: value for key, value in record.items() if value not in (None, "", [], {}, False, ())
    }
    return msgspec.json.encode(kept)


def _accounts(records: MigrationState) -> Iterator[bytes]:
    """Every account that the items name, each once; ours may write wherever the migration writes.

    Whom GitHub calls a maintainer beside a text gets a maintainer's rights: what they wrote decides
    differently from what a stranger wrote.
    """
    seen: dict[str, Actor] = {}
    staff: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for item in records.store.snapshots.stream():
        for actor in _actors(item):
            seen.setdefault(actor.login, actor)
        for login in _maintainers(item):
            staff[login][item.repository] = "triage"
    own = own_account(records).login
    file = records.migration.file
    rights = dict.fromkeys((file.migration.source, *file.targets), "write")
    for login, actor in sorted(seen.items()):
        permissions = rights if login == own else staff[login]
        yield _line(
            {
                "record": "account",
                "login": login,
                "type": actor.type.value,
                "permissions": permissions,
            }
        )
    if own and own not in seen:
        yield _line({"record": "account", "login": own, "type": "User", "permissions": rights})


def _maintainers(item: Item) -> Iterator[str]:
    texts: tuple[Item | Comment, ...] = (item, *item.comments)
    for text in texts:
        if text.author is not None and text.association in MAINTAINER_ASSOCIATIONS:
            yield text.author.login


def _actors(item: Item) -> Iterator[Actor]:
    comments = [
        actor
        for comment in item.comments
        for actor in (comment.author, *(r.author for r in comment.reactions))
    ]
    events = [event.actor for event in item.events]
    for actor in (
        item.author,
        *item.assignees,
        *(r.author for r in item.reactions),
        *comments,
        *events,
    ):
        if actor is not None:
            yield actor


def _repository(name: str, facts: RepositoryFacts) -> dict[str, Any]:
    labels = [
        {"name": one.name, "color": one.color, "description": one.description}
        for one in facts.labels
    ]
    return {
        "record": "repository",
        "name": name,
        "labels": labels,
        "archived": facts.archived,
        "has_issues": facts.issues_enabled,
        "blank_issues": facts.blank_issues,
        "default_branch": facts.default_branch,
        "watchers": facts.watchers,
        "files": dict(facts.files),
    }


AS_THEY_ARE = (
    *("repository", "number", "kind", "title", "body", "created_at", "edited_at", "closed_at"),
    *("state", "state_reason", "locked", "lock_reason", "pinned", "labels", "milestone"),
)
"""Fields of an item that a world file calls the same."""


def _item(item: Item) -> dict[str, Any]:
    """One item; ``author`` is named even if null, which means a deleted account."""
    record: dict[str, Any] = {
        "record": "item",
        **{name: getattr(item, name) for name in AS_THEY_ARE},
        "assignees": [actor.login for actor in item.assignees],
        "reactions": [_reaction(one) for one in item.reactions],
        "comments": [_comment(one) for one in item.comments],
        "events": [_event(one) for one in item.events],
        "pull": _pull(item.pull) if item.pull else None,
    }
    return {
        key: value for key, value in record.items() if value not in (None, "", [], (), False)
    } | {"author": _login(item.author)}


def _login(actor: Actor | None) -> str | None:
    return actor.login if actor else None


def _reaction(one: Reaction) -> dict[str, Any]:
    return {"content": one.content, "user": _login(one.author), "created_at": one.created_at}


def _comment(one: Comment) -> dict[str, Any]:
    return {
        "author": _login(one.author),
        "body": one.body,
        "created_at": one.created_at,
        "edited_at": one.edited_at,
        "minimized": one.minimized,
        "reactions": [_reaction(each) for each in one.reactions],
    }


def _event(one: Event) -> dict[str, Any]:
    source = (
        {"repository": one.reference.repository, "number": one.reference.number}
        if one.reference
        else None
    )
    record = {
        "kind": EVENT_WORDS.get(one.kind, one.kind.value),
        "actor": _login(one.actor),
        "created_at": one.at,
        "label": one.label or None,
        "source": source,
        "detail": one.detail or None,
    }
    return {key: value for key, value in record.items() if value is not None or key == "actor"}


def _pull(pull: Pull) -> dict[str, Any]:
    return {
        "draft": pull.draft,
        "base_ref": pull.base_ref,
        "head_ref": pull.head_ref,
        "head_deleted": not pull.head_exists,
        "paths": [{"path": path} for path in pull.changed_paths],
        "review_requests": tuple(login for login in pull.reviewers_requested if login),
        "closes": [reference.number for reference in pull.closes],
        "mergeable": pull.mergeable,
        "checks": pull.checks,
        "merged_at": pull.merged_at,
    }
