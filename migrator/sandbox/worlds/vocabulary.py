"""The words of a generated world, read from the TOML files beside this module. No code here
knows any of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from importlib.resources import files
from typing import TypeVar

import msgspec

W = TypeVar("W")


class _VocabularyTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table: unknown keys are refused."""


class Pair(_VocabularyTable, frozen=True, kw_only=True):
    """A number for the source and one for the target repository."""

    source: int
    target: int


class WorldWords(_VocabularyTable, frozen=True, kw_only=True):
    """Names, dates and sizes of the default world."""

    source: str
    targets: tuple[str, ...]
    began: datetime
    cutover: datetime
    now: datetime
    note: str
    watchers: Pair
    last_number: Pair
    milestones: tuple[str, ...]


class AccountWords(_VocabularyTable, frozen=True, kw_only=True):
    """An account with a role. ``source`` and ``target`` are its permissions there; ``until``
    ends its turn."""

    login: str
    type: str = "User"
    roles: tuple[str, ...] = ()
    source: str = ""
    target: str = ""
    until: datetime | None = None
    deleted: bool = False


class PeopleWords(_VocabularyTable, frozen=True, kw_only=True):
    """What logins of ordinary people are put together from."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    styles: tuple[str, ...]


class LabelWords(_VocabularyTable, frozen=True, kw_only=True):
    """A label of a repository."""

    name: str
    color: str
    description: str = ""


class Version(_VocabularyTable, frozen=True, kw_only=True):
    """A release, the label of its series, and until when people wrote about it as the newest."""

    name: str
    label: str = ""
    until: datetime | None = None


class PartWords(_VocabularyTable, frozen=True, kw_only=True):
    """A part of the source repository: its labels, its share of other owners' items, and what is
    said about it.

    ``moves`` are its old and new paths if it moves, to ``target`` (empty: to any). ``stated`` are
    sentences by which a maintainer says whose an item is, where no label does; ``announced`` are
    those that hold until the cutover only. ``asides`` are further sentences of authors.
    """

    name: str
    labels: tuple[str, ...]
    share: float
    things: tuple[str, ...]
    bugs: tuple[str, ...]
    wishes: tuple[str, ...]
    goals: tuple[str, ...]
    code: tuple[str, ...]
    logs: tuple[str, ...]
    paths: tuple[str, ...]
    moves: tuple[tuple[str, str], ...] = ()
    target: str = ""
    stated: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


class Misleading(_VocabularyTable, frozen=True, kw_only=True):
    """Sentences and titles that name the moved part in items of other owners, and titles that
    say nothing."""

    lines: tuple[str, ...]
    titles: tuple[str, ...]
    unclear: tuple[str, ...]


class Visible(_VocabularyTable, frozen=True, kw_only=True):
    """A label and the lower-case words that make a triager think of it."""

    label: str
    words: tuple[str, ...]
    moved: bool = False


class Vocabulary(_VocabularyTable, frozen=True, kw_only=True):
    """``vocabulary.toml``. The first ``moving`` parts are those that move.

    ``roles`` are the labels that stories name by their role (``$asked``); an empty one is never
    set. ``code`` is the language of snippets. ``short_forms``: issue templates ask for little.
    """

    world: WorldWords
    roles: dict[str, str]
    accounts: tuple[AccountWords, ...]
    people: PeopleWords
    labels: tuple[LabelWords, ...]
    target_labels: tuple[LabelWords, ...]
    versions: tuple[Version, ...]
    titles: dict[str, tuple[str, ...]]
    openings: dict[str, tuple[str, ...]]
    parts: tuple[PartWords, ...]
    misleading: Misleading
    visible: tuple[Visible, ...]
    visible_types: tuple[Visible, ...]
    moving: int = 1
    code: str = "python"
    short_forms: bool = False

    @property
    def moved(self) -> tuple[PartWords, ...]:
        """The parts that move."""
        return self.parts[: self.moving]

    @property
    def others(self) -> tuple[PartWords, ...]:
        """The parts that stay."""
        return self.parts[self.moving :]

    def moved_to(self, target: str) -> tuple[PartWords, ...]:
        """The parts that move to that repository; all that move, if none names it."""
        return tuple(part for part in self.moved if part.target == target) or self.moved


class Story(_VocabularyTable, frozen=True, kw_only=True):
    """One life of an item; the grammar of ``steps`` is explained in ``stories.toml``."""

    name: str
    fate: str
    steps: tuple[str, ...]
    closed: bool = False
    pull: bool = False
    draft: bool = False
    headless: bool = False
    merged: bool = False
    young: str = ""


class Card(_VocabularyTable, frozen=True, kw_only=True):
    """How often a story is dealt, for which part, and whether a triager labelled the item."""

    story: str
    count: int
    part: str = "others"
    labelled: bool = True
    misleading: bool = False


class SyntheticCard(_VocabularyTable, frozen=True, kw_only=True):
    """How likely a story is for a bare text: ``weight`` among those that its age (in days)
    allows."""

    story: str
    weight: float
    from_days: float = 0.0


class NamedBy(_VocabularyTable, frozen=True, kw_only=True):
    """Items with the story ``source`` are named by later ones with a story of ``named_by``;
    without one they live ``alone``."""

    source: str
    named_by: frozenset[str]
    alone: str
    text: str
    within: str = "target"
    same_author: bool = False
    told: str = ""


class Stories(_VocabularyTable, frozen=True, kw_only=True):
    """``stories.toml``."""

    fates: dict[str, tuple[float, float]]
    stories: tuple[Story, ...]
    source_deck: tuple[Card, ...]
    target_before: tuple[Card, ...]
    target_after: tuple[Card, ...]
    synthetic: tuple[SyntheticCard, ...]
    pairs: tuple[NamedBy, ...]
    sentences: dict[str, tuple[str, ...]]


class RepositoryWords(_VocabularyTable, frozen=True, kw_only=True):
    """Settings and files of a repository."""

    default_branch: str
    blank_issues: bool
    files: dict[str, str]


class RepositoriesWords(_VocabularyTable, frozen=True, kw_only=True):
    """``repositories.toml``."""

    source: RepositoryWords
    target: RepositoryWords
    targets: dict[str, RepositoryWords] = {}
    """Targets that are unlike the others, by name."""


class Hostile(_VocabularyTable, frozen=True, kw_only=True):
    """``hostile_texts.toml``: titles, texts and comments that break what is careless."""

    titles: tuple[str, ...]
    bodies: tuple[str, ...]
    comments: tuple[str, ...]
    filler: str


def _read(name: str, table: type[W]) -> W:
    return msgspec.toml.decode(files(__package__).joinpath(name).read_bytes(), type=table)


@cache
def vocabulary() -> Vocabulary:
    """Names, labels, accounts and what issues are about."""
    return _read("vocabulary.toml", Vocabulary)


@cache
def stories() -> Stories:
    """Lives of items, how often each is dealt, and what people say."""
    return _read("stories.toml", Stories)


@cache
def repositories() -> RepositoriesWords:
    """Files and settings of the repositories."""
    return _read("repositories.toml", RepositoriesWords)


@cache
def hostile() -> Hostile:
    """Texts that break what is careless."""
    return _read("hostile_texts.toml", Hostile)


@dataclass(frozen=True, eq=False)
class Book:
    """All that a world is told with: words, lives and files. Two books are equal only if they
    are the same one."""

    words: Vocabulary
    lives: Stories
    repositories: RepositoriesWords

    @cached_property
    def _by_name(self) -> dict[str, Story]:
        return {story.name: story for story in self.lives.stories}

    def story(self, name: str) -> Story:
        """The story of that name. Raises ``KeyError``."""
        return self._by_name[name]

    def sentences(self, pool: str) -> tuple[str, ...]:
        """What is said in such a case. Raises ``KeyError``."""
        return self.lives.sentences[pool]

    def label(self, word: str) -> str:
        """The label that a story means: by its role if it begins with ``$``; empty if the world
        has none for it."""
        return self.words.roles.get(word[1:], "") if word.startswith("$") else word


@cache
def written() -> Book:
    """The book of the default world, whose words are all written down."""
    return Book(vocabulary(), stories(), repositories())
