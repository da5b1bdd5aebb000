from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from migrator.sandbox.worlds import generate, read_items, synthesise_threads, without_threads
from migrator.sandbox.worlds.accounts import is_program

Record = dict[str, Any]
SCRIPT = (
    "import hashlib, json, sys; from migrator.sandbox.worlds import read_items, synthesise_threads;"
    "records = synthesise_threads(read_items(sys.argv[1]), seed=3);"
    "print(hashlib.sha256('\\n'.join(map(json.dumps, records)).encode()).hexdigest())"
)


def items(records: list[Record]) -> list[Record]:
    """The items among the records."""
    return [record for record in records if record["record"] == "item"]


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest) -> list[Record]:
    """The labelled sample, with lives of seed 3."""
    path = Path(__file__).parents[2] / "data" / "labelled_sample.csv"
    return list(synthesise_threads(read_items(path), seed=3))


def test_equal_seeds_give_equal_bytes_in_any_process(lived: list[Record], sample: Path) -> None:
    """A rehearsal's hash is the same tomorrow and elsewhere."""
    here = hashlib.sha256("\n".join(map(json.dumps, lived)).encode()).hexdigest()
    for hash_seed in ("0", "99"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(sample)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == here


def test_another_seed_gives_other_lives_to_the_same_texts(
    lived: list[Record], sample: Path
) -> None:
    """The texts stay, their threads change."""
    others = items(list(synthesise_threads(read_items(sample), seed=4)))
    assert [item["title"] for item in others] == [item["title"] for item in items(lived)]
    assert others != items(lived)


def test_the_order_of_rows_changes_nothing(lived: list[Record], sample: Path) -> None:
    """Neither numbers nor lives."""
    rows = list(read_items(sample))
    random.Random(1).shuffle(rows)
    assert list(synthesise_threads(rows, seed=3)) == lived


def test_other_rows_change_no_life(lived: list[Record], sample: Path) -> None:
    """An item's life follows from its own text and the seed, if the time is the same."""
    now = datetime.fromisoformat(lived[0]["clock"])
    alone = items(list(synthesise_threads(list(read_items(sample))[10:20], seed=3, now=now)))
    by_title = {item["title"]: item for item in items(lived)}
    for item in alone:
        assert {**item, "number": 0} == {**by_title[item["title"]], "number": 0}


def test_now_is_a_day_after_the_newest_row(lived: list[Record], sample: Path) -> None:
    """So that the clock does not depend on the day of the rehearsal."""
    newest = max(item["created_at"] for item in read_items(sample))
    assert datetime.fromisoformat(lived[0]["clock"]) - datetime.fromisoformat(newest) == timedelta(
        days=1
    )


def test_texts_stay_as_they_were_written(lived: list[Record], sample: Path) -> None:
    """Title, body and date of every row, nothing added and nothing lost."""
    rows = sorted(
        (item["title"], item.get("body", ""), item["created_at"]) for item in read_items(sample)
    )
    assert (
        sorted((item["title"], item["body"], item["created_at"]) for item in items(lived)) == rows
    )


def test_everything_happens_after_the_text_and_before_now(lived: list[Record]) -> None:
    """Lives are possible ones."""
    for item in items(lived):
        for part in [
            *item.get("comments", ()),
            *item.get("events", ()),
            *item.get("reactions", ()),
        ]:
            assert item["created_at"] <= part["created_at"] <= lived[0]["clock"]


def test_a_realistic_mix_of_lives(lived: list[Record]) -> None:
    """Silent ones, lively ones, unanswered ones and ones that wait for their author."""
    now = datetime.fromisoformat(lived[0]["clock"])
    seen: Counter[str] = Counter()
    for item in items(lived):
        people = [
            item["created_at"],
            *(c["created_at"] for c in item.get("comments", ()) if not is_program(c["author"])),
        ]
        seen["silent"] += now - datetime.fromisoformat(max(people)) > timedelta(days=180)
        seen["lively"] += now - datetime.fromisoformat(max(people)) < timedelta(days=60)
        seen["unanswered"] += not item.get("comments")
        seen["waiting"] += "stat:awaiting response" in item.get("labels", ())
        seen["unlabelled"] += not item.get("labels")
    assert all(
        seen[kind] >= 2 for kind in ("silent", "lively", "unanswered", "waiting", "unlabelled")
    ), seen
    assert 0.25 < seen["silent"] / len(items(lived)) < 0.7


def test_labels_follow_what_meets_the_eye_and_not_the_hand_labels(sample: Path) -> None:
    """The columns `owner` and `confidence` are not even read."""
    rows = list(read_items(sample))
    assert not {"owner", "confidence", "reason"} & set().union(*rows)


def test_items_with_a_life_of_their_own_are_left_alone() -> None:
    """Who brings an author, comments or labels keeps exactly them."""
    own = {"record": "item", "title": "a", "created_at": "2022-01-01T00:00:00Z", "labels": ["x"]}
    bare = {"record": "item", "title": "b", "created_at": "2022-02-01T00:00:00Z"}
    first, second = items(list(synthesise_threads([bare, own], seed=1)))
    assert first == {**own, "repository": "tensorflow/tensorflow", "number": 1}
    assert "author" in second


def test_numbers_are_kept_and_missing_ones_follow_by_age() -> None:
    """Per repository."""
    rows: list[Record] = [
        {"title": "young", "created_at": "2022-03-01T00:00:00Z"},
        {"title": "old", "created_at": "2022-01-01T00:00:00Z"},
        {"title": "known", "created_at": "2022-02-01T00:00:00Z", "number": 40},
        {"title": "elsewhere", "created_at": "2022-02-01T00:00:00Z", "repository": "a/b"},
    ]
    numbers = {item["title"]: item["number"] for item in items(list(without_threads(rows)))}
    assert numbers == {"known": 40, "old": 41, "young": 42, "elsewhere": 1}


def test_texts_without_dates_get_some() -> None:
    """Within the two years before now."""
    made = items(
        list(
            synthesise_threads(
                [{"title": f"text {n}"} for n in range(20)],
                seed=1,
                now=datetime(2023, 1, 1, tzinfo=UTC),
            )
        )
    )
    assert all("2020-12" < item["created_at"] < "2023" for item in made)
    assert len({item["created_at"] for item in made}) == 20


def test_closed_rows_and_pull_requests_stay_what_they_are() -> None:
    """A life does not open what is closed."""
    row = {
        "title": "a",
        "created_at": "2022-01-01T00:00:00Z",
        "state": "closed",
        "kind": "pull_request",
    }
    (item,) = items(list(synthesise_threads([row], seed=1)))
    assert (item["state"], item["kind"]) == ("closed", "pull_request")


def test_without_a_seed_only_the_surroundings_are_added(sample: Path) -> None:
    """Repositories, accounts and numbers; no comment, no label."""
    records = list(without_threads(read_items(sample)))
    assert records[0]["record"] == "world"
    assert {record["record"] for record in records} == {"world", "account", "repository", "item"}
    assert not any({"comments", "labels", "author"} & set(item) for item in items(records))


def test_a_world_file_passes_through_unchanged() -> None:
    """What `migrator export` wrote is rehearsed on as it is, and nothing of it is held."""
    records = list(generate(items=60, seed=1))
    assert list(without_threads(iter(records))) == records
    moved = list(without_threads(iter(records), now=datetime(2022, 1, 1, tzinfo=UTC)))
    assert moved[0] == {**records[0], "clock": "2022-01-01T00:00:00Z"}
    assert moved[1:] == records[1:]


def test_bare_items_of_a_world_file_can_get_lives() -> None:
    """A world of bare texts is as good as a CSV of them."""
    header = {
        "record": "world",
        "version": 1,
        "now": "2023-01-01T00:00:00Z",
        "source": "a/b",
        "target": "c/d",
    }
    bare = {
        "record": "item",
        "repository": "a/b",
        "number": 5,
        "title": "keras layer fails",
        "created_at": "2021-01-01T00:00:00Z",
    }
    first, second = synthesise_threads([header, bare], seed=1)
    assert first == header
    assert (second["number"], "author" in second) == (5, True)


def test_an_empty_file_is_an_empty_world() -> None:
    """No rows, no items, no error."""
    assert items(list(synthesise_threads([], seed=1))) == []
