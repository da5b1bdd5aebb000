"""Promises about the project itself: what the pages name exists, and the code knows no
particular migration."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = sorted((ROOT / "migrator").rglob("*.py"))
TEMPLATES = sorted((ROOT / "migrator").rglob("*.j2"))
A_MIGRATION = re.compile(r"keras|tensorflow", re.IGNORECASE)


def spoken(source: str) -> Iterator[str]:
    """Names and strings of a module that have an effect: docstrings and comments are left out."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            yield node.value
        elif isinstance(node, ast.Name | ast.arg | ast.FunctionDef | ast.ClassDef):
            yield getattr(node, "id", "") or getattr(node, "arg", "") or getattr(node, "name", "")


def test_no_code_knows_a_particular_migration() -> None:
    """Another split is another file; only presets and data files name projects."""
    found = {
        str(path.relative_to(ROOT)): text
        for path in CODE
        for text in spoken(path.read_text(encoding="utf-8"))
        if A_MIGRATION.search(text)
    }
    assert found == {}


def test_no_template_knows_a_particular_migration() -> None:
    """Notices are written for any split."""
    assert [
        path.name for path in TEMPLATES if A_MIGRATION.search(path.read_text(encoding="utf-8"))
    ] == []


def test_every_make_target_that_a_page_names_exists() -> None:
    """Nobody is told to type what is not there."""
    targets = set(
        re.findall(
            r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    named = {
        target
        for page in PAGES
        for target in re.findall(
            r"(?:^    |`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert named - targets == set()


def test_make_help_lists_every_target() -> None:
    """`make` alone tells a newcomer what there is."""
    shown = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    phony = re.search(
        r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert phony
    assert [name for name in phony[1].split() if f"make {name} " not in shown] == []


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def steps_of(workflow: Path) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values():
        yield from job["steps"]


def test_workflows_run_what_people_run() -> None:
    """No knowledge lives in a workflow alone: its targets and scripts exist."""
    targets = set(
        re.findall(
            r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    commands = "\n".join(
        step.get("run", "") for workflow in WORKFLOWS for step in steps_of(workflow)
    )
    assert set(re.findall(r"\bmake ([a-z-]+)", commands)) <= targets
    assert {"make image-check", "bash .ci/run", "make release-check"} <= set(
        re.findall(r"make [a-z-]+|bash \S+", commands)
    )


def test_workflows_may_read_and_no_more() -> None:
    """A step that was taken over finds a token that can only read; one job writes, and runs
    nothing of ours."""
    for workflow in WORKFLOWS:
        whole = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        assert whole["permissions"] == {"contents": "read"}, workflow.name
        writing = {name for name, job in whole["jobs"].items() if job.get("permissions")}
        assert writing <= {"draft"}, workflow.name
        for step in steps_of(workflow):
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, workflow.name


def test_every_file_and_folder_that_the_design_page_names_exists() -> None:
    """The page is what a newcomer reads first."""
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", page)
    assert len(named) > 80
    places = (ROOT / "migrator", ROOT)
    assert [name for name in named if not any((at / name).exists() for at in places)] == []


GITHUBS_OWN = {
    *("Account", "Comment", "Delivery", "Event", "Installation", "Item", "Label"),
    *("Pull", "Reaction"),
}
"""Names that the sandbox has beside the product: each is GitHub's own word for the same thing, as
the server keeps it and as a client reads it."""


def test_no_two_classes_have_one_name() -> None:
    """A name that stands for two things sends the reader to the wrong file."""
    places = defaultdict(list)
    for path in sorted((ROOT / "migrator").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(path)
    shared = {name: found for name, found in places.items() if len(found) > 1}
    outside = {
        name
        for name, found in shared.items()
        if sum("sandbox" not in path.parts for path in found) > 1
    }
    assert not outside
    assert shared.keys() == GITHUBS_OWN
