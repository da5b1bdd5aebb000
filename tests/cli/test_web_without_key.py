"""`migrator serve --no-worker` on SQLite without any credential: people and GitHub are served, and
a worker with the key does the acts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import sandbox_server
from tests.support.dashboard import world
from tests.support.front_door import FrontDoor, process, run, until
from tests.support.nginx import free_port
from tests.support.sandbox_server import Local

SECRET = "what GitHub signs with"


@pytest.fixture
def github() -> Iterator[Local]:
    """A sandbox with people of every role."""
    built = sandbox_server.build(world(40, hostile=False))
    with sandbox_server.serving(built) as running:
        yield running


def shared(github: Local, folder: Path) -> dict[str, str]:
    """What both processes are given: no secret is among it."""
    return {
        "MIGRATOR_MIGRATION": "keras",
        "MIGRATOR_DATABASE_URL": f"sqlite:///{folder / 'migrator.sqlite'}",
        "MIGRATOR_GITHUB_URL": github.url,
        "MIGRATOR_GITHUB_APP_ID": str(github.app.id),
        "MIGRATOR_CUT_OFF_SECONDS": "0.4",
        "MIGRATOR_READ_LAG_SECONDS": "0.2",
    }


def of_the_web(github: Local, folder: Path) -> dict[str, str]:
    """What the web is given; the key's file is named, and cannot be read."""
    return shared(github, folder) | {
        "MIGRATOR_GITHUB_PRIVATE_KEY_FILE": str(folder / "not-for-you.pem"),
        "MIGRATOR_WEBHOOK_SECRET": SECRET,
        "MIGRATOR_SESSION_SECRET": "s" * 32,
        "MIGRATOR_OAUTH_CLIENT_ID": github.app.client_id,
        "MIGRATOR_OAUTH_CLIENT_SECRET": github.app.client_secret,
    }


def of_the_worker(github: Local, folder: Path) -> dict[str, str]:
    """What the worker is given: the key, and nothing that the web needs."""
    key = folder / "key.pem"
    key.write_text(github.app.private_key)
    key.chmod(0o600)
    return shared(github, folder) | {"MIGRATOR_GITHUB_PRIVATE_KEY_FILE": str(key)}


def test_the_web_needs_no_key(github: Local, tmp_path: Path) -> None:
    """Sign-in, pages, an answer, an approval, a start, webhooks and an undo; the worker, in
    another process, writes at GitHub as the App."""
    worker, port = of_the_worker(github, tmp_path), free_port()
    web = ["serve", "--no-worker", "--port", str(port)]
    run(["db", "upgrade"], worker, tmp_path)
    with (
        process(web, of_the_web(github, tmp_path), tmp_path, "web"),
        process(["worker"], worker, tmp_path, "worker"),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as browser,
    ):
        until(lambda: ready(browser), "the web is ready")
        FrontDoor(browser, github, SECRET, lambda verb: run(verb, worker, tmp_path)).walk()
    said = (tmp_path / "web.log").read_text()
    assert "MIGRATOR_GITHUB_PRIVATE_KEY_FILE is not read here" in said
    assert "ghu_" not in said


def ready(browser: httpx.Client) -> bool:
    """Whether the web answers, and a worker runs."""
    try:
        return browser.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
