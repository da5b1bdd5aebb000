"""What holds for every thread: people only help, programs and order never matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from migrator.domain.classification import activity as judging
from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.evidence import Activity
from migrator.domain.items import Comment, Event, EventKind, Item, Reaction
from tests.support.strategies import (
    comments,
    events,
    items,
    latest,
    nows,
    persons,
    programs,
    reactions,
)
from tests.support.threads import NOTICE, OURS, OWN, activity, comment

FILE = activity(protect={"votes": 2, "people": 4})
JUDGE = judging.prepare(FILE, OWN)
FAR = datetime(9000, 1, 1, tzinfo=UTC)
PEOPLES_KINDS = tuple(
    kind for kind in EventKind if kind not in (EventKind.LABELED, EventKind.UNLABELED)
)

Anything = Comment | Event | Reaction


def with_more(item: Item, more: Anything) -> Item:
    """The item with one more thing on it."""
    if isinstance(more, Comment):
        return replace(
            item, comments=(*item.comments, more), comments_total=item.comments_total + 1
        )
    if isinstance(more, Event):
        return replace(item, events=(*item.events, more), events_total=item.events_total + 1)
    return replace(
        item, reactions=(*item.reactions, more), reactions_total=item.reactions_total + 1
    )


@given(
    item=items(),
    more=comments(persons) | events(persons, PEOPLES_KINDS) | reactions(persons),
    now=nows,
)
def test_what_a_person_does_never_makes_an_item_staler(
    item: Item, more: Anything, now: datetime
) -> None:
    """Neither does an active item become stale by it, nor does the day come sooner."""
    before, after = JUDGE(item, now=now), JUDGE(with_more(item, more), now=now)
    assert not (before.answer is Activity.ACTIVE and after.answer is Activity.STALE)
    assert (after.stale_at or FAR) >= (before.stale_at or FAR)
    assert after.clock >= before.clock


@given(
    item=items(),
    noise=st.lists(comments(programs) | events(programs, PEOPLES_KINDS), max_size=5),
    now=nows,
)
def test_what_programs_do_changes_nothing(item: Item, noise: list[Anything], now: datetime) -> None:
    """Their comments, edits and events leave the very same verdict; `updated_at`, which they
    move, too."""
    noisy = item
    for each in noise:
        noisy = with_more(noisy, each)
    noisy = replace(noisy, updated_at=latest(noisy) + timedelta(days=30))
    assert JUDGE(noisy, now=now) == JUDGE(item, now=now)


@given(item=items(), noise=reactions(programs), now=nows)
def test_programs_reactions_change_nothing(item: Item, noise: Reaction, now: datetime) -> None:
    """They are read, and not counted."""
    assert JUDGE(with_more(item, noise), now=now) == JUDGE(item, now=now)


@given(item=items(), at=st.integers(0, 400), now=nows)
def test_our_own_notice_changes_nothing(item: Item, at: int, now: datetime) -> None:
    """Else our notice would keep the item alive, or answer its author."""
    ours = comment(OURS, item.created_at + timedelta(days=at), NOTICE)
    assert JUDGE(with_more(item, ours), now=now) == JUDGE(item, now=now)


@given(item=items(), now=nows, data=st.data())
def test_the_order_of_what_we_read_changes_nothing(
    item: Item, now: datetime, data: st.DataObject
) -> None:
    """Pages come in any order, and dates repeat."""
    shuffled = replace(
        item,
        comments=tuple(data.draw(st.permutations(item.comments))),
        events=tuple(data.draw(st.permutations(item.events))),
        reactions=tuple(data.draw(st.permutations(item.reactions))),
        labels=tuple(data.draw(st.permutations(item.labels))),
        assignees=tuple(data.draw(st.permutations(item.assignees))),
    )
    assert JUDGE(shuffled, now=now) == JUDGE(item, now=now)


@given(item=items(), now=nows, hours=st.integers(-12, 14))
def test_zones_change_nothing(item: Item, now: datetime, hours: int) -> None:
    """The same moments in another zone give the same verdict."""
    zone = timezone(timedelta(hours=hours))
    moved = replace(
        item,
        created_at=item.created_at.astimezone(zone),
        comments=tuple(
            replace(each, created_at=each.created_at.astimezone(zone)) for each in item.comments
        ),
        events=tuple(replace(each, at=each.at.astimezone(zone)) for each in item.events),
    )
    assert JUDGE(moved, now=now.astimezone(zone)) == JUDGE(item, now=now)


@given(item=items(), now=nows, days=st.integers(0, 400))
def test_time_alone_only_makes_items_staler(item: Item, now: datetime, days: int) -> None:
    """What is stale today is stale tomorrow."""
    today, later = JUDGE(item, now=now), JUDGE(item, now=now + timedelta(days=days))
    assert not (today.answer is Activity.STALE and later.answer is Activity.ACTIVE)


@given(item=items(), now=nows)
def test_the_verdict_agrees_with_its_own_date(item: Item, now: datetime) -> None:
    """Stale means that the date is over; protected means that there is none."""
    verdict = JUDGE(item, now=now)
    assert (verdict.answer is Activity.STALE) == (
        verdict.stale_at is not None and now >= verdict.stale_at
    )
    assert verdict.clock >= item.created_at
    assert verdict.deciding in verdict.evidence


@given(item=items(), now=nows)
def test_stored_facts_judge_like_the_item(item: Item, now: datetime) -> None:
    """After a way through JSON: what a what-if sees is what a plan sees."""
    stored = msgspec.json.decode(msgspec.json.encode(JUDGE.facts(item)), type=ActivityFacts)
    assert judging.judge_facts(stored, FILE.activity, now) == JUDGE(item, now=now)


@given(item=items(), now=nows, unread=st.integers(0, 6), forgotten=st.integers(0, 6))
def test_what_was_not_read_never_makes_an_item_staler(
    item: Item, now: datetime, unread: int, forgotten: int
) -> None:
    """GitHub gives the newest comments and events: dropping older ones may only keep the item
    younger."""
    said = sorted(
        (replace(each, edited_at=None) for each in item.comments), key=lambda each: each.created_at
    )
    done = sorted(item.events, key=lambda each: each.at)
    whole = replace(item, comments=tuple(said), events=tuple(done))
    part = replace(
        whole,
        comments=tuple(said[unread:]),
        events=tuple(done[forgotten:]),
        updated_at=latest(whole),
    )
    full, known = JUDGE(whole, now=now), JUDGE(part, now=now)
    assert known.clock >= full.clock
    if full.stale_at is not None:
        assert (known.stale_at or FAR) >= full.stale_at
