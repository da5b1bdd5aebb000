"""`deploy/postgres/web-role.sql` on a real PostgreSQL: the web does all of its work with it, and can
write nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ProgrammingError

from tests.cli.test_web_without_key import SECRET, of_the_web, of_the_worker, ready
from tests.support import sandbox_server
from tests.support.dashboard import world
from tests.support.databases import Databases, postgresql
from tests.support.front_door import ROOT, FrontDoor, process, run, until
from tests.support.nginx import free_port

WEB = "migrator_web"
GRANTS = ROOT / "deploy" / "postgres" / "web-role.sql"


@dataclass
class House:
    """A web with the narrow role beside a worker with the owner's."""

    door: FrontDoor
    owner: Engine
    web: Engine
    log: Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Both processes on one PostgreSQL; the grants are given twice, as after an upgrade."""
    folder = tmp_path_factory.mktemp("role")
    with ExitStack() as stack:
        address = Databases("postgresql", folder, stack.enter_context(postgresql())).empty()
        github = stack.enter_context(sandbox_server.serving(sandbox_server.build(_world())))
        worker = of_the_worker(github, folder) | {"MIGRATOR_DATABASE_URL": address}
        run(["db", "upgrade"], worker, folder)
        owner, web = _engine(address), _engine(address, WEB)
        stack.callback(owner.dispose)
        stack.callback(web.dispose)
        stack.enter_context(process(["worker"], worker, folder, "worker"))
        until(lambda: _engine_is_there(owner), "the engine's tables are made")
        for _ in range(2):
            with owner.connect() as connection:
                connection.exec_driver_sql(GRANTS.read_text())
        narrow = make_url(address).set(username=WEB).render_as_string(hide_password=False)
        port, given = free_port(), of_the_web(github, folder) | {"MIGRATOR_DATABASE_URL": narrow}
        stack.enter_context(
            process(["serve", "--no-worker", "--port", str(port)], given, folder, "web")
        )
        browser = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))
        until(lambda: ready(browser), "the web is ready")
        door = FrontDoor(browser, github, SECRET, lambda verb: run(verb, worker, folder))
        yield House(door, owner, web, folder / "web.log")


def _world() -> Any:
    return world(40, hostile=False)


def _engine(address: str, role: str = "") -> Engine:
    url = make_url(address).set(drivername="postgresql+psycopg")
    return create_engine(url.set(username=role) if role else url, isolation_level="AUTOCOMMIT")


def _engine_is_there(owner: Engine) -> bool:
    """Whether the worker has made all of the engine's tables."""
    with owner.connect() as connection:
        found = connection.exec_driver_sql("select to_regclass('dbos.dbos_migrations')").scalar()
        if not found:
            return False
        counted = "select count(*) from pg_tables where schemaname = 'dbos'"
        before = connection.exec_driver_sql(counted).scalar()
        time.sleep(0.5)
        return bool(before == connection.exec_driver_sql(counted).scalar())


def test_the_web_does_all_of_its_work(home: House) -> None:
    """Sign-in, pages, an answer, approval, start, webhook, undo; then every other act of a page.
    What cannot be just now is a conflict, and nothing fails for a missing right."""
    door = home.door
    door.walk()
    runs = door.get("/api/runs")
    undo = door.post(f"/api/undo/runs/{runs[0]['id']}", {})["hash"]
    with home.owner.connect() as connection:
        delivery = connection.exec_driver_sql("select id from mig_delivery").scalar()
        item = str(connection.exec_driver_sql("select item_key from mig_review").scalar())
    acts = [
        f"/api/plans/{undo}/discard",
        *(f"/api/runs/{runs[0]['id']}/{verb}" for verb in ("pause", "resume", "cancel")),
        f"/api/retry/runs/{runs[0]['id']}",
        f"/api/deliveries/{delivery}/replay",
        f"/api/items/{item.replace('#', '/')}/answer/withdraw",
    ]
    replies = {act: door.public.post(act, json={}) for act in acts}
    assert not [(act, one.text) for act, one in replies.items() if one.status_code >= 500]
    assert {replies[act].status_code for act in (acts[0], acts[-2], acts[-1])} == {200}
    assert door.public.post("/logout/everywhere").status_code == 303
    assert "permission denied" not in home.log.read_text()


@pytest.mark.parametrize(
    "statement",
    [
        "insert into mig_entry default values",
        "delete from mig_entry",
        "delete from mig_attempt",
        "update mig_outcome set code = 'x'",
        "update mig_audit set id = 0",
        "delete from mig_audit",
        "update mig_approval set approved_by = 'x'",
        "delete from mig_approval",
        "update mig_lease set fencing = 0",
        "delete from mig_spend",
        "update mig_snapshot set repository = 'x'",
        "delete from mig_verdict",
        "update mig_item_alias set repository = 'x'",
        "delete from mig_delivery",
        "delete from mig_run",
        "update mig_job set worker = 'x'",
        "update mig_job set progress = ''",
        "delete from mig_job",
        "update dbos.workflow_status set status = 'SUCCESS'",
        "insert into dbos.operation_outputs default values",
        "drop table mig_audit",
        "create table public.mine (a int)",
        "alter role migrator_web superuser",
    ],
)
def test_the_web_can_write_nothing_else(home: House, statement: str) -> None:
    """What was done stays on record, and the worker's own tables are the worker's."""
    with home.web.connect() as connection, pytest.raises(ProgrammingError) as refused:
        connection.exec_driver_sql(statement)
    assert any(words in str(refused.value) for words in ("permission denied", "must be owner"))
