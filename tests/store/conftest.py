"""Every test of the store runs on real SQLite and on real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from migrator.domain.planning.plan import PlanHeader, Totals
from migrator.store import Store, open_store
from migrator.store.runs import Run, RunState
from tests.support.databases import BACKENDS, Databases, opened, postgresql

NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """One server for all tests of this run."""
    with postgresql() as address:
        yield address


@pytest.fixture(scope="session", params=BACKENDS)
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Fresh databases of each kind."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    return Databases(request.param, tmp_path_factory.mktemp("databases"), server)


@pytest.fixture
def address(databases: Databases) -> str:
    """Address of a database of its own, at the newest revision."""
    return databases.current()


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    """An engine on that database."""
    with opened(address) as engine:
        yield engine


@pytest.fixture
def store(engine: Engine) -> Store:
    """The tables of one migration."""
    return open_store(engine, "garden")


@pytest.fixture
def header() -> PlanHeader:
    """What a plan stands on."""
    return PlanHeader(
        migration="garden",
        source="big/house",
        targets=("little/garden",),
        as_of=NOW,
        expires_at=NOW.replace(day=8),
        rules_digest="rules",
    )


@pytest.fixture
def run(store: Store, header: PlanHeader) -> Run:
    """A run of a stored plan, without items."""
    plan = store.plans.finish_draft(
        store.plans.begin_draft(header, NOW), "a" * 64, header, Totals(), NOW
    )
    return store.runs.start(
        Run(id="run", plan_hash=plan.hash, kind="migrate", state=RunState.RUNNING, started_at=NOW)
    )
