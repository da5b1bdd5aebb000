"""Odd cases, spread over the items so that even a few hundred hold each one. None of them is rare on the real site."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from migrator.sandbox.worlds import cast
from migrator.sandbox.worlds.dates import DAY, HOUR, iso
from migrator.sandbox.worlds.dice import Dice
from migrator.sandbox.worlds.drafts import LONGEST_BODY, Draft
from migrator.sandbox.worlds.plays import Scene
from migrator.sandbox.worlds.vocabulary import hostile, stories

Oddity = Callable[[Draft, Scene, Dice], None]
EVERY = 6
"""One item in so many is odd."""
_LARGE_ROUNDS = 3
"""Large oddities come in the first rounds only: a huge world need not hold hundreds of them."""


def apply(draft: Draft, index: int, scene: Scene, dice: Dice) -> None:
    """Make the item odd, if it is its turn: each kind in turn, round after round."""
    if index % EVERY != EVERY - 1:
        return
    round_number, kind = divmod(index // EVERY, len(_in_turn()))
    oddity = _in_turn()[kind]
    if round_number < _LARGE_ROUNDS or oddity not in _LARGE:
        oddity(draft, scene, dice)


@cache
def _in_turn() -> tuple[Oddity, ...]:
    """Hostile titles, bodies and comments one by one, mixed with what is odd in structure."""
    texts = hostile()
    rows: list[list[Oddity]] = [
        [_titled(text) for text in texts.titles],
        [_bodied(text) for text in texts.bodies] + [_commented(text) for text in texts.comments],
        list(_STRUCTURAL),
    ]
    places = [((turn + 0.5) / len(row), order, oddity) for order, row in enumerate(rows) for turn, oddity in enumerate(row)]
    return tuple(oddity for _, _, oddity in sorted(places, key=lambda place: place[:2]))


def _titled(text: str) -> Oddity:
    def oddity(draft: Draft, scene: Scene, dice: Dice) -> None:
        draft.title = text

    return oddity


def _bodied(text: str) -> Oddity:
    def oddity(draft: Draft, scene: Scene, dice: Dice) -> None:
        draft.body = f"{text}\n\n{draft.body}"

    return oddity


def _commented(text: str) -> Oddity:
    def oddity(draft: Draft, scene: Scene, dice: Dice) -> None:
        draft.comment(_within(draft, scene, dice), cast.somebody(dice, scene.crowd), text)

    return oddity


def _within(draft: Draft, scene: Scene, dice: Dice) -> int:
    """Some moment of the item's first half: odd things do not move the end of its story."""
    return draft.created + 60 + int((scene.now - draft.created) * dice.between(0.0, 0.1))


