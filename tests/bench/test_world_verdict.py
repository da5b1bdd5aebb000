"""The judge of the fault benchmark: it sees what it is there for, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world_verdict import Verdict, judge

US = "our-bot"
NOTICE = (
    f"Moved. <!-- migrator:1 migration=widgets decision=retire generation=1 nonce={'a' * 32} -->"
)

LATER = NOTICE.replace("decision=retire", "kind=notice decision=redirect").replace(
    "a" * 32, "b" * 32
)


def item(*comments: tuple[str, str, int], closed: int = 0, **more: Any) -> dict[str, Any]:
    """A record with comments (author, body, sequence), closed by us at a sequence."""
    said = [
        {"author": author, "body": body, "sequence": sequence}
        for author, body, sequence in comments
    ]
    events = (
        [{"kind": "closed", "actor": US, "sequence": closed, "read": closed - 1}] if closed else []
    )
    state = "closed" if closed else "open"
    plain = {
        "record": "item",
        "repository": "old/home",
        "number": 1,
        "comments": said,
        "events": events,
        "state": state,
    }
    return plain | more


def counts(*records: dict[str, Any]) -> dict[str, int]:
    """What is counted for a world in which nothing was planned, beyond that."""
    verdict: Verdict = judge(records, {}, {}, account=US, since=10)
    return {name: count for name, count in verdict.counts.items() if count and name != "unplanned"}


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (item((US, NOTICE, 11), closed=12), {}),
        (item((US, NOTICE, 11), (US, NOTICE, 13)), {"duplicate_notices": 1}),
        (item((US, NOTICE, 11), (US, LATER, 13)), {"second_notices": 1}),
        (item((US, NOTICE, 13), closed=12), {"closed_without_notice": 1}),
        (
            item(("our-copier", NOTICE, 11), closed=12),
            {"closed_without_notice": 1, "closed_after_person_spoke": 1},
        ),
        (item((US, NOTICE, 11), ("amy", "Wait!", 12), closed=13), {"closed_after_person_spoke": 1}),
        (item((US, NOTICE, 11), ("amy", "Long ago.", 9), closed=13), {}),
    ],
    ids=[
        "in order",
        "twice",
        "another one",
        "too late",
        "somebody else's",
        "spoken on",
        "known before",
    ],
)
def test_each_fault_is_counted_as_itself(record: dict[str, Any], found: dict[str, int]) -> None:
    """By the world's own order, as the account that acted."""
    assert counts(record) == found


def test_a_notice_that_went_along_with_a_transfer_is_not_missed() -> None:
    """The comments of a transferred item are at its new place; the old one keeps only that we
    closed it."""
    new = item((US, NOTICE, 11), closed=12, repository="old/sandbox-attic", number=7)
    old = item(closed=12, moved_to={"repository": "old/sandbox-attic", "number": 7})
    assert counts(old, new) == {}
    assert counts(old, new | {"comments": []}) == {"closed_without_notice": 1}


def test_nobody_can_reopen_what_somebody_took_away() -> None:
    """A word came between our reading and our close, and the item was gone before the close
    could be taken back."""
    gap = item((US, NOTICE, 11), ("amy", "Wait!", 13), closed=14)
    gap["events"][0]["read"] = 12
    assert counts(gap) == {"closed_after_person_spoke": 1}
    assert counts(gap | {"deleted": True}) == {}
