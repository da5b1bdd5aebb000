"""What `check` says about repositories, rights, labels and the way into the new one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.rules import (
    ActivityRules,
    DecisionRules,
    Migration,
    MigrationFile,
    MovedPath,
    OwnershipRules,
    Part,
    RefileForm,
)
from migrator.domain.rules.decisions import ClearRules
from migrator.domain.rules.ownership import OwnershipLabels
from migrator.github.app import Installation
from migrator.github.checks.repositories import (
    app_permission_findings,
    installation_findings,
    label_findings,
    labels_to_add,
    permission_findings,
    repository_findings,
    target_findings,
)
from migrator.github.checks.results import CheckLevel, CheckResult, worst_first
from migrator.github.checks.run import needed_role, writes_in
from migrator.github.models import (
    IssueFormField,
    IssueTemplateFile,
    Label,
    Permission,
    RepositoryFacts,
)

OLD, NEW = "old/home", "new/home"
FORM = IssueTemplateFile(
    file="bug.yml", fields=(IssueFormField(id="what"), IssueFormField(id="version"))
)
MARKDOWN = IssueTemplateFile(file="bug.md")
AREA = IssueTemplateFile(file="text.yml", fields=(IssueFormField(id="text", type="textarea"),))


def _facts(name: str = OLD, **fields: Any) -> RepositoryFacts:
    return RepositoryFacts(id="R_1", name=name, **{"viewer_permission": Permission.ADMIN, **fields})


def _part(**refile: str) -> Part:
    return Part(
        name="widgets",
        title="Widgets",
        target=NEW,
        old_address="https://github.com/old/home/tree/main/widgets",
        new_address="https://github.com/new/home",
        paths=(MovedPath(old="widgets", new="src"),),
        refile=RefileForm(**refile),
    )


def _file(**tables: Any) -> MigrationFile:
    migration = Migration(
        name="widgets", title="Widgets move", source=OLD, cutover=datetime(2021, 6, 24, tzinfo=UTC)
    )
    return MigrationFile(migration=migration, parts=(_part(),), **tables)


def _codes(findings: Iterable[CheckResult]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_healthy_repository_gives_no_finding() -> None:
    """Silence is what people should see."""
    assert _codes(repository_findings(OLD, _facts())) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (_facts(archived=True), "repository.archived"),
        (_facts(disabled=True), "repository.disabled"),
        (_facts("old/house"), "repository.renamed"),
    ],
)
def test_a_repository_that_cannot_be_written_to_is_an_error(
    facts: RepositoryFacts, code: str
) -> None:
    """Better before the plan than after the first refused notice."""
    (finding,) = repository_findings(OLD, facts)
    assert (finding.code, finding.level) == (code, CheckLevel.ERROR)
    assert finding.cure


def test_names_differ_by_more_than_case() -> None:
    """GitHub compares names without case."""
    assert _codes(repository_findings("Old/HOME", _facts())) == []


@pytest.mark.parametrize(
    ("refile", "facts", "codes"),
    [
        ({}, _facts(NEW), []),
        ({}, _facts(NEW, issues_enabled=False), ["refile.issues_off"]),
        ({}, _facts(NEW, blank_issues=False, templates=(FORM,)), ["refile.template_needed"]),
        ({}, _facts(NEW, blank_issues=False, templates=(MARKDOWN,)), ["refile.template_chosen"]),
        ({}, _facts(NEW, blank_issues=False, templates=(AREA,)), ["refile.template_chosen"]),
        ({"template": "gone.yml"}, _facts(NEW, templates=(FORM,)), ["refile.template_missing"]),
        ({"template": "bug.yml"}, _facts(NEW, templates=(FORM,)), ["refile.field_missing"]),
        (
            {"template": "bug.yml", "body_field": "why"},
            _facts(NEW, templates=(FORM,)),
            ["refile.field_missing"],
        ),
        (
            {"template": "bug.yml", "body_field": "what"},
            _facts(NEW, blank_issues=False, templates=(FORM,)),
            [],
        ),
        ({"template": "bug.md"}, _facts(NEW, blank_issues=False, templates=(MARKDOWN,)), []),
        (
            {"template": "bug.md", "body_field": "what"},
            _facts(NEW, templates=(MARKDOWN,)),
            ["refile.field_unused"],
        ),
    ],
)
def test_a_refile_link_must_not_lose_the_text(
    refile: dict[str, str], facts: RepositoryFacts, codes: list[str]
) -> None:
    """Without blank issues GitHub drops a prefilled body unless a template, and in a form a
    field, is named."""
    assert _codes(target_findings(_part(**refile), facts)) == codes


def test_a_template_that_the_notices_choose_by_themselves_is_named_and_no_error() -> None:
    """As in the new repository of the first migration: no blank issues, and templates that take
    a text."""
    (finding,) = target_findings(
        _part(), _facts(NEW, blank_issues=False, templates=(FORM, AREA, MARKDOWN))
    )
    assert finding.level is CheckLevel.INFO
    assert "bug.md" in finding.message


def test_the_cure_names_what_can_be_chosen() -> None:
    """A person should not have to go and look."""
    (missing,) = target_findings(
        _part(template="gone.yml"), _facts(NEW, templates=(FORM, MARKDOWN))
    )
    (field,) = target_findings(_part(template="bug.yml"), _facts(NEW, templates=(FORM,)))
    assert "bug.yml, bug.md" in missing.cure
    assert "what, version" in field.cure


def test_closing_needs_triage_and_a_notice_only_needs_to_read() -> None:
    """A token works for a trial without rights; the plan then has no closes."""
    assert needed_role(_file(), OLD) is Permission.TRIAGE
    assert needed_role(_file(), NEW) is Permission.TRIAGE
    assert (
        needed_role(_file(decisions=DecisionRules(clear=ClearRules(enabled=False))), NEW)
        is Permission.READ
    )
    trial = _file(decisions=DecisionRules(comment_only=True))
    assert {needed_role(trial, OLD), needed_role(trial, NEW)} == {Permission.READ}
    assert (writes_in(trial, OLD), writes_in(trial, NEW)) == (True, False)
    assert labels_to_add(trial, OLD) == frozenset()


@pytest.mark.parametrize(
    ("held", "codes"),
    [(Permission.READ, ["permission.missing"]), (Permission.TRIAGE, []), (Permission.ADMIN, [])],
)
def test_a_missing_role_is_named(held: Permission, codes: list[str]) -> None:
    """With the role that is held and the one that is needed."""
    findings = list(
        permission_findings(OLD, _facts(viewer_permission=held), needed=Permission.TRIAGE)
    )
    assert _codes(findings) == codes
    assert all(
        held.value in finding.message and "triage" in finding.message for finding in findings
    )


@pytest.mark.parametrize(
    ("permissions", "writes", "missing"),
    [
        (
            {"issues": "write", "pull_requests": "write", "metadata": "read", "contents": "read"},
            True,
            0,
        ),
        (
            {"issues": "read", "pull_requests": "write", "metadata": "read", "contents": "read"},
            True,
            1,
        ),
        (
            {"issues": "read", "pull_requests": "read", "metadata": "read", "contents": "read"},
            False,
            0,
        ),
        ({}, True, 4),
    ],
)
def test_an_apps_missing_permission_is_named(
    permissions: dict[str, str], writes: bool, missing: int
) -> None:
    """One finding for each: an owner changes them one by one."""
    findings = list(app_permission_findings("old/home", permissions, writes=writes))
    assert _codes(findings) == ["app.permission_missing"] * missing


def test_an_installation_that_is_missing_or_suspended_is_named_with_its_owner() -> None:
    """Only the owner can install an App or unsuspend it, so the cure says whose it is."""
    there = Installation(id=1, account="old")
    assert _codes(installation_findings("old/home", there)) == []
    assert _codes(installation_findings("old/home", None)) == ["app.not_installed"]
    (finding,) = installation_findings("old/home", replace(there, suspended=True))
    assert (finding.code, "old" in finding.cure) == ("app.suspended", True)


def test_a_label_that_we_may_create_is_no_error_and_one_that_we_may_not_is() -> None:
    """Creating a label takes more rights than putting it on an item."""
    assert _codes(label_findings(_file(), OLD, _facts(), creates=True)) == ["label.created"]
    assert _codes(label_findings(_file(), OLD, _facts(), creates=False)) == ["label.missing"]
    there = _facts(labels=(Label(id="L_1", name="Migrated"),))
    assert _codes(label_findings(_file(), OLD, there, creates=False)) == []


def test_a_label_that_the_rules_read_and_nobody_has_is_a_misspelling() -> None:
    """A wrong name in the migration file would quietly judge every item wrongly; a pattern
    cannot be held against names."""
    labels = OwnershipLabels(ours={"comp:widget": "widgets"}, not_ours=("comp:*",))
    file = _file(
        ownership=OwnershipRules(labels=labels), activity=ActivityRules(protecting_labels=("keep",))
    )
    found = list(
        label_findings(
            file,
            OLD,
            _facts(labels=(Label(id="1", name="migrated"), Label(id="2", name="keep"))),
            creates=True,
        )
    )
    assert _codes(found) == ["label.unknown"]
    assert "comp:widget" in found[0].message


def test_the_worst_comes_first() -> None:
    """A person reads from the top."""
    levels = [CheckLevel.INFO, CheckLevel.ERROR, CheckLevel.WARNING, CheckLevel.ERROR]
    found = worst_first(
        CheckResult(code=str(at), level=level, message="") for at, level in enumerate(levels)
    )
    assert _codes(found) == ["1", "3", "2", "0"]
