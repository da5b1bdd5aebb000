"""The same plan has the same hash everywhere, and any other plan has another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from migrator.domain.decisions import Decision
from migrator.domain.evidence import Evidence, Leaning
from migrator.domain.items import ItemKind
from migrator.domain.planning.plan import (
    CLEAR_CANARY,
    OneSided,
    PlanHasher,
    PlanHeader,
    PlanItem,
    PlanKind,
    Totals,
    gated_wave_numbers,
    one_sided,
    plan_hash,
    wave_numbers,
    wave_order,
)

NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)
HEADER = PlanHeader(
    migration="garden",
    source="big/house",
    targets=("little/garden",),
    as_of=NOON,
    expires_at=NOON,
    rules_digest="rules",
)
ITEM = PlanItem(
    key="big/house#1",
    repository="big/house",
    number=1,
    decision=Decision.RETIRE,
    text="Moved.",
    closes=True,
)
ITEMS = [replace(ITEM, key=f"big/house#{number}", number=number) for number in range(1, 6)]


def test_the_hash_does_not_depend_on_the_order_of_the_items() -> None:
    """Databases and scans have orders of their own."""
    assert plan_hash(HEADER, reversed(ITEMS)) == plan_hash(HEADER, ITEMS)


def test_the_hash_is_the_same_on_every_machine() -> None:
    """Written down once: a change of it would void every approval that is waiting."""
    assert (
        plan_hash(HEADER, ITEMS)
        == "8cec5cc4df133d0cc8945e4b574d72ebe0d15462d737f45203ae1369c7504707"
    )


def _changed(name: str, value: object) -> object:
    samples: dict[str, object] = {
        "kind": ItemKind.PULL_REQUEST,
        "decision": Decision.PORT,
        "deciding": Evidence(signal="clock", says=Leaning.STALE),
        "created_at": NOON,
        "clock": NOON,
        "stale_at": NOON,
        "recipients": ("ada",),
        "before": {"state": "open"},
    }
    if name in samples:
        return samples[name]
    return (
        not value
        if isinstance(value, bool)
        else value + 1
        if isinstance(value, int | float)
        else f"{value}x"
    )


@pytest.mark.parametrize("name", [field.name for field in fields(PlanItem)])
def test_every_field_of_an_item_is_part_of_what_is_approved(name: str) -> None:
    """Whatever is changed after the approval, the hash tells."""
    changed = replace(ITEM, **{name: _changed(name, getattr(ITEM, name))})
    assert plan_hash(HEADER, [changed]) != plan_hash(HEADER, [ITEM])


@pytest.mark.parametrize(
    "change",
    [
        {"migration": "kitchen"},
        {"kind": PlanKind.UNDO},
        {"source": "a/b"},
        {"targets": ("a/b",)},
        {"as_of": NOON + timedelta(seconds=1)},
        {"expires_at": NOON + timedelta(seconds=1)},
        {"rules_digest": "other rules"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_of_the_header_is_part_of_what_is_approved(change: dict[str, Any]) -> None:
    """Rules, times and places."""
    assert plan_hash(replace(HEADER, **change), ITEMS) != plan_hash(HEADER, ITEMS)


def test_items_out_of_order_or_twice_are_refused() -> None:
    """Their hash would depend on chance."""
    for second in (ITEMS[0], ITEMS[1]):
        hasher = PlanHasher(HEADER)
        hasher.add(ITEMS[1])
        with pytest.raises(ValueError, match="out of order"):
            hasher.add(second)


def test_items_of_one_number_in_two_repositories_are_two_items() -> None:
    """Targets have numbers of their own."""
    items = [ITEM, replace(ITEM, repository="little/garden", key="little/garden#1")]
    assert plan_hash(HEADER, items) != plan_hash(HEADER, items[:1])


@given(count=st.integers(0, 500), sizes=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_waves_have_their_sizes_and_the_last_size_repeats(count: int, sizes: list[int]) -> None:
    """Numbered from 1 without a gap; only the last wave may be smaller."""
    numbers = list(wave_numbers(count, sizes))
    assert len(numbers) == count
    assert numbers == sorted(numbers)
    waves = sorted(set(numbers))
    assert waves == list(range(1, len(waves) + 1))
    for wave in waves:
        size = sizes[min(wave, len(sizes)) - 1]
        assert numbers.count(wave) == size or wave == waves[-1]
        assert numbers.count(wave) <= size


def test_the_first_wave_is_a_canary() -> None:
    """With the sizes that the rules set."""
    assert list(islice(wave_numbers(100, (1, 10, 50)), 12)) == [1] + [2] * 10 + [3]


@given(
    others=st.integers(0, 300),
    clears=st.integers(0, 300),
    sizes=st.lists(st.integers(1, 60), min_size=1, max_size=4),
)
def test_what_is_cleared_has_waves_of_its_own_that_begin_with_five_at_most(
    others: int, clears: int, sizes: list[int]
) -> None:
    """No wave holds both, and no wave is larger than the file's largest one, or than five if
    those are smaller."""
    numbers = list(gated_wave_numbers(others, clears, sizes))
    before, cleared = numbers[:others], numbers[others:]
    assert before == list(wave_numbers(others, sizes))
    assert numbers == sorted(numbers)
    assert sorted(set(numbers)) == list(range(1, len(set(numbers)) + 1))
    assert not set(before) & set(cleared)
    if cleared:
        assert cleared.count(cleared[0]) <= min(CLEAR_CANARY, max(sizes))
    assert all(cleared.count(wave) <= max(CLEAR_CANARY, *sizes) for wave in set(cleared))


@pytest.mark.parametrize(
    ("others", "clears", "sizes", "waves"),
    [
        (11, 30, (1, 10, 50, 200), [1, 10, 5, 10, 15]),
        (0, 30, (1, 10, 50, 200), [1, 5, 10, 14]),
        (3, 3, (1, 10, 50, 200), [1, 2, 3]),
        (3, 12, (1, 2), [1, 2, 2, 2, 2, 2, 2, 2]),
        (1, 0, (1, 10), [1]),
    ],
)
def test_the_waves_of_some_plans(
    others: int, clears: int, sizes: tuple[int, ...], waves: list[int]
) -> None:
    """Items of each wave, in order: a plan that only clears still begins with its own canary."""
    numbers = list(gated_wave_numbers(others, clears, sizes))
    assert [numbers.count(wave) for wave in sorted(set(numbers))] == waves


@given(count=st.integers(2, 30), first=st.integers(0, 40), clear_wave=st.integers(0, 30))
def test_no_wave_that_clears_comes_before_the_canary_of_those(
    count: int, first: int, clear_wave: int
) -> None:
    """Whichever a maintainer chooses to be first."""
    order = wave_order(count, first, min(clear_wave, count))
    assert sorted(order) == list(range(1, count + 1))
    clearing = [wave for wave in order if 1 < clear_wave <= wave]
    assert not clearing or clearing[0] == clear_wave


@pytest.mark.parametrize(
    ("opened", "ours", "found"),
    [
        (0, 0, None),
        (4, 0, None),
        (5, 0, OneSided.NOTHING),
        (50, 0, OneSided.NOTHING),
        (50, 50, OneSided.EVERYTHING),
        (9, 9, None),
        (50, 49, None),
    ],
)
def test_a_plan_that_moves_nothing_or_everything_is_one_sided(
    opened: int, ours: int, found: OneSided | None
) -> None:
    """Of the source's open items; a handful that are all ours say nothing about the rules."""
    assert one_sided(Totals(items=60, source_open=opened, source_ours=ours)) is found
    assert found is None or found.warning


def test_an_item_that_only_gets_a_notice_is_one_write() -> None:
    """Label and close share a second one; an item that is left alone needs none."""
    assert replace(ITEM, closes=False).writes == 1
    assert ITEM.writes == 2
    assert replace(ITEM, closes=False, label="moved").writes == 2
    assert replace(ITEM, text="").writes == 0


@given(count=st.integers(0, 30), first=st.integers(0, 40))
def test_every_wave_comes_once_and_the_canary_first(count: int, first: int) -> None:
    """Whatever is chosen, nothing is left out or done twice, and only the chosen wave leaves its
    place."""
    order = wave_order(count, first)
    assert sorted(order) == list(range(1, count + 1))
    assert order[:1] == ((1,) if count else ())
    if 1 < first <= count:
        assert order[1] == first
    assert [wave for wave in order if wave != first] == [
        wave for wave in range(1, count + 1) if wave != first
    ]
