"""`check` warns where people are asked and nobody would hear their answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator import bootstrap
from migrator.config.settings import Settings
from migrator.execution.context import Context
from migrator.listener.item_handler import ItemHandler
from migrator.services.check import question_findings
from migrator.store import revisions
from tests.support.listener import RULES, loaded

ASKING = f'{RULES}\n[decisions.stale]\nact = "ask"\n[decisions.retire]\ngrace_days = 14\n'
SILENT = "[notices]\npromise_commands = false\n"


def migration(folder: Path, rules: str) -> Context:
    """A migration on an empty database."""
    settings = Settings.model_validate(
        {"database_url": f"sqlite:///{folder / 'migrator.sqlite'}", "github_token": "ghp_x"}
    )
    context = bootstrap.build(loaded(rules), settings=settings, require_revision=False)
    revisions.upgrade(context.store.engine)
    return context


@pytest.mark.parametrize(
    ("rules", "before", "after"),
    [
        (RULES, [], []),
        (ASKING, ["questions.unheard"], []),
        (f"{ASKING}{SILENT}", ["questions.unheard"], ["questions.unheard"]),
    ],
    ids=["not asked", "asked", "asked without commands"],
)
def test_a_question_that_nobody_hears_is_warned_of(
    tmp_path: Path, rules: str, before: list[str], after: list[str]
) -> None:
    """Until a listener has begun, and where no notice names the commands."""
    context = migration(tmp_path, rules)
    assert [found.code for found in question_findings(context)] == before
    ItemHandler(context)
    assert [found.code for found in question_findings(context)] == after
    context.store.engine.dispose()
