"""Writes ``docs/unverified.md`` from the list in ``migrator.domain.assumptions``."""

from __future__ import annotations

import sys
from pathlib import Path

from migrator.domain.assumptions import ASSUMPTIONS, Assumption
from migrator.services.probe import GOOD_FOR, MOST_OPEN

INTRODUCTION = f"""\
# Assumptions about GitHub

This page is made from `migrator/domain/assumptions.py` (`make docs-reference`); a test keeps it in step.

The migrator relies on behaviour that GitHub's documentation does not state. This page lists it, and how to test it.
None of it was verified at github.com: everything is tested on the sandbox, which was built to behave as this page
says.

    migrator probe YOUR-NAME/scratch --migration moved.toml

tests it on a repository of your own: it opens two issues there, writes on them what a migration writes, and closes
them. It refuses the repositories of the migration and any with more than {MOST_OPEN} open items. What it saw is recorded with
its date, and is good for {GOOD_FOR.days} days.

    migrator probe YOUR-NAME/scratch --transfer-to YOUR-NAME/scratch-2 --migration moved.toml

also tests transfers, between two scratch repositories of one owner: it opens three issues more, transfers two of them,
and closes all three. A plan that transfers threads needs this probe. A question has no wrong answer: it is recorded.
"""
PROBED = """
## What the probe tests

| assumption | why it matters | how |
|---|---|---|
"""
BY_HAND = """
## What has to be checked by hand

| assumption | why it matters | how |
|---|---|---|
"""


def unverified_page() -> str:
    """The page as Markdown: one row for each assumption."""
    probed = "".join(_row(one, f"{one.probe} (`{one.code}`)") for one in ASSUMPTIONS if one.probe)
    by_hand = "".join(
        _row(one, f"{one.by_hand} (`{one.code}`)") for one in ASSUMPTIONS if one.by_hand
    )
    return INTRODUCTION + PROBED + probed + BY_HAND + by_hand


def _row(one: Assumption, how: str) -> str:
    return f"| {one.says} | {one.matters} | {how} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(unverified_page(), encoding="utf-8")
