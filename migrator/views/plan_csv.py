"""A plan as a CSV file, for spreadsheets: one row an item, with the evidence that decided and the
exact text."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import IO

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


def write_csv(items: Iterable[PlanItem], to: IO[str]) -> int:
    """Write the rows below a line of names; returns how many. Open the file with ``newline=""``."""
    rows = csv.writer(to)
    rows.writerow(COLUMNS)
    count = 0
    for item in items:
        rows.writerow([_harmless(cell) for cell in _cells(item)])
        count += 1
    return count


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
