"""What services cost that have nothing to do: processor time, memory, and writes to the database.

    python -m bench.idle [--seconds 60] [--json]

`migrator serve --no-worker` and `migrator worker` run as they are shipped, as two processes on
SQLite, behind a finished scan of 60 items; nothing arrives. First `web` runs alone, then both. After
a time to settle, the processor time of each process, with those that it started, is counted for
`--seconds`. `writes_per_minute` are transactions that wrote, by the database's own counter; the
worker's are those of both less those of `web`. Yardstick: a bare `uvicorn` at rest
(`bare_cpu_percent`); `ratio_cpu` is web and worker together against it, which counts as at least
0.1 %. Bounds for each: 1 % of a core and 120 MB with its processes. Exit code 1 if one is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.ingesting.servers import free_port, running, uvicorn_command, wait_for
from bench.service_process import service
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.support.optional_dependencies import install_if_lacking
from tests.support.runner import Runner

if TYPE_CHECKING:
    import psutil

MOST_CPU_PERCENT: Final = 1.0
MOST_MB: Final = 120.0
SETTLING: Final = 20.0
"""Seconds after the start in which nothing is counted: caches fill, and what begins once ends."""
LEAST_PERCENT: Final = 0.1
"""Processor time below this is not told apart from none."""


def main() -> int:
    """Measure, print, and say whether every bound holds."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.idle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to count")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    install_if_lacking("psutil")
    with tempfile.TemporaryDirectory(prefix="idle-") as scratch:
        result = measure(Path(scratch), given.seconds)
    print(json.dumps(result, indent=2) if given.json else as_lines(result))
    missed = any(
        result[each]["cpu_percent"] > MOST_CPU_PERCENT or result[each]["rss_mb"] > MOST_MB
        for each in ("web", "worker")
    )
    return 1 if missed else 0


def as_lines(result: dict[str, Any]) -> str:
    """The figures for people, a line each."""
    return "\n".join(f"{name:<20} {value}" for name, value in result.items())


def measure(scratch: Path, seconds: float) -> dict[str, Any]:
    """Both services at rest, beside a bare server. Raises ``RuntimeError`` for a service that does
    not come up."""
    write_world(generate(items=60, seed=5), scratch / "world.jsonl")
    import psutil

    bare_port, port = free_port(), free_port()
    with ExitStack() as stack:
        world = ("--world", str(scratch / "world.jsonl"), "--limits", "real")
        sandbox = stack.enter_context(running_sandbox(*world))
        runner = Runner(folder=scratch, url=sandbox.url, sandbox=sandbox)
        runner.plan()
        command = uvicorn_command("bench.ingesting.bare:app", bare_port)
        stack.enter_context(running(command, bare_port, {}, "/"))
        bare = next(one for one in psutil.Process().children() if command[3] in one.cmdline())
        web = stack.enter_context(service(runner, "serve", "--no-worker", "--port", str(port)))
        wait_for(f"http://127.0.0.1:{port}/healthz", web)
        alone = watched(scratch, seconds, {"web": web.pid, "bare": bare.pid})
        worker = stack.enter_context(service(runner, "worker"))
        both = watched(scratch, seconds, {"worker": worker.pid, "web": web.pid})
    writes = alone["writes_per_minute"]
    both["worker"]["writes_per_minute"] = round(max(0.0, both["writes_per_minute"] - writes), 1)
    alone["web"]["writes_per_minute"] = writes
    bare_percent = alone["bare"]["cpu_percent"]
    together = alone["web"]["cpu_percent"] + both["worker"]["cpu_percent"]
    return {
        "web": alone["web"],
        "worker": both["worker"],
        "seconds": seconds,
        "bare_cpu_percent": bare_percent,
        "ratio_cpu": round(together / max(bare_percent, LEAST_PERCENT), 2),
    }


def watched(scratch: Path, seconds: float, pids: dict[str, int]) -> dict[str, Any]:
    """Processor time in percent of a core and memory in MB of each process, and transactions that
    wrote a minute, after a time to settle."""
    import psutil

    time.sleep(SETTLING)
    processes = {name: psutil.Process(pid) for name, pid in pids.items()}
    before, written = {name: spent(one) for name, one in processes.items()}, commits(scratch)
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    found: dict[str, Any] = {
        name: {
            "cpu_percent": round(100 * (spent(one) - before[name]) / took, 2),
            "rss_mb": megabytes(one),
        }
        for name, one in processes.items()
    }
    return found | {"writes_per_minute": round((commits(scratch) - written) * 60 / took, 1)}


def spent(process: psutil.Process) -> float:
    """Seconds of processor time of a process and those that it started."""
    return sum(
        one.cpu_times().user + one.cpu_times().system
        for one in (process, *process.children(recursive=True))
    )


def megabytes(process: psutil.Process) -> float:
    """Resident memory of a process and those that it started."""
    whole = sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
    return round(whole / 1e6, 1)


def commits(folder: Path) -> int:
    """How often the database was written, by its file change counters
    (https://www.sqlite.org/walformat.html#the_wal_index_file_format: ``iChange`` in the index of
    the write-ahead log counts transactions)."""
    index = (folder / "migrator.sqlite-shm").read_bytes()[:12]
    return int.from_bytes(index[8:12], sys.byteorder)


if __name__ == "__main__":
    sys.exit(main())
