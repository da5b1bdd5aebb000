"""`migrator docs` finds the page that a text names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.services.pages import DocumentationPage, as_html, find_page, pages
from tests.cli.conftest import ROOT, alone

NAMED = re.compile(r"docs/[a-z/-]+\.md|`migrator docs ([a-z][a-z/-]*)`")


def test_every_page_that_a_text_of_ours_names_is_there() -> None:
    """Help, errors and hints name pages that exist."""
    texts = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "migrator").rglob("*.py")
    )
    found = {match[1] or match[0] for match in NAMED.finditer(texts)}
    assert len(found) > 5
    for name in found:
        find_page(name)


def test_a_page_is_printed_where_there_is_no_terminal(tmp_path: Path) -> None:
    """By its name, its place, or as texts write it; a wrong name gets the nearest ones."""
    desk = alone(tmp_path)
    for name in ("trouble", "how-to/trouble", "docs/how-to/trouble.md"):
        assert desk.run("docs", name).out.startswith("# When something went wrong\n")
    assert "exit-codes" in desk.run("docs", "--list").out
    refused = desk.run("docs", "exit-cods", code=2)
    assert "did you mean exit-codes" in refused.err


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_page_has_a_title_and_becomes_a_page_for_a_browser(page: DocumentationPage) -> None:
    """One file, nothing from elsewhere."""
    assert page.title
    assert "<h1>" in as_html(page)