def _empty_body(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.body = ""


def _fullest_body(draft: Draft, scene: Scene, dice: Dice) -> None:
    filler = hostile().filler
    draft.body = (f"{draft.body}\n" + filler * (LONGEST_BODY // len(filler) + 1))[:LONGEST_BODY]


def _fullest_body_of_wide_letters(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.body = "🧪" * (LONGEST_BODY // 2)


def _carriage_returns(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.body = draft.body.replace("\n", "\r\n")


def _author_gone(draft: Draft, scene: Scene, dice: Dice) -> None:
    """The account was deleted: GitHub shows nobody (https://docs.github.com/graphql/reference/objects#issue, ``author``)."""
    for _, comment in draft.comments:
        if comment["author"] == draft.author:
            comment["author"] = None
    draft.author = None


def _commenters_gone(draft: Draft, scene: Scene, dice: Dice) -> None:
    for at in (1, 2):
        draft.comment(_within(draft, scene, dice) + at, None, dice.pick(stories().sentences["me_too"]))


def _locked_as_resolved(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.lock(_lock_time(scene, dice), cast.holder("triager", scene.now, dice), "resolved")


def _locked_as_heated(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.lock(_lock_time(scene, dice), cast.holder("triager", scene.now, dice), "too heated")


def _locked_without_reason(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.lock(_lock_time(scene, dice), cast.holder("triager", scene.now, dice))


def _lock_time(scene: Scene, dice: Dice) -> int:
    return scene.now - int(dice.between(0.05, 2) * HOUR)


def _transferred_in(draft: Draft, scene: Scene, dice: Dice) -> None:
    owner = draft.repository.partition("/")[0]
    source = {"repository": f"{owner}/models", "number": 1 + dice.below(9000)}
    draft.event(_within(draft, scene, dice), "transferred", cast.holder("triager", scene.now, dice), source=source)


def _pinned(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.facts["pinned"] = True
    draft.event(_within(draft, scene, dice), "pinned", cast.holder("maintainer", scene.now, dice))


def _renamed(draft: Draft, scene: Scene, dice: Dice) -> None:
    draft.event(_within(draft, scene, dice), "renamed", draft.author, detail="it does not work")


def _minimized_comment(draft: Draft, scene: Scene, dice: Dice) -> None:
    spam = "Buy followers at https://example.org now!!!"
    draft.comment(_within(draft, scene, dice), cast.somebody(dice, scene.crowd), spam, minimized=True)


def _edited_lately(draft: Draft, scene: Scene, dice: Dice) -> None:
    at = max(draft.created + 60, scene.now - int(dice.between(1, 20) * DAY))
    draft.facts["edited_at"] = iso(min(at, scene.now - 60))


def _edited_comment(draft: Draft, scene: Scene, dice: Dice) -> None:
    at = _within(draft, scene, dice)
    draft.comment(at, cast.somebody(dice, scene.crowd), "Edit: solved in another way.", edited_at=iso(at + 300))


def _programs_flood(draft: Draft, scene: Scene, dice: Dice) -> None:
    """So many comments by programs that the last page holds no person."""
    begin = max((at for at, _ in draft.comments), default=draft.created)
    step = max(1, (scene.now - begin - 60) // 60)
    for turn in range(1, 56):
        at = begin + turn * step
        draft.comment(at, cast.holder("butler", at, dice), dice.pick(stories().sentences["program"]))


def _long_thread(draft: Draft, scene: Scene, dice: Dice) -> None:
    begin, end = draft.created + 60, max((at for at, _ in draft.comments), default=draft.created + HOUR)
    for turn in range(130):
        at = begin + (end - begin) * turn // 130
        draft.comment(at, cast.somebody(dice, scene.crowd), dice.pick(stories().sentences["me_too"]))


def _crowd_of_votes(draft: Draft, scene: Scene, dice: Dice) -> None:
    for turn in range(120):
        draft.react(_within(draft, scene, dice) + turn, cast.person(turn), dice.pick(("THUMBS_UP", "THUMBS_UP", "HEART", "EYES")))


def _voted_comment(draft: Draft, scene: Scene, dice: Dice) -> None:
    at = _within(draft, scene, dice)
    votes = [{"content": "THUMBS_UP", "user": cast.person(turn), "created_at": iso(at + 60 + turn)} for turn in range(5)]
    draft.comment(at, cast.somebody(dice, scene.crowd), dice.pick(stories().sentences["workaround"]).replace("{gist}", ""), reactions=votes)


def _mentioned_elsewhere(draft: Draft, scene: Scene, dice: Dice) -> None:
    source = {"repository": "someone/their-project", "number": 1 + dice.below(400)}
    draft.event(_within(draft, scene, dice), "cross-referenced", cast.somebody(dice, scene.crowd), source=source)


def _many_labels(draft: Draft, scene: Scene, dice: Dice) -> None:
    for name in ("stat:awaiting response", "regression issue", "type:performance", "good first issue"):
        draft.add_label(_within(draft, scene, dice), cast.holder("triager", scene.now, dice), name)


_STRUCTURAL: tuple[Oddity, ...] = (
    _empty_body,
    _fullest_body,
    _author_gone,
    _locked_as_resolved,
    _programs_flood,
    _transferred_in,
    _pinned,
    _renamed,
    _minimized_comment,
    _edited_lately,
    _locked_without_reason,
    _long_thread,
    _crowd_of_votes,
    _commenters_gone,
    _voted_comment,
    _mentioned_elsewhere,
    _carriage_returns,
    _edited_comment,
    _many_labels,
    _locked_as_heated,
    _fullest_body_of_wide_letters,
)
_LARGE: tuple[Oddity, ...] = (_fullest_body, _fullest_body_of_wide_letters, _programs_flood, _long_thread, _crowd_of_votes)
