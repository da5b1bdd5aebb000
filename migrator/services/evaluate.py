"""`evaluate`: how good the ownership verdicts are on items whose owner is known, and why one
item was judged as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from migrator.domain.calibration import ShareSource, at_share
from migrator.domain.classification import ownership
from migrator.domain.evaluation.precision_recall import Evaluation, LabelledVerdict
from migrator.domain.evaluation.precision_recall import evaluate as count
from migrator.domain.evidence import Ownership, OwnershipVerdict
from migrator.domain.rules import MigrationFile
from migrator.errors import InputFileError
from migrator.services.labelled_data import LabelledItem, read_labelled

UNDECIDED = ("unsure", "")  # owners that neither way of answering could meet
LEAST_CONFIDENCE = 2


def evaluate(
    path: Path,
    file: MigrationFile,
    *,
    positive: str = "",
    least_confidence: int = LEAST_CONFIDENCE,
    mix: float | None = None,
) -> dict[str, Any]:
    """Judge every row of a labelled file by its text and return the report, ready for JSON.

    ``positive`` is the label that means ours (see ``positive_of``). Rows below
    ``least_confidence``, rows labelled ``unsure`` and rows without a label are left out and counted
    in ``left_out``. Rates are 0 to 1.

    ``expected_precision`` is what the same verdicts are worth in a stream with the share ``mix`` of
    ours: the one given, else the migration file's, else that of the labelled rows. The verdicts do
    not change with it. Raises ``InputFileError``.
    """
    rows = read_labelled(path, file.migration.source).rows
    scored = [row for row in rows if counts(row, least_confidence)]
    positive = positive_of(path, scored, file, positive)
    judge = ownership.prepare(file)
    judged = [judged_of(row, judge(row.item), positive) for row in scored]
    result = count(judged, file.ownership.split_at)
    share, source = _mix(mix, file, result)
    automatic = result.automatic
    expected = at_share(
        share, (automatic.true_ours, result.ours), (automatic.false_ours, result.n - result.ours)
    )
    return {
        **report_of(result, judged),
        "left_out": len(rows) - len(scored),
        "mix": share,
        "mix_source": str(source),
        "expected_precision": msgspec.to_builtins(expected),
    }


def _mix(given: float | None, file: MigrationFile, result: Evaluation) -> tuple[float, ShareSource]:
    """The share of ours to count for, and where it comes from."""
    if given is not None:
        return given, ShareSource.OPTION
    if file.ownership.share:
        return file.ownership.share, ShareSource.FILE
    return result.ours / result.n, ShareSource.ANSWERS


def explain(path: Path, file: MigrationFile, row_id: str) -> tuple[LabelledItem, OwnershipVerdict]:
    """Return one row of a labelled file with its verdict and evidence. Raises ``InputFileError``
    if there is no such row."""
    for row in read_labelled(path, file.migration.source).rows:
        if row.id == row_id:
            return row, ownership.prepare(file)(row.item)
    raise InputFileError(
        f"{path} has no row with the id {row_id!r}", cure="give an id from the file's first columns"
    )


def counts(row: LabelledItem, least_confidence: int) -> bool:
    """Whether a row can be scored: someone decided whose it is, and was sure enough."""
    return row.owner not in UNDECIDED and row.confidence >= least_confidence


def judged_of(row: LabelledItem, verdict: OwnershipVerdict, positive: str) -> LabelledVerdict:
    """Pair a row's label with its verdict."""
    return LabelledVerdict(
        id=row.id,
        title=row.item.title,
        ours=row.owner == positive,
        probability=verdict.probability,
        answer=verdict.answer,
        contradiction=verdict.contradiction,
    )


def report_of(result: Evaluation, judged: Sequence[LabelledVerdict]) -> dict[str, Any]:
    """Return an evaluation as plain data: the interface of ``migrator evaluate --json``."""
    return {
        "n": result.n,
        "ours": result.ours,
        "precision": result.at_split.precision,
        "recall": result.at_split.recall,
        "f1": result.at_split.f1,
        "auto": {
            "share": result.automatic_share,
            "precision": result.automatic.precision,
            "recall": result.automatic_recall,
            "wrong_ours": result.automatic.false_ours,
        },
        "missed": result.missed,
        "review_share": result.review_share,
        "review": {"n": result.review, "ours": result.review_ours},
        "intervals": {
            name: [bounds.low, bounds.high] for name, bounds in result.intervals().items()
        },
        "confusion": _answers(judged),
        "at_split": asdict(result.at_split),
        "worst": [_worst(one) for one in result.worst],
    }


def _answers(judged: Sequence[LabelledVerdict]) -> dict[str, dict[str, int]]:
    """Label -> answer -> number of rows."""
    table = {label: {str(answer): 0 for answer in Ownership} for label in ("ours", "not_ours")}
    for one in judged:
        table["ours" if one.ours else "not_ours"][str(one.answer)] += 1
    return table


def _worst(one: LabelledVerdict) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "label": "ours" if one.ours else "not_ours",
        "answer": str(one.answer),
        "probability": one.probability,
        "contradiction": one.contradiction,
    }


def positive_of(
    path: Path, rows: Sequence[LabelledItem], file: MigrationFile, wanted: str = ""
) -> str:
    """Return the label that means ours: the one asked for, else ``ours``, else the name of a part
    that some row is labelled with.

    Raises ``InputFileError`` if no row can be scored, or none is labelled so.
    """
    if not rows:
        raise InputFileError(
            f"{path} has no row to score", cure="lower --min-confidence, or label some rows"
        )
    owners = sorted({row.owner for row in rows})
    for name in [wanted] if wanted else ["ours", *(part.name for part in file.parts)]:
        if name in owners:
            return name
    raise InputFileError(
        f"no row is labelled {wanted!r}"
        if wanted
        else "no label of the file is known to mean ours",
        cure=f"--positive takes one of: {', '.join(owners)}",
    )
