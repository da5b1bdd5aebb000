"""Writes ``docs/commands.md`` from the commands in ``migrator.domain.webhooks.commands``, with
the words of a preset as the example."""

from __future__ import annotations

import sys
from pathlib import Path

from migrator.config.migration_file import load
from migrator.domain.webhooks.commands import MOST, vocabulary

EXAMPLE = "keras"

INTRODUCTION = """\
# Commands

This page is made from `migrator/domain/webhooks/commands.py` (`make docs-reference`); a test keeps it in step.

What people can write in a comment on an item of the old repository, or of the new one, as long as something serves it:
`migrator serve`, or `migrator follow --once` from a scheduler. The names that hold a part are those of the `{example}` preset;
another migration has its own.

| command | who may | what it does |
|---|---|---|
"""

RULES = """
## How they are read

- A command is a line of its own, in any case, and works on closed items, too.
- Commands in quotations, lists, code and HTML are talk about commands and do nothing: people quote the notices that name them.
- A comment is answered once, however often it is edited or delivered again, and at most {most} commands of it are followed.
- The answer is a reaction: 👍 when it is done. Words follow only where a command is refused, with 👎 and the reason.
- Who has triage rights is asked of GitHub each time. Where GitHub does not say, the answer is no; authors need no rights.
- Programs give no commands.
"""


def commands_page() -> str:
    """The page as Markdown: one row for each command."""
    words = vocabulary(load(EXAMPLE).file)
    rows = [f"| `{word.name}` | {word.who.value} | {word.does} |" for word in words]
    return INTRODUCTION.format(example=EXAMPLE) + "\n".join(rows) + "\n" + RULES.format(most=MOST)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(commands_page(), encoding="utf-8")
