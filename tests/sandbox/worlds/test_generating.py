from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from migrator.sandbox.worlds import generate
from migrator.sandbox.worlds.accounts import is_program

Record = dict[str, Any]
NOW = datetime(2021, 9, 1, 12, tzinfo=UTC)
CUTOVER = datetime(2021, 6, 24, tzinfo=UTC)
SOURCE, TARGET = "tensorflow/tensorflow", "keras-team/keras"
DIGEST = (
    "import hashlib, json; from migrator.sandbox.worlds import generate;"
    "print(hashlib.sha256('\\n'.join(map(json.dumps, generate(items=300, "
    "seed=5))).encode()).hexdigest())"
)


def items(records: list[Record]) -> list[Record]:
    """The items among the records."""
    return [record for record in records if record["record"] == "item"]


def at(text: str) -> datetime:
    """The time that a text names."""
    return datetime.fromisoformat(text)


def is_open(item: Record) -> bool:
    """Whether the item is open."""
    return bool(item.get("state", "open") == "open")


def moments(item: Record) -> list[datetime]:
    """Every time at which something happened to the item."""
    parts = [*item.get("comments", ()), *item.get("events", ()), *item.get("reactions", ())]
    pull = item.get("pull", {})
    times = [part["created_at"] for part in parts] + [
        review["submitted_at"] for review in pull.get("reviews", ())
    ]
    times += [item[key] for key in ("edited_at", "closed_at") if key in item]
    return [at(time) for time in times]


def last_act_of_a_person(item: Record) -> datetime:
    """When a person last spoke, voted, pushed or reviewed."""
    times = [item["created_at"]]
    times += [
        comment["created_at"]
        for comment in item.get("comments", ())
        if not is_program(comment["author"])
    ]
    times += [reaction["created_at"] for reaction in item.get("reactions", ())]
    pull = item.get("pull", {})
    times += [commit["committed_at"] for commit in pull.get("commits", ())]
    times += [review["submitted_at"] for review in pull.get("reviews", ())]
    return at(max(times))


def is_moved(item: Record) -> bool:
    """Whether label or path says that the item belongs to what moves."""
    paths = [path["path"] for path in item.get("pull", {}).get("paths", ())]
    return "comp:keras" in item.get("labels", ()) or any(
        path.startswith("tensorflow/python/keras/") for path in paths
    )


