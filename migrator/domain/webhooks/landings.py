"""Landings: old items found again in a target repository.

A new issue or pull request can name an old item in three ways, the strongest first: it *fixes* it
(GitHub's closing keywords, in a pull request or in its commits), it was *refiled* from it (the
hidden line that our link fills in), or it *links* to it. Anyone can write any of these, so naming
alone only stores the landing; what is said or closed because of it asks for more
(:func:`is_trusted`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from migrator.domain.classification.text.markdown import BREAKS, INLINE, Step, walk
from migrator.domain.items import MAINTAINER_ASSOCIATIONS, EventKind, Frozen, Item, State
from migrator.domain.marker import find_origins


class How(StrEnum):
    """How a new item names an old one, weakest first."""

    LINKED = "linked"
    REFILED = "refiled"
    FIXES = "fixes"


class Named(Frozen, frozen=True, kw_only=True):
    """An item of the source repository that an item of a target repository names."""

    repository: str
    number: int
    how: How

    @property
    def key(self) -> str:
        """``owner/name#number`` of the old item."""
        return f"{self.repository}#{self.number}"


MOST: Final = 20
"""Old items taken from one new item; longer lists are overviews, and no successor of anything."""

_KEYWORDS: Final = r"(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)"
"""https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue"""

_STRENGTH = {how: place for place, how in enumerate(How)}
_UNREAD: Final = frozenset({"BlockQuote", "CodeBlock", "HtmlBlock", "Image"})
"""Elements in which nothing names an item."""


class Finder:
    """Finds items of one source repository. Patterns are compiled here, once."""

    def __init__(self, source: str) -> None:
        self._source = source
        host = r"(?:https?://)?(?:www\.|redirect\.)?github\.com/"
        number = r"(?:#|/(?:issues|pull)/)(?P<number>[1-9]\d{0,9})\b"
        place = rf"(?<![\w/-])(?:{host})?{re.escape(source)}{number}"
        self._named = re.compile(place, re.IGNORECASE)
        self._fixed = re.compile(rf"\b{_KEYWORDS}:?\s+<?{place}", re.IGNORECASE)

    def find(self, item: Item) -> tuple[Named, ...]:
        """Every old item that a new one names in its title, text, commits or links, each once
        with the strongest way."""
        found: dict[int, How] = {}
        for number, how in self._all(item):
            found[number] = max(how, found.get(number, how), key=_STRENGTH.__getitem__)
        kept = list(found.items())[:MOST]
        return tuple(Named(repository=self._source, number=number, how=how) for number, how in kept)

    def _all(self, item: Item) -> Iterator[tuple[int, How]]:
        for repository, number in find_origins(item.body):
            if repository.casefold() == self._source.casefold():
                yield number, How.REFILED
        for text in (item.title, *_readable(item.body)):
            yield from self._in(text, fixes=item.is_pull_request)
        if item.pull is None:
            return
        for event in item.events:
            if event.kind is EventKind.COMMITTED:
                yield from self._in(event.detail, fixes=True)
        for reference in item.pull.closes:
            if reference.repository.casefold() == self._source.casefold():
                yield reference.number, How.FIXES

    def _in(self, text: str, *, fixes: bool) -> Iterator[tuple[int, How]]:
        """Only a pull request or a commit can fix something; an issue that says so is a link."""
        for match in self._named.finditer(text):
            yield int(match["number"]), How.LINKED
        for match in self._fixed.finditer(text) if fixes else ():
            yield int(match["number"]), How.FIXES


def _readable(body: str) -> Iterator[str]:
    """The text of a body outside code, quotations and HTML, with the addresses of its links."""
    skipped = 0
    said: list[str] = []
    for step in walk(body):
        if step.tag in _UNREAD:
            skipped += 1 if step.what == "Start" else -1
        if step.tag and step.tag not in INLINE and said:
            yield "".join(said)
            said = []
        if not skipped and (words := _visible(step)):
            said.append(words)


def _visible(step: Step) -> str:
    if step.what == "Text":
        return str(step.content)
    if step.what == "Start" and step.tag == "Link":
        return f" {step.content['dest_url']} "
    if step.what in BREAKS:
        return "\n"
    return " " if step.tag in INLINE or step.what in ("Code", "InlineHtml") else ""


def is_trusted(new: Item, old: Item) -> bool:
    """Whether the new item's word that it continues the old one is taken: the same author, or
    somebody of the target.

    A merge is a maintainer's word as well.
    """
    if new.association in MAINTAINER_ASSOCIATIONS or new.state is State.MERGED:
        return True
    both = (new.author, old.author)
    return None not in both and len({one.login.casefold() for one in both if one}) == 1
