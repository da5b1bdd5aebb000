"""The two stages of the survival test: many acts in a small world of our own, and real notices on a
sandbox.

The first shows that no delivery is lost, however many there are: our web application and our
dispatcher, whose work is one row. The second shows that none is done twice where it counts:
`migrator serve` as it is shipped, and comments at GitHub.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from bench.ingesting import servers
from bench.ingesting.survival import Stage
from migrator.rehearsal.sandbox import Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate

SOURCE = "tensorflow/tensorflow"
TEXT = (
    "Fitting a `tf.keras.Sequential` with a `tf.keras.layers.LSTM` fails: `ValueError: shapes "
    "differ`."
)
QUICK = {"cut_off_seconds": 1.0, "read_lag_seconds": 0.2, "worker_silence_seconds": 3.0}
"""Timing for a GitHub on this machine. A killed worker holds its lease for as long as it may be
silent."""


def rows(database: str, folder: Path) -> Stage:
    """One row for each item; killed while requests are in flight."""
    world = folder / "world.sqlite"
    with sqlite3.connect(world) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE act (number INTEGER NOT NULL)")
        connection.execute("CREATE INDEX by_number ON act (number)")

    def start(port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bench.ingesting.victim", str(port), database, str(world)]
        return _started(command, {"BENCH_SECRET": servers.SECRET}, port)

    def acts() -> Counter[int]:
        with sqlite3.connect(world) as connection:
            return Counter(
                dict(connection.execute("SELECT number, count(*) FROM act GROUP BY number"))
            )

    return Stage(
        start=start,
        request=lambda number: delivery(number, "octo/mono"),
        acts=acts,
        kill_after=0.05,
    )


@contextmanager
def notices(database: str, folder: Path, count: int) -> Iterator[tuple[Stage, list[int]]]:
    """So many new issues on a sandbox, each to be welcomed by one comment; killed in the middle
    of that work."""
    write_world(generate(items=60, seed=5), folder / "world.jsonl")
    with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
        given = {
            **QUICK,
            **sandbox.credentials,
            "database_url": database,
            "github_url": sandbox.url,
        }
        given |= {"webhook_secret": servers.SECRET}
        environment = {f"MIGRATOR_{name.upper()}": str(value) for name, value in given.items()}

        def start(port: int) -> subprocess.Popen[bytes]:
            command = [
                sys.executable,
                "-m",
                "migrator",
                "serve",
                "--migration",
                "keras",
                "--port",
                str(port),
            ]
            return _started(command, environment, port)

        first = start(
            servers.free_port()
        )  # what was there before the listener first began is not its business
        first.terminate()
        first.wait()
        numbers = [_open_issue(sandbox, number) for number in range(count)]
        stage = Stage(
            start=start,
            request=lambda number: delivery(number, SOURCE),
            acts=lambda: _comments(sandbox, frozenset(numbers)),
            kill_after=1.5,
        )
        yield stage, numbers


def delivery(number: int, repository: str) -> bytes:
    """The delivery about one item; its id follows from the number, so that a second one is a
    duplicate."""
    payload = {
        "action": "opened",
        "issue": {"number": number, "body": "x" * 500},
        "repository": {"full_name": repository},
    }
    body = msgspec.json.encode(payload)
    signed = hmac.new(servers.SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /webhooks HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: "
        f"application/json\r\ncontent-length: {len(body)}\r\n"
        f"x-github-event: issues\r\nx-hub-signature-256: sha256={signed}\r\nx-github-delivery: "
        f"item-{number}\r\n\r\n"
    )
    return head.encode() + body


def _started(command: list[str], environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=quiet, stderr=quiet
    )
    servers.wait_for(f"http://127.0.0.1:{port}/healthz", process)
    return process


def _open_issue(sandbox: Sandbox, number: int) -> int:
    title = f"[Keras] Model.fit fails with an LSTM ({number})"
    act = {
        "as": "ingrid-solberg",
        "do": "open_issue",
        "repository": SOURCE,
        "title": title,
        "body": TEXT,
    }
    return int(sandbox.post("act", act)["item"]["number"])


def _comments(sandbox: Sandbox, numbers: frozenset[int]) -> Counter[int]:
    """How many comments of ours each of these issues has."""
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/world") as reply:
        records: list[dict[str, Any]] = [json.loads(line) for line in reply.read().splitlines()]
    found: Counter[int] = Counter()
    for record in records:
        if (
            record["record"] == "item"
            and record["repository"] == SOURCE
            and record["number"] in numbers
        ):
            found[record["number"]] = sum(
                each.get("author") == sandbox.account for each in record.get("comments", ())
            )
    return +found
