"""Items that a thread names, and how they stood before we closed them."""

from __future__ import annotations

import pytest

from migrator.domain.classification import activity
from migrator.domain.classification.activity.references import (
    closed_references,
    with_open_references,
)
from migrator.domain.items import EventKind, Item, ItemKind, ItemReference, State
from tests.support.threads import OTHER, after, event, issue
from tests.support.threads import activity as rules

FILE = rules()


def pull(state: State) -> ItemReference:
    """A pull request of a person."""
    return ItemReference(
        repository="big/house", number=70, kind=ItemKind.PULL_REQUEST, state=state, author=OTHER
    )


def naming(how: str, state: State) -> Item:
    """An old issue that is linked to the pull request, or mentioned in it."""
    if how == "linked":
        return issue(linked_pulls=(pull(state),))
    return issue(events=(event(EventKind(how), OTHER, after(days=1400), reference=pull(state)),))


@pytest.mark.parametrize("how", ["linked", "cross_referenced", "connected"])
def test_what_we_closed_reads_as_if_it_were_open(how: str) -> None:
    """The issue is what it was planned as, and all the same."""
    before, now = naming(how, State.OPEN), naming(how, State.CLOSED)
    judged = [activity.judge(each, FILE, now=after(days=1500)) for each in (before, now)]
    assert judged[0] != judged[1], "the case shows nothing"
    assert closed_references(now) == {"big/house#70"}
    assert with_open_references(now, {"big/house#70"}) == before


@pytest.mark.parametrize("state", list(State))
def test_what_others_closed_or_merged_stays_so(state: State) -> None:
    """Only a closed one can have been closed by us: we merge nothing."""
    item = naming("linked", state)
    assert with_open_references(item, {"big/house#8"}) == item
    if state is not State.CLOSED:
        assert closed_references(item) == frozenset()
        assert with_open_references(item, {"big/house#70"}) == item
