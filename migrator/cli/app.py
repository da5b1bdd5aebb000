"""The command line's root: verbs are found here, errors end here."""

from __future__ import annotations

import errno
import gc
import signal
import sys
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

import migrator
from migrator.cli.verbs import CHAPTERS, VERBS, Verb
from migrator.errors import INTERRUPTED, TERMINATED, MigratorError, OutputFileError

HELP = """Moves a project's open GitHub issues and pull requests when its code moves to another
repository.

Try it on your own machine first: migrator rehearse --items 400
"""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""A full disk, a used up quota, a file size limit."""
EPILOG = (
    "`migrator VERB --help` explains a verb, with an example. Settings come from the "
    "environment: see docs/configuration.md (`migrator docs configuration`)."
)


class LazyVerbs(TyperGroup):
    """Imports a verb's code only when that verb is called, so that the overview and the version
    come at once."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every verb, in the order of the work."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb of that name, built now; ``None`` for an unknown one, with which the nearest
        ones are named."""
        del ctx
        if cmd_name in VERBS and cmd_name not in self.commands:
            self.commands[cmd_name] = load(VERBS[cmd_name])
        if cmd_name not in VERBS:  # then the names alone are asked for, to suggest the nearest
            self.commands.update(dict.fromkeys(VERBS, TyperCommand(None)))
            return None
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The overview, chapter by chapter."""
        del ctx
        for title, verbs in CHAPTERS.items():
            with formatter.section(title):
                formatter.write_dl([(verb.name, verb.says) for verb in verbs], col_max=10)


def load(verb: Verb) -> Any:
    """Import a verb's module and make its command."""
    module = _import_for_good(verb.place)
    if hasattr(module, "app"):
        group = typer.main.get_group(module.app)
        group.name = verb.name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    example = module.EXAMPLE.replace("{verb}", verb.name)
    alone.command(verb.name, epilog=f"\b\nFor example:\n  {example}")(
        getattr(module, verb.function)
    )
    return typer.main.get_command(alone)


def _import_for_good(place: str) -> ModuleType:
    """Import a module. What that makes stays until the end, so no garbage is looked for in it,
    neither now nor later."""
    gc.disable()
    try:
        return import_module(place)
    finally:
        gc.freeze()
        gc.enable()


app = typer.Typer(
    cls=LazyVerbs,
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(migrator.__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options before the verb."""


def main() -> None:
    """Entry point: runs a verb; prints an error of ours with its fix, and exits with its code.

    A request to end (SIGTERM) unwinds as Ctrl-C does: a process that died on the spot would leave
    its sandbox behind.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        app()
    except MigratorError as error:
        _complain(error)
    except Exception as error:
        _complain(_as_full_disk(error) or _as_outage(error))
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _complain(KeyboardInterrupt())
        if ended.code == TERMINATED:
            _complain(ended)
        raise


def _as_full_disk(error: Exception) -> MigratorError | None:
    """The error of output for which there is no room; ``None`` for any other one."""
    if not isinstance(error, OSError) or error.errno not in NO_ROOM:
        return None
    return OutputFileError(error.filename or "the output", error.strerror or "no room")


def _as_outage(error: Exception) -> MigratorError:
    """The error of a database that broke down under a command; raises any other one again."""
    if "sqlalchemy" in sys.modules:
        from migrator.store.database import OUTAGES, outage

        if isinstance(error, OUTAGES):
            return outage(error)
    raise error


def _complain(error: BaseException) -> NoReturn:
    from migrator.cli.output import complain

    sys.exit(complain(error, json="--json" in sys.argv[1:]))
