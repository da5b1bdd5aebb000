"""Groups, held-back rows and folds."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.evaluation.training import folds, held_back, near_duplicates

LONG = (
    "the tap in the garden drips at night and nobody has come to look at it since the last rain "
    "fell"
)


@given(
    st.lists(st.integers(0, 999).map(str), unique=True, max_size=40),
    st.integers(0, 10),
    st.randoms(),
)
def test_held_back_rows_depend_on_their_ids_alone(
    ids: list[str], count: int, shuffler: object
) -> None:
    """Not on the file's order."""
    kept = held_back(ids, count)
    assert len(kept) == min(count, len(ids))
    assert kept == held_back(sorted(ids), count)
    limit = max((hashlib.sha256(one.encode()).hexdigest() for one in kept), default="")
    assert all(hashlib.sha256(one.encode()).hexdigest() > limit for one in ids if one not in kept)


def test_near_duplicates_share_a_group_through_a_chain() -> None:
    """A is like B, B like C: none of them may be on both sides of a split."""
    words = LONG.split()
    texts = [
        LONG,
        " ".join(words[4:]),
        " ".join(words[8:]),
        "a pump that hums has nothing to do with any of this here",
    ]
    group = near_duplicates(texts)
    assert group[0] == group[1] == group[2] != group[3]


def test_texts_too_short_to_compare_stay_apart() -> None:
    """Two empty issues are not one."""
    assert len(set(near_duplicates(["", "", "tap", "tap"]))) == 4


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(2, 6), st.integers(0, 9))
def test_folds_keep_groups_whole_and_are_repeatable(
    groups: list[int], count: int, seed: int
) -> None:
    """Every row has a fold, and the seed decides all."""
    found = folds(groups, count, seed)
    assert found == folds(groups, count, seed)
    assert set(found) <= set(range(count))
    assert all(
        len({fold for fold, g in zip(found, groups, strict=True) if g == group}) == 1
        for group in groups
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_folds_are_evenly_filled(seed: int) -> None:
    """Of single rows, each gets the same number."""
    found = folds(list(range(25)), 5, seed)
    assert [found.count(fold) for fold in range(5)] == [5] * 5
