"""What an item's text is made of, as a topic could list it: words, pairs of words, module paths,
file paths, and identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from itertools import pairwise
from typing import NamedTuple

from migrator.domain.classification.text.document import Document
from migrator.domain.classification.text.words import words_of

PROSE = ("title", "lead", "prose")
OPENING = ("title", "lead")
"""Where pairs of words are taken from: further down there are too many to learn from."""
LONGEST = 60
"""Characters of a term; what is longer is no name that a person would look for."""
_SHORTEST = 3
_DEPTHS = (2, 3)  # names of a dotted name or folders of a path, counted from its beginning
_DOTTED = re.compile(r"\b[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{0,60}){1,8}")
_PATH = re.compile(r"\b[\w-]{1,60}(?:/[\w.-]{1,60}){1,12}")
_IDENTIFIER = re.compile(r"\b[A-Za-z]\w{2,60}\b")
_CASED = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]|[A-Za-z]_[A-Za-z]")

STOP_WORDS = frozenset(
    words_of(
        """
        about after all also and any are been but can could did does for from get got had has have
        how into its just like more not only other our out should some than that the their them then
        there these they this use used using was were what when where which while who will with
        would you your
        """
    )
)
"""Words of every English sentence: they name nothing."""


class Term(NamedTuple):
    """A word or phrase in any case, or (``exact``) an identifier in its own case."""

    text: str
    exact: bool = False


def is_identifier(word: str) -> bool:
    """Whether a word looks like code wherever it stands: ``BatchNorm``, ``batch_size``."""
    return _CASED.search(word) is not None


def is_name(word: str) -> bool:
    """Whether a word may be an identifier in exact case: ``Dense`` beside the above."""
    return "_" in word or word.lower() != word


def phrase(text: str) -> str:
    """The words of a name, as phrases are compared: ``tf.data`` is ``tf data``."""
    return " ".join(words_of(text.lower()))


def terms_of(document: Document) -> frozenset[Term]:
    """Every term of an item's title, prose, code and log."""
    found: set[Term] = set()
    for name, region in document.regions.items():
        if name in PROSE:
            found.update(Term(word) for word in region.lower if _tells(word))
        if name in OPENING:
            found.update(
                Term(f"{left} {right}")
                for left, right in pairwise(region.lower)
                if _tells(left) and _tells(right)
            )
        found.update(Term(path) for path in _beginnings(region.text))
        found.update(
            Term(word, exact=True) for word in _IDENTIFIER.findall(region.text) if is_name(word)
        )
    return frozenset(term for term in found if len(term.text) <= LONGEST)


def holders(found: Mapping[int, Set[Term]]) -> dict[Term, list[int]]:
    """Term -> places of the items that have it, ascending."""
    where: dict[Term, list[int]] = {}
    for at in sorted(found):
        for term in found[at]:
            where.setdefault(term, []).append(at)
    return where


def _tells(word: str) -> bool:
    return (
        len(word) >= _SHORTEST
        and not word[0].isdigit()
        and not word.startswith("_")
        and word not in STOP_WORDS
    )


def _beginnings(text: str) -> Iterator[str]:
    """Module paths (``tf data``) and file prefixes (``tensorflow core kernels``) as phrases."""
    for pattern, separator in ((_DOTTED, "."), (_PATH, "/")):
        for whole in pattern.findall(text) if separator in text else ():
            names = whole.split(separator)
            for depth in _DEPTHS:
                if len(names) >= depth and (words := phrase(" ".join(names[:depth]))):
                    yield words
