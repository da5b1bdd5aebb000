"""``migrator forget``."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from migrator.cli.output import JsonOption, out, print_facts, print_json
from migrator.config.settings import load_settings
from migrator.services.forget import forget

EXAMPLE = "migrator forget some-login"


def command(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="Their login on GitHub.")],
    json: JsonOption = False,
) -> None:
    """Remove a person's texts and name from the database, in every migration. The ledger keeps what
    was done to which item.

    What GitHub still shows is read again by the next scan. Backups, exports and reports are files
    of yours: remove them.
    """
    done = forget(load_settings().database_url.get_secret_value(), login)
    if json:
        print_json(done)
        return
    print_facts(
        {name.replace("_", " "): count for name, count in msgspec.structs.asdict(done).items()}
    )
    out.print(
        "done; backups, exports and reports made before still hold them: remove those files, too"
    )
