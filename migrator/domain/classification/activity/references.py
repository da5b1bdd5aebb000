"""Was the item already redirected by people, or does it already live in a target repository?

Both are read from what people wrote after the cutover, outside quotations and code. A link to one
issue of the target is not a redirection: people compare notes. It makes that issue the successor
only if the same sentence says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from msgspec.structs import replace

from migrator.domain.classification.activity.events import comment_act
from migrator.domain.classification.activity.facts import Act, ActName
from migrator.domain.classification.activity.prose import WordSearch, sentences
from migrator.domain.classification.activity.speakers import (
    AttributedComment,
    Speaker,
    SpeakerClassifier,
    same_account,
)
from migrator.domain.items import Comment, Event, EventKind, Item, ItemKind, ItemReference, State
from migrator.domain.people import People, login_of
from migrator.domain.rules import MigrationFile

Landing = tuple[str, Act | None]
"""``owner/name#number`` of the successor, and the act that shows it, if it has a date."""

_HOST = r"(?:https?://)?(?:www\.|redirect\.)?github\.com/"


class Links:
    """Looks for new addresses and successors. Patterns are compiled here, once for a migration
    file."""

    def __init__(self, file: MigrationFile, people: People, listener: SpeakerClassifier) -> None:
        self._people, self._listener, self._cutover = people, listener, file.migration.cutover
        self._targets = {target.casefold(): target for target in file.targets}
        addresses = tuple(
            dict.fromkeys(address.rstrip("/").casefold() for address in _addresses(file))
        )
        self._needles = tuple(self._targets) + tuple(
            address.split("://", 1)[-1] for address in addresses
        )
        names = "|".join(map(re.escape, self._targets))
        self._item = re.compile(
            rf"(?<![\w/-])(?:{_HOST})?({names})(?:#|/(?:issues|pull|discussions)/)(\d+)\b",
            re.IGNORECASE,
        )
        self._place = re.compile(
            rf"(?<![\w/-])({_HOST})?({names})(?:/issues(?:/new\S*)?)?/?(?![\w#/-]|\.\w)",
            re.IGNORECASE,
        )
        self._addresses = re.compile(
            rf"(?:{'|'.join(map(re.escape, addresses))})/?(?![\w#/-]|\.\w)", re.IGNORECASE
        )
        self._words = WordSearch(file.activity.told.landing_words)

    def told(self, item: Item, thread: list[AttributedComment]) -> Act | None:
        """The newest comment in which a person other than the author posted the new address, or
        ``None``."""
        acts = [
            comment_act(comment)
            for comment in self._candidates(thread)
            if self._tells(comment, item)
        ]
        return max(acts, key=lambda act: act.place, default=None)

    def landing(self, item: Item, thread: list[AttributedComment]) -> Landing | None:
        """The newest successor in a target repository that the thread names, or ``None``."""
        if item.repository.casefold() in self._targets:
            return None
        found = [*self._landings_of_events(item), *self._landings_of_comments(item, thread)]
        return max(found, key=_newest_last, default=None)

    def _candidates(self, thread: list[AttributedComment]) -> Iterator[Comment]:
        """Yield the comments by people since the cutover that mention a target at all; the others
        need no parsing.

        Hidden comments are left out: hardly anybody reads them.
        """
        for comment, voice in thread:
            if (
                comment.created_at < self._cutover
                or comment.minimized
                or voice not in (Speaker.PERSON, Speaker.ROUTINE)
            ):
                continue
            body = comment.body.casefold()
            if any(needle in body for needle in self._needles):
                yield comment

    def _tells(self, comment: Comment, item: Item) -> bool:
        """Whether a comment posts the new address. A maintainer may name the repository, others
        must link it."""
        if same_account(comment.author, item.author):
            return False
        for sentence in sentences(comment.body):
            if self._addresses.search(sentence):
                return True
            if any(
                place[1] or self._listener.speaks_for_project(comment)
                for place in self._place.finditer(sentence)
            ):
                return True
        return False

    def _landings_of_comments(
        self, item: Item, thread: list[AttributedComment]
    ) -> Iterator[Landing]:
        for comment in self._candidates(thread):
            if not (
                same_account(comment.author, item.author)
                or self._listener.speaks_for_project(comment)
            ):
                continue
            for sentence in sentences(comment.body):
                found = self._item.search(sentence)
                if found and self._names_successor(sentence, found):
                    yield f"{self._targets[found[1].casefold()]}#{found[2]}", comment_act(comment)

    def _names_successor(self, sentence: str, found: re.Match[str]) -> bool:
        """Whether a sentence calls the linked item the successor, or is nothing but the link."""
        alone = not (sentence[: found.start()] + sentence[found.end() :]).strip(" .:<>()-*")
        return alone or bool(self._words.find(sentence))

    def _landings_of_events(self, item: Item) -> Iterator[Landing]:
        for event in item.events:
            reference = event.reference
            if (
                reference is None
                or event.at < self._cutover
                or reference.repository.casefold() not in self._targets
            ):
                continue
            if self._people.is_person(event.actor) and _is_successor(event, reference, item):
                yield _reference_key(reference), _reference_act(event, reference)
        for pull in item.linked_pulls:
            if pull.repository.casefold() in self._targets and pull.state is State.MERGED:
                yield _reference_key(pull), None


