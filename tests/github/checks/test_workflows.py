"""Programs in a repository that would fight us are found, named by their file, with a cure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.github.checks.results import CheckLevel
from migrator.github.checks.workflows import workflow_findings

STALE = """
on:
  schedule: [{cron: "0 0 * * *"}]
jobs:
  stale:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/stale@v9
        with: {days-before-stale: 7%s}
"""


def _codes(path: str, text: str, label: str = "migrated") -> list[str]:
    return [finding.code for finding in workflow_findings("old/home", {path: text}, label)]


def _workflow(body: str) -> list[str]:
    return _codes(".github/workflows/it.yml", body)


def test_a_stale_workflow_is_found_by_its_action_whatever_the_file_is_called() -> None:
    """It would close what we keep open; the finding names the file and the way out."""
    (finding,) = workflow_findings(
        "old/home", {".github/workflows/nightly.yml": STALE % ""}, "migrated"
    )
    assert (finding.code, finding.level) == ("workflow.stale", CheckLevel.WARNING)
    assert ".github/workflows/nightly.yml" in finding.message
    assert "`migrated`" in finding.cure


@pytest.mark.parametrize(
    "exempt", [", exempt-issue-labels: 'keep,Migrated'", ", exempt-issue-labels: migrated"]
)
def test_a_stale_workflow_that_leaves_our_label_alone_is_no_finding(exempt: str) -> None:
    """Whoever followed the cure is not told again."""
    assert _workflow(STALE % exempt) == []


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("lee-dohm/no-response@v1", "workflow.stale"),
        ("dessant/lock-threads@v5", "workflow.lock"),
        ("actions/labeler@main", "workflow.label"),
        ("github/issue-labeler@v3.4", "workflow.label"),
        ("actions/first-interaction@v1", "workflow.answer"),
        ("Actions/Stale@0123456789abcdef0123456789abcdef01234567", "workflow.stale"),
    ],
)
def test_known_actions_are_named_by_what_they_do(action: str, code: str) -> None:
    """By owner and name; versions, commits and spelling vary."""
    assert _workflow(f"jobs:\n  it:\n    steps:\n      - uses: {action}\n") == [code]


def test_a_called_workflow_counts_like_a_step() -> None:
    """A job may be another's workflow as a whole."""
    assert _workflow("jobs:\n  it:\n    uses: actions/stale/.github/workflows/x.yml@v1\n") == [
        "workflow.stale"
    ]


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("stale.yml", "daysUntilStale: 60\n", ["workflow.stale"]),
        ("stale.yml", "daysUntilStale: 60\nexemptLabels: [migrated]\n", []),
        ("no-response.yml", "", ["workflow.stale"]),
        ("lock.yml", "daysUntilLock: 30\n", ["workflow.lock"]),
        ("config.yml", "newIssueWelcomeComment: Hi\n", ["workflow.answer"]),
        ("config.yml", "todo: x\n", []),
        ("CODEOWNERS", "* @robin\n", []),
        ("dependabot.yml", "version: 2\n", []),
    ],
)
def test_settings_of_apps_are_known_by_their_file(name: str, text: str, codes: list[str]) -> None:
    """Probot Apps have no workflow, only a settings file."""
    assert _codes(f".github/{name}", text) == codes


@pytest.mark.parametrize(
    ("starters", "permissions", "codes"),
    [
        ("issue_comment", "permissions: {issues: write}", ["workflow.reacts"]),
        ("{issues: {types: [labeled]}}", "", ["workflow.reacts"]),
        ("[push, issues]", "permissions: write-all", ["workflow.reacts"]),
        ("[push, issues]", "permissions: {contents: write}", []),
        ("push", "permissions: {issues: write}", []),
    ],
)
def test_a_workflow_that_our_writes_start_and_that_may_write_is_mentioned(
    starters: str, permissions: str, codes: list[str]
) -> None:
    """What it does nobody can tell from outside: a person reads it. YAML takes the key `on` for
    true."""
    assert (
        _workflow(f"on: {starters}\n{permissions}\njobs: {{it: {{steps: [{{run: echo}}]}}}}\n")
        == codes
    )


@given(
    st.text(max_size=60),
    st.sampled_from([".github/workflows/x.yml", ".github/stale.yml", ".github/config.yml"]),
)
def test_no_text_of_others_breaks_the_check(text: str, path: str) -> None:
    """Broken YAML and strange shapes are theirs, not our error."""
    list(workflow_findings("old/home", {path: text}, "migrated"))


@pytest.mark.parametrize(
    "text",
    [
        "jobs: [1]",
        "jobs: {a: 3}",
        "jobs: {a: {steps: 4}}",
        "jobs: {a: {steps: [{uses: [1]}]}}",
        "on: 7",
        "on: [[1]]",
        "jobs: {a: {steps: [{uses: actions/stale@v1, with: 3}]}}",
        "jobs: {a: {permissions: [1]}}\non: issues",
    ],
)
def test_no_shape_of_others_breaks_the_check(text: str) -> None:
    """The same for YAML that is well-formed and no workflow."""
    list(workflow_findings("old/home", {".github/workflows/x.yml": text}, "migrated"))
