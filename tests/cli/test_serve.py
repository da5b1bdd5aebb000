"""`migrator serve` as a process: it starts, works, dies and goes on, and stops when it is told
to."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.listener import RULES, SECRET, House, house
from tests.support.small_world import SOURCE


class Served:
    """A running process of ours."""

    def __init__(self, process: subprocess.Popen[str], first: str, log: Path) -> None:
        self.process, self.first, self.log = process, first, log

    @property
    def address(self) -> str:
        """Where it listens: the end of its first line."""
        return self.first.strip().rpartition(" ")[2]

    @property
    def lines(self) -> list[dict[str, object]]:
        """What it logged."""
        return [
            json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")
        ]


@contextmanager
def served(
    home: House,
    folder: Path,
    *options: str,
    app: bool = False,
    verb: str = "serve",
    variables: Mapping[str, str | None] | None = None,
) -> Iterator[Served]:
    """A process of ours on the house's database, until the block ends; it must then stop by itself
    when asked to.

    ``variables`` are to be set, or to leave out where they are ``None``.
    """
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
        environment |= {
            "MIGRATOR_GITHUB_APP_ID": str(home.github.app.id),
            "MIGRATOR_GITHUB_PRIVATE_KEY_FILE": str(key),
        }
        del environment["MIGRATOR_GITHUB_TOKEN"]
    environment = {
        name: value
        for name, value in {**environment, **(variables or {})}.items()
        if value is not None
    }
    command = [sys.executable, "-m", "migrator", verb, "--migration", str(rules), *options]
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        assert first.strip(), log.read_text()
        yield Served(process, first, log)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) in (0, -signal.SIGKILL), (
            log.read_text()
        )  # all was put away, or the test killed it
        process.stdout.close()


def hook(home: House, address: str, *, app: bool = False) -> None:
    """Have GitHub deliver there."""
    home.github.control("POST", "hook/clear")
    body = {
        "url": f"{address}/webhooks",
        "secret": SECRET,
        **({"app": home.github.app.slug} if app else {}),
    }
    home.github.control("POST", "hook", json=body)


def ready(address: str) -> bool:
    """Whether a process is ready there; while one makes room for the next, a connection may end
    without an answer."""
    try:
        return httpx.get(f"{address}/readyz", timeout=20).status_code == 200
    except httpx.TransportError:
        return False


def test_one_process_takes_webhooks_and_works_on_them(quiet_house: House, tmp_path: Path) -> None:
    """The default: everything in one, on SQLite. Logs say which delivery and item, and neither
    text nor secret."""
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


@pytest.mark.slow
def test_web_and_worker_may_be_two_processes(quiet_house: House, tmp_path: Path) -> None:
    """The web stores, the worker works and counts its work; without one the web says that it is
    not ready."""
    home = quiet_house
    with served(home, tmp_path, "--port", "0", "--no-worker") as web:
        hook(home, web.address)
        assert httpx.get(f"{web.address}/readyz").status_code == 503
        number = home.open()
        home.until(lambda: home.deliveries.backlog().unfinished >= 1)
        with served(home, tmp_path, "--metrics-port", "0", verb="worker") as worker:
            home.until(lambda: len(home.comments(number)) == 1)
            home.until(lambda: home.deliveries.backlog().unfinished == 0)
            assert httpx.get(f"{web.address}/readyz").status_code == 200
            counted = 'migrator_deliveries_worked_total{outcome="done"}'
            home.until(lambda: counted in httpx.get(worker.address).text)
            numbers = httpx.get(worker.address).text
            beside = worker.address.removesuffix("/metrics")
            assert httpx.get(f"{beside}/healthz").json() == {"status": "alive"}
            assert httpx.get(f"{beside}/readyz").json() == {"ready": True, "obstacles": []}
            assert httpx.get(beside).status_code == 404
        assert counted not in httpx.get(f"{web.address}/metrics").text
    assert re.search(r"^migrator_delivery_lag_seconds_count [1-9]", numbers, re.MULTILINE)
    assert "migrator_workers 1.0" in numbers


@pytest.mark.slow
def test_a_killed_process_goes_on_where_it_died(quiet_house: House, tmp_path: Path) -> None:
    """Accepted means kept: deliveries of before the kill are worked on by the next process,
    once."""
    home = quiet_house
    numbers = []
    for author in ("amy", "bob", "root"):  # one author gets five notices a day
        with served(home, tmp_path, "--port", "0") as one:
            hook(home, one.address)
            numbers += [home.open(f"The widget breaks {place}", by=author) for place in range(5)]
            home.until(lambda: len(home.deliveries.newest(500)) >= 5)
            one.process.kill()
            one.process.wait()
    with served(home, tmp_path, "--port", "0"):
        home.until(lambda: all(home.comments(number) for number in numbers), seconds=90)
        home.until(lambda: home.deliveries.backlog().unfinished == 0)
    assert [len(home.comments(number)) for number in numbers] == [1] * len(numbers)


@pytest.mark.slow
def test_webhooks_that_never_arrived_are_asked_for_again(
    quiet_house: House, tmp_path: Path
) -> None:
    """As an App we see what GitHub could not deliver, and have it delivered; nothing is welcomed
    twice by that."""
    home = quiet_house
    with served(home, tmp_path, "--port", "0", app=True) as one:
        address = one.address
        home.until(lambda: ready(one.address))
    hook(home, address, app=True)
    number = home.open()  # nobody listens
    home.until(lambda: not home.github.server.webhooks._tasks)
    assert home.deliveries.newest() == []
    with served(home, tmp_path, "--port", address.rpartition(":")[2], app=True):
        home.until(lambda: len(home.deliveries.newest()) >= 1)
        home.until(lambda: home.deliveries.backlog().unfinished == 0)
        home.until(lambda: len(home.github.item(number)["comments"]) == 1)
    assert home.github.item(number)["comments"][0]["author"] == home.github.app.slug


@pytest.mark.slow
def test_without_credentials_it_opens_setup_and_goes_on_as_the_new_app(
    quiet_house: House, tmp_path: Path
) -> None:
    """From nothing, not even a database, to a welcomed issue: one page, one press, one
    installation. A restart goes on as it."""
    home, app_file = quiet_house, tmp_path / "kept" / "app.json"
    nothing: dict[str, str | None] = {
        "MIGRATOR_DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'migrator.sqlite'}",
        "MIGRATOR_APP_FILE": str(app_file),
        "MIGRATOR_GITHUB_TOKEN": None,
        "MIGRATOR_WEBHOOK_SECRET": None,
    }
    with served(home, tmp_path, "--port", "0", variables=nothing) as one:
        address, _, word = one.address.partition("/setup?word=")
        assert httpx.get(f"{address}/setup").status_code == 403
        with httpx.Client(base_url=address, follow_redirects=True) as browser:
            page = browser.get("/setup", params={"word": word}).text
            action, manifest = re.findall(
                r'action="(http[^"]+)">\s*<input[^>]* value="([^"]+)"', page
            )[0]
            sent_back = httpx.post(
                html.unescape(action), data={"manifest": html.unescape(manifest)}
            ).headers["location"]
            assert browser.get(sent_back).status_code == 200
        home.until(lambda: app_file.exists())
        app = home.github.world.apps["widget-migration"]
        httpx.get(f"{home.github.url}/apps/{app.slug}/installations/new").raise_for_status()
        home.until(lambda: ready(address))
        assert httpx.get(f"{address}/setup").status_code == 404
        number = home.open()
        home.until(
            lambda: [each["author"] for each in home.github.item(number)["comments"]] == [app.slug]
        )
    assert not {app.private_key[40:80], app.webhook_secret, app.client_secret} & set(
        one.log.read_text().split('"')
    )
    with served(home, tmp_path, "--port", address.rpartition(":")[2], variables=nothing) as again:
        assert again.address == address
        number = home.open("The widget breaks again")
        home.until(
            lambda: [each["author"] for each in home.github.item(number)["comments"]] == [app.slug]
        )


def test_following_once_needs_no_service(quiet_house: House, tmp_path: Path) -> None:
    """One round from a scheduler, then it ends. Its answer is the one thing on standard output;
    logs name each act."""
    home = quiet_house
    with served(home, tmp_path, "--once", "--json", verb="follow") as nothing:
        nothing.process.wait(timeout=60)
    number = home.open()
    with served(home, tmp_path, "--once", "--json", verb="follow") as once:
        assert once.process.stdout is not None
        answer = json.loads(once.first + once.process.stdout.read())
        once.process.wait(timeout=60)
    assert len(home.comments(number)) == 1
    assert answer["swept"]["results"] == {
        f"{SOURCE}#{number}": "speech: nothing is pending; arrival: done welcome"
    }
    acted = [line for line in once.lines if line["event"] == "acted" and line["act"] == "notice"]
    assert [(line["item"], line["phase"]) for line in acted] == [(f"{SOURCE}#{number}", "done")]
    assert str(acted[0]["run"]).startswith("follow-")


def test_following_once_tells_people_one_line_for_each_item(
    quiet_house: House, tmp_path: Path
) -> None:
    """What came of it, and no log of each act beside it."""
    home = quiet_house
    with served(home, tmp_path, "--once", verb="follow") as nothing:
        nothing.process.wait(timeout=60)
    number = home.open()
    with served(home, tmp_path, "--once", verb="follow") as once:
        assert once.process.stdout is not None
        answer = once.first + once.process.stdout.read()
        once.process.wait(timeout=60)
    assert len(home.comments(number)) == 1
    told = [line for line in answer.splitlines() if f"{SOURCE}#{number}" in line]
    assert len(told) == 1
    assert "arrival: done welcome" in told[0]
    assert [line for line in once.lines if line.get("event") == "acted"] == []


@pytest.fixture
def quiet_house(tmp_path: Path) -> Iterator[House]:
    """Nobody listens yet; the listener began a moment ago."""
    with house(tmp_path) as built:
        yield built
