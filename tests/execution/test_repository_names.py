"""A name that means another repository than before stops everything, with exit code 6."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.errors import RepositoryReplaced
from migrator.execution.repository_names import is_replaced, refuse_replaced
from migrator.github.models import RepositoryFacts
from migrator.store import Store, json_columns, open_store, revisions
from migrator.store.database import engine_at
from tests.store.conftest import NOW

SCANNED = RepositoryFacts(id="R_1", name="acme/mono")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that has scanned the repository."""
    with engine_at(f"sqlite:///{tmp_path / 'a.sqlite'}") as engine:
        revisions.upgrade(engine)
        store = open_store(engine, "garden")
        store.snapshots.save_facts("acme/mono", json_columns.write(SCANNED), NOW)
        yield store


def test_a_renamed_repository_is_the_same_one(store: Store) -> None:
    """GitHub answers under the new name, with the id that it had; so is one never scanned."""
    refuse_replaced(store.snapshots, "acme/mono", RepositoryFacts(id="R_1", name="acme/monorepo"))
    refuse_replaced(store.snapshots, "acme/other", RepositoryFacts(id="R_2", name="acme/other"))


def test_another_repository_under_the_name_is_refused(store: Store) -> None:
    """Whatever it is called: nothing is read or written there."""
    with pytest.raises(RepositoryReplaced, match="acme/mono is another repository now") as caught:
        refuse_replaced(store.snapshots, "acme/mono", RepositoryFacts(id="R_9", name="acme/mono"))
    assert caught.value.exit_code == 6
    assert "migration file" in caught.value.cure
    assert is_replaced(str(caught.value))
