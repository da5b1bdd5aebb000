"""Server time of every page with 100,000 items, and the item list against Datasette showing the
same table.

    python -m bench.dashboard [--json] [--items 100000] [--rounds 40] [--only pages|asking]
                              [--dir FOLDER] [--repeats 3]

``p95_ms`` is the 95th percentile of the time from sending a request to having its whole answer,
over loopback, by page. ``ratio_datasette`` is our 95th percentile of the filtered and sorted item
list divided by Datasette's (https://datasette.io) for the same table, filter, order and page
length. At 10,000 items: ``page_cpu_ms`` is the 95th percentile of the server's processor time by
page, ``what_if_ms`` the median until the first result, ``run_slowdown_paced`` (clock scale 60) and
``run_slowdown_unpaced`` the share of a run's speed that is lost while ten what-if questions are
asked (see ``bench/asking.py``), ``outcomes_changed`` how many items ended otherwise because of it.
Each run is timed ``--repeats`` times in turn with and without questions, ``run_seconds`` has all
times, and ``run_spread_paced`` and ``run_spread_unpaced`` say how far undisturbed runs differ: a
slowdown within them is noise. ``--dir`` keeps the databases, and takes those that are
there. Each stage is named on
standard error with its seconds. ``--only pages`` leaves out the runs, ``--only asking`` measures
nothing else; figures that were left out are ``null`` and hold. Datasette is installed in an
environment of its own. Exits with 1 if a page takes 100 ms or more, the ratio is above 1,
``what_if_ms`` is 1,000 or more, a slowdown is above 0.05 (paced) or 0.30 (unpaced), or an outcome
changed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bench import asking
from tests.support.scale_up import multiply

ROOT = Path(__file__).resolve().parent.parent
DATASETTE = "datasette==0.65.1"
HOME = ROOT / ".node" / "datasette-0.65.1"
MOST_MS = 100.0
MOST_WHAT_IF_MS = 1000.0
MOST_PACED = 0.05
MOST_UNPACED = 0.30
SMALLER = 10_000
"""Items for the figures of processor time and what-if."""
CPU_ROUNDS = 20
"""Requests for each page whose processor time is measured, at most: it varies little."""
BASE = 1000
"""Items that are really rehearsed; the others are copies of them."""
FIGURES = (
    *("items", "p95_ms", "datasette_p95_ms", "ratio_datasette", "page_cpu_ms", "what_if_ms"),
    *("run_slowdown_paced", "run_slowdown_unpaced", "outcomes_changed"),
    *("run_spread_paced", "run_spread_unpaced", "run_seconds"),
)


def main() -> int:
    """Measure and print; the exit code says whether the bars hold."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="migrator-bench-") as scratch:
        result = measure(options.dir or Path(scratch), options)
    holds = _holds(result)
    print(json.dumps(result | {"holds": holds}, indent=None if options.json else 2))
    return 0 if holds else 1


