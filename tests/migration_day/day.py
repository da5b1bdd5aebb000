"""A day of a migration on PostgreSQL: a web process behind the proxy of `deploy/`, two workers, a
run at GitHub's pace, and whoever breaks something."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

from migrator import bootstrap
from migrator.config.settings import Settings
from migrator.domain.planning.plan import STEERED
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services.runs import RunProgress, progress
from migrator.store.database import OUTAGES, retry_on_outage
from migrator.store.runs import Run, RunState
from tests.cli.conftest import COMMAND, RULES, Desk
from tests.support.databases import Databases, control, opened, postgresql

SCALE = 600
"""How many times faster the sandbox's hours pass."""
SECRET = "correct horse battery staple"
STRICT = "\n[breaker]\nleast_notices = 5\n\n[sending]\nnotices_per_person_per_day = 100\n"
DISK_MEGABYTES = 80
NOTED = (
    "select workflow_uuid, status, executor_id, owner_xid, queue_name, error from dbos.workflow_status",
    "select * from mig_worker",
    "select * from mig_lease",
    "select id, state, options from mig_run",
    "select * from mig_budget",
)
"""What the engine and its workers note."""
PATIENCE = 120.0
"""Seconds after which a wait is given up: that is a finding."""


@dataclass
class Process:
    """A process of ours, its output in a file."""

    running: subprocess.Popen[bytes]
    log: Path

    def said(self, pattern: str) -> str:
        """What it said that fits, once it has; the pattern's first group."""
        return str(until(lambda: re.search(pattern, self.log.read_text(encoding="utf-8")))[1])

    def kill(self) -> None:
        """`kill -9`."""
        self.running.kill()
        self.running.wait()


def until(found: Callable[[], Any]) -> Any:
    """What is found, once something is."""
    began = time.monotonic()
    while not (answer := found()):
        assert time.monotonic() - began < PATIENCE, "it never came"
        time.sleep(0.1)
    return answer


@dataclass
class Day:
    """The desk of the person on call, and what runs."""

    desk: Desk
    server: str
    database: Callable[[str], None]
    disk: Path | None = None
    """The small file system with the database, where this machine mounts one."""
    processes: list[Process] = field(default_factory=list)

    def start(self, *arguments: str) -> Process:
        """Start a process and leave it running."""
        log = self.desk.folder / f"process-{len(self.processes)}.log"
        with log.open("wb") as output:
            running = subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=self.desk.folder,
                env=self.desk.environment,
                stdout=output,
                stderr=output,
            )
        self.processes.append(Process(running, log))
        return self.processes[-1]

    def worker(self, port: int = 0) -> Process:
        """A worker that begins what was approved, as `deploy/README.md` says."""
        started = self.start("worker", "--start-approved", "--metrics-port", str(port))
        started.said(r"metrics at (\S+)/metrics")
        return started

    def web(self, port: int = 0) -> tuple[Process, str]:
        """The web process, and its address."""
        started = self.start("serve", "--no-worker", "--port", str(port))
        return started, started.said(r"listening on (\S+)")

    def deliver_to(self, address: str) -> None:
        """GitHub sends its webhooks there."""
        self.desk.control("hook", {"url": f"{address}/webhooks", "secret": SECRET})

    def someone_comments(self) -> None:
        """On an item with a notice of ours: the listener has to read it."""
        key = next(iter(self.notices()))
        repository, _, number = key.partition("#")
        self.desk.act("comment", {"repository": repository, "number": int(number)}, body="Thanks.")

    def writes(self) -> int:
        """Mutations that GitHub has seen."""
        return int(self.desk.sandbox.stats()["requests"]["mutation"])

    def wait_for_writes(self, more: int) -> None:
        """Wait until that many more writes have gone out, or the run has ended."""
        wanted = self.writes() + more
        until(lambda: self.writes() >= wanted or ((now := self.run()) and now.at_rest))

    def run(self) -> RunProgress | None:
        """How far the newest run is, ``None`` before there is one."""
        settings = Settings.model_validate(
            {
                "database_url": self.desk.settings["MIGRATOR_DATABASE_URL"],
                "github_url": self.desk.sandbox.url,
                "github_token": self.desk.sandbox.token,
            }
        )
        context = bootstrap.build(self.desk.rules, settings=settings)
        try:
            newest = retry_on_outage(lambda: context.store.runs.newest(1, kinds=STEERED))
            return retry_on_outage(lambda: progress(context, newest[0].id)) if newest else None
        finally:
            context.store.engine.dispose()

    def until_stopped(self) -> Run:
        """The newest run, once it has stopped by itself."""
        found: Run = until(
            lambda: (now := self.run()) and now.run.state is RunState.STOPPED and now.run
        )
        return found

    def until_rest(self) -> RunProgress:
        """How far the newest run is, once nothing more happens by itself."""
        found: RunProgress = until(lambda: (now := self.run()) and now.at_rest and now)
        return found

    def notices(self) -> Counter[str]:
        """How many comments of ours each item has."""
        found: Counter[str] = Counter()
        for record in self.desk.sandbox.world():
            if record.get("record") == "item":
                ours = [
                    one
                    for one in record.get("comments", ())
                    if one.get("author") == self.desk.sandbox.account
                    and "nonce=" in one.get("body", "")
                ]
                found[f"{record['repository']}#{record['number']}"] += len(ours)
        return +found

    def reopen_closed(self) -> int:
        """The owner opens again what was closed; returns how many items."""
        ours, reopened = self.notices(), 0
        for record in list(self.desk.sandbox.world()):
            if record.get("record") != "item" or record.get("state") != "closed":
                continue
            if f"{record['repository']}#{record['number']}" in ours:
                self.desk.act("reopen", record)
                reopened += 1
        return reopened

    def state(self, do: str, **details: Any) -> None:
        """Change the state of a repository or an account on GitHub."""
        self.desk.control("act", {"do": do, **details})

    def clock_offset(self, seconds: float) -> None:
        """GitHub's clock and this machine's differ."""
        self.desk.control("act", {"do": "clock_offset", "seconds": seconds})

    @contextmanager
    def frozen_network(self) -> Iterator[None]:
        """No request is answered, and none is refused."""
        os.kill(self.desk.sandbox.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.desk.sandbox.pid, signal.SIGCONT)

    def lose_the_database(self) -> None:
        """Another, empty one takes its place."""
        new = Databases("postgresql", self.desk.folder, self.server).empty()
        self.disk = None
        self.desk.settings["MIGRATOR_DATABASE_URL"] = new

    def state_of_things(self) -> str:
        """For whoever reads why a test failed: the end of what each process said, and what the
        engine and its workers noted."""
        said = [
            f"{process.log.name}, ended with {process.running.poll()}:\n"
            + process.log.read_text(encoding="utf-8")[-3000:]
            for process in self.processes
        ]
        try:
            noted = self._noted()
        except OUTAGES as error:
            noted = [str(error)]
        return "\n".join([*said, *noted])

    def _noted(self) -> list[str]:
        with (
            opened(self.desk.settings["MIGRATOR_DATABASE_URL"]) as engine,
            engine.connect() as read,
        ):
            return [
                str(tuple(row)) for query in NOTED for row in read.exec_driver_sql(query).fetchall()
            ]

    def stop(self) -> None:
        """End every process as a supervisor does: in order."""
        for process in self.processes:
            process.running.send_signal(signal.SIGTERM)
        for process in self.processes:
            assert process.running.wait(timeout=60) in (0, -signal.SIGKILL), process.log.read_text()
            assert "Traceback" not in process.log.read_text(), process.log.read_text()
        self.processes.clear()


