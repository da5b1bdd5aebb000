"""What the manifests tell the migrator to do, it can do: every verb and every option exists."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.deployment import commands

COMMANDS = commands()


@pytest.mark.parametrize("where", COMMANDS)
def test_every_command_of_a_manifest_exists(where: str) -> None:
    """The verb is there, and its help names each option."""
    arguments = COMMANDS[where]
    verbs = [word for word in arguments[:2] if word.isalpha() and word.islower()]
    options = [word for word in arguments if word.startswith("--")]
    shown = subprocess.run(
        [sys.executable, "-m", "migrator", *verbs, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "200"},
    )
    assert shown.returncode == 0, shown.stderr
    assert [option for option in options if option not in shown.stdout] == []
