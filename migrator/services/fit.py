"""`fit`: weights of the ownership signals from labelled items, and an honest estimate of how
good they are on others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from migrator.domain.classification import ownership
from migrator.domain.classification.ownership import Measure
from migrator.domain.classification.signals.base import Finding
from migrator.domain.evaluation import training
from migrator.domain.evaluation.precision_recall import Evaluation, LabelledVerdict
from migrator.domain.evaluation.precision_recall import evaluate as count
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.ownership import Fitted, MeasuredVerdicts
from migrator.errors import InputFileError
from migrator.services.evaluate import LEAST_CONFIDENCE, counts, judged_of, positive_of, report_of
from migrator.services.labelled_data import LabelledItem, read_labelled

FOLDS = 5
LEAST_HELD_BACK = 50
"""Held-back rows below which nothing is reported on them: on ten of ours, one error moves F1 by
five hundredths."""
LEAST_OPEN = 20
"""Rows beside the held-back ones that a cross-validation needs."""
BARS = (0.25, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.98, 0.99, 0.995)
"""Probabilities at which it is counted how many rows reach them."""


@dataclass(frozen=True, slots=True)
class FitPlan:
    """How much work a fit is: repeats of the cross-validation, rows kept for the end, and what is
    done with those.

    ``include_held_back`` fits the final weights on all rows; what is reported of the held-back rows
    is always from weights that never saw them or a near-duplicate of them. ``also`` are further
    labelled files: every fit learns from them, no figure is taken on them, and what is a
    near-duplicate of a scored row is left out of them.
    """

    positive: str = ""
    also: tuple[Path, ...] = ()
    repeats: int = 10
    held_back: int = 100
    report_held_back: bool = False
    include_held_back: bool = False
    ablation: bool = False


@dataclass(frozen=True, slots=True)
class FitResult:
    """Fitted weights, the report (ready for JSON), and the TOML tables that hold the weights."""

    weights: dict[str, float]
    report: dict[str, Any]
    tables: str


def fit(path: Path, file: MigrationFile, plan: FitPlan = FitPlan()) -> FitResult:
    """Fit the weights of ``file`` to the rows of a labelled CSV file. Deterministic; raises
    ``InputFileError``.

    Only rows of confidence 2 and 3 are fitted on and scored: close calls teach the writer's mood.
    Too few rows for a figure are refused, instead of a figure on them. Where the file states the
    ``share`` of ours in its stream, the bias is set for it.
    """
    labelled = read_labelled(path, file.migration.source)
    rows = [row for row in labelled.rows if counts(row, LEAST_CONFIDENCE)]
    held = training.held_back([row.id for row in labelled.rows], plan.held_back)
    others = [read_labelled(other, file.migration.source) for other in plan.also]
    further = [row for other in others for row in other.rows if counts(row, LEAST_CONFIDENCE)]
    bench = Bench(file, rows, positive_of(path, rows, file, plan.positive), further)
    open_rows = [at for at, row in enumerate(rows) if row.id not in held]
    _refuse_too_few(path, plan, len(open_rows), len(rows) - len(open_rows))
    report: dict[str, Any] = {
        "rows": len(open_rows),
        "cross_validation": bench.cross_validated(open_rows, plan.repeats),
    }
    if plan.ablation:
        report["ablation"] = bench.ablation(open_rows, max(1, plan.repeats // 3))
    if plan.report_held_back:
        report["held_back"] = bench.held_out(held)
    final = list(range(len(rows))) if plan.include_held_back else open_rows
    weights = bench.fitted(final)
    measured = bench.measured()
    used = [*final, *bench.further]
    report["fitted_on"] = len(used)
    source = _Source([path, *plan.also], [labelled.digest, *(other.digest for other in others)])
    fitted = Fitted(
        data=source.names,
        digest=source.digest,
        rows=len(used),
        ours=sum(bench.ours[at] for at in used),
    )
    return FitResult(weights, report, tables_of(weights, fitted, measured))


def _refuse_too_few(path: Path, plan: FitPlan, open_rows: int, held: int) -> None:
    """Raise ``InputFileError`` where a figure would rest on too few rows."""
    if open_rows < LEAST_OPEN:
        raise InputFileError(
            f"{path}: {held} rows are held back, which leaves {open_rows} to cross-validate; "
            f"that needs {LEAST_OPEN}",
            cure="label more rows, or hold fewer back with --held-back",
        )
    if plan.report_held_back and held < LEAST_HELD_BACK:
        raise InputFileError(
            f"{path}: {held} rows are held back; a report on them needs {LEAST_HELD_BACK}",
            cure="hold more rows back with --held-back, or leave --report-held-back out",
        )


class Bench:
    """Rows read once into findings, so that fitting and judging again and again is cheap.

    Places count through ``rows``, then through ``further``; only the first are ever judged.
    """

    def __init__(
        self,
        file: MigrationFile,
        rows: Sequence[LabelledItem],
        positive: str,
        further: Sequence[LabelledItem] = (),
        groups: Sequence[int] | None = None,
    ) -> None:
        """``groups``: the rows' groups of near-duplicates, where they are known."""
        find = ownership.finder(file)
        self._file = file
        self._rows = [*rows, *further]
        self._positive = positive
        self._findings = [find(row.item) for row in self._rows]
        self._values = [_values(findings) for findings in self._findings]
        self._priors = ownership.priors_of(file)
        self._groups = groups_of(self._rows) if groups is None else groups
        self.ours = [row.owner == positive for row in self._rows]
        self.scored = range(len(rows))
        judged = {self._groups[at] for at in self.scored}
        self.further = [
            at for at in range(len(rows), len(self._rows)) if self._groups[at] not in judged
        ]

    def fitted(self, at: Sequence[int], without: str = "") -> dict[str, float]:
        """Weights from the rows at these places and all further ones; findings that belong to
        ``without`` are left out."""
        return self._fitted([*at, *self.further], without)

    def _fitted(self, used: Sequence[int], without: str = "") -> dict[str, float]:
        priors = {
            name: prior for name, prior in self._priors.items() if not _belongs(name, without)
        }
        ours = [self.ours[i] for i in used]
        weights = training.fit([self._values[i] for i in used], ours, priors)
        return training.for_share(weights, sum(ours) / len(ours), self._file.ownership.share)

    def judged(
        self, at: Sequence[int], weights: Mapping[str, float], without: str = ""
    ) -> list[LabelledVerdict]:
        """Verdicts on the rows at these places that count for the score."""
        full = {**self._priors, **weights}
        used = {name: weight for name, weight in full.items() if not _belongs(name, without)}
        measure = Measure(used, self._file.ownership, self._file.parts[0].name)
        return [
            judged_of(self._rows[i], ownership.verdict(self._findings[i], measure), self._positive)
            for i in at
        ]

    def out_of_fold(self, at: Sequence[int], seed: int, without: str = "") -> list[LabelledVerdict]:
        """Verdicts on each row by weights from the other folds; near-duplicates are never on
        both sides."""
        fold = training.folds([self._groups[i] for i in at], FOLDS, seed)
        judged: list[LabelledVerdict] = []
        for number in range(FOLDS):
            weights = self.fitted(
                [i for i, f in zip(at, fold, strict=True) if f != number], without
            )
            judged += self.judged(
                [i for i, f in zip(at, fold, strict=True) if f == number], weights, without
            )
        return judged

    def measured(self) -> MeasuredVerdicts:
        """How many rows, further ones included, reach each probability by weights from the other
        folds."""
        everything = [*self.scored, *self.further]
        fold = training.folds([self._groups[i] for i in everything], FOLDS, 0)
        judged: list[LabelledVerdict] = []
        for number in range(FOLDS):
            weights = self._fitted(
                [i for i, f in zip(everything, fold, strict=True) if f != number]
            )
            judged += self.judged(
                [i for i, f in zip(everything, fold, strict=True) if f == number], weights
            )
        return measured_of(judged, self._file.ownership.ours_at)

    def log_odds(self, at: Sequence[int], weights: Mapping[str, float]) -> dict[int, float]:
        """What these weights say of the rows at these places, for the mix that they were fitted
        on."""
        full = {**self._priors, **weights}
        return {
            i: full.get("bias", 0.0)
            + sum(full.get(name, 0.0) * value for name, value in self._values[i].items())
            for i in at
        }

    def cross_validated(self, at: Sequence[int], repeats: int, without: str = "") -> dict[str, Any]:
        """Mean and worst of the repeats."""
        split = self._file.ownership.split_at
        return summary(
            [count(self.out_of_fold(at, seed, without), split) for seed in range(repeats)]
        )

    def held_out(self, held: frozenset[str]) -> dict[str, Any]:
        """Report on the held-back rows by weights that saw neither them nor a near-duplicate of
        one."""
        kept = [at for at in self.scored if self._rows[at].id in held]
        touched = {self._groups[at] for at in kept}
        weights = self.fitted([at for at in self.scored if self._groups[at] not in touched])
        judged = self.judged(kept, weights)
        return report_of(count(judged, self._file.ownership.split_at), judged)

    def ablation(self, at: Sequence[int], repeats: int) -> dict[str, dict[str, Any]]:
        """Cross-validation without each signal and each topic in turn."""
        names = dict.fromkeys(
            part for values in self._values for name in values for part in name.split(".", 1)
        )
        return {name: self.cross_validated(at, repeats, without=name) for name in sorted(names)}


