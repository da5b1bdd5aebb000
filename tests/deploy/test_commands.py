"""What the manifests tell the migrator to do, it can do: every verb and every option exists."""

from __future__ import annotations

import pytest

from tests.support.command_help import help_of
from tests.support.deployment import commands

COMMANDS = commands()


@pytest.mark.parametrize("where", COMMANDS)
def test_every_command_of_a_manifest_exists(where: str) -> None:
    """The verb is there, and its help names each option."""
    arguments = COMMANDS[where]
    verbs = [word for word in arguments[:2] if word.isalpha() and word.islower()]
    options = [word for word in arguments if word.startswith("--")]
    shown = help_of(*verbs)
    assert [option for option in options if option not in shown] == []
