"""The project's pages: found beside the package, in a checkout or in what was installed."""

from __future__ import annotations

import difflib
import html
from pathlib import Path
from typing import Final

from migrator.domain.items import Frozen
from migrator.errors import UsageError

PACKAGE: Final = Path(__file__).resolve().parent.parent
START: Final = "index"


class DocumentationPage(Frozen, frozen=True, kw_only=True):
    """One page. ``name`` is its place without ending (``how-to/trouble``)."""

    name: str
    title: str
    path: Path

    @property
    def text(self) -> str:
        """The page as Markdown."""
        return self.path.read_text(encoding="utf-8")


def folder() -> Path:
    """Where the pages are."""
    packed = PACKAGE / "docs"
    return packed if packed.is_dir() else PACKAGE.parent / "docs"


def pages() -> list[DocumentationPage]:
    """Every page, by name; decision records are left out."""
    home = folder()
    return [
        DocumentationPage(name=name, title=_title(path), path=path)
        for path in sorted(home.rglob("*.md"))
        if not (name := path.relative_to(home).with_suffix("").as_posix()).startswith("decisions/")
    ]


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        first = next((line for line in lines if line.startswith("# ")), "")
    return first.removeprefix("# ").strip()


def find_page(wanted: str) -> DocumentationPage:
    """The page that a text names: ``docs/how-to/trouble.md``, ``how-to/trouble`` or ``trouble``.

    Raises :class:`UsageError` with the nearest names for an unknown one.
    """
    name = wanted.removeprefix("docs/").partition("#")[0].removesuffix(".md") or START
    found = pages()
    for page in found:
        if name in (page.name, page.name.rpartition("/")[2]):
            return page
    near = difflib.get_close_matches(name, [page.name for page in found], n=3, cutoff=0.4)
    hint = f"did you mean {', '.join(near)}? " if near else ""
    raise UsageError(
        f"there is no page {wanted}", cure=f"{hint}`migrator docs --list` lists all pages"
    )


def as_html(page: DocumentationPage) -> str:
    """The page for a browser, in one file without anything from elsewhere."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark").enable("table").render(page.text)
    style = (
        "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif}"
        "table{border-collapse:collapse}td,th{border:1px solid #8888;padding:.3rem .6rem;"
        "text-align:left;vertical-align:top}pre{overflow:auto;padding:.6rem;background:#8881}"
        ":root{color-scheme:light dark}"
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(page.title)}'
        f"</title><style>{style}</style><body>{body}</body></html>"
    )
