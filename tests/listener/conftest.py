"""A migration whose listener runs, on a small GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.listener import RULES, House, house, listening

CLOSING = RULES.replace(
    "[budget]", '[decisions.welcome]\nclose = true\nlabel = "migrated"\n\n[budget]'
)
"""The rules of a migration that closes what arrives."""


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[House]:
    """Nobody listens yet."""
    with house(tmp_path) as built:
        yield built


@pytest.fixture
def home(quiet: House) -> Iterator[House]:
    """The listener runs."""
    with listening(quiet):
        yield quiet


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[House]:
    """The listener runs, and new items are closed with their notice."""
    with house(tmp_path, CLOSING) as built, listening(built):
        yield built
