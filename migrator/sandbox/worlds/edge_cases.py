"""Odd cases, spread over the items so that even a few hundred hold each one. None of them is
rare on the real site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from migrator.sandbox.clock import DAY, HOUR, iso
from migrator.sandbox.worlds import accounts
from migrator.sandbox.worlds.item_builder import LONGEST_BODY, ItemBuilder
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.thread_simulator import StoryContext
from migrator.sandbox.worlds.vocabulary import hostile


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """An item whose turn it is to be odd."""

    draft: ItemBuilder
    scene: StoryContext
    dice: Rng

    def early(self) -> int:
        """Some moment of the item's first tenth: odd things do not move the end of its story."""
        return (
            self.draft.created
            + 60
            + int((self.scene.now - self.draft.created) * self.dice.between(0.0, 0.1))
        )

    def lately(self) -> int:
        """Some moment of the last two hours."""
        return self.scene.now - int(self.dice.between(0.05, 2) * HOUR)

    def somebody(self) -> str:
        """An ordinary person."""
        return accounts.somebody(self.scene.book, self.dice, self.scene.crowd)

    def staff(self, role: str) -> str:
        """Who holds the role today."""
        return accounts.holder(self.scene.book, role, self.scene.now, self.dice)

    def sentence(self, pool: str) -> str:
        """One of the pool's sentences that needs no filling in."""
        return self.dice.pick([text for text in self.scene.book.sentences(pool) if "{" not in text])


Oddity = Callable[[EdgeCase], None]
EVERY = 6
"""One item in so many is odd."""
_LARGE_ROUNDS = 3
"""Large oddities come in the first rounds only: a huge world need not hold hundreds of them."""


