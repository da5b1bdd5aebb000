"""Numbers that Prometheus asks for and that the database knows; the same whichever process is
asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.execution.context import Context
from migrator.listener.reconciler import gap
from migrator.store import run_stats
from migrator.store.database import OUTAGES
from migrator.views.outcomes import totals_of

Labels = tuple[tuple[str, str], ...]
Gauge = tuple[str, str, Mapping[Labels, float]]
"""Name, meaning, and value by labels."""


def gauges(context: Context) -> Iterator[Gauge]:
    """Every number of a migration, looked up now. While the database is away, that is the only
    one."""
    try:
        found = [*_looked_up(context)]
    except OUTAGES:
        found = []
    yield (
        "migrator_database_up",
        "1 while the database answers. Without it nothing else is looked up.",
        {(): float(bool(found))},
    )
    yield from found


def _looked_up(context: Context) -> Iterator[Gauge]:
    engine, name = context.store.engine, context.migration.file.migration.name
    yield from _backlog(context)
    swept = gap(context)
    if swept is not None:
        yield (
            "migrator_sweep_gap_seconds",
            "Seconds since the last sweep that was completed.",
            {(): swept.total_seconds()},
        )
    yield (
        "migrator_landings",
        "Old items found again in a target repository.",
        {(): context.store.landings.count()},
    )
    yield "migrator_outcomes", "Ledger entries by how they ended.", _outcomes(context)
    yield (
        "migrator_items",
        "Acts by how they stand now; what an undo took back is reverted, not done.",
        _standing(context),
    )
    yield (
        "migrator_notices",
        "Notices that were confirmed on GitHub.",
        {(): run_stats.notice_totals(engine, name)},
    )
    yield (
        "migrator_workers",
        "Workers that are alive.",
        {(): len(context.store.leases.alive(context.silence))},
    )
    yield _budget(context)


def _backlog(context: Context) -> Iterator[Gauge]:
    backlog = context.store.deliveries.backlog()
    waited = (context.clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    yield (
        "migrator_deliveries_unfinished",
        "Stored deliveries whose work is outstanding.",
        {(): backlog.unfinished},
    )
    yield "migrator_deliveries_oldest_seconds", "Age of the oldest of them.", {(): max(0.0, waited)}


def _outcomes(context: Context) -> dict[Labels, float]:
    counts = run_stats.outcome_totals(context.store.engine, context.migration.file.migration.name)
    return {
        (("decision", decision), ("outcome", outcome)): float(count)
        for (decision, outcome), count in counts.items()
    }


def _standing(context: Context) -> dict[Labels, float]:
    return {
        (("decision", decision), ("outcome", outcome)): float(count)
        for decision, counts in totals_of(context).standing().items()
        for outcome, count in counts.items()
    }


def _budget(context: Context) -> Gauge:
    """What is left of the content-creating writes in the source repository."""
    file = context.migration.file
    account = context.clients.account(file.migration.source)
    outlook = context.store.budget(account, clock_scale=context.settings.clock_scale).outlook()
    rules = file.budget
    left: dict[Labels, float] = {
        (("window", "minute"),): max(
            0.0, rules.content_per_minute * outlook.share - outlook.last_minute
        ),
        (("window", "hour"),): max(0.0, rules.content_per_hour * outlook.share - outlook.last_hour),
    }
    return "migrator_budget_left", "Content-creating writes left in the window.", left
