"""What differs between a thread before its transfer and after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.items import State
from migrator.domain.protocol.thread_picture import (
    Relations,
    ThreadPicture,
    differences,
    has_late_comments,
    missing_labels,
    renamed,
    restored,
)

BEFORE = ThreadPicture(
    title="t",
    body="b",
    author="ada",
    created_at=datetime(2022, 3, 1, tzinfo=UTC),
    comments=2,
    comment_hashes=("x", "y"),
    labels=("Bug", "area:widgets"),
    milestone="1.0",
    assignees=("bob",),
    pinned=True,
    relations=Relations(
        parent="a/b#1", children=("a/b#2", "a/b#3"), blocked_by=("a/b#4",), blocking=("a/b#5",)
    ),
)


def test_a_thread_that_is_as_it_was_does_not_differ() -> None:
    """What came later is no difference."""
    later = replace(
        BEFORE,
        comments=3,
        comment_hashes=("x", "y", "z"),
        labels=("bug", "area:widgets", "new"),
        assignees=("bob", "eve"),
    )
    assert differences(BEFORE, BEFORE) == ()
    assert differences(BEFORE, later) == ()
    assert missing_labels(BEFORE, later) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "other"}, ("title",)),
        ({"body": "other"}, ("body",)),
        ({"author": ""}, ("author",)),
        ({"created_at": BEFORE.created_at + timedelta(seconds=1)}, ("created_at",)),
        ({"comments": 1, "comment_hashes": ("x",)}, ("comments",)),
        ({"comment_hashes": ("x", "changed")}, ("comments",)),
        ({"state": State.CLOSED}, ("state",)),
        ({"assignees": ()}, ("assignee bob",)),
        ({"relations": replace(BEFORE.relations, parent="")}, ("parent a/b#1",)),
        ({"relations": replace(BEFORE.relations, children=("a/b#3",))}, ("children a/b#2",)),
        ({"relations": replace(BEFORE.relations, blocked_by=())}, ("blocked_by a/b#4",)),
        ({"relations": replace(BEFORE.relations, blocking=())}, ("blocking a/b#5",)),
    ],
)
def test_everything_that_a_transfer_must_keep_is_compared(
    changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    """One word for each, with its name."""
    assert differences(BEFORE, replace(BEFORE, **changes)) == words


def test_comments_that_later_ones_pushed_out_of_sight_are_not_missed() -> None:
    """Only the last hundred are read; the number of all is compared in any case."""
    long = replace(BEFORE, comments=103, comment_hashes=("z",) * 100)
    assert not has_late_comments(BEFORE, long)
    assert has_late_comments(replace(BEFORE, comments=104), long)


def test_a_thread_that_closed_before_may_be_closed_after() -> None:
    """It was no bot of the target."""
    closed = replace(BEFORE, state=State.CLOSED)
    assert differences(closed, closed) == ()


def test_a_twin_has_author_date_and_text() -> None:
    """Labels and comments may be late."""
    assert replace(BEFORE, comments=0, labels=()).is_twin_of(BEFORE)
    for other in (
        {"author": "eve"},
        {"body": "c"},
        {"created_at": datetime(2021, 1, 1, tzinfo=UTC)},
    ):
        assert not replace(BEFORE, **other).is_twin_of(BEFORE)


def test_what_is_restored_is_what_was_there_and_what_came_since() -> None:
    """Comments and text are those of today."""
    now = replace(
        BEFORE,
        comments=5,
        labels=("BUG", "new"),
        milestone="",
        pinned=False,
        relations=Relations(children=("a/c#9",), blocking=("a/c#8",)),
    )
    again = restored(BEFORE, now)
    assert again.labels == ("BUG", "new", "area:widgets")
    assert (again.comments, again.milestone, again.pinned) == (5, "1.0", True)
    assert again.relations == Relations(
        parent="a/b#1",
        children=("a/b#2", "a/b#3", "a/c#9"),
        blocked_by=("a/b#4",),
        blocking=("a/b#5", "a/c#8"),
    )
    assert restored(BEFORE, replace(now, milestone="2.0")).milestone == "2.0"


def test_relations_are_compared_under_present_names_each_once() -> None:
    """Two old names of one issue are one relation."""
    names = {"a/b#1": "a/c#1", "a/b#2": "a/c#2", "a/b#3": "a/c#2", "a/b#5": "a/c#5"}
    assert renamed(BEFORE.relations, lambda key: names.get(key, key)) == Relations(
        parent="a/c#1", children=("a/c#2",), blocked_by=("a/b#4",), blocking=("a/c#5",)
    )
    assert renamed(Relations(), lambda _: "x") == Relations()
