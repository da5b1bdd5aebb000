"""The process is killed at every request of a small run, and goes on in a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.killing import (
    OTHERS,
    REQUESTS,
    SAMPLE,
    Matrix,
    goes_on_where_it_was_killed,
    killable,
)
from tests.support.killing_proxy import When
from tests.support.runner import apply_in_child


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """One sandbox for all cases of this file, and for the two tests of the matrix itself."""
    cases = len(SAMPLE) + len(OTHERS) + 2
    with killable(tmp_path_factory.mktemp("killed"), cases) as built:
        yield built


@pytest.mark.parametrize(
    ("at", "when"), [*SAMPLE, *(pytest.param(*case, marks=pytest.mark.slow) for case in OTHERS)]
)
def test_a_process_killed_at_any_request_goes_on_and_leaves_the_same_github(
    matrix: Matrix, at: int, when: When
) -> None:
    """Killed before, during or after each request: the next process finishes, with every act done
    exactly once."""
    goes_on_where_it_was_killed(matrix, at, when)


def test_the_matrix_reaches_the_end_of_a_run(matrix: Matrix) -> None:
    """A run of six items makes no more requests than the matrix has cases, so none is left out."""
    plan = matrix.next_plan()
    matrix.proxy.arm(0, When.BEFORE)
    child = apply_in_child(matrix.arena, plan.hash)
    child.join()
    assert child.exitcode == 0
    assert (
        REQUESTS - 1 <= matrix.proxy.seen <= REQUESTS
    )  # the first run of all creates a label, too
    assert matrix.proxy.before == {}
    assert matrix.differences(plan) == {
        item.key: [] for item in matrix.context.store.plans.items(plan.hash)
    }


def test_the_matrix_really_kills(matrix: Matrix, tmp_path: Path) -> None:
    """A death that is planned for the third request takes the process with it."""
    plan = matrix.next_plan()
    matrix.proxy.arm(3, When.BEFORE)
    child = apply_in_child(matrix.arena, plan.hash)
    matrix.proxy.victim = child.pid or 0
    child.join()
    assert matrix.proxy.killed
    assert child.exitcode == -9
