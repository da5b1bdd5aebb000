"""What is said in any project: the words for a world whose own words are not written."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from migrator.sandbox.worlds.themes import ThemeTable
from migrator.sandbox.worlds.vocabulary import AccountWords, Misleading


class MovedWords(ThemeTable, frozen=True, kw_only=True):
    """What is said about what moves."""

    bugs: tuple[str, ...]
    wishes: tuple[str, ...]
    goals: tuple[str, ...]
    asides: tuple[str, ...]
    logs: tuple[str, ...]


class CommonComponent(ThemeTable, frozen=True, kw_only=True):
    """A neighbour that every project could have."""

    name: str
    things: tuple[str, ...]
    bugs: tuple[str, ...]
    wishes: tuple[str, ...]
    goals: tuple[str, ...]
    logs: tuple[str, ...]


class LanguageWords(ThemeTable, frozen=True, kw_only=True):
    """How files and snippets of a language look; ``{module}`` is filled in."""

    fence: str
    stems: tuple[str, ...]
    code: tuple[str, ...]


class Anywhere(ThemeTable, frozen=True, kw_only=True):
    """``anywhere.toml``."""

    milestones: tuple[str, ...]
    note: str
    accounts: tuple[AccountWords, ...]
    triagers: tuple[AccountWords, ...]
    roles: dict[str, str]
    moved: MovedWords
    misleading: Misleading
    components: tuple[CommonComponent, ...]
    sentences: dict[str, tuple[str, ...]]
    languages: dict[str, LanguageWords]
    kinds: dict[str, tuple[str, ...]]


@cache
def anywhere() -> Anywhere:
    """What is said in any project."""
    return msgspec.toml.decode(
        files(__package__).joinpath("anywhere.toml").read_bytes(), type=Anywhere
    )
