"""Pages that are made from the code are in step with it, and every page can be found."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from migrator.config.migration_file import load
from migrator.domain.classification.ownership import finder
from migrator.services.labelled_data import read_labelled
from scripts.write_api import Described, api_page
from scripts.write_metrics import metrics_page
from scripts.write_packages import ORDER, with_packages
from scripts.write_signals import ALL, REGIONS, signals_page
from scripts.write_unverified import unverified_page
from tests.support.shown_commands import ROOT


def test_the_page_of_assumptions_is_in_step() -> None:
    """`make docs-reference` would write what is there."""
    assert (ROOT / "docs" / "unverified.md").read_text(encoding="utf-8") == unverified_page()


def test_the_page_of_metrics_is_in_step() -> None:
    """`make docs-reference` would write what is there."""
    assert (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8") == metrics_page()


def test_the_page_of_signals_is_in_step() -> None:
    """`make docs-reference` would write what is there."""
    assert (ROOT / "docs" / "signals.md").read_text(encoding="utf-8") == signals_page()


def test_the_table_of_packages_says_what_the_packages_say_of_themselves() -> None:
    """Each package is listed with its docstring's first sentence, and none is left out."""
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    assert page == with_packages(page)
    assert set(ORDER) == {init.parent.name for init in (ROOT / "migrator").glob("*/__init__.py")}


def test_a_reopen_comment_passes_at_most_fifteen_files() -> None:
    """The walk-through in the design names them; a longer way would be hard to follow."""
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    walk = page.partition("## One `/reopen` comment")[2].partition("##")[0]
    assert 10 < len(re.findall(r"^\| `", walk, re.MULTILINE)) <= 15


def test_every_finding_is_explained() -> None:
    """What the signals report of labelled issues, they say that they can report."""
    rows = read_labelled(
        ROOT / "tests" / "data" / "labelled_sample.csv", "tensorflow/tensorflow"
    ).rows
    file = load("keras").file
    find = finder(file)
    declared = {name for signal in ALL for name in signal.FINDINGS}
    found = {finding.name for row in rows for finding in find(row.item)}
    assert len(found) > 20
    regional = [
        name for name in found - declared if name.partition(".")[0] not in (*REGIONS, "form")
    ]
    assert regional == []


def test_the_page_of_the_api_is_in_step() -> None:
    """`make docs-reference` would write what is there, and every route is on it."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert page == api_page()
    places = [place for place, _ in Described().operations()]
    assert len(places) > 15
    assert [place for place in places if f"### {place}\n" not in page] == []


def pages_of(node: object) -> list[str]:
    """Every page of the navigation."""
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [page for child in children for page in pages_of(child)]


def test_every_page_is_in_the_navigation() -> None:
    """What cannot be found is not documented."""
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    there = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")} - {
        "decisions/template.md"
    }
    assert there == set(pages_of(navigation))


@pytest.mark.slow
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    """Dead links, dead anchors and forgotten pages are errors."""
    mkdocs = Path(sys.executable).parent / "mkdocs"
    command = [str(mkdocs), "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
