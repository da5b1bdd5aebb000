"""Writes ``docs/exit-codes.md`` from the exception tree and the constants in
``migrator.errors``."""

from __future__ import annotations

import sys
from pathlib import Path

from migrator.errors import INTERRUPTED, TERMINATED, MigratorError

INTRODUCTION = """\
# Exit codes

This page is made from `migrator/errors.py` (`make docs-reference`); a test keeps it in step.

Every command of `migrator` ends with one of these codes. The message on standard error names the cause and the fix; with
`--json` they come as an object instead.

| code | raised as | meaning |
|---|---|---|
| 0 | | the command did what it was asked to do |
"""


SIGNALS = f"""\
| {INTERRUPTED} | | the command was ended by Ctrl-C (SIGINT) |
| {TERMINATED} | | the command was ended by SIGTERM |

A command that is ended by a signal finishes or records what is under way, and the same command goes on. `serve` and `worker` end with 0
after either signal: that is how they are meant to end. A command that is killed (SIGKILL) ends with 137 in a shell; it goes on with the same
command, too.
"""


def exit_codes_page() -> str:
    """The page as Markdown: one row for each code, the class that sets it, and what its
    docstring says."""
    rows = [
        f"| {error.exit_code} | `{error.__name__}` | {_meaning(error)} |"
        for error in _setters(MigratorError)
    ]
    return INTRODUCTION + "\n".join(rows) + "\n" + SIGNALS


def _setters(error: type[MigratorError]) -> list[type[MigratorError]]:
    """The class and those below it that set a code of their own, by code."""
    below = [setter for child in error.__subclasses__() for setter in _setters(child)]
    own = (
        [error]
        if "exit_code" in vars(error) and error.__module__ == MigratorError.__module__
        else []
    )
    return sorted([*own, *below], key=lambda each: each.exit_code)


def _meaning(error: type[MigratorError]) -> str:
    if error is MigratorError:
        return "any other error that was foreseen"
    sentence = " ".join((error.__doc__ or "").split("\n\n")[0].split()).split(". ")[0].rstrip(".")
    return sentence[:1].lower() + sentence[1:] if not sentence.startswith("GitHub") else sentence


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(exit_codes_page(), encoding="utf-8")
