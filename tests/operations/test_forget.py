"""Forgetting a person after a whole rehearsal: their words and name are in no byte of the database, the ledger still stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migrator.cli.sandbox_process import write_world
from migrator.errors import UsageError
from migrator.operations.forget import forget
from migrator.sandbox.worlds import generate
from migrator.store import open_store
from migrator.store.engine import open_engine
from migrator.store.plans import StoredPlan

WORDS = "zanzibar-marmalade-4711"


def author_with_many_items(records: list[dict[str, object]]) -> str:
    """The person who opened most items."""
    authors = [str(one["author"]) for one in records if one.get("record") == "item" and one.get("author")]
    return max(sorted(set(authors)), key=authors.count)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a rehearsal in which one person wrote words of their own, and that person."""
    folder = tmp_path_factory.mktemp("forget")
    records = [dict(one) for one in generate(items=120, seed=3)]
    login = author_with_many_items(records)
    for record in records:
        if record.get("record") == "item" and record.get("author") == login:
            record["title"] = f"{WORDS} {record['title']}"
            record["body"] = f"{record.get('body', '')}\n\n{WORDS}"
    world = folder / "world.jsonl"
    write_world(records, world)
    command = [
        sys.executable,
        "-m",
        "migrator",
        "rehearse",
        "--preset",
        "keras",
        "--from",
        str(world),
        "--dir",
        str(folder / "kept"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "kept", login


def bytes_of(folder: Path) -> bytes:
    """Everything in the database's files."""
    return b"".join(path.read_bytes() for path in folder.glob("migrator.sqlite*"))


def test_nothing_of_the_person_is_left_in_the_database(rehearsed: tuple[Path, str]) -> None:
    """Not in a row, and not in the bytes that deleted rows leave behind; what was done to which item is still on record."""
    folder, login = rehearsed
    address = f"sqlite:///{folder / 'migrator.sqlite'}"
    store = open_store(open_engine(address), "keras")
    run = store.runs.newest()[0]
    before = store.ledger.outcomes(run.id), sum(1 for _ in store.ledger.stream())
    assert WORDS.encode() in bytes_of(folder)
    done = forget(address, f"@{login.upper()}")
    assert done.snapshots > 0
    assert done.plan_items > 0
    found = bytes_of(folder)
    assert WORDS.encode() not in found
    assert login.encode() not in found
    assert (store.ledger.outcomes(run.id), sum(1 for _ in store.ledger.stream())) == before
    assert forget(address, login).total == 0
    assert isinstance(store.plans.find(run.plan_hash), StoredPlan)
    assert sum(1 for _ in store.snapshots.stream()) == store.snapshots.count()


def test_what_is_no_login_is_refused(tmp_path: Path) -> None:
    """A path, an address or nothing forgets nobody."""
    for wrong in ("", "a b", "../x", "someone@example.org"):
        with pytest.raises(UsageError):
            forget(f"sqlite:///{tmp_path / 'x.sqlite'}", wrong)
