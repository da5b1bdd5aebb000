"""What others can move is named by what they cannot move: actions by commit."""

from __future__ import annotations

import re

import yaml

from tests.support.front_door import ROOT

USES = re.compile(r"^\s*(?:- )?uses: (\S+)(.*)$", re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def test_every_action_is_pinned_by_its_commit() -> None:
    """A tag can be moved to other code; the version stands beside the commit."""
    files = [*(ROOT / ".github/workflows").glob("*.yml"), ROOT / "action.yml"]
    files.append(ROOT / "docs/examples/github-action.yml")
    used = [found for file in files for found in USES.findall(file.read_text())]
    others = [(name, note) for name, note in used if not name.startswith("OWNER/")]
    assert len(others) > 10
    assert [name for name, note in others if not PINNED.fullmatch(name) or "# v" not in note] == []


def test_every_service_has_a_limit_of_memory_and_processes() -> None:
    """One that runs wild leaves the machine to the others."""
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    lacking = [
        name
        for name, service in compose["services"].items()
        if not {"mem_limit", "pids_limit"} <= service.keys()
    ]
    assert lacking == []
