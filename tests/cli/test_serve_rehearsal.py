"""`make demo`, then `make serve`: what a rehearsal left is opened again, and taken back from a
page."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from migrator.rehearsal.folder import KeptFolder
from migrator.rehearsal.result import read_world
from migrator.rehearsal.sandbox import running_sandbox

pytestmark = pytest.mark.slow
MIGRATOR = [sys.executable, "-m", "migrator"]


@pytest.fixture
def demo(tmp_path: Path) -> KeptFolder:
    """A small rehearsal that was carried out and kept."""
    folder = tmp_path / "demo"
    command = [
        *MIGRATOR,
        "rehearse",
        "--items",
        "40",
        "--seed",
        "7",
        "--dir",
        str(folder),
        "--json",
    ]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert told["closed"] > 0
    return KeptFolder(folder)


@contextmanager
def served(demo: KeptFolder) -> Iterator[httpx.Client]:
    """A browser without scripts, logged in on the dashboard of the kept rehearsal."""
    process = subprocess.Popen(
        [*MIGRATOR, "serve", "--dir", str(demo.path), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        link = next(
            found[1] for line in process.stdout if (found := re.search(r"once with (\S+)", line))
        )
        base = link.partition("/login")[0]
        with httpx.Client(base_url=base, headers={"origin": base}, follow_redirects=True) as client:
            assert client.get(link).is_success
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        process.stdout.close()


def press(client: httpx.Client, page: httpx.Response, ending: str) -> httpx.Response:
    """Send the form whose address ends so; the page that it leads to."""
    form = next(
        each
        for each in re.findall(r"<form.*?</form>", page.text, re.DOTALL)
        if f'{ending}"' in each.partition(">")[0]
    )
    action = re.search(r'action="([^"]*)"', form)
    assert action is not None
    fields = dict(re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', form))
    answer = client.post(action[1], data=fields)
    assert answer.is_success, answer.text
    return answer


def closed(demo: KeptFolder) -> int:
    """How many items our account has closed in the world that the folder keeps."""
    with running_sandbox("--state", str(demo.state)) as sandbox:
        return read_world(sandbox.world(), sandbox.account, {}, set()).closed


def cannot_be_reopened(demo: KeptFolder) -> int:
    """Pull requests whose branch is gone: GitHub does not open them again, and the ledger says
    so."""
    with closing(sqlite3.connect(demo.database)) as database:
        return int(
            database.execute(
                "SELECT count(*) FROM mig_outcome WHERE code = 'cannot_reopen'"
            ).fetchone()[0]
        )


def test_a_kept_rehearsal_is_taken_back_from_a_page(demo: KeptFolder) -> None:
    """Planned, approved and started by three buttons; the world in the folder has every item
    open again that can be."""
    assert closed(demo) > 0
    with served(demo) as client:
        plan = press(client, client.get(f"/runs/{demo.about().run}"), "/undo")
        run = press(client, press(client, plan, "/approve"), "/start")
        while ">finished<" not in client.get(run.url).text.replace(" ", "").replace("\n", ""):
            time.sleep(0.1)
    assert closed(demo) == cannot_be_reopened(demo)