@contextmanager
def migration_day(folder: Path, *, items: int, latency: int) -> Iterator[Day]:
    """A day before its plan is made: an up-to-date database, and items that were read and judged."""
    write_world(generate(items=items, seed=3), folder / "world.jsonl")
    options = ("--latency", str(latency), "--limits", f"scaled:{SCALE}")
    with (
        postgresql() as server,
        running_sandbox("--world", str(folder / "world.jsonl"), *options) as sandbox,
        on_small_disk(folder, server) as (database, disk),
    ):
        (folder / "moved.toml").write_text(RULES + STRICT, encoding="utf-8")
        settings = {
            "MIGRATOR_DATABASE_URL": database,
            "MIGRATOR_CLOCK_SCALE": str(SCALE),
            "MIGRATOR_WORKER_SILENCE_SECONDS": "3",
            "MIGRATOR_WEBHOOK_SECRET": SECRET,
        }
        day = Day(Desk(folder, sandbox, settings), server, control(server), disk)
        day.desk.run("db", "upgrade")
        day.desk.run("scan")
        day.desk.run("classify")
        try:
            yield day
        except AssertionError as error:
            error.add_note(day.state_of_things())
            raise
        finally:
            for process in day.processes:
                process.running.kill()
                process.running.wait()


@contextmanager
def on_small_disk(folder: Path, server: str) -> Iterator[tuple[str, Path | None]]:
    """An empty database whose tables lie on a file system of their own, with that; an ordinary one
    where this machine mounts nothing."""
    database, place = Databases("postgresql", folder, server).empty(), Path(tempfile.mkdtemp())
    mounted = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={DISK_MEGABYTES}m,mode=755",
        "tmpfs",
        str(place),
    ]
    if os.geteuid() or subprocess.run(mounted, check=False).returncode:
        yield database, None
        return
    try:
        space = place / "tables"
        space.mkdir()
        name = make_url(database).database
        with opened(server) as engine, engine.connect() as connection:
            admin = connection.execution_options(isolation_level="AUTOCOMMIT")
            data = Path(str(admin.exec_driver_sql("show data_directory").scalar()))
            shutil.chown(space, data.owner(), data.group())
            admin.exec_driver_sql(f"create tablespace small location '{space}'")
            admin.exec_driver_sql(f"alter database {name} set tablespace small")
        yield database, place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        place.rmdir()


def answers(address: str, path: str = "/healthz") -> bool:
    """Whether something answers there."""
    try:
        return httpx.get(f"{address}{path}").status_code == 200
    except httpx.TransportError:
        return False
