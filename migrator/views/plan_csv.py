"""A plan as a CSV file, for spreadsheets: one row an item, with the evidence that decided and the
exact text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from migrator.domain.evidence import Evidence
from migrator.domain.planning.plan import PlanItem

COLUMNS = (
    "repository",
    "number",
    "kind",
    "url",
    "title",
    "author",
    "decision",
    "reason_code",
    "reason",
    "deciding",
    "probability",
    "activity",
    "wave",
    "closes",
    "grace_days",
    "label",
    "people_mailed",
    "text",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Cells that begin so would be run by a spreadsheet
(https://owasp.org/www-community/attacks/CSV_Injection)."""


class _Line:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(items: Iterable[PlanItem]) -> Iterator[str]:
    """The file line by line, a line of names first, so that a large plan needs little memory."""
    rows = csv.writer(_Line())
    for cells in chain([COLUMNS], map(_cells, items)):
        yield rows.writerow([_harmless(cell) for cell in cells])


def _cells(item: PlanItem) -> list[object]:
    return [
        item.repository,
        item.number,
        item.kind.value,
        item.url,
        item.title,
        item.author,
        item.decision.value,
        item.code,
        item.reason,
        sentence(item.deciding),
        f"{item.probability:.3f}",
        item.activity,
        item.wave or "",
        "yes" if item.closes else "no",
        item.grace_days or "",
        item.label,
        len(item.recipients),
        item.text,
    ]


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
