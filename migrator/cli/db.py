"""``migrator db``: the database's revisions, backups, and moving to another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.output import JsonOption, out, print_json
from migrator.config.settings import load_settings
from migrator.errors import UsageError
from migrator.services import backup as database_backup
from migrator.store import revisions
from migrator.store.database import engine_at

app = typer.Typer(
    help="Bring the database up to date, back it up, restore it, move it.", no_args_is_help=True
)


@app.command()
def upgrade() -> None:
    """Create the database's tables, or bring them to this version's revision. Safe to run again.

    An upgrade that needs a stop is refused while a worker is running.
    """
    silence = timedelta(seconds=load_settings().worker_silence_seconds)
    with engine_at(_address()) as engine:
        revisions.refuse_at_work(engine, silence)
        revisions.upgrade(engine)
        out.print(f"the database has revision {revisions.current(engine)}")


@app.command()
def current(json: JsonOption = False) -> None:
    """Print the database's revision and the one that this version needs."""
    with engine_at(_address()) as engine:
        have, need = revisions.current(engine), revisions.newest()
    if json:
        print_json({"current": have, "needed": need})
    else:
        out.print(f"database {have or 'none'}, migrator {need}")


@app.command()
def downgrade(revision: str) -> None:
    """Take the database back to an older revision (or `base`). Data that only newer tables hold is
    lost."""
    with engine_at(_address()) as engine:
        revisions.downgrade(engine, revision)
        out.print(f"the database has revision {revisions.current(engine) or 'none'}")


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    json: JsonOption = False,
) -> None:
    """Write everything into one file, as of one point in time. The database may be in use. Keep the
    file as safe as the database."""
    kept = database_backup.back_up(_address(), to, now=datetime.now(UTC))
    if json:
        print_json({"file": str(to), "rows": kept.rows})
    else:
        out.print(f"{kept.total} rows are in {to}")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    json: JsonOption = False,
) -> None:
    """Fill an empty database (SQLite or PostgreSQL) from a backup. Runs that were at work wait
    for `migrator resume`."""
    kept = database_backup.restore(_address(), source)
    if json:
        print_json({"made_at": kept.made_at, "rows": kept.rows})
    else:
        out.print(
            f"{kept.total} rows of {kept.made_at:%Y-%m-%d %H:%M} UTC are back; next: migrator "
            "scan, then migrator verify"
        )


@app.command()
def move(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="URL of the new, empty database. Keep a password off the command line: use "
            "MIGRATOR_MOVE_TO, or the file that MIGRATOR_MOVE_TO_FILE names.",
            show_default="MIGRATOR_MOVE_TO",
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Move to another database for good, a run half done included. Stop everything else first;
    the old one is closed."""
    kept = database_backup.move(_address(), to or _new_address())
    if json:
        print_json({"rows": kept.rows})
    else:
        out.print(
            f"{kept.total} rows have moved; next: set MIGRATOR_DATABASE_URL to the new database"
        )


def _new_address() -> str:
    new = load_settings().move_to
    if new is None:
        raise UsageError(
            "it is not said where to",
            cure="set MIGRATOR_MOVE_TO, or MIGRATOR_MOVE_TO_FILE, or give --to",
        )
    return new.get_secret_value()


def _address() -> str:
    return load_settings().database_url.get_secret_value()
