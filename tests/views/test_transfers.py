"""What a plan's page says of its transfers, and the map of what moved, after a rehearsal that
moved threads."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from migrator import bootstrap
from migrator.config.settings import Settings
from migrator.domain.items import Item
from migrator.domain.planning.transfer_losses import LostName
from migrator.execution.context import Context
from migrator.store.plans import StoredPlan
from migrator.views.plan import plan_page
from tests.conftest import ROOT

FILE = ROOT / "docs" / "examples" / "one-owner.toml"
SOURCE, TARGET = "example-org/monorepo", "example-org/widgets"


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a rehearsal that transferred some threads."""
    folder = tmp_path_factory.mktemp("transfers") / "kept"
    command = [sys.executable, "-m", "migrator", "rehearse", "--migration", str(FILE)]
    command += ["--items", "60", "--dir", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    assert msgspec.json.decode(done.stdout)["transferred"] > 3
    return folder


@pytest.fixture
def context(rehearsed: Path) -> Context:
    """The rehearsal's records; its GitHub has ended."""
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{rehearsed / 'migrator.sqlite'}",
            "github_url": "http://127.0.0.1:9",
            "github_token": "sandbox-nobody",
        }
    )
    return bootstrap.build(
        rehearsed / "migration.toml", settings=settings, clock=bootstrap.system_clock
    )


def _plan(context: Context) -> StoredPlan:
    return context.store.plans.newest(1)[0]


def test_a_plans_page_shows_what_its_threads_lose(context: Context) -> None:
    """Counted over the threads that the plan moves; once they have moved, no count is claimed."""
    plan = _plan(context)
    moving = [one for one in context.store.plans.items(plan.hash) if one.transfers_to]
    (moved,) = plan_page(context, plan).transfers or ()
    assert (moved.known, moved.losses.threads) == (False, len(moving))
    at = context.clock()
    before = [
        Item(
            repository=SOURCE,
            number=one.number,
            id=one.node_id,
            created_at=at,
            updated_at=at,
            labels=("nowhere else",),
            milestone="never",
        )
        for one in moving
    ]
    context.store.snapshots.save(before, read_at=at)
    page = plan_page(context, plan)
    (found,) = page.transfers or ()
    assert (found.known, found.losses.target) == (True, TARGET)
    assert found.losses.labels == (LostName(name="nowhere else", threads=len(moving)),)
    assert found.losses.milestones == (LostName(name="never", threads=len(moving)),)
    assert plan_page(context, plan).transfers == page.transfers


def _export(folder: Path, *options: str) -> str:
    """What `migrator export --moved` prints."""
    command = [sys.executable, "-m", "migrator", "export", "--moved", *options]
    command += ["--migration", str(folder / "migration.toml")]
    address = f"sqlite:///{folder / 'migrator.sqlite'}"
    return subprocess.run(
        command,
        env={**os.environ, "MIGRATOR_DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


def test_the_map_has_a_line_for_each_transferred_thread(rehearsed: Path, context: Context) -> None:
    """As CSV and as JSON, by the names that the plan had."""
    plan = _plan(context)
    moving = {one.key for one in context.store.plans.items(plan.hash) if one.transfers_to}
    rows = list(csv.DictReader(io.StringIO(_export(rehearsed))))
    assert {row["old"] for row in rows} == moving
    assert all(row["new"].startswith(f"{TARGET}#") for row in rows)
    assert all(row["old_node_id"] != row["new_node_id"] for row in rows)
    listed = msgspec.json.decode(_export(rehearsed, "--json"))["moved"]
    assert [one["new"] for one in listed] == [row["new"] for row in rows]
