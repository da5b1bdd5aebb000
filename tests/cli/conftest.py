"""The command line as people use it: processes of its own, a sandbox in another one, and an
SQLite file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from migrator.config.migration_file import load
from migrator.rehearsal.sandbox import Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.support.forked import LONGEST, run_forked

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "migrator"]
ITEMS = 120
RULES = load("keras").text


NEIGHBOUR: tuple[dict[str, Any], ...] = (
    {"record": "repository", "name": "tensorflow/neighbour"},
    {
        "record": "account",
        "login": "mover",
        "permissions": dict.fromkeys(("tensorflow/tensorflow", "tensorflow/neighbour"), "write"),
    },
)
"""A repository of the source's owner, to which issues can be transferred, and who may do it."""


def _hear_ctrl_c() -> None:
    """A shell that starts the tests in the background lets them, and all that they start, ignore
    Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one JSON object."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error that it told as an object."""
        return dict(json.loads(self.err.splitlines()[-1])["error"])


@dataclass
class Desk:
    """Where somebody works with the command line: a folder with a migration file, a sandbox, and
    what names both."""

    folder: Path
    sandbox: Sandbox
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put a copy of the preset into the folder, unless rules lie there already."""
        if not self.rules.exists():
            self.rules.write_text(RULES, encoding="utf-8")

    @property
    def rules(self) -> Path:
        """The migration file."""
        return self.folder / "moved.toml"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "migrator.sqlite"

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment without its own settings, and those of the desk."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")
        }
        return kept | {
            "PYTHONPATH": str(ROOT),
            "MIGRATOR_DATABASE_URL": f"sqlite:///{self.database}",
            "MIGRATOR_GITHUB_URL": self.sandbox.url,
            "MIGRATOR_GITHUB_TOKEN": self.sandbox.token,
            "MIGRATOR_MIGRATION": str(self.rules),
            "MIGRATOR_CUT_OFF_SECONDS": "0.4",
            "MIGRATOR_READ_LAG_SECONDS": "0.2",
            **self.settings,
        }

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hear_ctrl_c,
        )

    def run(
        self, *arguments: str, code: int | None = 0, fresh: bool = False, **settings: str
    ) -> Ran:
        """Run a command to its end, which must be with this exit code; ``fresh``: in a new
        interpreter, not a forked one."""
        if fresh:
            process = self.start(*arguments, **settings)
            out, err = process.communicate(timeout=LONGEST)
            ended = process.returncode
        else:
            ended, out, err = run_forked(list(arguments), self.folder, self.environment | settings)
        assert code is None or ended == code, f"{arguments}: {ended}\n{out}\n{err}"
        return Ran(ended, out, err)

    def control(self, name: str, body: Any) -> Any:
        """Ask the sandbox's control surface."""
        data = json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.sandbox.url}/_sandbox/{name}", data, method="POST")
        ) as reply:
            return json.loads(reply.read())

    def act(
        self, do: str, item: dict[str, Any], *, by: str = "repository-owner", **details: Any
    ) -> None:
        """A person acts on a planned item."""
        self.control(
            "act",
            {
                "as": by,
                "do": do,
                "repository": item["repository"],
                "number": item["number"],
                **details,
            },
        )

    def record(self, item: dict[str, Any]) -> dict[str, Any]:
        """An item in the sandbox's world."""
        with urllib.request.urlopen(
            f"{self.sandbox.url}/_sandbox/item/{item['repository']}/{item['number']}"
        ) as reply:
            return dict(json.loads(reply.read()))

    def plan(self, *options: str) -> dict[str, Any]:
        """Make a plan, and return it with its items."""
        made = self.run("plan", *options, "--json").json
        return dict(self.run("plan", "--show", made["hash"], "--json").json)


def alone(folder: Path, **settings: str) -> Desk:
    """A desk without a sandbox: nothing answers at its address."""
    nowhere = Sandbox(
        url="http://127.0.0.1:9", token="sandbox-nobody", now=datetime.now(UTC), pid=0
    )
    return Desk(folder, nowhere, settings)


@pytest.fixture(scope="session")
def world_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated world, made once."""
    file = tmp_path_factory.mktemp("world") / "world.jsonl"
    write_world(chain(generate(items=ITEMS, seed=3), NEIGHBOUR), file)
    return file


@contextmanager
def desk_at(folder: Path, world: Path, *options: str) -> Iterator[Desk]:
    """A desk with a sandbox of its own."""
    with running_sandbox("--world", str(world), *options) as sandbox:
        yield Desk(folder, sandbox)


@pytest.fixture(scope="session")
def judged(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at which items were scanned and classified. For tests that change nothing."""
    with desk_at(tmp_path_factory.mktemp("judged"), world_file) as desk:
        desk.run("db", "upgrade")
        desk.run("scan", "--json")
        desk.run("classify", "--json")
        yield desk


@pytest.fixture(scope="session")
def planned(judged: Desk) -> dict[str, Any]:
    """The plan of what was judged, with its items."""
    return judged.plan()


@pytest.fixture
def at_work(judged: Desk, world_file: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk like `judged`, with a copy of its database and a fresh sandbox of the same world:
    for tests that act."""
    with sqlite_copy(judged.database, tmp_path), desk_at(tmp_path, world_file) as desk:
        yield desk


@contextmanager
def sqlite_copy(database: Path, folder: Path) -> Iterator[None]:
    """The database at its place in another folder; what still lies in its log comes along."""
    for part in ("", "-wal"):
        source = Path(f"{database}{part}")
        if source.exists():
            shutil.copy(source, folder / f"{database.name}{part}")
    yield
