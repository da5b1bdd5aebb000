"""Worlds that are made from a migration file: what moves in them is what the file says, and its
neighbours are others."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.config.migration_file import load
from migrator.domain.rules import MigrationFile
from migrator.rehearsal.theme import theme_of
from migrator.sandbox.world_reader import build_world, read_records
from migrator.sandbox.worlds import (
    Theme,
    ThemeForm,
    ThemeNeighbour,
    ThemePart,
    ThemePath,
    book_of,
    choose_world,
    read_theme,
)
from migrator.sandbox.worlds.stratified_sampling import MOVED, with_share
from migrator.sandbox.worlds.vocabulary import stories, written

Record = dict[str, Any]
ROOT = Path(__file__).parents[3]
FILES = [
    *sorted((ROOT / "tests/data/migrations").glob("*.toml")),
    ROOT / "docs/examples/collections.toml",
]
"""Files of projects that are nothing like the default world's."""


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request: pytest.FixtureRequest) -> MigrationFile:
    """The rules of one of them."""
    return load(request.param).file


def made(file: MigrationFile, items: int = 120, **options: Any) -> list[Record]:
    """A world for that file."""
    return list(choose_world(items=items, seed=7, theme=theme_of(file), **options).records)


def of_kind(records: list[Record], kind: str) -> list[Record]:
    """Records of that kind."""
    return [record for record in records if record["record"] == kind]


def part_of(file: MigrationFile, path: str) -> str:
    """Name of the part that moves with the path, empty if it stays."""
    for part in file.parts:
        for moved in part.paths:
            if path == moved.old or path.startswith(f"{moved.old}/"):
                return part.name
    return ""


def test_pull_requests_change_files_that_move_and_files_that_stay(file: MigrationFile) -> None:
    """Files of every part, and of nobody else's but in one mixed pull request in a hundred."""
    source = [
        item
        for item in of_kind(made(file, 400), "item")
        if item["repository"] == file.migration.source
    ]
    paths = [
        {part_of(file, one["path"]) for one in item["pull"]["paths"]}
        for item in source
        if "pull" in item
    ]
    assert {name for owners in paths for name in owners} == {
        "",
        *(part.name for part in file.parts),
    }
    assert sum(len(owners) > 1 for owners in paths) < len(paths) / 3


def test_a_path_that_is_a_file_is_changed_itself() -> None:
    """Nothing lies below a file."""
    paths = {
        one["path"]
        for item in of_kind(made(load(FILES[-1]).file, 400), "item")
        for one in item.get("pull", {}).get("paths", ())
    }
    assert "lib/ansible/module_utils/vmware.py" in paths
    assert not [path for path in paths if "vmware.py/" in path]


def test_items_wear_the_labels_that_the_file_reads(file: MigrationFile) -> None:
    """Each label of a part occurs, also those of neighbours that the file knows; what stays is
    not labelled as ours."""
    records = made(file, 400)
    source = next(
        record
        for record in of_kind(records, "repository")
        if record["name"] == file.migration.source
    )
    known = {label["name"] for label in source["labels"]}
    worn = Counter(
        name
        for item in of_kind(records, "item")
        if item["repository"] == source["name"]
        for name in item.get("labels", ())
    )
    labels = file.ownership.labels
    assert set(worn) <= known
    assert {*labels.ours} <= set(worn)
    for pattern in labels.not_ours:
        assert any(fnmatchcase(name, pattern) and name not in labels.ours for name in worn), pattern
    if labels.ours:
        assert sum(worn[name] for name in labels.ours) < sum(worn.values()) / 2


def test_the_world_stands_where_and_when_the_file_says(file: MigrationFile) -> None:
    """Its repositories, and items from before and after its cutover; the clock stands behind it."""
    records = made(file)
    items = of_kind(records, "item")
    cutover = f"{file.migration.cutover.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert {item["repository"] for item in items} == {file.migration.source, *file.targets}
    assert records[0]["clock"] > cutover
    for target in file.targets:
        assert {item["created_at"] < cutover for item in items if item["repository"] == target} == {
            True,
            False,
        }


def test_without_labels_somebody_of_the_project_says_whose_an_issue_is() -> None:
    """Before the cutover with the coming address, and at any time in the file's own phrase."""
    for name, said in (
        ("paths", "github.com/contoso/codec/"),
        ("words", "the charting repository"),
    ):
        file = load(ROOT / "tests/data/migrations" / f"{name}.toml").file
        cutover = f"{file.migration.cutover:%Y-%m-%dT%H:%M:%SZ}"
        items = [
            item
            for item in of_kind(made(file), "item")
            if item["repository"] == file.migration.source
        ]
        spoken = [
            comment
            for item in items
            for comment in item.get("comments", ())
            if said in comment["body"]
        ]
        assert len(spoken) > 3
        assert name == "words" or all(
            comment["created_at"] < cutover for comment in spoken if "belongs" in comment["body"]
        )


