"""The plan for spreadsheets: what people wrote is text there, too."""

from __future__ import annotations

import csv

import pytest

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.views.plan_csv import csv_lines


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(begins: str) -> None:
    """A title that a spreadsheet would run stands behind an apostrophe."""
    title = f'{begins}HYPERLINK("https://evil.example";"x")'
    item = PlanItem(
        key="a/b#1", repository="a/b", number=1, decision=Decision.LEAVE, title=title, author=title
    )
    names, cells = csv.reader("".join(csv_lines([(item, "")])).splitlines(keepends=True))
    found = dict(zip(names, cells, strict=True))
    assert (found["title"], found["author"]) == (f"'{title}", f"'{title}")
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
