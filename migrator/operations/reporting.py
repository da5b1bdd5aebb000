"""Puts together what a report shows, from a stored plan and from how its run went."""

from __future__ import annotations

from datetime import datetime

import migrator
from migrator.domain.planning import PlanKind
from migrator.operations.mails import mail_forecast
from migrator.operations.report import ReportData, ReportKind, RunSummary, collect, render_report
from migrator.store.plans import StoredPlan
from migrator.workflows.records import Records


def report_page(
    records: Records,
    plan: StoredPlan,
    *,
    made_at: datetime,
    kind: ReportKind | None = None,
    run: RunSummary | None = None,
    undo: RunSummary | None = None,
) -> str:
    """The self-contained page about a plan, or about the run of it that ``run`` sums up."""
    file = records.migration.file
    stale_days = file.activity.stale_after.days
    plain = ReportKind.UNDO if plan.header.kind is PlanKind.UNDO else ReportKind.PLAN
    items = records.store.plans.items(plan.hash)
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
