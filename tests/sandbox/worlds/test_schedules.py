from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.sandbox.clock import DAY
from migrator.sandbox.worlds.item_builder import ItemBuilder
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.schedules import Span, schedule, silence, steps_of
from migrator.sandbox.worlds.thread_simulator import StoryContext, play
from migrator.sandbox.worlds.vocabulary import Story, stories, written

NOW = 1_630_000_000
STORIES = st.sampled_from(stories().stories)


@given(story=STORIES, age=st.integers(2, 2000), share=st.floats(0, 0.95), seed=st.integers(0, 99))
def test_steps_come_in_order_between_opening_and_now(
    story: Story, age: int, share: float, seed: int
) -> None:
    """Whatever the story and its length."""
    created = NOW - age * DAY
    times = [
        at
        for _, at in schedule(
            story, Span(created, created + int(age * DAY * share), NOW), Rng(seed)
        )
    ]
    assert times == sorted(times)
    assert all(created < at < NOW for at in times)


@given(
    story=STORIES.filter(lambda story: "*" in "".join(story.steps)),
    age=st.integers(30, 2000),
    seed=st.integers(0, 99),
)
def test_the_star_is_where_people_fall_silent(story: Story, age: int, seed: int) -> None:
    """Nothing that people say before it can move it by more than minutes."""
    last = NOW - age * DAY // 3
    timed = schedule(story, Span(NOW - age * DAY, last, NOW), Rng(seed))
    (star,) = [at for step, at in timed if step.last]
    assert last <= star < last + 3600


@given(story=STORIES, age=st.integers(0, 3000), seed=st.integers(0, 99))
def test_silence_fits_the_fate_or_the_item_is_too_young(story: Story, age: int, seed: int) -> None:
    """Between the fate's bounds and never longer than the item is old."""
    quiet = silence(written(), story, age * DAY, Rng(seed))
    low, high = stories().fates[story.fate]
    if quiet is None:
        assert low > age * 0.9
    else:
        assert low * DAY - 1 <= quiet <= min(high, age) * DAY


def test_an_end_that_must_come_comes_before_now() -> None:
    """A closed item is closed, however late its story began."""
    story = written().story("closed_by_program")
    timed = schedule(story, Span(NOW - 40 * DAY, NOW - 3600, NOW), Rng(1))
    assert [step.verb for step, _ in timed][-1] == "closes"


@pytest.mark.parametrize("story", stories().stories, ids=lambda story: story.name)
def test_every_story_can_be_lived_by_old_and_by_new_items(story: Story) -> None:
    """No step fails, and closed stories end closed."""
    for age in (1800, 100, 1):
        draft = ItemBuilder("a/b", 1, NOW - age * DAY, "mona", now=NOW)
        draft.title, draft.pull = "title", {} if story.pull else None
        play(draft, story, StoryContext(NOW, "a/b", "c/d", 100), Rng(story.name, age))
        record = draft.record()
        if age == 1800:
            assert (record.get("state", "open") != "open") == story.closed
            assert len(steps_of(story)) == len(story.steps)
