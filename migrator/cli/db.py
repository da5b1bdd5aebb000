"""``migrator db``: the database's revisions."""

from __future__ import annotations

import typer

from migrator.cli.output import JsonOption, out, print_json
from migrator.config.settings import load_settings
from migrator.store import revisions
from migrator.store.engine import open_engine

app = typer.Typer(help="Bring the database up to date, or say where it stands.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Create the database's tables, or bring them to this program's revision. Safe to run again."""
    engine = open_engine(load_settings().database_url.get_secret_value())
    revisions.upgrade(engine)
    out.print(f"the database has revision {revisions.current(engine)}")


@app.command()
def current(json: JsonOption = False) -> None:
    """Print the database's revision and the one that this program needs."""
    engine = open_engine(load_settings().database_url.get_secret_value())
    have, need = revisions.current(engine), revisions.newest()
    if json:
        print_json({"current": have, "needed": need})
    else:
        out.print(f"database {have or 'none'}, program {need}")


@app.command()
def downgrade(revision: str) -> None:
    """Take the database back to an older revision (or `base`). What only newer tables hold is lost."""
    engine = open_engine(load_settings().database_url.get_secret_value())
    revisions.downgrade(engine, revision)
    out.print(f"the database has revision {revisions.current(engine) or 'none'}")
