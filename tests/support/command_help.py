"""What the command line says of a verb, asked in a process that is forked off one that has
imported everything."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from tests.support.forked import run_forked

WIDE = {"COLUMNS": "200"}
"""So wide that no option's name is broken into two lines."""


@cache
def help_of(*verbs: str) -> str:
    """What ``migrator VERB --help`` prints. Raises ``AssertionError`` if there is no such verb."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")}
    with tempfile.TemporaryDirectory() as folder:
        code, out, err = run_forked([*verbs, "--help"], Path(folder), kept | WIDE)
    assert code == 0, err
    return out