def groups_of(rows: Sequence[LabelledItem]) -> list[int]:
    """A group number for each row; near-duplicates share one."""
    return training.near_duplicates([f"{row.item.title}\n{row.item.body}" for row in rows])


def measured_of(judged: Sequence[LabelledVerdict], ours_at: float) -> MeasuredVerdicts:
    """How many items of each side reach each probability; ``judged`` by weights that did not see
    them."""
    bars = sorted({*BARS, ours_at})
    reached = {
        ours: [one.probability for one in judged if one.ours == ours and not one.contradiction]
        for ours in (True, False)
    }
    return MeasuredVerdicts(
        data=f"{len(judged)} labelled items, none by weights that saw it",
        ours=sum(one.ours for one in judged),
        not_ours=sum(not one.ours for one in judged),
        at=tuple(bars),
        ours_above=tuple(sum(chance >= bar for chance in reached[True]) for bar in bars),
        not_ours_above=tuple(sum(chance >= bar for chance in reached[False]) for bar in bars),
    )


def _belongs(name: str, group: str) -> bool:
    return bool(group) and group in (name, *name.split(".", 1))


def _values(findings: Sequence[Finding]) -> dict[str, float]:
    values: dict[str, float] = {}
    for finding in findings:
        values[finding.name] = values.get(finding.name, 0.0) + finding.value
    return values


