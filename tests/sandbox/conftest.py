"""Fixtures for tests of the sandbox GitHub."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from migrator.sandbox.apps import new_key
from tests.conftest import NODE, npm_command
from tests.support.sandbox_server import SMALL, Local, build, serving

OPENAPI = "@octokit/openapi@23.0.2"


@pytest.fixture(scope="session")
def app_record() -> dict[str, Any]:
    """An App whose key is made once, as making one takes a while."""
    return {
        "record": "app",
        "id": 77,
        "slug": "butler",
        "name": "Butler",
        "owner": "acme",
        "client_id": "Iv1.77",
        "client_secret": "not much of one",
        "webhook_secret": "hush",
        "private_key": new_key(),
        "permissions": {
            "issues": "write",
            "pull_requests": "write",
            "metadata": "read",
            "contents": "read",
        },
        "events": ["issues", "issue_comment"],
    }


@pytest.fixture(scope="session")
def small_records(app_record: dict[str, Any]) -> list[dict[str, Any]]:
    """The small world with an App, its bot account, and its installation on ``acme``."""
    bot = {"record": "account", "login": "butler", "type": "Bot", "app": "butler"}
    permissions = app_record["permissions"]
    installed = {
        "record": "installation",
        "id": 88,
        "app": "butler",
        "account": "acme",
        "permissions": permissions,
    }
    return [*SMALL, app_record, bot, installed]


@pytest.fixture
def github(small_records: list[dict[str, Any]]) -> Iterator[Local]:
    """A sandbox with the small world, for one test."""
    with serving(build(small_records)) as local:
        yield local


@pytest.fixture(scope="session")
def openapi() -> dict[str, Any]:
    """GitHub's official REST description; of the large npm package only the one file that is
    needed is kept."""
    home = NODE / OPENAPI.replace("/", "+")
    path = home / "api.github.com.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=NODE) as scratch:
            subprocess.run(
                [npm_command(), "pack", OPENAPI, "--ignore-scripts", "--pack-destination", scratch],
                check=True,
            )
            _extract(next(Path(scratch).glob("*.tgz")), path, Path(scratch))
    return dict(msgspec.json.decode(path.read_bytes()))


def _extract(archive: Path, path: Path, scratch: Path) -> None:
    with tarfile.open(archive) as packed:
        source = packed.extractfile("package/generated/api.github.com.json")
        assert source is not None
        with (scratch / "new").open("wb") as new:
            shutil.copyfileobj(source, new)
    (scratch / "new").replace(path)