def _holds(result: dict[str, Any]) -> bool:
    pages, asked = True, True
    if result["p95_ms"] is not None:
        pages = (
            max(result["p95_ms"].values()) < MOST_MS
            and result["ratio_datasette"] <= 1
            and result["what_if_ms"] < MOST_WHAT_IF_MS
        )
    if result["run_slowdown_paced"] is not None:
        asked = (
            result["run_slowdown_paced"] <= MOST_PACED
            and result["run_slowdown_unpaced"] <= MOST_UNPACED
            and result["outcomes_changed"] == 0
        )
    return pages and asked


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40, help="requests for each page")
    parser.add_argument("--repeats", type=int, default=asking.REPEATS, help="runs of each kind")
    parser.add_argument("--dir", type=Path, help="keep the databases here, or take those here")
    parser.add_argument("--only", choices=("pages", "asking"), help="only this half")
    return parser.parse_args()


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Both halves, or one of them."""
    found: dict[str, Any] = dict.fromkeys(FIGURES)
    if options.only != "asking":
        found |= _pages(folder, options.items, options.rounds)
    if options.only != "pages":
        with stage("runs beside questions"):
            found |= asking.slowdowns(min(options.items, SMALLER), options.repeats)
    return found


def _pages(scratch: Path, items: int, rounds: int) -> dict[str, Any]:
    """Build, serve, ask."""
    smaller = _built(scratch, min(items, SMALLER))
    beside = _smaller(smaller, min(rounds, CPU_ROUNDS))
    folder = _built(scratch, items)
    with dashboard(folder) as client:
        pages = addresses(client)
        with stage("first requests"):
            _warm(client, pages)
        with stage("pages"):
            times = {name: _p95(client, path, rounds) for name, path in pages.items()}
    with stage("Datasette"), datasette(folder / "migrator.sqlite") as client:
        table = "/migrator/mig_plan_item?_size=50&decision__exact=retire&_sort=clock"
        theirs = _p95(client, table, rounds)
    return {
        "items": _counted(folder),
        "p95_ms": times,
        "datasette_p95_ms": theirs,
        "ratio_datasette": round(times["plan, filtered and sorted"] / theirs, 3),
        **beside,
    }


def _built(scratch: Path, items: int) -> Path:
    """The folder of a rehearsal with so many items, made if it is not there."""
    folder = scratch / str(items)
    if folder.exists():
        return folder
    first = scratch / "rehearsed"
    if not first.exists():
        with stage("rehearsal"):
            _rehearse(first, min(items, BASE))
    with stage(f"copies, {items}"):
        made = scratch / f"{items}.unfinished"
        shutil.rmtree(made, ignore_errors=True)
        shutil.copytree(first, made)
        multiply(made / "migrator.sqlite", items)
        made.rename(folder)
    return folder


def _counted(folder: Path) -> int:
    connection = sqlite3.connect(folder / "migrator.sqlite")
    (count,) = connection.execute("select count(*) from mig_plan_item").fetchone()
    connection.close()
    return int(count)


def _rehearse(folder: Path, items: int) -> None:
    command = [sys.executable, "-m", "migrator", "rehearse", "--preset", "keras"]
    options = ["--items", str(items), "--dir", str(folder), "--json"]
    subprocess.run(
        [*command, *options], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say on standard error how long something took, so that a slow part is known by name."""
    began = time.perf_counter()
    yield
    print(f"{name}: {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)


def _smaller(folder: Path, rounds: int) -> dict[str, Any]:
    """What is measured at 10,000 items: processor time by page, and the time of a what-if."""
    with serving(folder) as (process, client):
        pages = addresses(client)
        _warm(client, pages)
        with stage("processor time"):
            spent = {
                name: asking.cpu_ms(process.pid, partial(client.get, path), rounds)
                for name, path in pages.items()
            }
        with stage("what-if"):
            return {"page_cpu_ms": spent, "what_if_ms": asking.what_if_ms(client)}


@contextmanager
def dashboard(folder: Path) -> Iterator[httpx.Client]:
    """The dashboard in a process of its own, and a client that is logged in."""
    with serving(folder) as (_, client):
        yield client


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """The process of the dashboard, too."""
    command = [
        sys.executable,
        "-m",
        "migrator",
        "serve",
        "--dir",
        str(folder),
        "--port",
        "0",
        "--no-worker",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        link = _link(process)
        with httpx.Client(
            base_url=link.partition("/login")[0], timeout=120, follow_redirects=True
        ) as client:
            client.get(link).raise_for_status()
            yield process, client
    finally:
        process.terminate()
        process.wait(60)


def _link(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+/login/once\S+", line):
            return found[0]
    raise SystemExit("the dashboard did not start")


def addresses(client: httpx.Client) -> dict[str, str]:
    """Every page by its name."""
    plan = client.get("/api/plans").json()[0]["hash"]
    lines = client.get(f"/api/plans/{plan}/items?decision=retire").json()["lines"]
    run = client.get("/api/runs").json()[0]["id"]
    item = lines[0]
    prefix = f"/plan/{plan[:16]}"
    return {
        "overview": "/",
        "plan": prefix,
        "plan, filtered and sorted": f"{prefix}?decision=retire&order=clock",
        "plan, page 500": f"{prefix}?page=500",
        "plan, searched": f"{prefix}?q=loss&order=title",
        "plan, failed": f"{prefix}?outcome=failed",
        "plan, by label": f"{prefix}?label=comp%3Akeras&order=newest",
        "what if": "/what-if",
        "review": "/review",
        "item": f"/item/{item['repository']}/{item['number']}",
        "runs": "/runs",
        "jobs": "/jobs",
        "run": f"/runs/{run}",
        "run, done": f"/runs/{run}?outcome=done",
        "deliveries": "/deliveries",
        "people": "/people",
    }


def _warm(client: httpx.Client, pages: dict[str, str]) -> None:
    """Wait until the plan was added up, which happens once, beside the requests."""
    for _ in range(600):
        if "being added up" not in client.get("/").text:
            break
        time.sleep(0.5)
    for path in pages.values():
        client.get(path).raise_for_status()


def _p95(client: httpx.Client, path: str, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.quantiles(times, n=20)[-1], 1)


@contextmanager
def datasette(database: Path) -> Iterator[httpx.Client]:
    """Datasette on that database, as it comes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(_installed()), str(database), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            _until_up(client)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _installed() -> Path:
    """Datasette's command, installed once."""
    program = HOME / "bin" / "datasette"
    if not program.exists():
        venv.create(HOME, with_pip=True)
        subprocess.run(
            [str(HOME / "bin" / "pip"), "install", "--quiet", DATASETTE, "setuptools<81"],
            check=True,
        )
    return program


def _until_up(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/-/versions.json").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("Datasette did not start")


if __name__ == "__main__":
    sys.exit(main())
