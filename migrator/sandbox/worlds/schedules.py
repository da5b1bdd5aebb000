"""When each step of a story happens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from migrator.sandbox.clock import DAY, HOUR
from migrator.sandbox.worlds.accounts import PROGRAM_ROLES
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.vocabulary import Book, Story

_SAME_BREATH = frozenset(
    {"adds", "removes", "assigns", "closes", "reopens", "milestones", "merges", "requests"}
)
_ENDS = frozenset({"closes", "merges"})


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One parsed step; ``last`` for the star, ``late`` for the tilde."""

    who: str
    verb: str
    what: str
    last: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A story's time, in seconds since 1970: from ``created`` to ``last``, the last act of a
    person, and on to ``now``."""

    created: int
    last: int
    now: int


@cache
def _parsed(step: str) -> StoryStep:
    who, verb, *what = step.lstrip("*~").split(" ", 2)
    return StoryStep(who, verb, what[0] if what else "", step.startswith("*"), step.startswith("~"))


def steps_of(story: Story) -> tuple[StoryStep, ...]:
    """The story's steps, parsed."""
    return tuple(_parsed(step) for step in story.steps)


def silence(book: Book, story: Story, age: int, dice: Rng) -> int | None:
    """Seconds between the last act of a person and now, for an item of that age; ``None`` if it
    is too young for the story."""
    low, high = (days * DAY for days in book.lives.fates[story.fate])
    if low > age * 0.9:
        return None
    return int(dice.between_in_scale(low, max(low, min(high, age * 0.97))))


def schedule(story: Story, span: Span, dice: Rng) -> list[tuple[StoryStep, int]]:
    """Each step with its moment, in order. What would only happen after ``now`` is left out, but
    an end that must come."""
    steps = steps_of(story)
    planned = _planned(steps, span, dice)
    timed: list[tuple[StoryStep, int]] = []
    clock, who = span.created, "author"
    for step, plan in zip(steps, planned, strict=True):
        clock = _moment(step, who, clock, plan, span, dice)
        if (
            step.verb in _ENDS and clock >= span.now
        ):  # not all in the last minute: no repository has such a one
            clock = ((timed[-1][1] if timed else span.created) + span.now) // 2
        who = step.who
        if clock < span.now:
            timed.append((step, clock))
    return timed


def _planned(steps: tuple[StoryStep, ...], span: Span, dice: Rng) -> list[int | None]:
    """For each step before the star a moment between the item's opening and the star's, in
    order; ``None`` for the others."""
    star = next((index for index, step in enumerate(steps) if step.last), 0)
    early = [index < star and not step.late for index, step in enumerate(steps)]
    room = max(0, span.last - span.created - HOUR)
    moments = iter(
        sorted(
            span.created + HOUR + int(room * dice.between(0.0, 0.96)) for known in early if known
        )
    )
    return [next(moments) if known else None for known in early]


def _moment(
    step: StoryStep, who: str, clock: int, planned: int | None, span: Span, dice: Rng
) -> int:
    """When the step after ``clock`` happens, of which ``who`` did the one before."""
    if step.late:
        return max(clock + 60, span.now - int(dice.between(0.3, 28) * DAY))
    if step.last:
        return max(clock + 30, span.last)
    if planned is not None:
        return _soon(step, who, clock, planned, dice)
    return clock + _afterwards(step, who, dice)


def _soon(step: StoryStep, who: str, clock: int, planned: int, dice: Rng) -> int:
    """Triage comes within days, acts of one person in one breath, everything else when planned,
    after what came before."""
    if step.verb in _SAME_BREATH and step.who == who:
        return clock + 20
    if step.who in PROGRAM_ROLES:
        return min(clock + int(dice.between(0.02, 2) * HOUR), max(planned, clock + 20))
    if step.verb == "adds":
        return min(clock + int(dice.between(0.2, 60) * HOUR), max(planned, clock + 20))
    return max(planned, clock + 60)


def _afterwards(step: StoryStep, who: str, dice: Rng) -> int:
    """Seconds from one act to the next after people's last word: programs nag after a week."""
    if step.verb in _SAME_BREATH:
        return 45 if step.who == who else int(dice.between(1, 40) * HOUR)
    return int(dice.between(6, 9) * DAY)
