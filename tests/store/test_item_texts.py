"""Items are found by the words of their titles and texts, on both databases alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, text

from migrator.domain.planning.plan import PlanHeader
from migrator.store import Store, erasure
from migrator.store.item_texts import MOST_CHARACTERS, MOST_LETTERS, holds_words, words_of
from migrator.store.models import ItemTextRow
from migrator.store.plan_items import PlanItemFilter
from tests.store.conftest import NOW
from tests.store.test_plans import item, stored
from tests.store.test_snapshots import numbered


def found(store: Store, search: str) -> list[int]:
    """Numbers of the items that a search finds."""
    words = words_of(search)
    query = select(ItemTextRow.number).where(holds_words(store.engine.dialect.name, words))
    with store.engine.connect() as connection:
        return sorted(connection.scalars(query))


def save(store: Store, *texts: tuple[int, str, str]) -> None:
    """Store items with these titles and texts, each read a minute later than the one before."""
    for minute, (number, title, body) in enumerate(texts):
        changed = numbered(number, title=title, body=body)
        store.snapshots.save([changed], read_at=NOW + timedelta(minutes=minute))


def test_an_item_is_found_by_words_of_its_title_and_its_text(store: Store) -> None:
    """All words have to be there, in any order, case and accent, at least their beginnings; dots and
    underscores separate words."""
    save(
        store,
        (1, "Masking breaks `tf.keras.layers.LSTM`", "With input_shape=(2, 3) I see a Café."),
        (2, "LSTM is slow", "on a GPU"),
    )
    assert found(store, "lstm") == [1, 2]
    assert found(store, "LSTM mask") == [1]
    assert found(store, "cafe input") == found(store, "CAFÉ shape") == [1]
    assert found(store, "keras.layers") == [1]
    assert found(store, "stm") == []
    assert found(store, "g") == []
    assert found(store, "a") == [1, 2]


def test_a_text_that_changed_is_found_by_its_new_words_only(store: Store) -> None:
    """The same when it is read again unchanged, and when its row goes."""
    save(
        store,
        (1, "old title", "old text"),
        (1, "new title", "new text"),
        (1, "new title", "new text"),
    )
    assert found(store, "old") == []
    assert found(store, "new text") == [1]
    with store.engine.begin() as connection:
        connection.execute(delete(ItemTextRow))
    assert found(store, "new") == []


@given(st.text(max_size=60))
def test_every_text_can_be_searched_for(search: str) -> None:
    """What is asked of the databases holds letters and digits only, so nothing in it is syntax."""
    for word in words_of(search):
        assert word.replace("_", "x").isalnum()
        assert 0 < len(word) <= MOST_LETTERS


@pytest.mark.parametrize(
    "search",
    [
        '"',
        "a OR b",
        "NEAR(a b)",
        "title:x",
        "a* -b ^c",
        "'; drop table",
        "(((",
        "a & !b | c:*",
        "日本 語",
        "𝔘𝔫𝔦",
        "\\x",
    ],
)
def test_no_search_is_a_syntax_error(store: Store, search: str) -> None:
    """Operators and quotes of either database are no words; what is left is looked for."""
    save(store, (1, search, "text"))
    if words_of(search):
        assert found(store, search) == [1]


def test_a_list_of_a_plan_is_filtered_by_words(store: Store, header: PlanHeader) -> None:
    """By those of many items as by those of few, in both repositories; items that are not in the
    plan do not count, and what is no word is looked for in titles."""
    numbers = range(1, 451)
    items = tuple(
        item(number, repository, title=f"{'?? ' * (number == 9)}title {number}")
        for repository in ("big/house", "little/garden")
        for number in numbers
    )
    plan = stored(store, header, items, waves=tuple(range(1, 901)))
    texts = [
        numbered(number, repository, title="common", body="rare" * (number in (7, 300)))
        for repository in ("big/house", "little/garden")
        for number in (*numbers, 1000)
    ]
    store.snapshots.save(texts, read_at=NOW)
    for words, count in ((("comm",), 900), (("rare", "common"), 4), (("absent",), 0), (("??",), 2)):
        wanted = PlanItemFilter(words=words)
        assert store.lists.count(plan.hash, wanted) == count
        page = store.lists.page(plan.hash, wanted, limit=1000)
        assert len({each.key for each in page}) == count
        assert sum(1 for _ in store.lists.documents(plan.hash, wanted)) == count


def test_long_texts_and_words_are_cut(store: Store) -> None:
    """A log of a megabyte fills no index; a long word is found by itself."""
    long = "z" * 300
    save(store, (1, "t", f"{long} " + "x " * MOST_CHARACTERS + "behind"))
    assert found(store, long) == [1]
    assert found(store, "behind") == []


def test_a_renamed_repository_keeps_its_words(store: Store) -> None:
    """Under its new name."""
    save(store, (1, "shining", ""))
    store.items.rename_repository("big/house", "big/home", NOW)
    with store.engine.connect() as connection:
        rows = connection.execute(select(ItemTextRow.repository, ItemTextRow.words)).all()
    assert [tuple(each) for each in rows] == [("big/home", "shining")]


def test_who_is_forgotten_is_not_found_any_more(store: Store) -> None:
    """Neither the name nor their words stay in the index."""
    save(store, (1, "asked by @quaesitor", "quaesitor said so"))
    assert found(store, "quaesitor") == [1]
    erasure.erase(store.engine, "quaesitor")
    assert found(store, "quaesitor") == []
    assert found(store, "asked") == [1]


def test_postgresql_finds_words_by_its_index(engine: Engine, store: Store) -> None:
    """Its expression is the one that searches ask for; for a few rows reading them all is quicker."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite's index is a table of its own, and always used")
    with engine.begin() as connection:
        rows = [
            {"migration": "garden", "repository": "a/b", "number": n, "words": f"w{n} common"}
            for n in range(1, 3000)
        ]
        connection.execute(insert(ItemTextRow), rows)
        connection.execute(text("set local enable_seqscan = off"))
        query = select(ItemTextRow.number).where(holds_words("postgresql", ["w77"]))
        compiled = query.compile(engine, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.scalars(text(f"explain {compiled}".replace(":*", "\\:*"))))
    assert "migfts_item_text_words" in plan
