"""``migrator evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from migrator.cli.output import JsonOption, RulesOption, print_facts, print_json, print_table
from migrator.config.migration_file import load, only_preset
from migrator.errors import UsageError
from migrator.services.evaluate import evaluate, explain

EXAMPLE = "migrator evaluate labelled.csv --positive ours"

LabelledArgument = Annotated[
    Path,
    typer.Argument(
        help="CSV file with the columns id, title, body, owner and, if known, confidence."
    ),
]
RepeatsOption = Annotated[
    int, typer.Option("--repeats", min=1, help="Repeats of the cross-validation.")
]
PositiveOption = Annotated[
    str,
    typer.Option(
        "--positive",
        help="The label that means ours; by default `ours` or the name of a part.",
        show_default=False,
    ),
]


def command(
    labelled: LabelledArgument,
    migration: RulesOption = "",
    positive: PositiveOption = "",
    min_confidence: Annotated[
        int,
        typer.Option("--min-confidence", min=1, max=3, help="Leave rows out that are less sure."),
    ] = 2,
    mix: Annotated[
        float | None,
        typer.Option(
            "--mix",
            metavar="SHARE",
            help=(
                "Share of ours, above 0 and below 1, in the stream that precision is wanted for; "
                "by default the file's."
            ),
            show_default=False,
        ),
    ] = None,
    explained: Annotated[
        str, typer.Option("--explain", help="Show the evidence for the row of this id instead.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """How good are the ownership verdicts on labelled items? Judges their text alone; asks
    no one."""
    file = load(migration or only_preset()).file
    if explained:
        _explain(labelled, file, explained, json)
        return
    if mix is not None and not 0.0 < mix < 1.0:
        raise UsageError(
            f"--mix {mix} is no share", cure="give a number above 0 and below 1, such as 0.05"
        )
    report = evaluate(labelled, file, positive=positive, least_confidence=min_confidence, mix=mix)
    if json:
        print_json(report)
    else:
        _tell(report)


def _explain(labelled: Path, file: Any, row_id: str, json: bool) -> None:
    row, verdict = explain(labelled, file, row_id)
    if json:
        print_json({"id": row.id, "title": row.item.title, "label": row.owner, "verdict": verdict})
        return
    print_facts(
        {
            "title": row.item.title,
            "label": row.owner,
            "answer": (
                f"{verdict.answer} (probability {verdict.probability:.3f}; bars "
                f"{verdict.bars[0]}, {verdict.bars[1]})"
            ),
            "grounds": verdict.grounds,
            "contradiction": verdict.contradiction or "none",
        }
    )
    evidence = sorted(verdict.evidence, key=lambda one: -abs(one.weight))
    print_table(
        ("weight", "signal", "seen"),
        [(f"{one.weight:+.2f}", one.signal, one.value) for one in evidence],
    )


def _expected(report: dict[str, Any]) -> str:
    expected = report["expected_precision"]
    if not expected["n"]:
        return "unknown, as no row was answered ours"
    bounds = f"{expected['low']:.1%} to {expected['high']:.1%}"
    return (
        f"{expected['value']:.1%} of automatic ours ({bounds}) where {report['mix']:.1%} are "
        f"ours ({report['mix_source']})"
    )


def _tell(report: dict[str, Any]) -> None:
    low, high = report["intervals"]["precision"], report["intervals"]["recall"]
    print_facts(
        {
            "items": f"{report['n']}, {report['ours']} ours ({report['left_out']} left out)",
            "precision": f"{report['precision']:.3f}  ({low[0]:.2f} to {low[1]:.2f})",
            "recall": f"{report['recall']:.3f}  ({high[0]:.2f} to {high[1]:.2f})",
            "f1": f"{report['f1']:.3f}",
            "automatic": f"{report['auto']['share']:.1%} of all",
            "wrongly ours": report["auto"]["wrong_ours"],
            "missed": report["missed"],
            "expected right": _expected(report),
            "review": f"{report['review_share']:.1%} of all",
        }
    )
    rows = [
        (one["id"], one["label"], one["answer"], f"{one['probability']:.3f}", one["title"][:80])
        for one in report["worst"]
    ]
    print_table(("id", "label", "answer", "probability", "title"), rows, title="most wrong first")
