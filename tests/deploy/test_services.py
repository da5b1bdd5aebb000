"""The services of `deploy/compose.yaml` as processes of this machine: its commands, its environment
and its proxy; only containers, places and ports are left out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import sandbox_server
from tests.support.dashboard import world
from tests.support.databases import Databases, postgresql
from tests.support.deployment import OTHERS, compose
from tests.support.front_door import FrontDoor, process, run, until
from tests.support.nginx import free_port, proxied_by_nginx
from tests.support.sandbox_server import Local

SECRETS = {"webhook_secret": "what GitHub signs with", "session_secret": "s" * 32}


@pytest.fixture
def github() -> Iterator[Local]:
    """A sandbox with people of every role."""
    with sandbox_server.serving(sandbox_server.build(world(40, hostile=False))) as running:
        yield running


class Services:
    """The compose file, read as the engine does: variables filled in, secrets as files."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self.folder, self._variables = folder, variables
        self.services: dict[str, dict[str, Any]] = compose()["services"]
        self.ports: dict[str, dict[str, str]] = {}

    def environment(self, name: str) -> dict[str, str]:
        """The variables of a service, and not one more."""
        given = self.services[name]["environment"]
        return {key: self._placed(self._filled(str(value))) for key, value in given.items()}

    def command(self, name: str) -> list[str]:
        """Its arguments, on free ports of this machine."""
        ports = self.ports.setdefault(name, {})
        words = [str(word) for word in self.services[name]["command"]]
        return [
            "127.0.0.1"
            if word == "0.0.0.0"
            else ports.setdefault(word, str(free_port()))
            if word.isdigit()
            else word
            for word in words
        ]

    def secrets(self, name: str) -> set[str]:
        """The secrets that a service is given."""
        return set(self.services[name]["secrets"])

    def _filled(self, value: str) -> str:
        """`${NAME:-usual}` and `${NAME:?why}`, as the specification says."""

        def one(found: re.Match[str]) -> str:
            known = self._variables.get(found["name"], "")
            assert known or found["how"] == "-", f"{found['name']} is needed: {found['rest']}"
            return known or found["rest"]

        return re.sub(r"\$\{(?P<name>\w+):(?P<how>[-?])(?P<rest>[^}]*)\}", one, value)

    def _placed(self, value: str) -> str:
        return value.replace("/run/secrets", str(self.folder))


def begin(services: Services, name: str, stack: ExitStack) -> None:
    """Start a service of ours after what it depends on, and wait for what others wait for."""
    arguments, environment = services.command(name), services.environment(name)
    home = services.folder / name
    home.mkdir()
    if services.services[name].get("restart") == "no":
        run(arguments, environment, home)
        return
    stack.enter_context(process(arguments, environment, home, name))
    operations = services.ports[name]["9090"]
    until(lambda: healthy(operations), f"{name} is healthy")


def healthy(port: str) -> bool:
    """What the health checks of the file ask."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=4).status_code == 200
    except httpx.TransportError:
        return False


def in_order(services: dict[str, dict[str, Any]]) -> list[str]:
    """Names, each after those it depends on."""
    found: list[str] = []
    while len(found) < len(services):
        found += [
            name
            for name, each in services.items()
            if name not in found and set(each.get("depends_on", ())) <= set(found)
        ]
    return found


@pytest.mark.slow
def test_the_services_take_a_migration_through(github: Local, tmp_path: Path) -> None:
    """Webhook, sign-in, pages, approval, apply: through the proxy, by a web without the key and a
    worker with it, on PostgreSQL."""
    port = free_port()
    variables = {
        "MIGRATOR_GITHUB_URL": github.url,
        "MIGRATOR_GITHUB_APP_ID": str(github.app.id),
        "MIGRATOR_OAUTH_CLIENT_ID": github.app.client_id,
        "MIGRATOR_PUBLIC_URL": f"https://localhost:{port}",
    }
    services = Services(tmp_path, variables)
    with ExitStack() as stack:
        database = Databases("postgresql", tmp_path, stack.enter_context(postgresql())).empty()
        for name, content in SECRETS.items() | {
            ("database_url", database),
            ("oauth_client_secret", github.app.client_secret),
            ("github_private_key", github.app.private_key),
        }:
            (tmp_path / name).write_text(content + "\n")
        for name in in_order(services.services):
            if name not in OTHERS:
                begin(services, name, stack)
        backend = f"127.0.0.1:{services.ports['web']['8080']}"
        browser = stack.enter_context(proxied_by_nginx(backend, tmp_path, port=port))
        browser.timeout = httpx.Timeout(30)

        def worker(verb: list[str]) -> Any:
            """As `docker compose run --rm worker VERB` does."""
            return run(verb, services.environment("worker"), tmp_path)

        FrontDoor(browser, github, SECRETS["webhook_secret"], worker).walk()  # type: ignore[arg-type]


def test_the_key_is_in_the_worker_alone() -> None:
    """And what lets people and GitHub in is in the web alone."""
    services = Services(Path(os.sep), {})
    ours = {name: services.secrets(name) for name in services.services if name not in OTHERS}
    assert [name for name, given in ours.items() if "github_private_key" in given] == ["worker"]
    for secret in ("webhook_secret", "session_secret", "oauth_client_secret"):
        assert [name for name, given in ours.items() if secret in given] == ["web"]
