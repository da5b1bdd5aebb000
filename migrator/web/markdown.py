"""Markdown by strangers, as harmless HTML: no script, no style, no picture from elsewhere, no link that does anything else.

What GitHub renders as HTML is rendered, too, and then everything that is not on the list is removed.
"""

from __future__ import annotations

from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from migrator.domain.marker import without_markers
from migrator.domain.messages.quoting import clean

_PARSER: Final = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(["table", "strikethrough"])
_TAGS: Final = {
    *("p", "strong", "em", "b", "i", "a", "ul", "ol", "li", "code", "pre", "blockquote", "br", "hr", "del", "s", "sub", "sup"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "kbd"),
}
_DROPPED: Final = {"script", "style", "title", "textarea", "svg", "math", "noscript", "template", "iframe", "object"}
"""Elements whose content goes, too."""


def stranger_html(text: str) -> Markup:
    """A body or comment as HTML that may stand in a page of ours. Headings inside count as one of the page's lower ones."""
    rendered = _PARSER.render(clean(without_markers(text)))
    harmless = nh3.clean(
        rendered,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(_lowered(harmless))  # noqa: S704 - cleaned in the line above


def _lowered(html: str) -> str:
    """Headings of strangers must not stand beside those of the page: screen readers jump from one to the next."""
    for level in range(1, 7):
        html = html.replace(f"<h{level}>", '<p class="heading">').replace(f"</h{level}>", "</p>")
    return html
