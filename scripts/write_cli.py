"""Writes ``docs/cli.md`` from the commands themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from typer.core import TyperOption

from migrator.cli.app import load
from migrator.cli.verbs import CHAPTERS, Verb

INTRODUCTION = """\
# Command line

This page is made from the commands (`make docs-reference`); a test keeps it in step. `migrator VERB --help` says the same.

Results go to standard output, progress and errors to standard error. `--json` prints one JSON object instead of text (`ledger`
prints one a line), and errors as an object, too. Every error names its cause and how to fix it; [the exit codes](exit-codes.md) tell
scripts what happened. Colour is used only on a terminal, and never with `NO_COLOR` set. `migrator --install-completion` teaches
your shell the verbs and options.

Every command that works on a migration takes its file, or a preset's name, from `--migration` (`-m`, `--preset`) or from the
environment (`MIGRATOR_MIGRATION`). Database, GitHub's URL and credentials come from
[the environment](configuration.md#environment). Where GitHub is a sandbox on this machine, the time of its world counts, not the
present.
"""


def cli_page() -> str:
    """The page as Markdown: chapter by chapter, each verb with its explanation, arguments,
    options and example."""
    return "\n".join([INTRODUCTION, *_chapters()]).rstrip() + "\n"


def _chapters() -> Iterator[str]:
    for title, verbs in CHAPTERS.items():
        yield f"## {title}\n"
        for verb in verbs:
            yield from _verb(verb)


def _verb(verb: Verb) -> Iterator[str]:
    command = load(verb)
    if hasattr(command, "commands"):
        yield f"### {verb.name}\n"
        yield f"{_text(command.help)}\n"
        for name, below in command.commands.items():
            yield from _command(f"{verb.name} {name}", below, "####")
    else:
        yield from _command(verb.name, command, "###")


def _command(name: str, command: Any, heading: str) -> Iterator[str]:
    yield f"{heading} {name}\n"
    yield f"{_text(command.help)}\n"
    if command.epilog:
        yield f"    {command.epilog.splitlines()[-1].strip()}\n"
    rows = [_row(one) for one in command.params if one.name != "help"]
    if rows:
        yield "| argument or option | meaning |\n|---|---|"
        yield "\n".join(rows) + "\n"


def _text(help_text: str | None) -> str:
    paragraphs = (help_text or "").replace("\b", "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _row(one: Any) -> str:
    option = isinstance(one, TyperOption)
    names = (
        ", ".join(f"`{name}`" for name in one.opts)
        if option
        else f"`{one.metavar or one.name.upper()}`"
    )
    meaning = one.help or ""
    kind = one.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        meaning += " One of " + ", ".join(f"`{choice.value}`" for choice in kind) + "."
    if (
        isinstance(one.default, int | float)
        and not isinstance(one.default, bool)
        and one.show_default
    ):
        shown = one.show_default if isinstance(one.show_default, str) else one.default
        meaning += f" Default: {shown}."
    return f"| {names} | {meaning.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(cli_page(), encoding="utf-8")
