"""The web application on a real socket, with a database in a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from migrator.store import revisions
from migrator.store.database import open_engine
from migrator.store.deliveries import Deliveries
from migrator.web.app import AppDependencies, create_app
from tests.support.webhook_sender import SECRET, Sender, serving


@pytest.fixture(scope="session")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest revision, to be copied."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    revisions.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def engine(upgraded: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh database."""
    path = tmp_path / "migrator.sqlite"
    shutil.copy(upgraded, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def sender(engine: Engine) -> Iterator[Sender]:
    """Sends to a running application that has two valid secrets."""
    deliveries = Deliveries(engine)
    tools = AppDependencies(
        store=deliveries.accept,
        secrets=(SECRET, b"the one before"),
        clock=lambda: datetime.now(UTC),
    )
    with serving(create_app(tools)) as address:
        yield Sender(address, deliveries)
