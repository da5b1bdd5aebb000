from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.sandbox.worlds import BadRow, choose_world


def test_options_choose_between_the_three_kinds_of_world(sample: Path) -> None:
    """Generated, texts as they are, texts with lives."""
    made = list(choose_world(items=10, seed=1).records)
    plain = list(choose_world(file=sample).records)
    lived = list(choose_world(file=sample, thread_seed=1).records)
    assert sum(record["record"] == "item" for record in made) == 10
    assert not any("comments" in record for record in plain)
    assert any("comments" in record for record in lived)


def test_ignored_columns_are_passed_on(sample: Path) -> None:
    """For the log."""
    assert choose_world(file=sample, thread_seed=1).ignored == (
        "id",
        "owner",
        "confidence",
        "reason",
    )


def test_a_bad_row_is_met_before_any_record_is_used(write: Callable[[str], Path]) -> None:
    """No sandbox is started with half a file."""
    with pytest.raises(BadRow, match="line 3"):
        choose_world(file=write("title,number\na,1\nb,x\n"), thread_seed=1)
