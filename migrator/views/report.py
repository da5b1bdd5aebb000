"""One self-contained page that shows what a plan would do, or what a rehearsal or run did, and why.

Pure rendering: data in, HTML out. The page loads nothing, runs no script, and brings its own strict
Content-Security-Policy (its one style sheet is allowed by hash). Everything from GitHub is escaped;
notices are shown as Markdown with HTML switched off, and cleaned once more.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

import nh3
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

import migrator
from migrator.domain.marker import without_markers
from migrator.domain.notices.quoting import clean
from migrator.domain.planning.plan import PlanKind, one_sided
from migrator.execution.migration_state import MigrationState
from migrator.services.mail_forecast import mail_forecast
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState
from migrator.views.charts import decision_bar, mail_columns, request_columns, silence_columns
from migrator.views.outcomes import ENDED, run_outcomes
from migrator.views.report_data import (
    MOST_TEXTS,
    ReportData,
    ReportKind,
    ReportSections,
    RunSummary,
    Section,
    collect,
)

__all__ = [
    "ReportData",
    "ReportKind",
    "ReportSections",
    "RunSummary",
    "Section",
    "collect",
    "render_report",
]

MEANINGS: Final = {
    "redirect": ("Redirected", "active: told the new address, stays open"),
    "retire": ("Retired", "stale: told the new address, closed as not planned"),
    "port": (
        "To be ported",
        "pull requests on the moved path: told how to carry the change over, closed after a grace",
    ),
    "clear": ("Cleared", "unfinished in the new repository from before the move: told so, closed"),
    "welcome": ("Welcomed", "new in the old repository: told the new address"),
    "review": (
        "For a person",
        "unsure or contradictory: nothing is done until a maintainer decides",
    ),
    "leave": ("Left alone", "not part of what moves, or nothing to do"),
}
"""Decision -> how a reader who has never heard of us calls it, and what it means."""


def render_report(data: ReportData) -> str:
    """The whole page. The same data gives the same page."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            data=data,
            style=Markup(style),  # noqa: S704 - our own file
            style_digest=digest,
            meanings=MEANINGS,
            bar=decision_bar(data.collected.sections),
            silence=silence_columns(data.collected.silence, data.stale_days),
            mail_chart=mail_columns(data.mails) if data.mails else None,
            request_chart=request_columns(data.run.requests) if data.run else None,
            most_texts=MOST_TEXTS,
            warning=found.warning if (found := one_sided(data.totals)) else "",
        )
    )


@cache
def _style() -> str:
    return files("migrator.views").joinpath("templates/report.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("migrator.views", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        day=_day,
        moment=_moment,
        number=_number,
        safe_address=safe_address,
        notice=notice_html,
        plain=without_markers,
    )
    return environment


def _finalize(value: Any) -> Any:
    """Drop what no page may hold (control characters, direction overrides) from every text that
    is not our own markup."""
    return clean(value) if type(value) is str else value


def safe_address(url: str) -> str:
    """``url`` if a browser may follow it from our page (http or https with a host), else the
    empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def notice_html(text: str) -> Markup:
    """A notice as GitHub shows it: Markdown without HTML, its marker left out, cleaned once
    more."""
    rendered = _MARKDOWN.render(clean(without_markers(text)))
    schemes = {"http", "https"}
    harmless = nh3.clean(rendered, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=schemes)
    return Markup(harmless)  # noqa: S704


_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False})
_TAGS: Final = {
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
    "h1",
    "h2",
    "h3",
    "h4",
    "hr",
}


def _day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d") if moment else ""


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""


def _number(value: float) -> str:
    """``12,345``, ``4.1``: whole numbers with separators, small fractions with one place."""
    if isinstance(value, int) or value >= 100:
        return f"{round(value):,}"
    return f"{value:.1f}"


def _run_summary(records: MigrationState, run: Run, plan: StoredPlan) -> RunSummary:
    """What has become of the plan by now, undone acts included."""
    found = run_outcomes(records, run, plan).sums
    approval = records.store.plans.approval(plan.hash)
    unfinished = run.reason if run.state in (RunState.STOPPED, RunState.PAUSED) else ""
    return RunSummary(
        outcomes={name: getattr(found, name) for name in ENDED if getattr(found, name)},
        skipped=records.store.ledger.outcomes(run.id).get("skipped", {}),
        notices=found.noticed,
        closed=found.closed,
        approved_by=approval.approved_by if approval else "",
        stopped=unfinished,
        left=found.left + found.waiting,
    )


def report_page(
    records: MigrationState,
    plan: StoredPlan,
    *,
    made_at: datetime,
    kind: ReportKind | None = None,
    run: RunSummary | None = None,
    undo: RunSummary | None = None,
) -> str:
    """The self-contained page about a plan, or about the run of it: as ``run`` sums it up, else as
    the ledger does."""
    file = records.migration.file
    stale_days = file.activity.stale_after.days
    plain = ReportKind.UNDO if plan.header.kind is PlanKind.UNDO else ReportKind.PLAN
    items = records.store.plans.items(plan.hash)
    started = next(iter(records.store.runs.newest(1, plan_hash=plan.hash)), None)
    if run is None and started is not None:
        run = _run_summary(records, started, plan)
        plain = ReportKind.RUN if plain is ReportKind.PLAN else plain
    data = ReportData(
        kind=kind or plain,
        title=f"{file.migration.name}: {plan.header.source} to {', '.join(plan.header.targets)}",
        made_at=made_at,
        header=plan.header,
        plan_hash=plan.hash,
        totals=plan.totals,
        collected=collect(items, as_of=plan.header.as_of, stale_days=stale_days),
        stale_days=stale_days,
        mails=mail_forecast(records, plan.hash),
        run=run,
        undo=undo,
        version=migrator.__version__,
    )
    return render_report(data)
