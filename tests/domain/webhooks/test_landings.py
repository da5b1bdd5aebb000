"""Which old items a new one names, and how."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from migrator.domain.items import (
    Actor,
    Association,
    Event,
    EventKind,
    Item,
    ItemKind,
    ItemReference,
    Pull,
    State,
)
from migrator.domain.webhooks.landings import MOST, Finder, How, is_trusted
from tests.support.threads import AUTHOR, OPENED, OTHER, SOURCE, TARGET

FINDER = Finder(SOURCE)


def issue(body: str = "", title: str = "It breaks") -> Item:
    """A new issue of the target repository."""
    return Item(
        repository=TARGET,
        number=7,
        title=title,
        body=body,
        author=AUTHOR,
        created_at=OPENED,
        updated_at=OPENED,
    )


def pull(
    body: str = "", *, commits: tuple[str, ...] = (), closes: tuple[ItemReference, ...] = ()
) -> Item:
    """A new pull request of the target repository."""
    events = tuple(
        Event(kind=EventKind.COMMITTED, at=OPENED, detail=message) for message in commits
    )
    return replace(issue(body), kind=ItemKind.PULL_REQUEST, pull=Pull(closes=closes), events=events)


def ways(item: Item) -> dict[int, How]:
    """Old number -> how it is named."""
    found = FINDER.find(item)
    assert all(each.repository == SOURCE for each in found)
    return {each.number: each.how for each in found}


@pytest.mark.parametrize(
    "body",
    [
        "Continues big/house#12.",
        "See https://github.com/big/house/issues/12",
        "See <https://github.com/big/house/pull/12#issuecomment-1>",
        "See [the old one](https://redirect.github.com/Big/House/issues/12).",
        "(www.github.com/big/house/issues/12)",
        "Fixes big/house#12",
    ],
)
def test_an_issue_that_names_an_old_item_links_to_it(body: str) -> None:
    """However the address is written; an issue fixes nothing."""
    assert ways(issue(body)) == {12: How.LINKED}


def test_a_title_names_items_as_well() -> None:
    """People put the old number there."""
    assert ways(issue(title="Was big/house#3: it breaks")) == {3: How.LINKED}


def test_the_hidden_line_of_our_link_marks_a_refiled_issue() -> None:
    """It is stronger than the visible link beside it."""
    body = "From big/house#12\n\n<!-- migrator:from big/house 12 -->\n"
    assert ways(issue(body)) == {12: How.REFILED}


@pytest.mark.parametrize(
    "body",
    [
        "nothing",
        "#12",
        "other/house#12",
        "not-big/house#12",
        "big/houses#12",
        "https://github.com/big/house/discussions/12",
        "https://github.com/big/house/blob/main/12",
        "big/house#0",
        "`big/house#12`",
        "```\nhttps://github.com/big/house/issues/12\n```",
        "> big/house#12",
        "<!-- big/house#12 -->",
        "<!-- migrator:from other/house 12 -->",
        "> <!-- migrator:from big/house 12 -->",
    ],
)
def test_other_words_name_nothing(body: str) -> None:
    """Other repositories, code, quotations and comments are no landing."""
    assert ways(issue(body)) == {}


@pytest.mark.parametrize(
    "word",
    ["fix", "Fixes", "fixed", "close", "closes", "Closed", "resolve", "resolves", "RESOLVED:"],
)
def test_closing_keywords_of_a_pull_request_fix(word: str) -> None:
    """All nine of GitHub's, in any case."""
    assert ways(pull(f"{word} big/house#12 and mentions big/house#13")) == {
        12: How.FIXES,
        13: How.LINKED,
    }


def test_fixes_are_found_in_commits_and_links_too() -> None:
    """A commit message and GitHub's own link say the same as the body."""
    linked = ItemReference(repository="Big/House", number=5)
    item = pull(
        "Fixes [it](https://github.com/big/house/issues/3)",
        commits=("Do it\n\nCloses big/house#4",),
        closes=(linked,),
    )
    assert ways(item) == {3: How.FIXES, 4: How.FIXES, 5: How.FIXES}


@pytest.mark.parametrize(
    "body", ["prefixes big/house#12", "fixes the mess of big/house#12", "fixing big/house#12"]
)
def test_words_that_only_sound_alike_do_not_fix(body: str) -> None:
    """They still link."""
    assert ways(pull(body)) == {12: How.LINKED}


def test_a_list_of_the_whole_repository_is_cut() -> None:
    """An overview is nobody's successor."""
    assert len(ways(issue(" ".join(f"big/house#{number}" for number in range(1, 100))))) == MOST


def test_a_successor_is_believed_from_the_author_and_from_maintainers() -> None:
    """A stranger's word stores a landing and changes nothing that we say."""
    old = replace(issue(), repository=SOURCE, author=AUTHOR)
    stranger = replace(issue(), author=OTHER)
    assert is_trusted(replace(issue(), author=Actor(login="ADA")), old)
    assert not is_trusted(stranger, old)
    assert is_trusted(replace(stranger, association=Association.MEMBER), old)
    assert is_trusted(replace(stranger, state=State.MERGED), old)
    assert not is_trusted(replace(stranger, author=None), replace(old, author=None))
