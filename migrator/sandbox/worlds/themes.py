"""What a made-up world is about: the parts that move, their neighbours, and the words that the
project has for both.

A theme is data. Whoever starts a sandbox makes it from what is known of a migration, and may hand
it over as JSON (``docs/world-file.md``).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec


class ThemeTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of a theme's tables: unknown keys are refused."""


class ThemePath(ThemeTable, frozen=True, kw_only=True):
    """A folder or file that moves; ``module`` is its import path, where it has one."""

    old: str
    new: str = ""
    module: str = ""


class ThemePart(ThemeTable, frozen=True, kw_only=True):
    """A part that moves: ``labels`` and ``words`` speak for it, ``modules`` are its public import
    paths.

    ``phrases`` are what maintainers say to send an author to it.
    """

    name: str
    title: str
    target: str
    paths: tuple[ThemePath, ...]
    labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


class ThemeNeighbour(ThemeTable, frozen=True, kw_only=True):
    """Another component of the source, by its words."""

    name: str
    words: tuple[str, ...] = ()


class ThemeForm(ThemeTable, frozen=True, kw_only=True):
    """The issue template of a target repository, and the field of a YAML form that takes the
    text."""

    target: str
    template: str
    field: str = ""


class Theme(ThemeTable, frozen=True, kw_only=True):
    """Everything that a world is made from.

    Labels may hold ``*``, which stands for any characters. ``elsewhere`` are phrases by which
    maintainers send authors to others. ``ours_paths`` are path patterns that count as moved beside
    the parts' own. Terms are in days.
    """

    source: str
    cutover: datetime
    parts: tuple[ThemePart, ...]
    neighbours: tuple[ThemeNeighbour, ...] = ()
    other_labels: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    ours_paths: tuple[str, ...] = ()
    asked_labels: tuple[str, ...] = ()
    team_labels: tuple[str, ...] = ()
    protecting_labels: tuple[str, ...] = ()
    forms: tuple[ThemeForm, ...] = ()
    bots: tuple[str, ...] = ()
    triagers: tuple[str, ...] = ()
    nags: tuple[str, ...] = ()
    stale_after: float = 180
    awaiting_author_after: float = 60
    quiet_days: float = 7

    @property
    def targets(self) -> tuple[str, ...]:
        """Target repositories, each once, in the parts' order."""
        return tuple(dict.fromkeys(part.target for part in self.parts))


def read_theme(path: Path) -> Theme:
    """The theme in that JSON file. Raises ``OSError`` if it cannot be read and ``ValueError`` if
    it is no theme."""
    try:
        theme = msgspec.json.decode(path.read_bytes(), type=Theme)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} holds no theme: {error}") from error
    if not theme.parts or not all(part.paths for part in theme.parts):
        raise ValueError(f"{path} holds no theme: it needs a part, and every part a path")
    return theme
