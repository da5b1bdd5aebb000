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
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from migrator.domain.classification.text.markdown import render
from migrator.domain.clean_text import clean
from migrator.domain.decisions import REASONS
from migrator.domain.items import ItemRef
from migrator.domain.marker import without_markers
from migrator.domain.protocol.ledger import entry_kind, undone_decision
from migrator.services.roles import Role
from migrator.store.jobs import PREFIX as JOB
from migrator.store.outcomes import BEGUN_NOT, WAITING
from migrator.views.html import NOTICE_TAGS, day, html_environment, moment, number
from migrator.views.outcomes import ENDED
from migrator.views.report import ANSWERS, MEANINGS
from migrator.views.signal_words import reason_words, signal_words
from migrator.views.tour import TourView, tour_view
from migrator.web.auth.dependencies import Dashboard, User

_TAGS: Final = NOTICE_TAGS | frozenset(
    [
        "b",
        "i",
        "del",
        "s",
        "sub",
        "sup",
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
    ]
)
_DROPPED: Final = frozenset(
    [
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
    ]
)
"""Elements whose content goes, too."""


def stranger_html(text: str) -> Markup:
    """A body or comment as HTML that may stand in a page of ours. Headings inside count as one
    of the page's lower ones."""
    rendered = render(clean(without_markers(text)))
    harmless = nh3.clean(
        rendered,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED),
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


INTERVAL_FROM: Final = 20
"""Checked verdicts from which on their error rate has an interval: of fewer, it says nothing."""
STATIC = ("app.css", "app.js")
"""Files that every page loads."""


class Templates:
    """Renders pages of one dashboard."""

    def __init__(self, dashboard: Dashboard) -> None:
        self._dashboard = dashboard
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
            sees_private=person is not None and person.role >= self._dashboard.private,
            path=request.url.path,
            now=self._dashboard.context.clock(),
            versions=versions(),
            tour=self._tour(person),
            **values,
        )
        return HTMLResponse(html, status_code=status)

    def _tour(self, person: User | None) -> TourView | None:
        notes = self._dashboard.tour
        if notes is None or person is None or person.role < Role.STEER:
            return None
        return tour_view(self._dashboard.context, notes)


@cache
def environment() -> Environment:
    """What the dashboard's templates are made with."""
    environment = html_environment("migrator.web")
    filters: dict[str, Callable[..., Any]] = {
        "iso": iso,
        "ago": ago,
        "signal_words": signal_words,
        "reason_words": reason_words,
        "percent": percent,
        "signed": signed,
        "duration": duration,
        "plural": plural,
        "words": words,
        "item_path": item_path,
        "item_number": item_number,
        "entry_kind": entry_kind,
        "undone_decision": undone_decision,
        "did": did,
        "place": place,
        "query": query,
        "stranger": stranger_html,
    }
    environment.filters.update(filters)
    environment.globals.update(
        meanings=MEANINGS,
        answers=ANSWERS,
        reasons=REASONS,
        outcomes=(BEGUN_NOT, WAITING, *ENDED),
        interval_from=INTERVAL_FROM,
    )
    return environment


@cache
def versions() -> dict[str, str]:
    """File -> a word that changes with its content, so that browsers may keep files for good."""
    folder = files("migrator.web").joinpath("static")
    return {
        name: hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest()[:12] for name in STATIC
    }


def iso(at: datetime | None) -> str:
    """For ``datetime`` attributes."""
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


@pass_context
def ago(page: Context, at: datetime | None) -> Markup | str:
    """A time as people say it, from the page's own: ``3 h ago``, ``in 2 days``, a date beyond a
    month. On hover its exact time, which the browser gives in the reader's zone."""
    if at is None:
        return ""
    shown = relative(at - page["now"]) or day(at)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(at), moment(at), shown)


def relative(away: timedelta) -> str:
    """How far a time is away, before or after; empty beyond a month."""
    span = abs(away)
    if span < NOW_SPAN:
        return "just now"
    if span > RELATIVE_SPAN:
        return ""
    far = duration(span).replace(".0 h", " h")
    return f"in {far}" if away > timedelta() else f"{far} ago"


NOW_SPAN: Final = timedelta(minutes=1)
RELATIVE_SPAN: Final = timedelta(days=30)


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


def item_number(key: str) -> int:
    """The number of an item by its key ``owner/name#number``."""
    return ItemRef.parse(key).number


def item_path(key: str) -> str:
    """The page of an item by its key ``owner/name#number``."""
    ref = ItemRef.parse(key)
    return f"/item/{ref.repository}/{ref.number}"


_DID = {
    "log in": "logged in",
    "log out": "logged out",
    "end all sessions": "logged out everywhere",
    "approve": "approved plan",
    "start": "started run",
    "pause": "paused run",
    "resume": "resumed run",
    "cancel": "cancelled run",
    "plan undo": "planned to undo",
    "plan retry": "planned to retry run",
    "discard": "discarded plan",
    "answer": "answered for",
    "withdraw answer": "undid the answer for",
    "replay": "replayed delivery",
    "request job": "asked for job",
    "cancel job": "cancelled job",
    "finish job": "got the result of job",
    "fail job": "got an error from job",
}


def did(verb: str) -> str:
    """A deed's verb as it is told afterwards."""
    return _DID.get(verb, verb)


def place(subject: str) -> str:
    """The page of what a deed was done to: an item, a plan by its hash, a run, a job; empty for
    what has none."""
    if "#" in subject:
        return item_path(subject)
    if len(subject) == 64:
        return f"/plan/{subject[:16]}"
    if subject.startswith(JOB):
        return f"/jobs/{subject}"
    return f"/runs/{subject}" if len(subject) == 12 else ""


def query(now: Mapping[str, Any], **changes: Any) -> str:
    """The query of an address with some parts changed; empty ones are left out."""
    merged = {**now, **changes}
    return urlencode({name: value for name, value in merged.items() if value not in ("", None)})
