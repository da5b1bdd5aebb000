"""Pages from templates. Everything is escaped unless a filter made it safe; an unknown name in a
template is an error."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

import nh3
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from migrator.domain.decisions import REASONS
from migrator.domain.items import ItemRef
from migrator.domain.marker import without_markers
from migrator.domain.notices.quoting import clean
from migrator.views.report import MEANINGS, notice_html, safe_address
from migrator.web.auth.dependencies import Dashboard, User

_PARSER: Final = MarkdownIt("commonmark", {"html": True, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
)
_TAGS: Final = {
    *(
        "p",
        "strong",
        "em",
        "b",
        "i",
        "a",
        "ul",
        "ol",
        "li",
        "code",
        "pre",
        "blockquote",
        "br",
        "hr",
        "del",
        "s",
        "sub",
        "sup",
    ),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "kbd",
    ),
}
_DROPPED: Final = {
    "script",
    "style",
    "title",
    "textarea",
    "svg",
    "math",
    "noscript",
    "template",
    "iframe",
    "object",
}
"""Elements whose content goes, too."""


def stranger_html(text: str) -> Markup:
    """A body or comment as HTML that may stand in a page of ours. Headings inside count as one
    of the page's lower ones."""
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
    """Headings of strangers must not stand beside those of the page: screen readers jump from
    one to the next."""
    for level in range(1, 7):
        html = html.replace(f"<h{level}>", '<p class="heading">').replace(f"</h{level}>", "</p>")
    return html


STATIC = ("app.css", "app.js")
"""Files that every page loads."""


class Templates:
    """Renders pages of one dashboard."""

    def __init__(self, dashboard: Dashboard) -> None:
        self._desk = dashboard
        self._environment = environment()
        rules = dashboard.context.migration.file.migration
        self._site = {"name": rules.name, "title": rules.title, "source": rules.source}

    def page(
        self, request: Request, name: str, person: User | None, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A whole page; ``person`` is whoever looks at it, ``None`` before the login."""
        template = self._environment.get_template(name)
        html = template.render(
            site=self._site,
            person=person,
            path=request.url.path,
            now=self._desk.context.clock(),
            versions=versions(),
            **values,
        )
        return HTMLResponse(html, status_code=status)


def environment() -> Environment:
    """What templates are made with; one for each user of it."""
    environment = Environment(
        loader=PackageLoader("migrator.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., Any]] = {
        "day": day,
        "moment": moment,
        "iso": iso,
        "number": number,
        "percent": percent,
        "signed": signed,
        "duration": duration,
        "plural": plural,
        "words": words,
        "item_path": item_path,
        "did": did,
        "place": place,
        "query": query,
        "safe_address": safe_address,
        "notice": notice_html,
        "stranger": stranger_html,
        "plain": without_markers,
    }
    environment.filters.update(filters)
    environment.globals.update(meanings=MEANINGS, reasons=REASONS)
    return environment


@cache
def versions() -> dict[str, str]:
    """File -> a word that changes with its content, so that browsers may keep files for good."""
    folder = files("migrator.web").joinpath("static")
    return {
        name: hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest()[:12] for name in STATIC
    }


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


def iso(at: datetime | None) -> str:
    """For ``datetime`` attributes."""
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def number(value: float) -> str:
    """``12,345``, ``4.1``: whole numbers with separators, small fractions with one place."""
    if isinstance(value, int) or value >= 100:
        return f"{round(value):,}"
    return f"{value:.1f}"


def percent(share: float, places: int = 0) -> str:
    """``12 %`` of a share between 0 and 1."""
    return f"{share * 100:.{places}f} %"


def signed(change: int) -> str:
    """``+12``, ``−3``; nothing for no change."""
    return f"{'+' if change > 0 else '−'}{number(abs(change))}" if change else ""


def duration(span: timedelta | float | None) -> str:
    """``12 s``, ``5 min``, ``3.5 h``, ``14 days``."""
    if span is None:
        return ""
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{round(seconds / 86400)} days"


def plural(count: int, word: str, words: str = "") -> str:
    """``1 item``, ``2 items``."""
    return f"{number(count)} {word if count == 1 else words or word + 's'}"


def words(name: str) -> str:
    """A code name as words."""
    return name.replace("_", " ").replace("-", " ")


def item_path(key: str) -> str:
    """The page of an item by its key ``owner/name#number``."""
    ref = ItemRef.parse(key)
    return f"/item/{ref.repository}/{ref.number}"


_DID = {
    "log in": "logged in",
    "log out": "logged out",
    "approve": "approved plan",
    "start": "started run",
    "pause": "paused run",
    "resume": "resumed run",
    "cancel": "cancelled run",
    "plan undo": "planned to take back",
    "plan retry": "planned to try again run",
    "answer": "answered for",
    "withdraw answer": "took back the answer for",
    "replay": "replayed delivery",
}


def did(verb: str) -> str:
    """A deed's verb as it is told afterwards."""
    return _DID.get(verb, verb)


def place(subject: str) -> str:
    """The page of what a deed was done to: an item, a plan by its hash, a run; empty for what
    has none."""
    if "#" in subject:
        return item_path(subject)
    if len(subject) == 64:
        return f"/plan/{subject[:16]}"
    return f"/runs/{subject}" if len(subject) == 12 else ""


def query(now: Mapping[str, Any], **changes: Any) -> str:
    """The query of an address with some parts changed; empty ones are left out."""
    merged = {**now, **changes}
    return urlencode({name: value for name, value in merged.items() if value not in ("", None)})
