"""Worlds for the sandbox: made up whole, read from files, or bare texts given a made-up life.

Everything here yields records of a world file (``docs/world-file.md``) as plain dictionaries, and
imports nothing else of this project.
"""

from migrator.sandbox.worlds.cli_options import ChosenWorld, choose_world
from migrator.sandbox.worlds.file_reader import BadRow, ReadResult, read_items
from migrator.sandbox.worlds.generator import generate
from migrator.sandbox.worlds.themes import (
    Theme,
    ThemeForm,
    ThemeNeighbour,
    ThemePart,
    ThemePath,
    read_theme,
)
from migrator.sandbox.worlds.theming import book_of
from migrator.sandbox.worlds.thread_generator import synthesise_threads, without_threads

__all__ = [
    "BadRow",
    "ChosenWorld",
    "ReadResult",
    "Theme",
    "ThemeForm",
    "ThemeNeighbour",
    "ThemePart",
    "ThemePath",
    "book_of",
    "choose_world",
    "generate",
    "read_items",
    "read_theme",
    "synthesise_threads",
    "without_threads",
]
