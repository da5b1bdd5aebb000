"""``migrator fit``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from migrator.cli.evaluate import LabelledArgument, PositiveOption, RepeatsOption
from migrator.cli.output import (
    JsonOption,
    RulesOption,
    err,
    out,
    print_facts,
    print_json,
    print_table,
)
from migrator.config.migration_file import load, only_preset, rewrite
from migrator.services.fit import FitPlan, fit, written

EXAMPLE = "migrator fit labelled.csv --positive ours --ablation"


HeldBackOption = Annotated[
    int,
    typer.Option("--held-back", min=0, help="Rows kept for the end, picked by a hash of their id."),
]
ReportHeldBackOption = Annotated[
    bool, typer.Option("--report-held-back", help="Report on those rows. For the end only.")
]
IncludeHeldBackOption = Annotated[
    bool, typer.Option("--include-held-back", help="Fit the final weights on all rows.")
]
AlsoOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--also", help="A further labelled file to learn from, never scored; may be repeated."
    ),
]
AblationOption = Annotated[
    bool, typer.Option("--ablation", help="Also measure what each signal is worth.")
]
WriteOption = Annotated[
    Path | None,
    typer.Option(
        "--write",
        exists=True,
        dir_okay=False,
        help="Put the weights into this migration file.",
    ),
]


def command(
    labelled: LabelledArgument,
    migration: RulesOption = "",
    positive: PositiveOption = "",
    repeats: RepeatsOption = 10,
    held_back: HeldBackOption = 100,
    report_held_back: ReportHeldBackOption = False,
    include_held_back: IncludeHeldBackOption = False,
    also: AlsoOption = None,
    ablation: AblationOption = False,
    write: WriteOption = None,
    json: JsonOption = False,
) -> None:
    """Fit the weights of the ownership signals to labelled items, and estimate how good they are
    on others."""
    file = load(migration or only_preset()).file
    plan = FitPlan(
        positive=positive,
        also=tuple(also or ()),
        repeats=repeats,
        held_back=held_back,
        report_held_back=report_held_back,
        include_held_back=include_held_back,
        ablation=ablation,
    )
    result = fit(labelled, file, plan)
    if write is not None:
        rewrite(write, partial(written, tables=result.tables))
        err.print(f"weights written to {write}")
    if json:
        print_json({**result.report, "weights": result.weights})
        return
    _tell(result.report)
    if write is None:
        out.print(result.tables, markup=False, soft_wrap=True)


def _tell(report: dict[str, Any]) -> None:
    validated = report["cross_validation"]
    print_facts({f"cross-validated {name}": _pair(value) for name, value in validated.items()})
    if "held_back" in report:
        names = ("n", "ours", "precision", "recall", "f1", "missed", "review_share")
        print_facts({f"held back {name}": _pair(report["held_back"][name]) for name in names})
    if "ablation" in report:
        rows = sorted(report["ablation"].items(), key=lambda pair: pair[1]["f1"]["mean"])
        print_table(
            ("without", "f1", "change", "wrong ours", "missed", "review"),
            [_ablated(name, one, validated["f1"]["mean"]) for name, one in rows],
        )


def _ablated(name: str, one: dict[str, Any], whole: float) -> tuple[str, ...]:
    f1 = one["f1"]["mean"]
    counts = (
        f"{one['wrong_ours']['mean']:.1f}",
        f"{one['missed']['mean']:.1f}",
        f"{one['review_share']['mean']:.1%}",
    )
    return (name, f"{f1:.3f}", f"{f1 - whole:+.3f}", *counts)


def _pair(value: Any) -> str:
    if isinstance(value, dict):
        return f"mean {value['mean']:.3f}, worst {value['worst']:.3f}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
