"""Writes ``docs/commands.md`` from the commands in ``migrator.domain.webhooks.commands``, with
the words of a preset as the example."""

from __future__ import annotations

import sys
from pathlib import Path

from migrator.config.migration_file import load
from migrator.domain.rules.settings_override import with_settings
from migrator.domain.webhooks.commands import MOST, vocabulary
from migrator.listener.handlers.commands import MOST_REPLIES

EXAMPLE = "keras"
ASKS = ("decisions.stale.act=ask", "decisions.retire.grace_days=14")
"""Settings with which every command is one."""

INTRODUCTION = """\
# Commands

This page is made from `migrator/domain/webhooks/commands.py` (`make docs-reference`); a test keeps it in step.

What people can write in a comment on an item of the old repository, or of the new one, as long as something serves it:
`migrator serve`, or `migrator follow --once` from a scheduler. The names that hold a part are those of the `{example}` preset;
another migration has its own. `/done` is a command only where `decisions.stale.act` is `ask`.

| command | who may | what it does |
|---|---|---|
"""

RULES = """
## How they are read

- A command is a line of its own, in any case, and works on closed items, too.
- Commands in quotations, lists, code and HTML are talk about commands and do nothing: people quote the notices that name them.
  The same holds for what stands inside of `<details>`, and for mail that is repeated below a reply, also without `>`.
- An edited comment gives no command, and neither does a hidden one: somebody else may have put the words there. Write a new comment.
- A comment is answered once, however often it is delivered, and at most {most} commands of it are followed.
- Who has triage rights is asked of GitHub each time. Where GitHub does not say, the answer is no; authors need no rights.
- Bots give no commands.

## How they are answered

The answer is a reaction: 👍 when everything was done, 👎 when it was not. Words are for those who may have them:

| who asks | answer |
|---|---|
| people with triage rights or more | a reaction; the reason in words where a command is refused; at most {replies} replies a day on one item |
| the author, while no comment of ours stands on the item | the same, once |
| the author, where a notice or a reply of ours stands | a reaction; what the command does shows in the notice, which is edited |
| everybody else | a reaction at most |

Replies, reactions and the notices on new items draw on one share of the write budget, `budget.listener_share`. Strangers can use half
of it; where that is used up they get no answer. The answers to others, and notices on new items, wait until there is room. What keeps an
item open never waits for it.
"""


def commands_page() -> str:
    """The page as Markdown: one row for each command."""
    words = vocabulary(with_settings(load(EXAMPLE).file, ASKS))
    rows = [f"| `{word.name}` | {word.who.value} | {word.does} |" for word in words]
    rules = RULES.format(most=MOST, replies=MOST_REPLIES)
    return INTRODUCTION.format(example=EXAMPLE) + "\n".join(rows) + "\n" + rules


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(commands_page(), encoding="utf-8")
