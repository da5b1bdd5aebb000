"""What `check` says of a migration that moves the threads themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from migrator.domain.items import Item, ItemKind
from migrator.domain.planning.transfer_losses import transfer_losses
from migrator.domain.rules import DecisionRules, Migration, MigrationFile, MovedPath, Part
from migrator.domain.rules.decisions import ActiveRules
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.checks.run import github_findings
from migrator.github.checks.workflows import opened_workflows
from tests.support.sandboxes import Sandboxes, account, repository

OLD, NEW = "acme/mono", "acme/widget"
AT = datetime(2021, 1, 1, tzinfo=UTC)
WORKFLOW = ".github/workflows/police.yml"
OPENED = "on:\n  issues:\n    types: [opened]\npermissions:\n  issues: write\njobs: {}\n"


def _file(act: Any = "transfer") -> MigrationFile:
    part = Part(
        name="widgets",
        title="Widgets",
        target=NEW,
        old_address="https://github.com/acme/mono/tree/main/widgets",
        new_address="https://github.com/acme/widget",
        paths=(MovedPath(old="widgets", new="src"),),
    )
    migration = Migration(name="widgets", title="Widgets", source=OLD, cutover=AT)
    decisions = DecisionRules(active=ActiveRules(act=act))
    return MigrationFile(migration=migration, parts=(part,), decisions=decisions)


def _item(number: int, **fields: Any) -> Item:
    return Item(repository=OLD, number=number, created_at=AT, updated_at=AT, **fields)


ITEMS = (
    _item(1, labels=("Bug", "area: core"), milestone="1.0"),
    _item(2, labels=("area: core",), milestone="2.0", locked=True),
    _item(3, kind=ItemKind.PULL_REQUEST, labels=("only here",)),
)


async def _found(
    sandboxes: Sandboxes,
    *,
    file: MigrationFile | None = None,
    source: dict[str, Any] | None = None,
    target: dict[str, Any] | None = None,
    login: str = "helper",
    roles: dict[str, str] | None = None,
    items: tuple[Item, ...] | None = ITEMS,
) -> dict[str, CheckResult]:
    known = {"labels": [{"name": "bug"}, {"name": "area: core"}], "milestones": ["1.0", "2.0"]}
    homes = (
        repository(OLD, **{**known, **(source or {})}),
        repository(NEW, **{"labels": [{"name": "bug"}], "milestones": ["2.0"], **(target or {})}),
    )
    rights = roles or {OLD: "write", NEW: "write"}
    started = sandboxes.start(people=(account(login, permissions=rights),), homes=homes)
    clients = started.clients(login)
    async with clients.of(OLD), clients.of(NEW):
        results = await github_findings(
            clients, file or _file(), items=None if items is None else lambda: items
        )
    assert clients.requests.mutation == 0
    return {one.code: one for one in results}


async def test_what_the_scanned_threads_lose_is_counted(sandboxes: Sandboxes) -> None:
    """Names compare without case; a pull request is not transferred."""
    found = await _found(sandboxes)
    assert found["transfer.labels_missing"].message.endswith("lose them: area: core (2)")
    assert found["transfer.milestones_missing"].message.endswith("are in: 1.0 (1)")
    assert "number" in found["transfer.changes"].message
    assert "permission.missing" not in found


async def test_without_a_scan_the_repositories_are_compared(sandboxes: Sandboxes) -> None:
    """`check` comes before `scan`."""
    found = await _found(sandboxes, items=None)
    assert found["transfer.labels_missing"].message.endswith("lose them: area: core")
    assert found["transfer.milestones_missing"].message.endswith("are in: 1.0")


async def test_write_is_needed_on_both_sides(sandboxes: Sandboxes) -> None:
    """Triage is enough to label and close, but not to transfer."""
    found = await _found(sandboxes, roles={OLD: "write", NEW: "triage"})
    assert found["permission.missing"].subject == NEW
    assert "transfer issues" in found["permission.missing"].message


async def test_nothing_goes_from_private_to_public(sandboxes: Sandboxes) -> None:
    """And the other way people may lose sight of it."""
    found = await _found(sandboxes, source={"private": True})
    assert found["transfer.private"].level is CheckLevel.ERROR
    found = await _found(sandboxes, target={"private": True})
    assert found["transfer.hidden"].level is CheckLevel.WARNING


async def test_a_workflow_of_the_target_that_reacts_to_new_issues_is_named(
    sandboxes: Sandboxes,
) -> None:
    """Each arriving thread starts it."""
    found = await _found(sandboxes, target={"files": {WORKFLOW: OPENED}})
    assert WORKFLOW in found["transfer.opened_workflow"].message


async def test_an_archived_source_is_an_error(sandboxes: Sandboxes) -> None:
    """GitHub refuses every transfer out of it."""
    assert (await _found(sandboxes, source={"archived": True}))[
        "repository.archived"
    ].subject == OLD


async def test_an_app_has_to_be_installed_on_both(sandboxes: Sandboxes) -> None:
    """One that is limited to the source is told so, and what it may not write in the target."""
    homes = (repository(OLD), repository(NEW))
    people = (account("acme", type="Organization"), account("root", permissions={OLD: "admin"}))
    started = sandboxes.start(people=people, homes=homes)
    started.installation("acme", repositories=[OLD])
    clients = started.app_clients()
    async with clients.of(OLD):
        results = await github_findings(clients, _file())
    assert [one.subject for one in results if one.code == "app.not_installed"] == [NEW]


async def test_a_file_that_transfers_nothing_hears_nothing_of_it(sandboxes: Sandboxes) -> None:
    """Its needs stay the same, too."""
    found = await _found(sandboxes, file=_file("redirect"), roles={OLD: "triage", NEW: "triage"})
    assert not [code for code in found if code.startswith(("transfer.", "permission."))]


@pytest.mark.parametrize(
    ("starters", "starts"),
    [
        ("on: issues", True),
        ("on: [push, issues]", True),
        ("on:\n  issues:\n", True),
        ("on:\n  issues:\n    types: [labeled, opened]", True),
        ("on:\n  issues:\n    types: opened", True),
        ("on:\n  issues:\n    types: [closed]", False),
        ("on:\n  issue_comment:\n", False),
        ("on: push", False),
        ("nonsense: [", False),
    ],
)
def test_a_workflow_says_what_starts_it(starters: str, starts: bool) -> None:
    """https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#issues"""
    assert bool(opened_workflows({WORKFLOW: starters})) is starts


def test_milestones_that_are_not_all_known_are_not_called_lost() -> None:
    """Half of a list proves nothing."""
    losses = transfer_losses(NEW, ITEMS, labels=["bug"], milestones=None)
    assert (losses.threads, losses.milestones, losses.milestones_known) == (2, (), False)
    assert (losses.locked, losses.any) == (1, True)
