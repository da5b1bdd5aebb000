"""A plan as a CSV file, for spreadsheets: one row an item, with the evidence that decided and the
exact text."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Final

from migrator.domain.evidence import Evidence
from migrator.domain.planning.plan import PlanItem

COLUMNS: Final[dict[str, Callable[[PlanItem], object]]] = {
    **{name: attrgetter(name) for name in ("repository", "number", "kind", "url", "title")},
    "author": attrgetter("author"),
    "decision": attrgetter("decision"),
    "reason_code": attrgetter("code"),
    "reason": attrgetter("reason"),
    "deciding": lambda item: sentence(item.deciding),
    "probability": lambda item: f"{item.probability:.3f}",
    "activity": attrgetter("activity"),
    "wave": lambda item: item.wave or "",
    "closes": lambda item: "yes" if item.closes else "no",
    "grace_days": lambda item: item.grace_days or "",
    "label": attrgetter("label"),
    "people_mailed": lambda item: len(item.recipients),
    "text": attrgetter("text"),
}
"""Name of each column, and what it holds of an item."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Cells that begin so would be run by a spreadsheet
(https://owasp.org/www-community/attacks/CSV_Injection)."""


class _Line:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(items: Iterable[tuple[PlanItem, str]]) -> Iterator[str]:
    """The file line by line, a line of names first, so that a large plan needs little memory.
    ``items`` come with how each one's act ended."""
    rows = csv.writer(_Line())
    yield rows.writerow((*COLUMNS, "outcome"))
    for item, outcome in items:
        cells = [_harmless(cell_of(item)) for cell_of in COLUMNS.values()]
        yield rows.writerow([*cells, outcome])


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def sentence(evidence: Evidence | None) -> str:
    """Evidence in one line: what was seen, what it was held against, by whom, when and where."""
    if evidence is None:
        return ""
    said = (
        f"{evidence.signal.replace('_', ' ')}: {evidence.value}"
        if evidence.value
        else evidence.signal.replace("_", " ")
    )
    bar = f"held against {evidence.bar}" if evidence.bar else ""
    by = f"by {evidence.actor}" if evidence.actor else ""
    at = f"on {evidence.at:%Y-%m-%d}" if evidence.at else ""
    return ", ".join(
        part for part in (said, bar, " ".join(filter(None, (by, at))), evidence.url) if part
    )
