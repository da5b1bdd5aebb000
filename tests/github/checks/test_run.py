"""`check` against a GitHub: one pass finds everything, and writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.rules import Migration, MigrationFile, MovedPath, Part
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.checks.run import github_findings
from migrator.github.client_pool import ClientPool
from tests.support.sandboxes import NEW, OLD, Sandboxes, account, issue, repository

STALE = "jobs:\n  stale:\n    steps:\n      - uses: actions/stale@v9\n"


def _file(target: str = NEW) -> MigrationFile:
    part = Part(
        name="widgets",
        title="Widgets",
        target=target,
        old_address="https://github.com/old/home/tree/main/widgets",
        new_address="https://github.com/new/home",
        paths=(MovedPath(old="widgets", new="src"),),
    )
    migration = Migration(
        name="widgets", title="Widgets move", source=OLD, cutover=datetime(2021, 6, 24, tzinfo=UTC)
    )
    return MigrationFile(migration=migration, parts=(part,))


async def _found(
    clients: ClientPool, file: MigrationFile | None = None, **options: Any
) -> tuple[CheckResult, ...]:
    async with clients.of(OLD), clients.of(NEW):
        return await github_findings(clients, file or _file(), **options)


async def test_everything_wrong_is_found_in_one_pass(sandboxes: Sandboxes) -> None:
    """A person mends all of it before the next try, instead of one thing at a time."""
    homes = (
        repository(OLD, files={".github/workflows/stale.yml": STALE}),
        repository(NEW, archived=True, blank_issues=False),
    )
    started = sandboxes.start(people=(account("helper", permissions={OLD: "read"}),), homes=homes)
    clients = started.clients("helper")
    found = {finding.code: finding for finding in await _found(clients)}
    assert clients.requests.mutation == 0
    assert {
        "repository.archived",
        "permission.missing",
        "label.missing",
        "workflow.stale",
        "refile.template_needed",
        "token.account",
    } <= set(found)
    assert ".github/workflows/stale.yml" in found["workflow.stale"].cure


async def test_a_missing_repository_does_not_hide_the_other_findings(sandboxes: Sandboxes) -> None:
    """Each repository is judged for itself."""
    started = sandboxes.start()
    found = {
        finding.subject: finding.code
        for finding in await _found(started.clients("robin"), _file("new/typo"))
    }
    assert found["new/typo"] == "repository.missing"
    assert OLD in found


async def test_a_refused_token_is_the_only_finding(sandboxes: Sandboxes) -> None:
    """Everything else would follow from it."""
    (finding,) = await _found(sandboxes.start().clients("no-such-account"))
    assert (finding.code, finding.level) == ("token.refused", CheckLevel.ERROR)


async def test_an_app_is_judged_by_its_permissions_not_by_a_role(sandboxes: Sandboxes) -> None:
    """An installation has no role in a repository; each missing permission is named, with the
    repository."""
    started = sandboxes.start()
    started.installation(
        "old", permissions={"issues": "read", "pull_requests": "write", "metadata": "read"}
    )
    found = [
        finding
        for finding in await _found(started.app_clients())
        if finding.level is CheckLevel.ERROR
    ]
    assert [
        (finding.code, finding.subject) for finding in found if finding.code.startswith("app.")
    ] == [
        ("app.permission_missing", OLD),
        ("app.permission_missing", OLD),
    ]
    assert "issues: read, and write is needed" in str(found)
    assert "contents: none, and read is needed" in str(found)
    assert "permission.missing" not in {finding.code for finding in found}


async def test_an_app_with_all_permissions_is_ready(sandboxes: Sandboxes) -> None:
    """It says as whom it acts, and nothing stands against it."""
    started = sandboxes.start()
    found = await _found(started.app_clients())
    assert ("app.account", started.app["slug"]) in {
        (finding.code, finding.subject) for finding in found
    }
    assert [finding for finding in found if finding.level is CheckLevel.ERROR] == []


@pytest.mark.parametrize(
    "change", [{"removed": True}, {"repositories": ["new/other"]}], ids=["nowhere", "elsewhere"]
)
async def test_an_app_that_does_not_reach_a_repository_is_told_where_to_install_it(
    sandboxes: Sandboxes, change: dict[str, Any]
) -> None:
    """Each owner installs an App for themselves; the other repositories are judged all the same."""
    started = sandboxes.start()
    started.installation("new", **change)
    found = [
        finding
        for finding in await _found(started.app_clients())
        if finding.code.startswith("app.")
    ]
    errors = [
        (finding.code, finding.subject) for finding in found if finding.level is CheckLevel.ERROR
    ]
    assert errors == [("app.not_installed", NEW)]


async def test_an_app_with_another_ones_key_is_the_only_finding(sandboxes: Sandboxes) -> None:
    """Everything else would follow from it."""
    started = sandboxes.start()
    key = Path(started.app["private_key_file"]).read_text()
    (finding,) = await _found(
        ClientPool(started.url, app_id=started.app["id"] + 1, private_key=key)
    )
    assert (finding.code, finding.level) == ("app.refused", CheckLevel.ERROR)


async def test_addresses_are_tried_in_the_sandbox(sandboxes: Sandboxes) -> None:
    """A wrong number is broken, the repository's own pages are fine, and others' pages are said
    to be unchecked."""
    addresses = [f"https://github.com/{OLD}/issues/{number}" for number in (1, 99)]
    addresses += [f"https://github.com/{OLD}/tree/main/widgets", "https://cla.example.org/sign"]
    found = await _found(sandboxes.start(issue(1)).clients(), addresses=addresses)
    links = {finding.subject: finding.code for finding in found if finding.code.startswith("link.")}
    assert links == {addresses[1]: "link.broken", addresses[3]: "link.unchecked"}
