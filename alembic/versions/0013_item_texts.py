"""texts of items for searches

Revision ID: 0013
Revises: 0012.

The words of each item's title and text, with an index that finds items by the beginnings of words: FTS5
on SQLite, GIN on PostgreSQL. Items that were scanned before are taken in.
"""

import json
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
CHUNK = 500

SNAPSHOT = sa.table(
    "mig_snapshot",
    *map(sa.column, ("migration", "repository", "number")),
    sa.column("document", sa.LargeBinary),
)
ITEM_TEXT = sa.table(
    "mig_item_text", *map(sa.column, ("migration", "repository", "number", "words"))
)

FTS = (
    "create virtual table migfts_item_text using fts5"
    "(words, content='mig_item_text', content_rowid='id', tokenize='ascii', detail=none)",
    "create trigger migfts_item_text_added after insert on mig_item_text begin "
    "insert into migfts_item_text (rowid, words) values (new.id, new.words); end",
    "create trigger migfts_item_text_removed after delete on mig_item_text begin "
    "insert into migfts_item_text (migfts_item_text, rowid, words) "
    "values ('delete', old.id, old.words); end",
    "create trigger migfts_item_text_changed after update of words on mig_item_text begin "
    "insert into migfts_item_text (migfts_item_text, rowid, words) "
    "values ('delete', old.id, old.words); "
    "insert into migfts_item_text (rowid, words) values (new.id, new.words); end",
)
GIN = (
    "create index migfts_item_text_words on mig_item_text "
    "using gin (array_to_tsvector(string_to_array(words, ' ')))",
)


def upgrade() -> None:
    op.create_table(
        "mig_item_text",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("migration", TEXT, nullable=False),
        sa.Column("repository", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mig_item_text")),
        sa.UniqueConstraint(
            *("migration", "repository", "number"),
            name=op.f("uq_mig_item_text_migration_repository_number"),
        ),
    )
    connection = op.get_bind()
    for statement in FTS if connection.dialect.name == "sqlite" else GIN:
        op.execute(statement)
    _fill(connection)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("drop table migfts_item_text")
    op.drop_table("mig_item_text")


def _fill(connection: sa.Connection) -> None:
    """Take in what was scanned; some documents in memory at a time."""
    place = (SNAPSHOT.c.migration, SNAPSHOT.c.repository, SNAPSHOT.c.number)
    last = ("", "", 0)
    while True:
        query = sa.select(*place, SNAPSHOT.c.document).where(sa.tuple_(*place) > last)
        rows = connection.execute(query.order_by(*place).limit(CHUNK)).all()
        if not rows:
            return
        connection.execute(
            ITEM_TEXT.insert(),
            [
                {
                    "migration": row[0],
                    "repository": row[1],
                    "number": row[2],
                    "words": _words(row[3]),
                }
                for row in rows
            ],
        )
        last = tuple(rows[-1][:3])


def _words(document: bytes) -> str:
    """As ``migrator/store/item_texts.py`` does since this revision; none of a damaged document."""
    try:
        item = json.loads(document)
        written = f"{item.get('title', '')} {item.get('body', '')[:20_000]}"
    except (ValueError, TypeError, AttributeError):
        return ""
    if not written.isascii():
        written = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", written))
    found = re.findall(r"[^\W_]+", written.casefold())
    return " ".join(dict.fromkeys(word[:40] for word in found))