def test_equal_seeds_give_equal_bytes_in_any_process() -> None:
    """Nothing hangs on hash seeds, so a plan's hash is the same on any machine."""

    def digest(hash_seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        run = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.strip()

    assert digest("0") == digest("4242")


def test_another_seed_gives_another_world() -> None:
    """The seed is used at all."""
    assert list(generate(items=30, seed=1)) != list(generate(items=30, seed=2))


@pytest.mark.parametrize("size", [0, 1, 2, 5, 10, 11, 99, 400])
def test_a_world_has_exactly_the_items_asked_for(size: int) -> None:
    """Whatever the size, and the surroundings come with it."""
    records = list(generate(items=size, seed=1))
    assert len(items(records)) == size
    assert records[0]["record"] == "world"
    assert {record["name"] for record in records if record["record"] == "repository"} == {
        SOURCE,
        TARGET,
    }


def test_no_two_items_share_a_number(large_world: list[Record]) -> None:
    """Also between issues and pull requests, as on GitHub."""
    numbers = [(item["repository"], item["number"]) for item in items(large_world)]
    assert len(set(numbers)) == len(numbers)


def test_numbers_grow_with_dates_within_each_repository(large_world: list[Record]) -> None:
    """As on GitHub: who comes later has the higher number."""
    for repository in (SOURCE, TARGET):
        rows = [
            (item["number"], item["created_at"])
            for item in items(large_world)
            if item["repository"] == repository
        ]
        assert rows == sorted(rows)
        assert [created for _, created in rows] == sorted(created for _, created in rows)


def test_a_large_world_is_of_the_same_kind_as_a_small_one() -> None:
    """The same seat holds the same sort of item, so what a small rehearsal shows holds for a
    large one."""

    def kinds(size: int) -> list[tuple[str, bool]]:
        return [
            (item["kind"], is_open(item))
            for item in islice(items(list(generate(items=size, seed=7))), 90)
        ]

    assert kinds(120) == kinds(900)


def test_generating_holds_nothing_however_many_items() -> None:
    """Ten thousand items are made in the memory of a few."""

    def peak(size: int) -> int:
        tracemalloc.start()
        digest = hashlib.sha256()
        for record in generate(items=100_000, seed=2):
            digest.update(record["record"].encode())
            size -= 1
            if size == 0:
                break
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(600)
    assert peak(3000) < peak(600) + 2_000_000


def test_nothing_happens_before_an_item_is_opened_or_after_now(large_world: list[Record]) -> None:
    """Threads are possible ones."""
    for item in items(large_world):
        assert all(at(item["created_at"]) <= moment <= NOW for moment in moments(item)), item[
            "number"
        ]


def test_threads_are_in_times_order(large_world: list[Record]) -> None:
    """As GitHub gives them."""
    for item in items(large_world):
        for key in ("comments", "events", "reactions"):
            times = [part["created_at"] for part in item.get(key, ())]
            assert times == sorted(times)


def test_dates_spread_from_2016_to_now_with_some_since_the_cutover(world: list[Record]) -> None:
    """Years of history, and what arrived after the announcement."""
    created = [at(item["created_at"]) for item in items(world) if item["repository"] == SOURCE]
    assert min(created).year == 2016
    assert sum(moment > CUTOVER for moment in created) >= 10


def test_about_a_third_of_the_open_items_belong_to_what_moves(large_world: list[Record]) -> None:
    """Between 30 and 40 in a hundred."""
    everything = [item for item in items(large_world) if is_open(item)]
    moved = [item for item in everything if item["repository"] == SOURCE and is_moved(item)]
    assert 0.30 < len(moved) / len(everything) < 0.42


def test_of_what_moves_nearly_half_is_silent_for_half_a_year(large_world: list[Record]) -> None:
    """And nearly half is not."""
    moved = [
        item
        for item in items(large_world)
        if is_open(item) and item["repository"] == SOURCE and is_moved(item)
    ]
    stale = [item for item in moved if NOW - last_act_of_a_person(item) > timedelta(days=180)]
    assert 0.38 < len(stale) / len(moved) < 0.52


def test_pull_requests_and_the_target_have_their_shares(large_world: list[Record]) -> None:
    """About 8 pull requests and 10 items of the target in a hundred."""
    rows = items(large_world)
    assert 0.06 < sum(item["kind"] == "pull_request" for item in rows) / len(rows) < 0.13
    assert sum(item["repository"] == TARGET for item in rows) / len(rows) == pytest.approx(0.1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_even_forty_items_hold_stale_and_active_ones_and_a_pull_request(seed: int) -> None:
    """Small worlds are dealt evenly, so that a short rehearsal shows most decisions."""
    rows = [
        item
        for item in items(list(generate(items=40, seed=seed)))
        if item["repository"] == SOURCE and is_open(item)
    ]
    moved = [item for item in rows if is_moved(item)]
    silent = Counter(NOW - last_act_of_a_person(item) > timedelta(days=180) for item in moved)
    assert silent[True] >= 3
    assert silent[False] >= 3
    assert any(item["kind"] == "pull_request" for item in rows)
    assert len(moved) < len(rows)


def test_a_later_now_moves_the_newest_items_and_the_clock() -> None:
    """A rehearsal may set its own time."""
    records = list(generate(items=100, seed=1, now=datetime(2023, 3, 1, tzinfo=UTC)))
    assert records[0]["clock"] == "2023-03-01T00:00:00Z"
    assert max(item["created_at"] for item in items(records)) > "2022-12"


def test_other_repositories_can_be_named() -> None:
    """Source and targets are options, and permissions and texts follow."""
    records = list(
        generate(items=200, seed=1, source="acme/mono", targets=("acme/one", "other/two"))
    )
    assert {item["repository"] for item in items(records)} == {"acme/mono", "acme/one", "other/two"}
    assert "keras-team/" not in str([record for record in records if record["record"] == "item"])
    acting = next(record for record in records if record.get("login") == "migration-account")
    assert acting["permissions"] == {
        "acme/mono": "write",
        "acme/one": "write",
        "other/two": "write",
    }


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"items": -1}, "give 0 or more"),
        ({"items": 1, "now": datetime(2021, 7, 1, tzinfo=UTC)}, "after the cutover"),
        ({"items": 1, "now": datetime(2022, 7, 1)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_options_that_make_no_world_are_refused(options: dict[str, Any], cause: str) -> None:
    """At once, not at the first record."""
    with pytest.raises(ValueError, match=cause):
        generate(seed=1, **options)


def test_every_key_of_every_record_is_documented(large_world: list[Record]) -> None:
    """The document of the world file is the contract with whoever reads it."""
    document = (Path(__file__).parents[3] / "docs" / "world-file.md").read_text()
    missing = {
        key
        for key in _keys(large_world) - {"record"}
        if not re.search(rf"[`{{ ]{key}[`,}}]", document)
    }
    assert not missing


def _keys(value: Any, parent: str = "") -> set[str]:
    """Keys of all objects, but of those whose keys are names of repositories or files."""
    if isinstance(value, list):
        return set().union(*(_keys(part, parent) for part in value))
    if isinstance(value, dict):
        named = parent not in ("permissions", "files")
        return set().union(*(_keys(part, key) for key, part in value.items())) | (
            set(value) if named else set()
        )
    return set()
