"""How the command line speaks: results on standard output, progress and errors on standard
error, colour only on a terminal."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec
import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from migrator.domain.clean_text import clean
from migrator.errors import INTERRUPTED, TERMINATED, MigratorError
from migrator.store.private_files import require_writable

_GO_ON = "what was done is on record; run the same command again to go on"


class _Interrupted(MigratorError):
    """Ctrl-C."""

    exit_code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("interrupted", cure=_GO_ON)


class _Terminated(MigratorError):
    """SIGTERM: a supervisor, a container engine or `timeout` asks the command to end."""

    exit_code = TERMINATED

    def __init__(self) -> None:
        super().__init__("asked to end (SIGTERM)", cure=_GO_ON)


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
PlainLogsOption = Annotated[
    bool, typer.Option("--plain-logs", help="Logs for people instead of JSON.")
]
StopAfterOption = Annotated[
    float,
    typer.Option(
        "--stop-after",
        metavar="MINUTES",
        min=0,
        help="End in order after so many minutes: finish the item at work, begin no other, and "
        "end with exit code 10 if something is left.",
        show_default="no limit",
    ),
]


def output_place(path: Path | None) -> Path | None:
    """Callback of an option that names a file for results: refuses a place where it could not be
    written, before the work."""
    if path is not None:
        require_writable(path)
    return path


PIPED_WIDTH = 160
"""Columns of a table that goes to a file or another program; a terminal knows its own."""


class CleanConsole(Console):
    """A console whose texts cannot steer the terminal: titles, logins and errors that quote them
    may hold escape sequences, which Rich passes on, and signs that change the direction."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; texts lose their control and invisible characters."""
        super().print(*(clean(one) if isinstance(one, str) else one for one in objects), **options)


out = CleanConsole(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = CleanConsole(stderr=True, highlight=False, soft_wrap=True)

_STEERING = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON lets stand in a string although a terminal, or an eye, is misled by it."""


def json_bytes(document: Any, *, indent: int = 0) -> bytes:
    """A document as JSON in which nothing steers a terminal: such characters are escaped."""
    encoded = msgspec.json.encode(document, order="deterministic" if indent else None)
    text = (msgspec.json.format(encoded, indent=indent) if indent else encoded).decode()
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode() + b"\n"


def moment(at: datetime | None) -> str:
    """A time for people, with its zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def print_json(document: Any) -> None:
    """One JSON object on standard output."""
    sys.stdout.buffer.write(json_bytes(document, indent=2))
    sys.stdout.flush()


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "", *, empty: str = ""
) -> None:
    """A table, or the sentence ``empty`` if it has no rows. Where standard output is no terminal,
    it has no lines around its cells, and each row is one line.

    What comes from GitHub is shown as it is, never read as markup.
    """
    cells = [[clean(str(cell)) for cell in row] for row in rows]
    if not cells and empty:
        out.print(empty, markup=False, soft_wrap=True)
    elif out.is_terminal:
        _print_boxed(columns, cells, title)
    else:
        _print_plain(columns, cells, title)


def _print_boxed(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*map(escape, row))
    out.print(table)


def _print_plain(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    lines = [list(columns), *([" ".join(cell.split()) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    shown = [title] if title else []
    for line in lines:
        padded = (set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True))
        shown.append("  ".join(padded).rstrip())
    for each in shown:
        out.print(each, markup=False, soft_wrap=True)


def print_facts(facts: Mapping[str, object]) -> None:
    """Names and values, one a line."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        indented = str(value).replace("\n", "\n" + " " * (width + 2))
        out.print(f"{name:<{width}}  {escape(indented)}")


class Report(Protocol):
    """Told how far something is, and what it waits for, if it waits."""

    def __call__(
        self, what: str, done: int, total: int, *, until: datetime | None = None, why: str = ""
    ) -> None:
        """``total`` is 0 where nobody knows it."""


LINE_EVERY = 10.0
"""Least seconds between two lines of progress."""


class ProgressLines:
    """One JSON object a line for progress, at most one every ten seconds, for logs.

    ``per_second`` is the mean of this process. ``write`` is given each line.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        first_after: float = 0.0,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write, self._seconds = write, seconds
        self._began: dict[str, tuple[float, int]] = {}
        self._next_at = seconds() + first_after

    def __call__(
        self, what: str, done: int, total: int, *, until: datetime | None = None, why: str = ""
    ) -> None:
        """Write a line, unless the last one is too young."""
        now = self._seconds()
        began, done_before = self._began.setdefault(what, (now, done))
        if now < self._next_at:
            return
        self._next_at = now + LINE_EVERY
        line = {
            "event": "progress",
            "level": "info",
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "what": what,
            "done": done,
            "left": max(0, total - done) if total else None,
            "per_second": round((done - done_before) / (now - began), 3) if now > began else 0.0,
            "waits_until": until.astimezone(UTC).isoformat() if until else None,
            "why": why,
        }
        self._write(json_bytes(line).decode().rstrip("\n"))


def progress_lines(quiet: bool = False) -> ProgressLines:
    """Progress on standard error as JSON lines. ``quiet`` (a command with ``--json``) says nothing
    in its first ten seconds: its error, if it fails soon, then stands alone."""

    def write(line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    return ProgressLines(write, first_after=LINE_EVERY if quiet else 0.0)


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Report]:
    """A bar on standard error for each thing at work, with rate and time left: call it with (what,
    done, total).

    Where standard error is no terminal, a JSON line is written now and then (``progress_lines``).
    """
    if not err.is_terminal:
        yield progress_lines(quiet)
        return
    if quiet:
        yield lambda *_args, **_more: None
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

        def report(what: str, done: int, total: int, **_waits: object) -> None:
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


def complain(error: BaseException, *, json: bool = False) -> int:
    """Print an error to standard error, cause and fix, as an object where JSON was asked for;
    returns the exit code."""
    if isinstance(error, MigratorError):
        shown: MigratorError = error
    else:
        shown = _Terminated() if isinstance(error, SystemExit) else _Interrupted()
    if json:
        line = getattr(shown, "line", None)
        facts = {
            "kind": type(shown).__name__.lstrip("_"),
            "cause": shown.cause,
            "cure": shown.cure,
            "exit_code": shown.exit_code,
        }
        sys.stderr.buffer.write(json_bytes({"error": facts | ({"line": line} if line else {})}))
        return shown.exit_code
    err.print(f"[bold red]error:[/] {escape(shown.cause)}")
    if shown.cure:
        err.print(f"[bold]fix:[/]   {escape(shown.cure)}")
    return shown.exit_code