def _addresses(file: MigrationFile) -> list[str]:
    """The addresses that tell of the move: the new places, and the announcement."""
    announcement = [file.migration.announcement] if file.migration.announcement else []
    return [*(part.new_address for part in file.parts), *announcement]


def _is_successor(event: Event, reference: ItemReference, item: Item) -> bool:
    """Whether an item of the target continues this one: marked so, opened by the same author, or
    of the same title."""
    if event.kind is EventKind.MARKED_AS_DUPLICATE:
        return True
    if event.kind is not EventKind.CROSS_REFERENCED or reference.kind is not ItemKind.ISSUE:
        return False
    same_title = bool(reference.title) and _plain(reference.title) == _plain(item.title)
    return same_title or same_account(reference.author, item.author)


def _reference_key(reference: ItemReference) -> str:
    return f"{reference.repository}#{reference.number}"


def _reference_act(event: Event, reference: ItemReference) -> Act:
    url = event.url or reference.url
    return Act(
        name=ActName.REFERENCED,
        at=event.at,
        actor=login_of(event.actor),
        url=url,
        value=_reference_key(reference),
    )


def _newest_last(landing: Landing) -> tuple[bool, tuple[object, ...], str]:
    """Sort key: dated landings after the others, then by date, then by name, so that reading
    order never matters."""
    key, act = landing
    return act is not None, act.place if act else (), key


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())


def closed_references(item: Item) -> frozenset[str]:
    """Keys (``owner/name#number``) of the closed items that this one names or is linked to."""
    return frozenset(_key(each) for each in _references(item) if each.state is State.CLOSED)


def with_open_references(item: Item, keys: Set[str]) -> Item:
    """The item as it would read if those of its closed references were still open."""
    if keys.isdisjoint(closed_references(item)):
        return item
    events = tuple(
        replace(event, reference=_opened(event.reference, keys))
        if event.reference is not None
        else event
        for event in item.events
    )
    return replace(
        item, events=events, linked_pulls=tuple(_opened(each, keys) for each in item.linked_pulls)
    )


def _references(item: Item) -> Iterator[ItemReference]:
    yield from item.linked_pulls
    yield from (event.reference for event in item.events if event.reference is not None)


def _opened(reference: ItemReference, keys: Set[str]) -> ItemReference:
    ours = reference.state is State.CLOSED and _key(reference) in keys
    return replace(reference, state=State.OPEN) if ours else reference


def _key(reference: ItemReference) -> str:
    return f"{reference.repository}#{reference.number}"
