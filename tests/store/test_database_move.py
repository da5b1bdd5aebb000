"""Moving to another database: everything arrives, once, and the old one is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from migrator.errors import DatabaseError
from migrator.store import database_move, revisions
from migrator.store.database import open_engine
from migrator.store.database_move import move
from migrator.store.models import ReviewRow, RunRow
from tests.support.databases import Databases, opened
from tests.support.filled_database import BASE, contents, fill


@pytest.fixture
def places(postgresql_server: str, tmp_path: Path) -> Iterator[Callable[[str], Engine]]:
    """Makes an empty database of a kind and gives an engine on it."""
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(
            opened(Databases(kind, tmp_path, postgresql_server).empty())
        )


def filled(engine: Engine) -> Engine:
    """A database with rows in every table."""
    revisions.upgrade(engine)
    fill(engine)
    return engine


@pytest.mark.parametrize(
    ("old", "new"), [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")]
)
def test_every_row_of_every_table_arrives(
    places: Callable[[str], Engine], old: str, new: str
) -> None:
    """Texts, bytes, times to the microsecond and nothing at all are the same on the other side."""
    source, target = filled(places(old)), places(new)
    before = contents(source)
    counts = move(source, target)
    assert contents(target) == before
    assert counts == dict.fromkeys(before, 3)


def test_the_old_database_is_closed_for_good(places: Callable[[str], Engine]) -> None:
    """Two databases that go on would post every notice twice: every command refuses the old one."""
    source = filled(places("sqlite"))
    move(source, places("postgresql"))
    with pytest.raises(DatabaseError, match="moved"):
        revisions.require_current(source)
    with pytest.raises(DatabaseError, match="moved"):
        revisions.upgrade(source)


def test_counting_goes_on_behind_what_was_copied(places: Callable[[str], Engine]) -> None:
    """PostgreSQL counts by itself and has to be told where: the next row gets the next number."""
    target = places("postgresql")
    move(filled(places("sqlite")), target)
    with target.begin() as connection:
        row = {"migration": "m", "item_key": "k", "document": b"{}", "answered_at": BASE}
        connection.execute(insert(ReviewRow), row)
        assert sorted(connection.scalars(select(ReviewRow.id))) == [1, 2, 3, 4]


def test_a_database_that_somebody_uses_is_not_moved(places: Callable[[str], Engine]) -> None:
    """What another process writes meanwhile would be lost; nothing is copied and the old one
    stays good."""
    source, target = filled(places("sqlite")), places("postgresql")
    other = open_engine(source.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        connection.execute(select(RunRow.id)).all()
        with pytest.raises(DatabaseError, match="another process"):
            move(source, target)
    other.dispose()
    revisions.require_current(source)
    assert revisions.current(target) is None


def test_a_target_that_is_not_empty_is_refused(places: Callable[[str], Engine]) -> None:
    """Nothing is mixed, and the old one stays good."""
    source = filled(places("sqlite"))
    with pytest.raises(DatabaseError, match="not empty"):
        move(source, filled(places("postgresql")))
    revisions.require_current(source)


def test_a_move_that_was_cut_off_before_its_end_is_finished(
    places: Callable[[str], Engine],
) -> None:
    """The process died while copying: the old one refuses work, and the same command finishes
    the move."""
    source, target = filled(places("sqlite")), places("postgresql")
    before = contents(source)
    database_move._mark(source, revisions.MOVED + revisions.newest())
    move(source, target)
    assert contents(target) == before


def test_a_move_that_was_cut_off_after_its_end_is_found_finished(
    places: Callable[[str], Engine],
) -> None:
    """Asking again copies nothing twice."""
    source, target = filled(places("sqlite")), places("postgresql")
    counts = move(source, target)
    assert move(source, target) == counts


def test_a_target_that_went_on_after_the_move_is_not_overwritten(
    places: Callable[[str], Engine],
) -> None:
    """Who asks a third time, when the new one has long been at work, is told so."""
    source, target = filled(places("sqlite")), places("postgresql")
    move(source, target)
    with target.begin() as connection:
        connection.execute(
            insert(ReviewRow),
            {"migration": "m", "item_key": "k", "document": b"{}", "answered_at": BASE},
        )
    with pytest.raises(DatabaseError, match="not empty"):
        move(source, target)


def test_a_copy_that_fails_leaves_the_old_database_in_charge(
    places: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has arrived, so work can go on where it was."""
    source, target = filled(places("sqlite")), places("postgresql")
    with target.begin() as connection:
        connection.exec_driver_sql(
            "create table mig_item_lock (id int)"
        )  # a stranger's table does no harm
    revisions.upgrade(target)
    with target.begin() as connection:
        connection.exec_driver_sql("alter table mig_worker add constraint refuses check (id = '')")
    with pytest.raises(Exception, match="refuses"):
        move(source, target)
    revisions.require_current(source)
