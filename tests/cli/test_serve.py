"""`migrator serve` as a process: it starts, works, dies and goes on, and stops when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.following.house import RULES, SECRET, House, house
from tests.sandbox.small import SOURCE


class Served:
    """A running process of ours."""

    def __init__(self, process: subprocess.Popen[str], address: str, log: Path) -> None:
        self.process, self.address, self.log = process, address, log

    @property
    def lines(self) -> list[dict[str, object]]:
        """What it logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


@contextmanager
def served(home: House, folder: Path, *options: str, app: bool = False, verb: str = "serve") -> Iterator[Served]:
    """A process of ours on the house's database, until the block ends; it must then stop by itself when asked to."""
    rules, log = folder / "moved.toml", folder / f"{time.monotonic_ns()}.log"
    rules.write_text(RULES)
    settings = home.context.settings
    environment = {
        "MIGRATOR_DATABASE_URL": settings.database_url.get_secret_value(),
        "MIGRATOR_GITHUB_URL": home.github.url,
        "MIGRATOR_GITHUB_TOKEN": "sandbox-mover",
        "MIGRATOR_WEBHOOK_SECRET": SECRET,
        "MIGRATOR_CUT_OFF_SECONDS": "0.3",
        "MIGRATOR_READ_LAG_SECONDS": "0.1",
    }
    if app:
        key = folder / "key.pem"
        key.write_text(home.github.app.private_key)
        environment |= {"MIGRATOR_GITHUB_APP_ID": str(home.github.app.id), "MIGRATOR_GITHUB_PRIVATE_KEY_FILE": str(key)}
        del environment["MIGRATOR_GITHUB_TOKEN"]
    command = [sys.executable, "-m", "migrator", verb, "--migration", str(rules), *options]
    with log.open("w") as errors:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    try:
        first = process.stdout.readline().strip()
        assert first, log.read_text()
        yield Served(process, first.rpartition(" ")[2], log)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGKILL, -signal.SIGTERM), log.read_text()
        process.stdout.close()


def hook(home: House, address: str, *, app: bool = False) -> None:
    """Have GitHub deliver there."""
    home.github.control("POST", "hook/clear")
    body = {"url": f"{address}/webhooks", "secret": SECRET, **({"app": home.github.app.slug} if app else {})}
    home.github.control("POST", "hook", json=body)


def test_one_process_takes_webhooks_and_works_on_them(quiet_house: House, tmp_path: Path) -> None:
    """The default: everything in one, on SQLite. Logs say which delivery and item, and neither text nor secret."""
    home = quiet_house
    with served(home, tmp_path, "--port", "0") as one:
        hook(home, one.address)
        number = home.open(body="The widget breaks. My password is swordfish.")
        home.until(lambda: len(home.comments(number)) == 1)
        home.until(lambda: home.deliveries.backlog().unfinished == 0)
        assert httpx.get(f"{one.address}/readyz").json() == {"ready": True, "obstacles": []}
        numbers = httpx.get(f"{one.address}/metrics").text
    assert "migrator_notices 1.0" in numbers
    assert 'migrator_webhooks_total{result="accepted"}' in numbers
    assert 'migrator_budget_left{window="hour"}' in numbers
    done = [line for line in one.lines if line["event"] == "delivery done"]
    assert done
    assert all(line["item"] == f"{SOURCE}#{number}" and line["deliveries"] for line in done)
    everything = one.log.read_text()
    assert "swordfish" not in everything
    assert SECRET not in everything


def test_web_and_worker_may_be_two_processes(quiet_house: House, tmp_path: Path) -> None:
    """The web stores, the worker works; without one the web says that it is not ready."""
    home = quiet_house
    with served(home, tmp_path, "--port", "0", "--no-worker") as web:
        hook(home, web.address)
        assert httpx.get(f"{web.address}/readyz").status_code == 503
        number = home.open()
        home.until(lambda: home.deliveries.backlog().unfinished >= 1)
        with served(home, tmp_path, verb="worker"):
            home.until(lambda: len(home.comments(number)) == 1)
            assert httpx.get(f"{web.address}/readyz").status_code == 200


def test_a_killed_process_goes_on_where_it_died(quiet_house: House, tmp_path: Path) -> None:
    """Accepted means kept: deliveries of before the kill are worked on by the next process, once."""
    home = quiet_house
    numbers = []
    for _ in range(3):
        with served(home, tmp_path, "--port", "0") as one:
            hook(home, one.address)
            numbers += [home.open(f"The widget breaks {place}") for place in range(5)]
            home.until(lambda: len(home.deliveries.newest(500)) >= 5)
            one.process.kill()
            one.process.wait()
    with served(home, tmp_path, "--port", "0"):
        home.until(lambda: all(home.comments(number) for number in numbers), seconds=40)
        home.until(lambda: home.deliveries.backlog().unfinished == 0)
    assert [len(home.comments(number)) for number in numbers] == [1] * len(numbers)


def test_webhooks_that_never_arrived_are_asked_for_again(quiet_house: House, tmp_path: Path) -> None:
    """As an App we see what GitHub could not deliver, and have it delivered; nothing is welcomed twice by that."""
    home = quiet_house
    with served(home, tmp_path, "--port", "0", app=True) as one:
        address = one.address
        home.until(lambda: httpx.get(f"{one.address}/readyz").status_code == 200)
    hook(home, address, app=True)
    number = home.open()  # nobody listens
    home.until(lambda: not home.github.server.webhooks._tasks)
    assert home.deliveries.newest() == []
    with served(home, tmp_path, "--port", address.rpartition(":")[2], app=True):
        home.until(lambda: len(home.deliveries.newest()) >= 1)
        home.until(lambda: home.deliveries.backlog().unfinished == 0)
        home.until(lambda: len(home.github.item(number)["comments"]) == 1)
    assert home.github.item(number)["comments"][0]["author"] == home.github.app.slug


def test_following_once_needs_no_service(quiet_house: House, tmp_path: Path) -> None:
    """One round from a scheduler, then it ends."""
    home = quiet_house
    with served(home, tmp_path, "--once", "--json", verb="follow") as nothing:
        nothing.process.wait(timeout=30)
    number = home.open()
    with served(home, tmp_path, "--once", "--json", verb="follow") as once:
        once.process.wait(timeout=30)
    assert len(home.comments(number)) == 1


@pytest.fixture
def quiet_house(tmp_path: Path) -> Iterator[House]:
    """Nobody listens yet; the listener began a moment ago."""
    with house(tmp_path) as built:
        yield built
