"""The words of items' titles and texts, for searches.

They are stored with each snapshot and found by an index of the database's own: FTS5 on SQLite
(https://www.sqlite.org/fts5.html), GIN on PostgreSQL
(https://www.postgresql.org/docs/current/textsearch-indexes.html). Both indexes are made by revision
0013 and kept up to date by the database itself. What is a word is decided here, so that both
databases find the same, and no search is a syntax error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, TextClause, insert, select, text, tuple_, update
from sqlalchemy.orm import Session

from migrator.domain.items import ItemRef
from migrator.store.models import ItemTextRow

MOST_CHARACTERS: Final = 20_000
"""Of a text: what is behind them is not searched."""
MOST_LETTERS: Final = 40
"""Of a word: longer ones are hashes and the like, and are cut."""

_WORD: Final = re.compile(r"[^\W_]+")
_COMBINING: Final = re.compile("[\u0300-\u036f]")


def words_of(written: str) -> list[str]:
    """The different words of a text in their order, without case, accents and punctuation:
    ``tf.keras.Model`` is three, ``input_shape`` two."""
    if not written.isascii():
        written = _COMBINING.sub("", unicodedata.normalize("NFKD", written))
    found = _WORD.findall(written.casefold())
    return list(dict.fromkeys(word[:MOST_LETTERS] for word in found))


def note_texts(session: Session, migration: str, texts: Iterable[tuple[ItemRef, str, str]]) -> None:
    """Store the words of items, each given as ``(item, title, body)``. What has not changed is not
    written."""
    now = {
        ref: " ".join(words_of(f"{title} {body[:MOST_CHARACTERS]}")) for ref, title, body in texts
    }
    row = ItemTextRow
    known = session.execute(
        select(row.id, row.repository, row.number, row.words).where(
            row.migration == migration, tuple_(row.repository, row.number).in_(list(now))
        )
    ).all()
    changed = [
        {"id": each.id, "words": words}
        for each in known
        if (words := now.pop(ItemRef(each.repository, each.number))) != each.words
    ]
    if changed:
        session.execute(update(row), changed)
    if now:
        session.execute(
            insert(row),
            [
                {"migration": migration, "repository": ref[0], "number": ref[1], "words": words}
                for ref, words in now.items()
            ],
        )


_CONDITIONS: Final = {
    "sqlite": (
        "mig_item_text.id in "
        "(select rowid from migfts_item_text where migfts_item_text match :words)"
    ),
    "postgresql": (
        "array_to_tsvector(string_to_array(mig_item_text.words, ' ')) @@ cast(:words as tsquery)"
    ),
}


def holds_words(dialect: str, words: Sequence[str]) -> TextClause:
    """A condition on rows of ``mig_item_text``: each of these words (see :func:`words_of`, at least
    one), or a longer one that begins so. A single letter must be the whole word."""
    together, prefix, joint = ('"{}"', "*", " ") if dialect == "sqlite" else ("'{}'", ":*", " & ")
    asked = joint.join(
        together.format(word) + (prefix if len(word) > 1 or not word.isascii() else "")
        for word in words
    )
    return text(_CONDITIONS[dialect]).bindparams(words=asked)


def forget_index(connection: Connection) -> None:
    """Write SQLite's index anew: deleted words stay in it otherwise, until it is merged."""
    connection.exec_driver_sql("insert into migfts_item_text (migfts_item_text) values ('rebuild')")
