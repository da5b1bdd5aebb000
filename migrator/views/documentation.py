"""The project's pages as the dashboard shows them: without pictures, with a place for every heading
and for every row of a table that explains a code."""

from __future__ import annotations

import html
import posixpath
import re
from functools import cache
from typing import Final

import nh3
from markupsafe import Markup

from migrator.domain.items import Frozen
from migrator.services.pages import find_page, pages
from migrator.views.html import NOTICE_TAGS

_TAGS: Final = NOTICE_TAGS | {"table", "thead", "tbody", "tr", "th", "td"}
_HEADING: Final = re.compile(r"<h([1-4])>(.*?)</h\1>", re.DOTALL)
_PIECE: Final = re.compile(r'<h[1-4] id="([^"]+)">|<tr>(?=\s*<td><code>([^<]+)</code></td>)')
_LINK: Final = re.compile(r'<a href="(?![a-z]+:)([^"#]*)(#[^"]*)?">(.*?)</a>', re.DOTALL)


class DocumentationView(Frozen, frozen=True, kw_only=True):
    """One page: its title, and its content as harmless HTML."""

    name: str
    title: str
    content: str


@cache
def documentation(name: str) -> DocumentationView:
    """A page by its name. Raises :class:`~migrator.errors.UsageError` for an unknown one."""
    from markdown_it import MarkdownIt

    page = find_page(name)
    body = MarkdownIt("commonmark").enable("table").render(page.text)
    body = _HEADING.sub(_with_id, body)
    body = _with_rows(body)
    body = _LINK.sub(lambda found: _link(page.name, found), body)
    harmless = nh3.clean(
        body,
        tags=set(_TAGS),
        attributes={"a": {"href"}, **{f"h{level}": {"id"} for level in range(1, 5)}, "tr": {"id"}},
        url_schemes={"http", "https"},
        link_rel="noreferrer",
    )
    return DocumentationView(name=page.name, title=page.title, content=harmless)


def documentation_html(view: DocumentationView) -> Markup:
    """The content, which was made harmless."""
    return Markup(view.content)  # noqa: S704


def _slug(heading: str) -> str:
    """The place of a heading, as GitHub names it."""
    words = html.unescape(re.sub("<[^>]+>", "", heading)).lower()
    return re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")


def _with_id(found: re.Match[str]) -> str:
    return f'<h{found[1]} id="{_slug(found[2])}">{found[2]}</h{found[1]}>'


def _with_rows(body: str) -> str:
    """Give each row whose first cell is a code the place ``heading-code``."""
    section = ""

    def named(found: re.Match[str]) -> str:
        nonlocal section
        if found[1]:
            section = found[1]
            return found[0]
        return f'<tr id="{section}-{found[2]}">'

    return _PIECE.sub(named, body)


def _link(page: str, found: re.Match[str]) -> str:
    """A link to another page leads to it here; one to what is not shown is only its words."""
    target, place, words = found[1], found[2] or "", found[3]
    if not target:
        return f'<a href="{place}">{words}</a>'
    name = posixpath.normpath(posixpath.join(posixpath.dirname(page), target)).removesuffix(".md")
    known = target.endswith(".md") and any(each.name == name for each in pages())
    return f'<a href="/docs/{name}{place}">{words}</a>' if known else words
