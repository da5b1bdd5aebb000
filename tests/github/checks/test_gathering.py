"""`check` against a GitHub: one pass finds everything, and writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from migrator.domain.rules import Migration, MigrationFile, MovedPath, Part
from migrator.github.checks.findings import Level
from migrator.github.checks.gathering import github_findings
from tests.github.sandboxes import NEW, OLD, Sandboxes, account, issue, repository

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
    migration = Migration(name="widgets", title="Widgets move", source=OLD, cutover=datetime(2021, 6, 24, tzinfo=UTC))
    return MigrationFile(migration=migration, parts=(part,))


async def test_everything_wrong_is_found_in_one_pass(sandboxes: Sandboxes) -> None:
    """A person mends all of it before the next try, instead of one thing at a time."""
    homes = (repository(OLD, files={".github/workflows/stale.yml": STALE}), repository(NEW, archived=True, blank_issues=False))
    started = sandboxes.start(people=(account("helper", permissions={OLD: "read"}),), homes=homes)
    async with started.client("helper") as client:
        found = {finding.code: finding for finding in await github_findings(client, _file())}
        assert client.requests.mutation == 0
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
    async with started.client("robin") as client:
        found = {finding.subject: finding.code for finding in await github_findings(client, _file("new/typo"))}
    assert found["new/typo"] == "repository.missing"
    assert OLD in found


async def test_a_refused_token_is_the_only_finding(sandboxes: Sandboxes) -> None:
    """Everything else would follow from it."""
    async with sandboxes.start().client("no-such-account") as client:
        (finding,) = await github_findings(client, _file())
    assert (finding.code, finding.level) == ("token.refused", Level.ERROR)


async def test_an_app_is_judged_by_its_permissions_not_by_a_role(sandboxes: Sandboxes) -> None:
    """An installation has no role in a repository."""
    rights = {"old": {"issues": "read", "pull_requests": "write", "metadata": "read", "contents": "read"}}
    async with sandboxes.start().client("robin") as client:
        found = [finding.code for finding in await github_findings(client, _file(), installations=rights)]
    assert found.count("app.permission_missing") == 5
    assert "permission.missing" not in found


async def test_addresses_are_tried_in_the_sandbox(sandboxes: Sandboxes) -> None:
    """A wrong number is broken, the repository's own pages are fine, and others' pages are said to be unchecked."""
    addresses = [f"https://github.com/{OLD}/issues/{number}" for number in (1, 99)]
    addresses += [f"https://github.com/{OLD}/tree/main/widgets", "https://cla.example.org/sign"]
    async with sandboxes.start(issue(1)).client() as client:
        found = await github_findings(client, _file(), addresses=addresses)
    links = {finding.subject: finding.code for finding in found if finding.code.startswith("link.")}
    assert links == {addresses[1]: "link.broken", addresses[3]: "link.unchecked"}
