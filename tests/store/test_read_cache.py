"""What pages read is kept exactly until the database changes."""

from __future__ import annotations

import threading

from migrator.store import Store, open_store
from migrator.store.audit import AuditEvent, AuditLog
from migrator.store.database import engine_at
from tests.store.conftest import NOW


def _write(audit: AuditLog) -> None:
    audit.record(AuditEvent(at=NOW, who="ada", door="command line", verb="pause"))


def test_an_answer_is_read_once_while_nothing_changes(store: Store) -> None:
    """The second question does not reach the database."""
    asked = iter((7, 8))
    for _ in range(2):
        assert store.answers.get("sum", lambda: next(asked)) == 7


def test_an_answer_is_read_again_after_any_commit(store: Store, address: str) -> None:
    """By this process, and over connections of others."""
    with engine_at(address) as other:
        for writer in (store, open_store(other, "garden")):
            before = store.answers.get("deeds", lambda: len(store.audit.newest(10)))
            _write(writer.audit)
            after = store.answers.get("deeds", lambda: len(store.audit.newest(10)))
            assert after == before + 1


def test_a_commit_while_it_is_read_makes_an_answer_old(store: Store) -> None:
    """What was read before the commit is not given for what is there after it."""

    def read() -> int:
        found = len(store.audit.newest(10))
        writer = threading.Thread(target=_write, args=(store.audit,))
        writer.start()
        writer.join()
        return found

    assert store.answers.get("deeds", read) == 0
    assert store.answers.get("deeds", lambda: len(store.audit.newest(10))) == 1


def test_who_changes_an_answer_changes_no_other(store: Store) -> None:
    """Each question gets an answer of its own."""
    store.answers.get("labels", lambda: ["bug"]).append("mine")
    assert store.answers.get("labels", lambda: ["bug"]) == ["bug"]


def test_an_engine_that_was_disposed_may_be_asked_again(store: Store) -> None:
    """What was kept before is forgotten with the connection that watched."""
    store.answers.get("deeds", lambda: 1)
    store.engine.dispose()
    _write(store.audit)
    assert store.answers.get("deeds", lambda: 2) == 2


def test_an_answer_with_a_state_of_its_own_outlives_other_commits(store: Store) -> None:
    """A claim of the review queue, say, alters no sum over a run."""
    store.answers.get("sums", lambda: 1, state="first")
    _write(store.audit)
    assert store.answers.get("sums", lambda: 2, state="first") == 1
    assert store.answers.get("sums", lambda: 2, state="second") == 2


def test_an_answer_with_a_state_of_its_own_outlives_the_first_question_without_one(
    store: Store,
) -> None:
    """That one begins to watch the database; what was kept before stays."""
    store.answers.get("sums", lambda: 1, state="first")
    store.answers.get("deeds", lambda: 1)
    assert store.answers.get("sums", lambda: 2, state="first") == 1
