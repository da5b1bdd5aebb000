"""``migrator follow``."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import (
    JsonOption,
    MigrationOption,
    StopAfterOption,
    print_facts,
    print_json,
    progress_lines,
)
from migrator.config import logs
from migrator.errors import OutOfTime, UsageError
from migrator.execution.engine import only_worker
from migrator.services.follow import Followed, follow_once

EXAMPLE = "migrator follow --once --migration moved.toml"


def command(
    migration: MigrationOption,
    once: Annotated[
        bool,
        typer.Option(
            "--once", help="One round, then end. For a scheduler: run it every few minutes."
        ),
    ] = False,
    stop_after: StopAfterOption = math.inf,
    json: JsonOption = False,
) -> None:
    """Do the listener's work without a service: welcome, answer commands, find landings, close
    what is due. Needs --once."""
    if not once:
        raise UsageError(
            "following for good is what `migrator serve` does",
            cure="add --once, or run `migrator serve`",
        )
    # programs get the log of each act, too; people one line for each item
    logs.configure(level=logging.INFO if json else logging.WARNING)
    context = bootstrap.build(migration)
    with only_worker(context):
        followed = asyncio.run(
            follow_once(context, progress_lines(quiet=json), stop_after=60 * stop_after)
        )
    if json:
        print_json(followed)
    else:
        _tell(followed)
    if context.leaving.is_set():
        raise OutOfTime(
            "the time is over, and a run has items left", cure="run the same command again"
        )


def _tell(followed: Followed) -> None:
    swept = followed.swept
    facts: dict[str, object] = {
        "items changed": swept.changed,
        "looked after": swept.looked_after,
        "waiting": swept.waiting,
    }
    print_facts({**facts, "runs taken up": len(followed.due_runs), **swept.results})
