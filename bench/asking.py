"""What pages cost the run beside them, and how long a what-if takes: figures for ``bench/dashboard.py``.

A run at work in ``migrator serve`` is timed on the same world undisturbed, and while ten what-if
questions are asked on 10,000 judged items, each another one. Compared is the time between the same
two writes: from the write before the first question to the first one after the last answer. So
neither the seconds until a worker takes the run up count, nor those in which nothing is asked. All
times are those of the ledger.

A paced run is asked when its burst is over (``burst`` in the migration file): before, it goes as
fast as the processor allows, which is what the unpaced run measures.
"""

from __future__ import annotations

import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from bench.ingesting.servers import free_port, wait_for
from migrator.domain.protocol.ledger import Phase
from migrator.execution.context import Context
from migrator.execution.engine import Engine
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services import runs
from migrator.store.runs import RunOptions
from tests.support.runner import Runner

QUESTIONS: Final = 10
SCALE: Final = 60.0
"""How fast the clock of a paced run goes."""
BURST: Final = 120
"""Writes that a paced run makes unspread (``burst`` in ``presets/keras.toml``)."""
REPEATS: Final = 3
"""How often each run is timed."""
PATIENCE: Final = 240.0
"""Seconds within which a run must end."""
LOOK_EVERY: Final = 0.05
"""Seconds between two looks at the run: the looks themselves must not cost it anything."""


_BEGUN: Final = "select count(*) from mig_attempt where phase = 'intended'"
_ENDED: Final = "select state <> 'running' from mig_run where id = '{}'"


class RunKind(NamedTuple):
    """A run to time: so many items, and after how many writes the questions begin."""

    name: str
    paced: bool
    items: int
    asked_after: int


KINDS: Final = (
    RunKind("paced", True, 400, BURST + 5),
    RunKind("unpaced", False, 500, 10),
)


class TimedRun(NamedTuple):
    """A run that ended: when each of its writes began (seconds), how each entry ended, and between
    which two of the writes questions were asked."""

    writes: list[float]
    outcomes: dict[str, str]
    asked: tuple[int, int] | None = None

    def seconds(self, asked: tuple[int, int] | None = None) -> float:
        """From one write to another, or from the first to the last."""
        first, last = asked or (0, len(self.writes) - 1)
        return self.writes[min(last, len(self.writes) - 1)] - self.writes[first]


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
    """``run_slowdown_paced`` and ``run_slowdown_unpaced`` (share of a run's speed lost while ten
    questions are asked: the median of the repeats), and ``outcomes_changed`` (entries that ended
    otherwise because somebody asked).

    How far the measure itself goes: ``run_seconds`` holds the times of whole runs and what each
    one that was asked ``lost``; ``run_spread_paced`` and ``run_spread_unpaced`` are the range of
    the undisturbed ones between the same writes, as a share of their median.
    """
    found: dict[str, Any] = {"outcomes_changed": 0, "run_seconds": {}}
    for kind in KINDS:
        timed = [_timed(kind, items, asks=bool(place % 2)) for place in range(2 * repeats)]
        alone, asked = timed[::2], timed[1::2]  # in turn: what else is at work hits both
        found["outcomes_changed"] += sum(_differences(alone[0], other) for other in timed[1:])
        lost = [_lost(alone, one) for one in asked]
        found[f"run_slowdown_{kind.name}"] = round(max(0.0, statistics.median(lost)), 3)
        found[f"run_spread_{kind.name}"] = max(_spread(alone, one) for one in asked)
        found["run_seconds"][kind.name] = {
            "alone": [round(one.seconds(), 2) for one in alone],
            "asked": [round(one.seconds(), 2) for one in asked],
            "lost": [round(each, 3) for each in lost],
        }
    return found


def _differences(one: TimedRun, other: TimedRun) -> int:
    keys = one.outcomes.keys() | other.outcomes.keys()
    return sum(one.outcomes.get(key) != other.outcomes.get(key) for key in keys)


def _lost(alone: list[TimedRun], asked: TimedRun) -> float:
    """The share of its speed that a run lost while questions were asked."""
    usual = statistics.median(one.seconds(asked.asked) for one in alone)
    return 1 - usual / asked.seconds(asked.asked)


def _spread(alone: list[TimedRun], asked: TimedRun) -> float:
    """How far undisturbed runs differ in the stretch in which another one was asked."""
    times = [one.seconds(asked.asked) for one in alone]
    return round((max(times) - min(times)) / statistics.median(times), 3)


def _timed(kind: RunKind, items: int, *, asks: bool) -> TimedRun:
    """Do a run in `migrator serve`, and time it."""
    with tempfile.TemporaryDirectory(prefix="asking-") as scratch:
        folder = Path(scratch)
        write_world(generate(items=kind.items, seed=5), folder / "world.jsonl")
        limits = ["--limits", f"scaled:{SCALE:g}"] if kind.paced else []
        with running_sandbox("--world", str(folder / "world.jsonl"), *limits) as sandbox:
            timing = {"cut_off_seconds": 1.0, "read_lag_seconds": 0.2}
            timing |= {"clock_scale": SCALE} if kind.paced else {}
            arena = Runner(folder=folder, url=sandbox.url, sandbox=sandbox, timing=timing)
            plan = arena.plan(grace=False)
            _judged_often(folder / "migrator.sqlite", items)
            context = arena.context()
            with _serving(arena) as client:
                client.get("/what-if?stale_after=29").raise_for_status()  # the pool is there
                options = RunOptions(paced=kind.paced, concurrency=1, considerate=False)
                run = runs.start(context, plan.hash, options=options)
                Engine(context).enqueue(run.id)
                asked = _ask(client, folder, kind.asked_after) if asks else None
                _until(lambda: _asked_of(folder, _ENDED.format(run.id)))
            writes = _writes(context, run.id)
            outcomes = context.store.ledger.outcome_of_items(run.id)
            context.store.engine.dispose()
            return TimedRun(writes, outcomes, asked)


def _ask(client: httpx.Client, folder: Path, after: int) -> tuple[int, int]:
    """Ask one question after the other, once so many writes have begun; between which two writes
    that was."""
    _until(lambda: _asked_of(folder, _BEGUN) >= after)
    first = _asked_of(folder, _BEGUN)
    for days in range(31, 31 + QUESTIONS):
        client.get(f"/what-if?stale_after={days}").raise_for_status()
    return first - 1, _asked_of(folder, _BEGUN)


def _asked_of(folder: Path, question: str) -> int:
    """One number from the database, with as little work as possible."""
    with closing(sqlite3.connect(folder / "migrator.sqlite", timeout=30)) as connection:
        (number,) = connection.execute(question).fetchone()
    return int(number)


def _until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError("the run does not end")
        time.sleep(LOOK_EVERY)


def _writes(context: Context, run_id: str) -> list[float]:
    """When each write of a run began, in seconds."""
    recorded = context.store.ledger.stream(run_id=run_id)
    lines = (line for one in recorded for line in one.attempts)
    return sorted(line.at.timestamp() for line in lines if line.phase is Phase.INTENDED)


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
