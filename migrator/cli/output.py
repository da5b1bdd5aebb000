"""How the command line speaks: results on standard output, progress and errors on standard
error, colour only on a terminal."""

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


class _Interrupted(MigratorError):
    """Ctrl-C. Its exit code is the one that shells expect."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__(
            "interrupted", cure="what was done is on record; run the same command again to go on"
        )


MigrationOption = Annotated[
    str,
    typer.Option(
        "--migration",
        "-m",
        "--preset",
        envvar="MIGRATOR_MIGRATION",
        help="The migration file, or the name of a preset.",
        show_default=False,
    ),
]
RulesOption = Annotated[
    str,
    typer.Option(
        "--migration",
        "-m",
        "--preset",
        envvar="MIGRATOR_MIGRATION",
        help="The migration file, or the name of a preset. Not needed where only one preset ships.",
        show_default=False,
    ),
]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="The run's id (see `migrator runs`).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]

PIPED_WIDTH = 160
"""Columns of a table that goes to a file or another program; a terminal knows its own."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def moment(at: datetime | None) -> str:
    """A time for people, with its zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def print_json(document: Any) -> None:
    """One JSON object on standard output."""
    sys.stdout.buffer.write(
        msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2) + b"\n"
    )
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
    """A bar on standard error for each thing at work, with rate and time left: call it with (what,
    done, total).

    Where standard error is no terminal, each thing is named once, when it is done.
    """
    if quiet or not err.is_terminal:
        yield _line_when_done(quiet)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as bars:
        tasks: dict[str, Any] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None, rate="")
            speed = next(task.speed for task in bars.tasks if task.id == tasks[what])
            bars.update(
                tasks[what],
                completed=done,
                total=total or None,
                rate=f"{speed:.0f}/s" if speed else "",
            )

        yield report


def _line_when_done(quiet: bool) -> Callable[[str, int, int], None]:
    shown: set[str] = set()

    def report(what: str, done: int, total: int) -> None:
        if done >= total > 0 and what not in shown and not quiet:
            shown.add(what)
            err.print(f"{what}: {done} done", markup=False)

    return report


def complain(error: BaseException, *, json: bool = False) -> int:
    """Print an error to standard error, cause and fix, as an object where JSON was asked for;
    returns the exit code."""
    shown = error if isinstance(error, MigratorError) else _Interrupted()
    if json:
        line = getattr(shown, "line", None)
        facts = {
            "kind": type(shown).__name__.lstrip("_"),
            "cause": shown.cause,
            "cure": shown.cure,
            "exit_code": shown.exit_code,
        }
        sys.stderr.buffer.write(
            msgspec.json.encode({"error": facts | ({"line": line} if line else {})}) + b"\n"
        )
        return shown.exit_code
    err.print(f"[bold red]error:[/] {escape(shown.cause)}")
    if shown.cure:
        err.print(f"[bold]fix:[/]   {escape(shown.cure)}")
    return shown.exit_code
