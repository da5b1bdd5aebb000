"""What became of planned items, read off the sandbox's world alone."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

from migrator.domain.marker import NONCE_PLACEHOLDER
from migrator.domain.planning.plan import PlanItem
from migrator.rehearsal.sandbox import ACCOUNT

NONCE = re.compile(r"nonce=[0-9a-f]{16,64}")


def record_of(url: str, item: PlanItem) -> dict[str, Any]:
    """The item's record in the sandbox's world, hidden facts included."""
    with urllib.request.urlopen(f"{url}/_sandbox/item/{item.repository}/{item.number}") as reply:
        return dict(json.loads(reply.read()))


def left_open(url: str, item: PlanItem) -> list[str]:
    """How the world differs from what must be where a person spoke in time: open, one notice
    that says so, our label gone."""
    record = record_of(url, item)
    bodies = [
        comment["body"]
        for comment in record.get("comments", ())
        if comment.get("author") == ACCOUNT
    ]
    found = [] if len(bodies) == 1 else [f"{len(bodies)} notices"]
    found += [body for body in bodies if "stays open" not in body]
    if record.get("state", "open") != "open":
        found.append("closed")
    if (
        item.label
        and item.label in record.get("labels", ())
        and item.label not in item.before.get("labels", ())
    ):
        found.append(f"label {item.label}")
    return found


def differences(url: str, item: PlanItem) -> list[str]:
    """How the world differs from what the plan wanted for one item, word for word; empty if it
    does not."""
    record = record_of(url, item)
    bodies = [
        comment["body"]
        for comment in record.get("comments", ())
        if comment.get("author") == ACCOUNT
    ]
    planned = [NONCE.sub(f"nonce={NONCE_PLACEHOLDER}", body) for body in bodies]
    found = []
    if len(planned) != 1:
        found.append(f"{len(planned)} notices")
    elif planned != [item.text]:
        found.append(f"another text than planned: {planned[0]}")
    if (record.get("state", "open") == "closed") != item.closes:
        found.append(f"state {record.get('state', 'open')}")
    if item.label and item.label not in record.get("labels", ()):
        found.append(f"no label {item.label}")
    if (
        sum(
            event["kind"] == "closed" and event.get("actor") == ACCOUNT
            for event in record.get("events", ())
        )
        > item.closes
    ):
        found.append("closed more than once")
    return found
