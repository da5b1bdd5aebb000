"""Writes ``docs/unverified.md`` from the list in ``migrator.domain.assumptions``."""

from __future__ import annotations

import sys
from pathlib import Path

from migrator.domain.assumptions import ASSUMPTIONS, Assumption
from migrator.services.probe import GOOD_FOR, MOST_OPEN

INTRODUCTION = f"""\
# What we only believe

This page is made from `migrator/domain/assumptions.py` (`make docs-reference`); a test keeps it in step.

GitHub's documentation says a lot, and not everything. Here is what the migrator relies on without its saying so, and how it
is found out. None of it was verified by us at github.com: the sandbox, on which everything is tested, does what this page
says, because we made it so.

    migrator probe YOUR-NAME/scratch --migration moved.toml

tries it out on a repository of your own: it opens two issues there, writes on them what a migration writes, and closes
them. It refuses the repositories of the migration and any with more than {MOST_OPEN} open items. What it saw is recorded with
its date, and is good for {GOOD_FOR.days} days.
"""
PROBED = """
## What the probe finds out

| belief | why it matters | how |
|---|---|---|
"""
BY_HAND = """
## What a person has to look at

| belief | why it matters | how |
|---|---|---|
"""


def unverified_page() -> str:
    """The page as Markdown: one row for each belief."""
    probed = "".join(_row(one, f"{one.probe} (`{one.code}`)") for one in ASSUMPTIONS if one.probe)
    by_hand = "".join(
        _row(one, f"{one.by_hand} (`{one.code}`)") for one in ASSUMPTIONS if one.by_hand
    )
    return INTRODUCTION + PROBED + probed + BY_HAND + by_hand


def _row(belief: Assumption, how: str) -> str:
    return f"| {belief.says} | {belief.matters} | {how} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(unverified_page(), encoding="utf-8")