def apply(draft: ItemBuilder, index: int, scene: StoryContext, dice: Rng) -> None:
    """Make the item odd, if it is its turn: each kind in turn, round after round."""
    if index % EVERY != EVERY - 1:
        return
    round_number, kind = divmod(index // EVERY, len(_in_turn()))
    oddity = _in_turn()[kind]
    if round_number < _LARGE_ROUNDS or oddity not in _LARGE:
        oddity(EdgeCase(draft, scene, dice))


@cache
def _in_turn() -> tuple[Oddity, ...]:
    """Hostile titles, bodies and comments one by one, mixed with what is odd in structure."""
    texts = hostile()
    rows: list[list[Oddity]] = [
        [_titled(text) for text in texts.titles],
        [_bodied(text) for text in texts.bodies] + [_commented(text) for text in texts.comments],
        list(_STRUCTURAL),
    ]
    places = [
        ((place + 0.5) / len(row), order, oddity)
        for order, row in enumerate(rows)
        for place, oddity in enumerate(row)
    ]
    return tuple(oddity for _, _, oddity in sorted(places, key=lambda place: place[:2]))


def _titled(text: str) -> Oddity:
    def oddity(turn: EdgeCase) -> None:
        turn.draft.title = text

    return oddity


def _bodied(text: str) -> Oddity:
    def oddity(turn: EdgeCase) -> None:
        turn.draft.body = f"{text}\n\n{turn.draft.body}"

    return oddity


def _commented(text: str) -> Oddity:
    def oddity(turn: EdgeCase) -> None:
        turn.draft.comment(turn.early(), turn.somebody(), text)

    return oddity


def _empty_body(turn: EdgeCase) -> None:
    turn.draft.body = ""


def _fullest_body(turn: EdgeCase) -> None:
    filler = hostile().filler
    turn.draft.body = (f"{turn.draft.body}\n" + filler * (LONGEST_BODY // len(filler) + 1))[
        :LONGEST_BODY
    ]


def _fullest_body_of_wide_letters(turn: EdgeCase) -> None:
    turn.draft.body = "🧪" * (LONGEST_BODY // 2)


def _carriage_returns(turn: EdgeCase) -> None:
    turn.draft.body = turn.draft.body.replace("\n", "\r\n")


def _author_gone(turn: EdgeCase) -> None:
    """The account was deleted: GitHub shows nobody
    (https://docs.github.com/graphql/reference/objects#issue, ``author``)."""
    for _, comment in turn.draft.comments:
        if comment["author"] == turn.draft.author:
            comment["author"] = None
    turn.draft.author = None


def _commenters_gone(turn: EdgeCase) -> None:
    for at in (1, 2):
        turn.draft.comment(turn.early() + at, None, turn.sentence("me_too"))


def _locked_as_resolved(turn: EdgeCase) -> None:
    turn.draft.lock(turn.lately(), turn.staff("triager"), "resolved")


def _locked_as_heated(turn: EdgeCase) -> None:
    turn.draft.lock(turn.lately(), turn.staff("triager"), "too heated")


def _locked_without_reason(turn: EdgeCase) -> None:
    turn.draft.lock(turn.lately(), turn.staff("triager"))


def _transferred_in(turn: EdgeCase) -> None:
    owner = turn.draft.repository.partition("/")[0]
    turn.draft.event(turn.early(), "transferred", turn.staff("triager"), detail=f"{owner}/models")


def _pinned(turn: EdgeCase) -> None:
    turn.draft.facts["pinned"] = True
    turn.draft.event(turn.early(), "pinned", turn.staff("maintainer"))


def _renamed(turn: EdgeCase) -> None:
    turn.draft.event(turn.early(), "renamed", turn.draft.author, detail=turn.draft.title)


def _minimized_comment(turn: EdgeCase) -> None:
    spam = "Buy followers at https://example.org now!!!"
    turn.draft.comment(turn.early(), turn.somebody(), spam, minimized=True)


def _edited_lately(turn: EdgeCase) -> None:
    at = max(turn.draft.created + 60, turn.scene.now - int(turn.dice.between(1, 20) * DAY))
    turn.draft.facts["edited_at"] = iso(min(at, turn.scene.now - 60))


def _edited_comment(turn: EdgeCase) -> None:
    at = turn.early()
    turn.draft.comment(at, turn.somebody(), "Edit: solved in another way.", edited_at=iso(at + 300))


def _programs_flood(turn: EdgeCase) -> None:
    """So many comments by programs that the last page holds no person."""
    begin = max((at for at, _ in turn.draft.comments), default=turn.draft.created)
    step = max(1, (turn.scene.now - begin - 60) // 60)
    for count in range(1, 56):
        at = begin + count * step
        turn.draft.comment(
            at, accounts.holder(turn.scene.book, "butler", at, turn.dice), turn.sentence("program")
        )


def _long_thread(turn: EdgeCase) -> None:
    begin, end = (
        turn.draft.created + 60,
        max((at for at, _ in turn.draft.comments), default=turn.draft.created + HOUR),
    )
    for count in range(130):
        at = begin + (end - begin) * count // 130
        turn.draft.comment(at, turn.somebody(), turn.sentence("me_too"))


def _crowd_of_votes(turn: EdgeCase) -> None:
    for count in range(120):
        turn.draft.react(
            turn.early() + count,
            accounts.person(count),
            turn.dice.pick(("THUMBS_UP", "THUMBS_UP", "HEART", "EYES")),
        )


def _voted_comment(turn: EdgeCase) -> None:
    at = turn.early()
    votes = [
        {"content": "THUMBS_UP", "user": accounts.person(count), "created_at": iso(at + 60 + count)}
        for count in range(5)
    ]
    turn.draft.comment(at, turn.somebody(), turn.sentence("workaround"), reactions=votes)


def _mentioned_elsewhere(turn: EdgeCase) -> None:
    source = {"repository": "someone/their-project", "number": 1 + turn.dice.below(400)}
    turn.draft.event(turn.early(), "cross-referenced", turn.somebody(), source=source)


def _many_labels(turn: EdgeCase) -> None:
    for role in ("$asked", "$regression", "$performance", "$first"):
        turn.draft.add_label(turn.early(), turn.staff("triager"), turn.scene.book.label(role))


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
_LARGE: tuple[Oddity, ...] = (
    _fullest_body,
    _fullest_body_of_wide_letters,
    _programs_flood,
    _long_thread,
    _crowd_of_votes,
)