def test_the_default_world_is_about_the_preset() -> None:
    """A file about the same paths of the same repository gets the world whose every word is
    written down."""
    keras = theme_of(load("keras").file)
    assert book_of(keras) is written()
    assert book_of(msgspec.structs.replace(keras, source="acme/other")) is not written()


@pytest.mark.parametrize("share", [0.0, 0.05, 0.4, 0.9, 1.0])
def test_the_share_of_what_moves_can_be_chosen(share: float) -> None:
    """Exactly, over a whole deck, and no life of an item is lost but where all of one side are."""
    cards = with_share(stories().source_deck, share)
    moved = sum(card.count for card in cards if card.part in MOVED)
    assert moved / sum(card.count for card in cards) == pytest.approx(share, abs=0.005)
    assert share in (0.0, 1.0) or {card.story for card in cards} == {
        card.story for card in stories().source_deck
    }


@pytest.mark.parametrize("share", [-0.1, 0.0001, 1.5])
def test_a_share_that_cannot_be_dealt_is_refused(share: float) -> None:
    """Before the first record."""
    with pytest.raises(ValueError, match="the share of what moves"):
        choose_world(items=10, share=share)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
PATHS = st.builds(
    ThemePath, old=st.from_regex(r"[a-z./_-]{1,30}", fullmatch=True), new=WORDS, module=WORDS
)
PARTS = st.builds(
    ThemePart,
    name=NAMES,
    title=WORDS,
    target=st.sampled_from(("acme/one", "acme/two", "other/three")),
    paths=st.lists(PATHS, min_size=1, max_size=3).map(tuple),
    labels=st.lists(WORDS, max_size=2).map(tuple),
    words=st.lists(WORDS, max_size=4).map(tuple),
    modules=st.lists(WORDS, max_size=2).map(tuple),
    phrases=st.lists(WORDS, max_size=2).map(tuple),
)
FEW = st.lists(WORDS, max_size=3).map(tuple)
THEMES = st.builds(
    Theme,
    source=st.just("acme/whole"),
    cutover=st.datetimes(datetime(2016, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    parts=st.lists(PARTS, min_size=1, max_size=3).map(tuple),
    neighbours=st.lists(st.builds(ThemeNeighbour, name=NAMES, words=FEW), max_size=3).map(tuple),
    other_labels=FEW,
    elsewhere=FEW,
    asked_labels=FEW,
    team_labels=FEW,
    protecting_labels=FEW,
    forms=st.lists(
        st.builds(ThemeForm, target=st.just("acme/one"), template=st.just("a.yml"), field=NAMES),
        max_size=1,
    ).map(tuple),
    bots=st.lists(NAMES, max_size=2).map(tuple),
    triagers=st.lists(NAMES, max_size=2).map(tuple),
    nags=FEW,
    stale_after=st.integers(0, 2000),
    awaiting_author_after=st.integers(0, 2000),
    quiet_days=st.integers(0, 60),
)


@settings(max_examples=40, deadline=None)
@given(theme=THEMES)
def test_whatever_a_theme_says_a_sandbox_can_serve_its_world(theme: Theme) -> None:
    """Odd names, labels, paths and terms make a world all the same, and always the same one;
    nothing happens after its clock."""
    first, second = (list(choose_world(items=30, seed=3, theme=theme).records) for _ in range(2))
    assert first == second
    assert sum(record["record"] == "item" for record in first) == 30
    newest = max(item["created_at"] for item in of_kind(first, "item"))
    assert datetime.fromisoformat(newest) < theme.cutover + timedelta(days=70)
    world = build_world(read_records(json.dumps(record).encode() for record in first))
    assert sum(map(len, world.threads.values())) == 30


def test_a_theme_can_be_handed_over_as_json(tmp_path: Path) -> None:
    """And one that is none is refused with the reason."""
    theme, path = theme_of(load(FILES[0]).file), tmp_path / "theme.json"
    path.write_bytes(msgspec.json.encode(theme))
    assert read_theme(path) == theme
    for content in (
        b"{}",
        b'{"source": "a/b", "cutover": "2024-01-01T00:00:00Z", "parts": []}',
        b"[",
        b'{"colour": 1}',
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="holds no theme"):
            read_theme(path)
