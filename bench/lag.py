"""How long after its delivery a new issue has its notice: with no batch running, and with one.

    python -m bench.lag [--arrivals 20] [--scale 15] [--json]

`migrator serve` runs as it is shipped, one process on SQLite, against a sandbox that enforces
GitHub's limits and delivers over HTTP. People open issues at random moments. A lag begins when the
delivery is stored (`received_at`) and ends when the reply to the notice is in the ledger; both are
told by the server's own clock. `idle_...`: nothing else runs, in real time. `batch_...`: a run in
bulk writes all the while, out of the same budget; the limits run `--scale` times as fast, the lags
are scaled back, and so is everything that this machine takes: they are upper bounds. Exit code 1 if
the medians are not under 2 s and 60 s.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.ingesting.servers import free_port, wait_for
from bench.service_process import SECRET, service
from migrator.domain.protocol.ledger import ActKind, Phase
from migrator.execution.context import Context
from migrator.execution.engine import Engine
from migrator.rehearsal.sandbox import Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services import runs
from migrator.store.deliveries import Deliveries, Delivery
from migrator.store.plans import StoredPlan
from migrator.store.runs import RunOptions
from tests.support.runner import Runner

IDLE_WITHIN: Final = 2.0
BATCH_WITHIN: Final = 60.0
"""Seconds under which the medians must be."""
IDLE_EVERY: Final = 3.0
BATCH_EVERY: Final = 120.0
"""Seconds, of the limits' time, between two issues on average."""
PATIENCE: Final = 240.0
"""Real seconds until the last one must have its notice."""
PACED: Final = RunOptions(considerate=False)
SOURCE: Final = "tensorflow/tensorflow"
TEXT: Final = """Fitting a `tf.keras.Sequential` with a `tf.keras.layers.LSTM` fails:

```
  File "/usr/lib/python3/site-packages/tensorflow/python/keras/engine/training.py", line 1100, in fit
  File "/usr/lib/python3/site-packages/tensorflow/python/keras/layers/recurrent.py", line 660, in __call__
ValueError: shapes differ
```
"""


def main() -> int:
    """Measure both, print, and say whether the promise holds."""
    given = _arguments()
    result = _named("idle", _measure(given.arrivals, 1.0, IDLE_EVERY, bulk=0))
    result |= _named("batch", _measure(given.arrivals, given.scale, BATCH_EVERY, bulk=given.items))
    print(
        json.dumps(result, indent=2)
        if given.json
        else "\n".join(f"{name:<20} {value}" for name, value in result.items())
    )
    return (
        0
        if result["idle_median_s"] < IDLE_WITHIN and result["batch_median_s"] < BATCH_WITHIN
        else 1
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.lag",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--arrivals", type=int, default=20, help="how many issues people open in each measurement"
    )
    parser.add_argument(
        "--items", type=int, default=900, help="items of the world that the batch runs on"
    )
    parser.add_argument(
        "--scale",
        type=float,
        default=15.0,
        help="how many times faster than real time the batch's limits run",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _named(when: str, lags: dict[str, float]) -> dict[str, float]:
    return {f"{when}_{name}": value for name, value in lags.items()}


def _measure(arrivals: int, scale: float, every: float, *, bulk: int) -> dict[str, float]:
    """Lags in seconds of the limits' time; with ``bulk`` items a run is at work from the
    beginning to the end."""
    with tempfile.TemporaryDirectory(prefix="lag-") as scratch:
        folder = Path(scratch)
        write_world(generate(items=bulk or 60, seed=5), folder / "world.jsonl")
        with running_sandbox(
            "--world", str(folder / "world.jsonl"), "--limits", f"scaled:{scale:g}"
        ) as sandbox:
            timing = {
                "clock_scale": scale,
                "cut_off_seconds": 1.0,
                "read_lag_seconds": 0.2,
                "worker_silence_seconds": 30.0,
            }
            arena = Runner(folder=folder, url=sandbox.url, sandbox=sandbox, timing=timing)
            plan = arena.plan(grace=False)
            context = arena.context()
            with _serving(arena):
                run = _begin(context, plan) if bulk else ""
                chance = random.Random(9)
                for number in range(arrivals):
                    time.sleep(chance.expovariate(scale / every))
                    _open_issue(sandbox, number)
                lags = [lag * scale for lag in _lags(context, arrivals)]
                if run and runs.progress(context, run).at_rest:
                    raise RuntimeError(
                        "the batch ended before the last issue came: give it more --items"
                    )
    ordered = sorted(lags)
    figures = {
        "median_s": statistics.median(ordered),
        "p90_s": ordered[int(0.9 * len(ordered))],
        "max_s": ordered[-1],
    }
    return {name: round(value, 2) for name, value in figures.items()}


@contextmanager
def _serving(arena: Runner) -> Iterator[None]:
    """`migrator serve`, with the sandbox delivering to it."""
    port = free_port()
    with service(arena, "serve", "--port", str(port)) as process:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        arena.sandbox.post("hook", {"url": f"http://127.0.0.1:{port}/webhooks", "secret": SECRET})
        yield


def _begin(context: Context, plan: StoredPlan) -> str:
    """Have the serving process apply the plan, as the dashboard's button does; returns the run's
    id."""
    run = runs.start(context, plan.hash, options=PACED)
    Engine(context).enqueue(run.id)
    return run.id


def _open_issue(sandbox: Sandbox, number: int) -> None:
    act = {
        "do": "open_issue",
        "repository": SOURCE,
        "title": f"[Keras] Model.fit fails with an LSTM ({number})",
        "body": TEXT,
    }
    sandbox.post("act", {"as": "ingrid-solberg", **act})


def _lags(context: Context, count: int) -> list[float]:
    """Real seconds from delivery to notice, of every issue; waits for the last one."""
    deliveries, until = Deliveries(context.store.engine), time.monotonic() + PATIENCE
    while True:
        opened = [
            each
            for each in deliveries.newest(100_000)
            if (each.event, each.action) == ("issues", "opened")
        ]
        known = [
            lag for lag in (_lag(context, deliveries, each) for each in opened) if lag is not None
        ]
        if len(known) >= count:
            return known
        if time.monotonic() > until:
            raise RuntimeError(
                f"{len(known)} of {count} issues have a notice after {PATIENCE:.0f} s"
            )
        time.sleep(0.5)


def _lag(context: Context, deliveries: Deliveries, delivery: Delivery) -> float | None:
    """Seconds until its issue's notice stood, ``None`` while it does not."""
    stored = deliveries.get(delivery.id)
    number = json.loads(stored.payload)["issue"]["number"] if stored else 0
    done = [
        line.at
        for recorded in context.store.ledger.of_item(f"{SOURCE}#{number}")
        for line in recorded.attempts
        if (line.act, line.phase) == (ActKind.NOTICE, Phase.DONE)
    ]
    return (min(done) - delivery.received_at).total_seconds() if done else None


if __name__ == "__main__":
    sys.exit(main())
