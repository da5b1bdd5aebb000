"""How the command line speaks: results on standard output, progress and errors on standard error, colour only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from migrator.errors import MigratorError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells expect it."""

MigrationOption = Annotated[
    str,
    typer.Option(
        "--migration",
        "-m",
        "--preset",
        envvar="MIGRATOR_MIGRATION",
        help="The migration file, or the name of a preset (keras).",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def moment(at: datetime | None) -> str:
    """A time for people, with its zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def print_json(document: Any) -> None:
    """One JSON object on standard output."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2) + b"\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """A table; what comes from GitHub is shown as it is, never read as markup."""
    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    out.print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """Names and values, one a line."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        out.print(f"{name:<{width}}  {escape(str(value))}")


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error for each thing at work, with rate and time left: call it with (what, done, total)."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=False) as bars:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None, rate="")
            speed = next(task.speed for task in bars.tasks if task.id == tasks[what])
            bars.update(tasks[what], completed=done, total=total or None, rate=f"{speed:.0f}/s" if speed else "")

        yield report


def complain(error: BaseException) -> int:
    """Tell an error in two lines, cause and cure, and return the exit code."""
    if isinstance(error, MigratorError):
        err.print(f"[bold red]error:[/] {escape(error.cause)}")
        if error.cure:
            err.print(f"[bold]cure:[/]  {escape(error.cure)}")
        return error.exit_code
    err.print("interrupted: what was done is in the ledger; run the same command again to go on")
    return INTERRUPTED
