"""``python -m migrator.sandbox --port 0 --world FILE``: serves a world on loopback until it is
stopped.

Prints one line of JSON when it is ready to answer: its address, process id, tokens, App and time.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import socket
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from migrator.sandbox.app import create_app
from migrator.sandbox.apps import ensure_app, key_file
from migrator.sandbox.errors import SandboxError
from migrator.sandbox.graphql.schema import executable_schema
from migrator.sandbox.limits import parse_rules
from migrator.sandbox.owners import ensure_owner, staff_tokens
from migrator.sandbox.server import Options, Server
from migrator.sandbox.state_log import kept_world
from migrator.sandbox.world import World
from migrator.sandbox.world_reader import build_world, load_world, read_records
from migrator.sandbox.worlds import choose_world, read_theme


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. Returns the exit code: 2 if the world cannot be read or an option is
    wrong."""
    given = _parser().parse_args(arguments)
    gc.disable()  # nothing that is made while loading is garbage
    try:
        parse_rules(given.limits)
        world = _world(given)
    except (SandboxError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ensure_owner(world)
    app = ensure_app(world)
    try:
        listening = _listen(given.port)
    except (OSError, OverflowError) as error:  # the second for a number that is no port
        why = getattr(error, "strerror", None) or error
        sys.stderr.write(
            f"port {given.port} cannot be used: {why}; choose another --port, or 0 for a free one\n"
        )
        return 2
    with listening, tempfile.TemporaryDirectory() as scratch:
        _serve(world, given, listening, key_file(app, given.state or Path(scratch)))
    return 0


def _serve(world: World, given: argparse.Namespace, listening: socket.socket, key: Path) -> None:
    """Answer requests until a signal comes."""
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    options = Options(
        state=given.state,
        lag=given.lag,
        latency=given.latency / 1000,
        limits=given.limits,
        seed=given.seed,
        url=url,
    )
    app = create_app(Server(world, options))
    executable_schema()
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    _Announcing(config, _ready_line(world, key, url)).run([listening])


def _listen(port: int) -> socket.socket:
    """Return a listening socket; as it names its protocol, asyncio turns Nagle's delay (40 ms a
    request) off."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


class _Announcing(uvicorn.Server):
    """Says that it is ready only once it is."""

    def __init__(self, config: uvicorn.Config, ready: dict[str, Any]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(msgspec.json.encode(self._ready).decode() + "\n")
        sys.stdout.flush()


def _ready_line(world: World, key: Path, url: str) -> dict[str, Any]:
    app = next(iter(world.apps.values()))
    installed = {
        one.account: one.id
        for one in world.installations.values()
        if one.app == app.slug and not one.removed
    }
    return {
        "url": url,
        "pid": os.getpid(),
        "tokens": staff_tokens(world),
        "app": {
            "id": app.id,
            "slug": app.slug,
            "installation_ids": installed,
            "private_key_file": str(key),
        },
        "now": world.clock.start,
    }


def _world(given: argparse.Namespace) -> World:
    """Return the world of the state folder if it keeps one, else that of the file."""
    kept = kept_world(given.state, now=given.now) if given.state else None
    if kept is not None:
        return kept
    if given.world is None and given.items is not None:
        return made_up_world(
            items=given.items,
            seed=given.world_seed,
            theme=given.theme,
            share=given.share,
            now=given.now,
        )
    if given.world is None:
        raise SandboxError(
            "--world FILE is needed, or --items N to make one up, or --state DIR of a sandbox "
            "that ran before"
        )
    return load_world(given.world, now=given.now)


def made_up_world(
    *,
    items: int,
    seed: int,
    theme: Path | None = None,
    share: float | None = None,
    now: str | None = None,
) -> World:
    """Return a world that is made up: the default one, or one about the theme in that JSON file.

    Raises ``OSError`` and ``ValueError`` for a theme that cannot be read and for options that make
    no world.
    """
    moment = datetime.fromisoformat(now) if now else None
    chosen = choose_world(
        items=items, seed=seed, now=moment, theme=read_theme(theme) if theme else None, share=share
    )
    return build_world(
        read_records(map(msgspec.json.encode, chosen.records), "made-up world"), now=now
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m migrator.sandbox", description="A GitHub that runs on your machine."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--world", type=Path, help="world file (JSON lines)")
    parser.add_argument(
        "--items", type=int, help="without --world: make a world of so many items up"
    )
    parser.add_argument("--world-seed", type=int, default=7, help="seed of a made-up world")
    parser.add_argument(
        "--share",
        type=float,
        help="share of a made-up source's items that are about what moves (0 to 1)",
    )
    parser.add_argument(
        "--theme",
        type=Path,
        help="JSON file that says what a made-up world is about (docs/world-file.md)",
    )
    parser.add_argument(
        "--now",
        help="where the world's clock starts (ISO 8601); default: a day after the newest date",
    )
    parser.add_argument("--state", type=Path, help="folder that keeps the world between runs")
    parser.add_argument("--lag", type=float, default=0.0, help="seconds that a read may lag behind")
    parser.add_argument(
        "--latency", type=float, default=0.0, help="milliseconds added to every answer"
    )
    parser.add_argument(
        "--limits", default="off", help="off, real, or scaled:N (an hour passes in 3600/N seconds)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of what is random")
    return parser


if __name__ == "__main__":
    sys.exit(main())
