"""What HTML of ours is made with: templates, dates, numbers, and texts by strangers made harmless.

Everything from GitHub is escaped. Notices are shown as Markdown with HTML switched off, and cleaned
once more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import nh3
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from migrator.domain.clean_text import clean
from migrator.domain.marker import without_markers

NOTICE_TAGS: Final = frozenset(
    [
        "p",
        "strong",
        "em",
        "a",
        "ul",
        "ol",
        "li",
        "code",
        "pre",
        "blockquote",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
    ]
)


@cache
def _markdown() -> Any:
    """The renderer of our notices; its import is for those who look at one."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})


@cache
def html_environment(package: str) -> Environment:
    """Templates of a package (its folder ``templates``), with the filters that every page needs."""
    environment = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
        auto_reload=False,
    )
    environment.filters.update(
        day=day,
        moment=moment,
        number=number,
        safe_address=safe_address,
        notice=notice_html,
        plain=without_markers,
    )
    return environment


def _finalize(value: Any) -> Any:
    """Drop what no page may hold (control characters, direction overrides) from every text that
    is not our own markup."""
    return clean(value) if type(value) is str else value


def day(at: datetime | None) -> str:
    """``2021-09-01``."""
    return f"{at.astimezone(UTC):%Y-%m-%d}" if at else ""


def moment(at: datetime | None) -> str:
    """``2021-09-01 12:30 UTC``."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""


def number(value: float) -> str:
    """``12,345``, ``4.1``: whole numbers with separators, small fractions with one place."""
    if isinstance(value, int) or value >= 100:
        return f"{round(value):,}"
    return f"{value:.1f}"


def safe_address(url: str) -> str:
    """``url`` if a browser may follow it from our page (http or https with a host), else the
    empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


MOST_DRAWN: Final = 16_384
"""Characters up to which a notice is drawn; ours have a few thousand. Markdown that somebody made
hard to read takes 20 µs for each."""


def notice_html(text: str) -> Markup:
    """A notice as GitHub shows it: Markdown without HTML, its marker left out, cleaned once
    more. One above :data:`MOST_DRAWN` characters is shown as it is written."""
    shown = clean(without_markers(text))
    if len(shown) > MOST_DRAWN:
        return Markup("<pre>{}</pre>").format(shown)
    rendered = _markdown().render(shown)
    harmless = nh3.clean(
        rendered,
        tags=set(NOTICE_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
    )
    return Markup(harmless)  # noqa: S704
