"""Forgetting a person after a whole rehearsal: their words and name are in no byte of the
database, the ledger still stands."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.errors import UsageError
from migrator.rehearsal.sandbox import write_world
from migrator.sandbox.worlds import generate
from migrator.services.forget import forget
from migrator.store import open_store
from migrator.store.audit import AuditEvent
from migrator.store.database import open_engine
from migrator.store.plans import Approval, StoredPlan

WORDS = "zanzibar-marmalade-4711"


def author_with_many_items(records: list[dict[str, object]]) -> str:
    """The person who opened most items."""
    authors = [
        str(one["author"]) for one in records if one.get("record") == "item" and one.get("author")
    ]
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
    """Not in a row, and not in the bytes that deleted rows leave behind; what was done to which
    item is still on record."""
    folder, login = rehearsed
    address = f"sqlite:///{folder / 'migrator.sqlite'}"
    store = open_store(open_engine(address), "keras")
    run = store.runs.newest()[0]
    before = store.progress.outcomes(run.id), sum(1 for _ in store.ledger.stream())
    assert WORDS.encode() in bytes_of(folder)
    done = forget(address, f"@{login.upper()}")
    assert done.snapshots > 0
    assert done.plan_items > 0
    found = bytes_of(folder)
    assert WORDS.encode() not in found
    assert login.encode() not in found
    assert (store.progress.outcomes(run.id), sum(1 for _ in store.ledger.stream())) == before
    assert forget(address, login).total == 0
    assert places(folder / "migrator.sqlite", login) == {}
    assert isinstance(store.plans.find(run.plan_hash), StoredPlan)
    assert sum(1 for _ in store.snapshots.stream()) == store.snapshots.count()


def places(database: Path, word: str) -> Counter[str]:
    """How often a word stands, in any case, in each ``table.column`` of an SQLite database, the
    engine's own included."""
    found: Counter[str] = Counter()
    with closing(sqlite3.connect(database)) as connection:
        tables = [
            name
            for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
        ]
        for table in tables:
            rows = connection.execute(f'select * from "{table}"')
            columns = [each[0] for each in rows.description]
            for row in rows:
                texts = [
                    each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each)
                    for each in row
                ]
                for column, text in zip(columns, texts, strict=True):
                    found[f"{table}.{column}"] += text.casefold().count(word)
    return +found


def test_of_a_maintainer_only_who_did_what_is_left(
    tmp_path: Path, rehearsed: tuple[Path, str]
) -> None:
    """Who approved, reviewed or paused stays on record, as docs/privacy.md says; what others
    wrote about them does not."""
    folder, login = tmp_path, "forgotten-maintainer"
    with (
        closing(sqlite3.connect(rehearsed[0] / "migrator.sqlite")) as old,
        closing(sqlite3.connect(folder / "migrator.sqlite")) as new,
    ):
        old.backup(new)
    address = f"sqlite:///{folder / 'migrator.sqlite'}"
    engine = open_engine(address)
    store = open_store(engine, "keras")
    plan, now = store.runs.newest()[0].plan_hash, datetime(2026, 1, 2, tzinfo=UTC)
    keys = [item.key for item, _ in zip(store.snapshots.stream(), range(2), strict=False)]
    answers = [
        ReviewAnswer(by=login, at=now, reason=f"as {login} I know", ownership=Ownership.OURS),
        ReviewAnswer(by="another", at=now, reason=f"@{login} said so", ownership=Ownership.OURS),
    ]
    for key, answer in zip(keys, answers, strict=True):
        store.verdicts.record_answer(key, answer)
    assert store.queue.claim_next(plan, login, now, timedelta(minutes=5), after=("", 0))
    store.plans.approve(
        plan, Approval(approved_by=login, how="by hand", approved_at=now, comment=f"asked {login}")
    )
    store.audit.record(
        AuditEvent(
            at=now, who=login, door="web", verb="paused", subject="run", detail=f"{login} was here"
        )
    )
    store.audit.record(
        AuditEvent(
            at=now,
            who="another",
            door="web",
            verb="paused",
            subject="run",
            detail=f"{login} asked for it",
        )
    )
    forget(address, login)
    engine.dispose()
    assert places(folder / "migrator.sqlite", login) == {
        "mig_review.document": 1,
        "mig_approval.approved_by": 1,
        "mig_audit.who": 1,
    }
    assert bytes_of(folder).count(login.encode()) == len(places(folder / "migrator.sqlite", login))


def test_what_is_no_login_is_refused(tmp_path: Path) -> None:
    """A path, an address or nothing forgets nobody."""
    for wrong in ("", "a b", "../x", "someone@example.org"):
        with pytest.raises(UsageError):
            forget(f"sqlite:///{tmp_path / 'x.sqlite'}", wrong)
