"""The process is killed at every request of the second half of a small run, and goes on in a new
one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.killing import LATE, Matrix, goes_on_where_it_was_killed, killable
from tests.support.killing_proxy import When


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """One sandbox for all cases of this file."""
    with killable(tmp_path_factory.mktemp("killed")) as built:
        yield built


@pytest.mark.slow
@pytest.mark.parametrize(("at", "when"), LATE)
def test_a_process_killed_at_any_request_goes_on_and_leaves_the_same_github(
    matrix: Matrix, at: int, when: When
) -> None:
    """Killed before, during and after each request: the next process finishes, with every act
    done exactly once."""
    goes_on_where_it_was_killed(matrix, at, when)