def summary(results: Sequence[Evaluation]) -> dict[str, Any]:
    """Mean and worst of repeated evaluations, ready for JSON."""
    f1 = [result.at_split.f1 for result in results]
    review = [result.review_share for result in results]
    return {
        "repeats": len(results),
        "n": results[0].n,
        "ours": results[0].ours,
        "f1": {"mean": fmean(f1), "worst": min(f1)},
        "precision": fmean(result.at_split.precision for result in results),
        "recall": fmean(result.at_split.recall for result in results),
        "wrong_ours": {
            "mean": fmean(result.automatic.false_ours for result in results),
            "worst": max(result.automatic.false_ours for result in results),
        },
        "missed": {
            "mean": fmean(result.missed for result in results),
            "worst": max(result.missed for result in results),
        },
        "review_share": {"mean": fmean(review), "worst": max(review)},
    }


_WRITTEN = ("[ownership.weights]", "[ownership.fitted]", "[ownership.measured]")


def written(toml: str, tables: str) -> str:
    """Return a migration file's text with its fitted tables replaced by ``tables``, or with them
    at its end."""
    kept: list[str] = []
    skipping = False
    place: int | None = None
    for line in toml.splitlines():
        if line.startswith("["):
            skipping = line.strip() in _WRITTEN
            if skipping and place is None:
                place = len(kept)
        if not skipping:
            kept.append(line)
    at = len(kept) if place is None else place
    return (
        "\n".join(
            [*kept[:at], *([""] if place is None else []), *tables.splitlines(), "", *kept[at:]]
        ).rstrip()
        + "\n"
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """The files that weights come from."""

    paths: Sequence[Path]
    digests: Sequence[str]

    @property
    def names(self) -> str:
        """The files' names."""
        return ", ".join(path.name for path in self.paths)

    @property
    def digest(self) -> str:
        """SHA-256 of the one file; of several, that of their digests one after the other."""
        return (
            self.digests[0]
            if len(self.digests) == 1
            else hashlib.sha256("".join(self.digests).encode()).hexdigest()
        )


def tables_of(weights: Mapping[str, float], fitted: Fitted, measured: MeasuredVerdicts) -> str:
    """The TOML tables that hold fitted weights, where they come from, and what was measured."""
    lines = [
        "[ownership.weights]",
        "# Written by `migrator fit`: log-odds for ours. What is not listed counts with its prior.",
    ]
    lines += [f'"{name}" = {round(weight, 2) + 0.0}' for name, weight in sorted(weights.items())]
    lines += [
        "",
        "[ownership.fitted]",
        f"data = {json.dumps(fitted.data)}",
        f'digest = "{fitted.digest}"',
    ]
    lines += [
        f"rows = {fitted.rows}",
        f"ours = {fitted.ours}",
        "",
        "[ownership.measured]",
        f"data = {json.dumps(measured.data)}",
    ]
    lines += [
        f"ours = {measured.ours}",
        f"not_ours = {measured.not_ours}",
        f"at = {list(measured.at)}",
    ]
    lines += [
        f"ours_above = {list(measured.ours_above)}",
        f"not_ours_above = {list(measured.not_ours_above)}",
        "",
    ]
    return "\n".join(lines)
