"""The process is killed while all items of a small run are at work at once, their ledger lines
committed together, and goes on in a new one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.killing import KINDS, Matrix, deaths, goes_on_where_it_was_killed, killable
from tests.support.killing_proxy import When

pytestmark = pytest.mark.slow
CASES = deaths(3, 13)
"""From the reading of all items on, which is one request, to the last close."""


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """One sandbox for all cases of this file."""
    with killable(tmp_path_factory.mktemp("killed-together"), len(CASES)) as built:
        yield built


@pytest.mark.parametrize(("at", "when"), CASES)
def test_a_process_killed_with_all_items_at_work_leaves_the_same_github(
    matrix: Matrix, at: int, when: When
) -> None:
    """Whatever was announced in one transaction, every act is done exactly once."""
    goes_on_where_it_was_killed(matrix, at, when, together=len(KINDS))
