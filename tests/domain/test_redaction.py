"""A person is forgotten in any document: their texts, their name, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.items import Actor, Comment, Event, EventKind, Item
from migrator.domain.redaction import Redactor

AT = datetime(2021, 1, 1, tzinfo=UTC)


def person(login: str) -> Actor:
    """An account."""
    return Actor(login=login)


ITEM = Item(
    repository="big/house",
    number=7,
    title="My secret garden",
    body="Written by me",
    author=person("Alice"),
    created_at=AT,
    updated_at=AT,
    participants=("Alice", "bob"),
    assignees=(person("alice"), person("bob")),
    comments=(
        Comment(author=person("alice"), body="mine", created_at=AT),
        Comment(author=person("bob"), body="thanks @alice, and alicent", created_at=AT),
    ),
    events=(Event(kind=EventKind.LABELED, actor=person("ALICE"), at=AT, label="bug"),),
)


def forgotten(item: Item, login: str = "alice") -> Item:
    """The item as it is read back from what is kept of it."""
    return msgspec.json.decode(
        msgspec.json.encode(Redactor(login).forget(msgspec.json.decode(msgspec.json.encode(item)))),
        type=Item,
    )


def test_who_wrote_an_item_and_what_they_wrote_is_gone() -> None:
    """Author, title, text, comments, assignments; the dates and the label stay."""
    item = forgotten(ITEM)
    assert (item.author, item.title, item.body) == (None, "", "")
    assert item.comments[0] == Comment(author=None, body="", created_at=AT)
    assert item.participants == ("bob",)
    assert item.assignees == (person("bob"),)
    assert item.events == (Event(kind=EventKind.LABELED, actor=None, at=AT, label="bug"),)


def test_what_others_wrote_stays_without_the_name() -> None:
    """A mention becomes GitHub's name for nobody; a longer name that begins the same is somebody
    else's."""
    comment = forgotten(ITEM).comments[1]
    assert comment.author == person("bob")
    assert comment.body == "thanks @ghost, and alicent"


def test_a_commenter_is_forgotten_and_the_authors_item_stays() -> None:
    """Only their own words go."""
    item = forgotten(ITEM, "bob")
    assert (item.title, item.author) == ("My secret garden", person("Alice"))
    assert item.comments[1] == Comment(author=None, body="", created_at=AT)


def test_a_payload_of_github_loses_the_person_too() -> None:
    """Webhooks name people under other keys."""
    payload = {
        "sender": {"login": "alice", "id": 1},
        "issue": {"user": {"login": "alice"}, "title": "t", "number": 3},
    }
    assert Redactor("alice").forget(payload) == {
        "sender": None,
        "issue": {"user": None, "title": "", "number": 3},
    }


json_values = st.recursive(
    st.none()
    | st.integers()
    | st.text(alphabet="abcxyz @-", max_size=12)
    | st.sampled_from(["alice", "@Alice", "ALICE!", "bob"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["author", "user", "login", "title", "body", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_the_login_is_nowhere_afterwards(document: object) -> None:
    """Wherever it stood, it is gone; and forgetting again changes nothing."""
    forgetter = Redactor("alice")
    once = forgetter.forget(document)
    assert not forgetter.mentions(msgspec.json.encode(once).decode())
    assert forgetter.forget(once) == once
