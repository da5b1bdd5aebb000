"""The command line's root: verbs are added here, errors end here."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import migrator
from migrator.cli import (
    apply,
    approve,
    check,
    classify,
    db,
    export,
    ledger,
    plan,
    rehearse,
    runs,
    sandbox,
    scan,
    undo,
    verify,
)
from migrator.cli.output import complain
from migrator.errors import MigratorError

HELP = """Moves a project's GitHub issues and pull requests to their new home: right, once, and with a way back.

The path of a migration, each step a command:

\b
  check     is everything in place?          (writes nothing)
  scan      read the items                   (again: only what changed)
  classify  whose is each? active or stale?  (with evidence)
  plan      what would be done, exactly      (frozen, with a hash)
  approve   a person says yes to that hash
  apply     does it; then verify, undo

Try it all on your machine first: migrator rehearse --preset keras --items 400
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
for verb in (check, scan, classify, plan, approve, apply, verify, undo, ledger, export, rehearse, sandbox):
    app.command(verb.NAME)(verb.command)
app.add_typer(db.app, name="db")
for name, command in runs.COMMANDS.items():
    app.command(name)(command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(migrator.__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False,
) -> None:
    """Options before the verb."""


def main() -> None:
    """Entry point: runs a verb; an error of ours is told in two lines and ends with its exit code."""
    try:
        app()
    except MigratorError as error:
        sys.exit(complain(error))
    except KeyboardInterrupt:
        sys.exit(complain(KeyboardInterrupt()))
