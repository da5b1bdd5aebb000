"""What pages cost the run beside them, and how long a what-if takes: figures for ``bench/dashboard.py``.

A run at work in ``migrator serve`` is timed on the same world undisturbed, and while ten what-if
questions are asked on 10,000 judged items, each another one. Both are timed in turn several times,
and their medians compared: a single paced run of a few seconds was measured to take between 2.9 and
9.9 s on a machine with other work.
"""

from __future__ import annotations

import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from bench.ingesting.servers import free_port, wait_for
from migrator.execution.engine import Engine
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services import runs
from migrator.store.runs import RunOptions
from tests.support.runner import Runner

QUESTIONS: Final = 10
SCALE: Final = 60.0
"""How fast the clock of a paced run goes."""
PACED_ITEMS: Final = 200
UNPACED_ITEMS: Final = 500
REPEATS: Final = 3
"""How often each run is timed."""
PATIENCE: Final = 240.0
"""Seconds within which a run must end."""


def what_if_ms(client: httpx.Client, rounds: int = 9) -> float:
    """Median milliseconds from asking until the first result is there, each question a new one."""
    times = []
    for days in range(31, 31 + rounds):
        began = time.perf_counter()
        client.get(f"/what-if?stale_after={days}").raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 1)


def cpu_ms(pid: int, ask: Callable[[], object], rounds: int) -> float:
    """95th percentile of the processor time, in milliseconds, that a process spends for ``ask``."""
    times = []
    for _ in range(rounds):
        before = _processor_ns(pid)
        ask()
        times.append((_processor_ns(pid) - before) / 1e6)
    return round(statistics.quantiles(times, n=20)[-1], 1)


def _processor_ns(pid: int) -> int:
    """Nanoseconds of processor time of a process's threads (Linux; 0 elsewhere)."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(thread.read_text().split()[0])
        except OSError:  # the thread has just ended
            continue
    return total


def slowdowns(items: int, repeats: int = REPEATS) -> dict[str, Any]:
    """``run_slowdown_paced`` and ``run_slowdown_unpaced`` (shares of a run's speed),
    ``outcomes_changed`` (entries that ended otherwise because somebody asked), and how far the
    measure itself goes: ``run_seconds`` holds every run's time and ``run_spread_paced`` and
    ``run_spread_unpaced`` the range of the undisturbed ones, as a share of their median."""
    found: dict[str, Any] = {"outcomes_changed": 0, "run_seconds": {}}
    for name, paced, count in (("paced", True, PACED_ITEMS), ("unpaced", False, UNPACED_ITEMS)):
        times: dict[bool, list[float]] = {False: [], True: []}
        outcomes: dict[str, str] = {}
        for place in range(2 * repeats):  # one of each in turn: what else is at work hits both
            asks = bool(place % 2)
            seconds, ended = _run(count, items, paced=paced, asks=asks)
            times[asks].append(round(seconds, 2))
            outcomes = outcomes or ended
            found["outcomes_changed"] += sum(
                outcomes.get(key) != ended.get(key) for key in outcomes.keys() | ended.keys()
            )
        alone = statistics.median(times[False])
        lost = 1 - alone / statistics.median(times[True])
        found[f"run_slowdown_{name}"] = round(max(0.0, lost), 3)
        found[f"run_spread_{name}"] = round((max(times[False]) - min(times[False])) / alone, 3)
        found["run_seconds"][name] = {"alone": times[False], "asked": times[True]}
    return found


def _run(count: int, items: int, *, paced: bool, asks: bool) -> tuple[float, dict[str, str]]:
    """Seconds that a run took, and how each of its entries ended."""
    with tempfile.TemporaryDirectory(prefix="asking-") as scratch:
        folder = Path(scratch)
        write_world(generate(items=count, seed=5), folder / "world.jsonl")
        limits = ["--limits", f"scaled:{SCALE:g}"] if paced else []
        with running_sandbox("--world", str(folder / "world.jsonl"), *limits) as sandbox:
            timing = {"cut_off_seconds": 1.0, "read_lag_seconds": 0.2}
            timing |= {"clock_scale": SCALE} if paced else {}
            arena = Runner(folder=folder, url=sandbox.url, sandbox=sandbox, timing=timing)
            plan = arena.plan(grace=False)
            _judged_often(folder / "migrator.sqlite", items)
            context = arena.context()
            with _serving(arena) as client:
                client.get("/what-if?stale_after=29").raise_for_status()  # the pool is there
                options = RunOptions(paced=paced, concurrency=1, considerate=False)
                run = runs.start(context, plan.hash, options=options)
                began = time.perf_counter()
                Engine(context).enqueue(run.id)
                asking = threading.Thread(target=_ask, args=(client,), daemon=True)
                if asks:
                    asking.start()
                _until_at_rest(context, run.id)
                seconds = time.perf_counter() - began
                if asks:
                    asking.join(60)
                outcomes = context.store.ledger.outcome_of_items(run.id)
            context.store.engine.dispose()
            return seconds, outcomes


def _until_at_rest(context: Any, run: str) -> None:
    end = time.monotonic() + PATIENCE
    while not runs.progress(context, run).at_rest:
        if time.monotonic() > end:
            raise RuntimeError("the run does not end")
        time.sleep(0.02)


def _ask(client: httpx.Client) -> None:
    for days in range(31, 31 + QUESTIONS):
        client.get(f"/what-if?stale_after={days}").raise_for_status()


def _judged_often(database: Path, least: int) -> None:
    """Copies of the verdicts, until there are so many; no run acts on them."""
    connection = sqlite3.connect(database)
    columns = [row[1] for row in connection.execute("pragma table_info(mig_verdict)")]
    values = ", ".join("number + :far" if name == "number" else name for name in columns)
    (count,) = connection.execute("select count(*) from mig_verdict").fetchone()
    with connection:
        connection.execute("create temp table original as select * from mig_verdict")
        for copy in range(1, -(-least // max(1, count))):
            connection.execute(
                f"insert into mig_verdict ({', '.join(columns)}) select {values} from original",
                {"far": copy * 10_000_000},
            )
    connection.close()


@contextmanager
def _serving(arena: Runner) -> Iterator[httpx.Client]:
    """`migrator serve` with its worker, and a client that is logged in."""
    port = free_port()
    settings = arena.settings()
    given = {name: str(value) for name, value in arena.timing.items()}
    given |= {name: str(value) for name, value in arena.sandbox.credentials.items()}
    given |= {"database_url": settings.database_url.get_secret_value(), "github_url": arena.url}
    environment = {
        **os.environ,
        **{f"MIGRATOR_{name.upper()}": text for name, text in given.items()},
    }
    command = [sys.executable, "-m", "migrator", "serve", "--migration", arena.preset]
    log = arena.folder / "serve.log"
    with log.open("w") as lines:
        process = subprocess.Popen(
            [*command, "--port", str(port)], env=environment, stdout=lines, stderr=lines
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process)
            link = _link(log)
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=120, follow_redirects=True
            ) as client:
                client.get(link).raise_for_status()
                yield client
        finally:
            process.terminate()
            process.wait(timeout=60)


def _link(log: Path) -> str:
    for _ in range(200):
        if found := re.search(r"http://\S+/login/once\S+", log.read_text()):
            return found[0]
        time.sleep(0.05)
    raise RuntimeError(f"no link to log in\n{log.read_text()[-2000:]}")
