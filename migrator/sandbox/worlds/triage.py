"""How a triager labels a bare text: by the words that meet the eye, in a hurry, sometimes
wrongly, sometimes not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.vocabulary import Visible, Vocabulary, vocabulary

_FORGOTTEN = 0.10
_WRONG = 0.06
_TWO_OWNERS = 0.07
_READS_THE_BODY = 0.6
_TEMPLATE_LINE = re.compile(r"^\s*(#{2,}|\*\*|- |<|_No response_)")
_CHARACTERS_READ = 1500


@dataclass(frozen=True, slots=True)
class Triage:
    """Labels that the triager sets. ``moved`` holds if one of them is the moved part's."""

    labels: tuple[str, ...]
    kind: str
    moved: bool


def triage(title: str, body: str, dice: Rng, words: Vocabulary | None = None) -> Triage:
    """Labels for a text, of the default world if no other words are given.

    Looks at the title, often at the beginning of the body, never at anything else.
    """
    words = words or vocabulary()
    seen = _seen(words.visible, title) or (
        _seen(words.visible, plain(body)) if dice.chance(_READS_THE_BODY) else []
    )
    labels = _labels(words.visible, seen, title + body, dice)
    types = _seen(words.visible_types, title) or _seen(words.visible_types, plain(body))
    moved = any(rule.moved and rule.label in labels for rule in words.visible)
    return Triage(labels, types[0].label if types else words.visible_types[-1].label, moved)


def plain(body: str) -> str:
    """The beginning of what the author wrote, without the template's own lines."""
    lines = (
        line for line in body[: 4 * _CHARACTERS_READ].splitlines() if not _TEMPLATE_LINE.match(line)
    )
    return "\n".join(lines)[:_CHARACTERS_READ]


def _labels(
    everything: Sequence[Visible], seen: Sequence[Visible], text: str, dice: Rng
) -> tuple[str, ...]:
    """The first thing seen, unless forgotten or mistaken; now and then a second owner's label
    beside it."""
    mood = dice.throw()
    if mood < _FORGOTTEN or not everything:
        return ()
    if mood < _FORGOTTEN + _WRONG:
        return (dice.pick(everything).label,)
    if mood < _FORGOTTEN + _WRONG + _TWO_OWNERS:
        return tuple(
            dict.fromkeys(rule.label for rule in [*seen[:1], *_seen(everything, text)][:3])
        )
    return (seen[0].label,) if seen else ()


def _seen(rules: Sequence[Visible], text: str) -> list[Visible]:
    """Rules one of whose words begins somewhere in the text, in the rules' order."""
    lowered = text.lower()
    return [rule for rule in rules if _pattern(rule).search(lowered)]


@cache
def _pattern(rule: Visible) -> re.Pattern[str]:
    return re.compile(
        "|".join(
            rf"(?<![a-z0-9]){re.escape(word)}" if word[0].isalnum() else re.escape(word)
            for word in rule.words
        )
    )
