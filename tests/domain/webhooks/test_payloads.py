"""Every webhook that GitHub documents is read, or ignored on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from migrator.domain.items import AccountType, ItemKind
from migrator.domain.webhooks import Happened, Interest, UnreadablePayload, interest, read
from migrator.domain.webhooks.subscriptions import IGNORES, QUIET_ACTIONS, REACTS


@pytest.fixture(scope="session")
def examples(node_package: Callable[[str], Path]) -> list[tuple[str, dict[str, Any]]]:
    """GitHub's own example payloads, each with its event."""
    index = node_package("@octokit/webhooks-examples") / "api.github.com" / "index.json"
    events = msgspec.json.decode(index.read_bytes())
    return [(event["name"], example) for event in events for example in event["examples"]]


def test_every_example_of_github_is_read_or_ignored_on_purpose(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    """None is unknown, none errors, and those that we react to name their item."""
    seen: Counter[Interest] = Counter()
    for event, payload in examples:
        found = interest(event, payload.get("action", ""))
        assert found is not Interest.UNKNOWN, (event, payload.get("action"))
        happened = read(event, msgspec.json.encode(payload))
        assert (happened is not None) is (found is Interest.REACT)
        if happened is not None:
            _names_its_item(happened, payload)
        seen[found] += 1
    assert len(examples) == 329
    assert seen[Interest.REACT] > 40


def _names_its_item(happened: Happened, payload: dict[str, Any]) -> None:
    item = payload.get("issue") or payload["pull_request"]
    assert happened.key == f"{payload['repository']['full_name']}#{item['number']}"
    is_pull = "pull_request" in payload or "pull_request" in payload["issue"]
    assert happened.kind is (ItemKind.PULL_REQUEST if is_pull else ItemKind.ISSUE)
    assert happened.node_id == item["node_id"]
    assert happened.by is not None
    assert not happened.by.login.endswith("[bot]")


def test_no_action_is_both_worked_on_and_ignored() -> None:
    """The catalogue contradicts itself nowhere."""
    assert REACTS.keys() == QUIET_ACTIONS.keys()
    assert not IGNORES.keys() & REACTS.keys()
    assert all(not REACTS[event] & QUIET_ACTIONS[event] for event in REACTS)


def test_a_comment_on_a_pull_request_is_one_on_a_pull_request() -> None:
    """GitHub sends `issue` for both, and tells them apart by a field."""
    body = b"""{"action": "created", "repository": {"full_name": "o/r"}, "issue": {"number": 3, "pull_request": {"url": "x"}},
      "comment": {"node_id": "IC_1"}, "sender": {"login": "helper[bot]", "type": "Bot", "node_id": "B"}}"""
    happened = read("issue_comment", body)
    assert happened is not None
    assert (happened.kind, happened.comment_id, happened.name) == (
        ItemKind.PULL_REQUEST,
        "IC_1",
        "issue_comment.created",
    )
    assert happened.by is not None
    assert (happened.by.login, happened.by.type) == ("helper", AccountType.BOT)


@pytest.mark.parametrize(
    "body",
    [
        b'{"action": "opened"}',
        b'{"action": "opened", "repository": {"full_name": "o/r"}}',
        b'{"action": "opened", "repository": {"full_name": "o/r"}, "issue": {"number": "three"}}',
        b'{"action": "opened", "repository": null, "issue": {"number": 3}}',
    ],
)
def test_a_payload_without_its_item_is_unreadable(body: bytes) -> None:
    """It is said once, in one way."""
    with pytest.raises(UnreadablePayload):
        read("issues", body)


def test_what_we_ignore_may_look_like_anything() -> None:
    """A payload that does not matter cannot be wrong."""
    assert read("star", b'{"action": "created", "repository": 7}') is None
    assert read("issues", b'{"action": "pinned", "repository": 7}') is None
