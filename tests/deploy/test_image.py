"""The Dockerfile, read; `make image-check` builds and starts it, where buildah is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from migrator.config.settings import Settings
from tests.support.deployment import ROOT, USER, dockerfile


def test_hadolint_has_nothing_to_say() -> None:
    """The linter for Dockerfiles finds no fault, and the two that it is told to let pass are
    about `ARG BASE`."""
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [str(hadolint), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert re.findall(r"hadolint ignore=(\S+)", dockerfile()) == ["DL3006", "DL3006"]


def test_the_image_installs_only_what_the_lock_files_name() -> None:
    """Every installation from the network checks hashes, and no source of a dependency is built."""
    installs = re.findall(r"install (--require-hashes|--no-deps)", dockerfile())
    assert installs == ["--require-hashes", "--require-hashes", "--no-deps"]
    assert "--only-binary :all:" in dockerfile()


def test_the_image_runs_as_an_ordinary_user() -> None:
    """The number is given, so that Kubernetes can see that it is not root."""
    assert f"USER {USER}:{USER}" in dockerfile()


def test_the_image_sets_only_variables_that_exist() -> None:
    """A misspelt setting would be ignored."""
    named = set(re.findall(r"MIGRATOR_([A-Z_]+)=", dockerfile()))
    assert named
    assert named <= {name.upper() for name in Settings.model_fields}


def test_the_context_holds_only_what_the_image_is_built_from() -> None:
    """No secret, database or checkout gets into an image by accident: everything is left out but
    what is copied."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile(), re.MULTILINE)
    assert {rule[1:] for rule in rules if rule.startswith("!")} == {
        name for line in copied for name in line.split()
    }
    assert all((ROOT / rule[1:]).exists() for rule in rules if rule.startswith("!"))
