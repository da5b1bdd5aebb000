"""``migrator learn``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.evaluate import PositiveOption
from migrator.cli.output import (
    JsonOption,
    RulesOption,
    print_json,
    progress_bar,
)
from migrator.config.migration_file import load, only_preset
from migrator.services.exported_names import exported_names
from migrator.services.learn import LearnPlan, from_csv, learn
from migrator.services.learned_fragment import fragment, merged

EXAMPLE = "migrator learn labelled.csv --migration moved.toml --out learned.toml"


def command(
    labelled: Annotated[
        Path,
        typer.Argument(help="x"),
    ],
    migration: RulesOption = "",
    positive: PositiveOption = "",
    names_from: Annotated[Path | None, typer.Option("--names-from")] = None,
    mix: Annotated[float | None, typer.Option("--mix")] = None,
    repeats: Annotated[int, typer.Option("--repeats", min=1)] = 5,
    output: Annotated[Path | None, typer.Option("--out")] = None,
    write: Annotated[Path | None, typer.Option("--write")] = None,
    json: JsonOption = False,
) -> None:
    """x"""
    loaded = load(migration or only_preset())
    plan = LearnPlan(
        positive=positive,
        exported=exported_names(names_from) if names_from else (),
        repeats=repeats,
        mix=mix,
    )
    with progress_bar(quiet=json) as report:
        learned = learn(from_csv(labelled, loaded.file, positive), loaded.file, plan, report)
    if output:
        output.write_text(fragment(learned, loaded.text))
    if write:
        write.write_text(merged(learned, write.read_text()))
    print_json(learned.report)
