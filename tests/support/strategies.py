"""Generates threads of people and programs for the property tests of judging."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from migrator.domain.items import (
    Actor,
    Comment,
    Event,
    EventKind,
    Item,
    ItemKind,
    ItemReference,
    Reaction,
    State,
)
from tests.support.threads import (
    AUTHOR,
    BOT,
    LISTED_BOT,
    MAINTAINER,
    NOTICE,
    OPENED,
    OTHER,
    OURS,
    SOURCE,
    TARGET,
    TRIAGER,
    comment,
    issue,
    pull_request,
)

LABELS = ("awaiting response", "awaiting maintainer", "keep", "bug")
PERSONS = (AUTHOR, OTHER, MAINTAINER, TRIAGER, None)
PROGRAMS = (BOT, LISTED_BOT)
WORDS = (
    "It drips.",
    "Are you still facing this?",
    f"Please post it at https://github.com/{TARGET}",
    f"Moved to {TARGET}#3",
    NOTICE,
    "",
)
SPAN = 400
"""Days over which threads stretch; the longest term of the test file is 180."""

moments = st.integers(0, SPAN * 24).map(lambda hours: OPENED + timedelta(hours=hours))
nows = st.integers(0, 2 * SPAN * 24).map(lambda hours: OPENED + timedelta(hours=hours))
persons = st.sampled_from(PERSONS)
programs = st.sampled_from(PROGRAMS)
anybody = st.sampled_from((*PERSONS, *PROGRAMS, OURS))
references = st.builds(
    ItemReference,
    repository=st.sampled_from((SOURCE, TARGET, "other/place")),
    number=st.integers(1, 9),
    kind=st.sampled_from(ItemKind),
    state=st.sampled_from(State),
    title=st.sampled_from(("", "The tap drips")),
    author=st.sampled_from((*PERSONS, *PROGRAMS)),
)


def reactions(who: st.SearchStrategy[Actor | None]) -> st.SearchStrategy[Reaction]:
    """Dated reactions of these accounts."""
    return st.builds(
        Reaction,
        content=st.sampled_from(("THUMBS_UP", "HEART", "CONFUSED")),
        author=who,
        created_at=moments,
    )


@st.composite
def comments(
    draw: st.DrawFn, who: st.SearchStrategy[Any], words: st.SearchStrategy[str] | None = None
) -> Comment:
    """Comments of these accounts, some edited by themselves."""
    author, at = draw(who), draw(moments)
    edited = draw(st.none() | st.timedeltas(timedelta(0), timedelta(days=30)))
    body = draw(words or st.sampled_from(WORDS))
    return comment(
        author,
        at,
        body,
        edited_at=at + edited if edited is not None else None,
        editor=author,
        id=f"c{hash((at, body))}",
    )


def events(
    who: st.SearchStrategy[Any], kinds: tuple[EventKind, ...] = tuple(EventKind)
) -> st.SearchStrategy[Event]:
    """Timeline events of these accounts."""
    return st.builds(
        Event,
        kind=st.sampled_from(kinds),
        actor=who,
        at=moments,
        label=st.sampled_from(LABELS),
        reference=st.none() | references,
    )


@st.composite
def items(draw: st.DrawFn) -> Item:
    """Whole items: issues and pull requests, with any mixture of people and programs."""
    build = draw(st.sampled_from((issue, pull_request)))
    found = draw(st.lists(reactions(anybody), max_size=4))
    about = {"pull": {"head_exists": draw(st.booleans())}} if build is pull_request else {}
    base: Item = build(
        **about,
        author=draw(st.sampled_from((AUTHOR, MAINTAINER, BOT, None))),
        labels=tuple(draw(st.sets(st.sampled_from(LABELS)))),
        reactions=tuple(found),
        reactions_total=len(found),
        comments=tuple(draw(st.lists(comments(anybody), max_size=6))),
        events=tuple(draw(st.lists(events(anybody), max_size=6))),
        assignees=tuple(draw(st.lists(st.sampled_from((OTHER, TRIAGER, BOT)), max_size=2))),
        milestone=draw(st.sampled_from(("", "", "2.0"))),
        pinned=draw(st.sampled_from((False, False, True))),
        state=draw(st.sampled_from(State)),
        locked=draw(st.booleans()),
        repository=draw(st.sampled_from((SOURCE, SOURCE, TARGET))),
    )
    return replace(base, comments_total=len(base.comments), events_total=len(base.events))


def latest(item: Item) -> datetime:
    """The newest date of a thread."""
    return max(
        [
            item.created_at,
            *(each.created_at for each in item.comments),
            *(each.at for each in item.events),
        ]
    )
