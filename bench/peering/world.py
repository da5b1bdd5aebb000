"""The world that all peers get: half of its issues moved and have been quiet for years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from migrator.config.migration_file import load
from migrator.rehearsal.sandbox import ACCOUNT

OTHER = "other"
"""Label of the issues that are none of the part's."""


def source_of(preset: str) -> tuple[str, str]:
    """The source repository, and the label of the issues that moved."""
    file = load(preset).file
    return file.migration.source, next(iter(file.ownership.labels.ours))


def half_stale(preset: str, *, issues: int = 1000, now: str) -> Iterator[dict[str, Any]]:
    """Records of a world: of every two issues one moved and has not been touched for years, and one
    is none of the part's. ``now`` is the time in the world (ISO 8601)."""
    file = load(preset).file
    source, label = source_of(preset)
    target = file.targets[0]
    rights = dict.fromkeys((source, target), "write")
    yield {"record": "world", "version": 1, "source": source, "target": target, "now": now}
    yield {"record": "account", "login": ACCOUNT, "permissions": rights}
    yield {"record": "account", "login": "maintainer", "permissions": rights}
    for owner in sorted({name.partition("/")[0] for name in (source, target)}):
        yield {"record": "account", "login": owner, "type": "Organization"}
    for name in (source, target):
        yield {"record": "repository", "name": name, "labels": [{"name": label}]}
    for number in range(1, issues + 1):
        yield _issue(source, label, number)


def _issue(source: str, label: str, number: int) -> dict[str, Any]:
    opened = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    moved = number % 2
    return {
        "record": "item",
        "repository": source,
        "number": number,
        "title": f"tf.keras.layers.LSTM returns another value, number {number}"
        if moved
        else f"Build fails, number {number}",
        "body": "It worked before. " * 20,
        "author": f"author-{number}",
        "created_at": opened.isoformat(),
        "labels": [label] if moved else [OTHER],
        "comments": [
            {
                "author": "maintainer",
                "body": "Which version?",
                "created_at": (opened + timedelta(days=1)).isoformat(),
            }
        ],
    }
