"""Starts the three servers that are compared, each one process, and waits until they answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECRET = "It's a Secret to Everybody"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def uvicorn_command(app: str, port: int) -> list[str]:
    """One process of uvicorn, as quiet as ours."""
    return [
        sys.executable,
        "-m",
        "uvicorn",
        app,
        "--port",
        str(port),
        "--log-level",
        "warning",
        "--no-access-log",
    ]


@contextmanager
def running(
    command: Sequence[str], port: int, environment: Mapping[str, str], health: str
) -> Iterator[str]:
    """The address of a server process; it is ended at the end."""
    address = f"http://127.0.0.1:{port}"
    variables = {**os.environ, "BENCH_SECRET": SECRET, **environment}
    started = subprocess.Popen(
        command, env=variables, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(f"{address}{health}", started)
        yield address
    finally:
        os.killpg(
            started.pid, signal.SIGTERM
        )  # what is installed as `node` may be a script that starts the real one
        started.wait(timeout=30)


def wait_for(
    url: str, process: subprocess.Popen[bytes], seconds: float = 60.0, *, until: int = 0
) -> None:
    """Return once anything answers at ``url``, or with the status ``until``. Raises
    ``RuntimeError`` if the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError as reply:
            if not until or reply.status == until:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"nothing answered at {url}")


@contextmanager
def bare() -> Iterator[str]:
    """FastAPI that checks the signature only."""
    port = free_port()
    with running(uvicorn_command("bench.ingesting.bare:app", port), port, {}, "/") as address:
        yield f"{address}/webhooks"


@contextmanager
def ours(database: str) -> Iterator[str]:
    """The migrator's web application."""
    port = free_port()
    command = uvicorn_command("bench.ingesting.ours:app", port)
    with running(command, port, {"BENCH_DATABASE": database}, "/healthz") as address:
        yield f"{address}/webhooks"


@contextmanager
def probot(package: Path, node: str, key: str) -> Iterator[str]:
    """Probot with a reaction that does nothing."""
    port = free_port()
    environment = {
        "BENCH_PROBOT": str(package.parent.parent),
        "APP_ID": "1",
        "PRIVATE_KEY": key,
        "WEBHOOK_SECRET": SECRET,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "fatal",
        "NODE_ENV": "production",
    }
    with running([node, str(HERE / "probot.mjs")], port, environment, "/ping") as address:
        yield f"{address}/api/github/webhooks"
