"""One migration for all tests of pages that only look, and a fresh one for those that act."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.dashboard import Hall, hall


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration that was carried through; tests leave it as it is."""
    with hall(tmp_path_factory.mktemp("seen")) as found:
        yield found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration whose plan waits for approval; the tests of one file act in it, each on
    something of its own."""
    with hall(tmp_path_factory.mktemp("fresh"), items=120, applies=False) as found:
        yield found
