"""One self-contained page that shows what a plan would do, or what a rehearsal or run did, and why.

Pure rendering: data in, HTML out. The page loads nothing, runs no script, and brings its own strict
Content-Security-Policy (its one style sheet is allowed by hash).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from markupsafe import Markup

import migrator
from migrator.domain.planning.plan import PlanKind, one_sided
from migrator.execution.migration_state import MigrationState
from migrator.services.mail_forecast import mail_forecast
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState
from migrator.views.charts import decision_bar, mail_columns, request_columns, silence_columns
from migrator.views.html import html_environment
from migrator.views.outcomes import ENDED, run_outcomes
from migrator.views.report_data import (
    MOST_TEXTS,
    ReportData,
    ReportKind,
    RunSummary,
    collect,
)

MEANINGS: Final = {
    "redirect": ("Redirected", "active: one notice with the new location, stays open"),
    "transfer": ("Transferred", "one notice, and GitHub moves the thread itself"),
    "retire": ("Retired", "stale: one notice with the new location, closed as not planned"),
    "ask": (
        "Asked first",
        "stale: one notice with a question, closed after a while only if nobody answers",
    ),
    "port": (
        "To be ported",
        "pull requests on the moved path: one notice with instructions, closed after a while",
    ),
    "clear": (
        "Cleared",
        "unfinished in the new repository before the move: one notice, closed",
    ),
    "welcome": ("Welcomed", "new in the old repository: one notice with the new location"),
    "review": (
        "For a maintainer",
        "unsure or contradictory: nothing is done until a maintainer decides",
    ),
    "leave": ("Left alone", "not part of what moves, or nothing to do"),
}
"""Decision -> its name in everyday words, and what it means."""


ANSWERS: Final = {
    "still_here": "still needed: a person’s act keeps it open",
    "done": "done: closed by the answer /done",
    "closed_by_person": "closed by a person",
    "unanswered": "closed without an answer",
    "waiting": "not answered yet",
    "other": "undone, or ended for another reason",
}
"""Count of :class:`~migrator.views.outcomes.QuestionSums` -> what it says."""


def render_report(data: ReportData) -> str:
    """The whole page. The same data gives the same page."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        html_environment("migrator.views")
        .get_template("report.html.j2")
        .render(
            data=data,
            style=Markup(style),  # noqa: S704 - our own file
            style_digest=digest,
            meanings=MEANINGS,
            answers=ANSWERS,
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


def _run_summary(records: MigrationState, run: Run, plan: StoredPlan) -> RunSummary:
    """What has become of the plan by now, undone acts included."""
    outcomes = run_outcomes(records, run, plan)
    found = outcomes.sums
    skipped = records.store.progress.outcomes(run.id, by=("outcome", "code"))
    approval = records.store.plans.approval(plan.hash)
    unfinished = run.reason if run.state in (RunState.STOPPED, RunState.PAUSED) else ""
    return RunSummary(
        outcomes={name: getattr(found, name) for name in ENDED if getattr(found, name)},
        skipped=skipped.get("skipped", {}),
        notices=found.noticed,
        closed=found.closed,
        approved_by=approval.approved_by if approval else "",
        stopped=unfinished,
        left=found.left + found.waiting + found.set_aside,
        questions=outcomes.questions,
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
