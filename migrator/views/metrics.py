"""Numbers that Prometheus asks for and that the database knows; the same whichever process is
asked.

Names and units follow https://prometheus.io/docs/practices/naming/ .
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import migrator
from migrator.domain.protocol.causes import HoldCause
from migrator.domain.protocol.ledger import shown_decision
from migrator.execution.context import Context
from migrator.listener.item_handler import listener_lease
from migrator.listener.reconciler import gap
from migrator.store.database import OUTAGES
from migrator.store.runs import Run, RunState
from migrator.store.set_aside import LISTEN, READ, STORE
from migrator.views.outcomes import run_outcomes, totals_of

Labels = tuple[tuple[str, str], ...]


class MetricDescription(NamedTuple):
    """What ``docs/metrics.md`` says of a metric: the names of its labels, and what it means."""

    labels: tuple[str, ...]
    meaning: str


class Gauge(NamedTuple):
    """One metric with its values by labels. The first three fields describe it."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    values: Mapping[Labels, float]


WAITING: Final = "waiting"
"""The state of a running run that is held until a later time."""
RUN_STATES: Final = (
    RunState.RUNNING.value,
    WAITING,
    RunState.PAUSED.value,
    RunState.STOPPED.value,
)

DATABASE_UP: Final = "migrator_database_up"
BUILD: Final = "migrator_build_info"
LOOKED_UP: Final[dict[str, MetricDescription]] = {
    BUILD: MetricDescription(
        ("version", "python", "database"), "1, with the versions of this process and its database."
    ),
    DATABASE_UP: MetricDescription(
        (), "1 while the database answers. Without it only the build is known beside it."
    ),
    "migrator_deliveries_unfinished": MetricDescription(
        (), "Stored deliveries whose work is outstanding."
    ),
    "migrator_deliveries_oldest_seconds": MetricDescription(
        (), "Age of the oldest unfinished delivery; 0 if there is none."
    ),
    "migrator_sweep_gap_seconds": MetricDescription(
        (), "Seconds since the last sweep that was completed."
    ),
    "migrator_landings": MetricDescription((), "Old items found again in a target repository."),
    "migrator_outcomes": MetricDescription(
        ("decision", "outcome"), "Items by decision and by how the work on them ended."
    ),
    "migrator_items": MetricDescription(
        ("decision", "outcome"),
        "Acts by how they stand now; one that was undone is reverted, not done.",
    ),
    "migrator_items_set_aside": MetricDescription(
        ("stage",), "Items that could not be read or stored, or that the listener could not handle."
    ),
    "migrator_notices": MetricDescription((), "Notices that were confirmed on GitHub."),
    "migrator_workers": MetricDescription((), "Workers with a recent heartbeat."),
    "migrator_worker_heartbeat_age_seconds": MetricDescription(
        ("worker",), "Seconds since a worker's last heartbeat. Workers that ended have none."
    ),
    "migrator_budget_left": MetricDescription(
        ("window",), "Content-creating writes left in the window."
    ),
    "migrator_run_state": MetricDescription(
        ("run", "kind", "state", "cause"),
        "1 for the state of each run that has not ended: running, waiting, paused or stopped.",
    ),
    "migrator_run_waiting_until_timestamp_seconds": MetricDescription(
        ("run",), "When a waiting run goes on by itself, as a Unix timestamp."
    ),
    "migrator_run_items": MetricDescription(
        ("run", "progress"),
        "Items of each run that has not ended: done, waiting for a grace to end, set aside because "
        "GitHub does not show them any more, or left.",
    ),
    "migrator_listener_up": MetricDescription((), "1 while a worker holds the right to listen."),
}


def gauges(context: Context) -> Iterator[Gauge]:
    """Every number of a migration, looked up now. While the database is unavailable, only that
    and the build."""
    try:
        found = dict(_looked_up(context))
    except OUTAGES:
        found = {}
    yield _gauge(BUILD, {_build(context): 1.0})
    yield _gauge(DATABASE_UP, {(): float(bool(found))})
    for name, values in found.items():
        yield _gauge(name, values)


def _gauge(name: str, values: Mapping[Labels, float]) -> Gauge:
    labels, meaning = LOOKED_UP[name]
    return Gauge(name, meaning, labels, values)


def _build(context: Context) -> Labels:
    return (
        ("version", migrator.__version__),
        ("python", platform.python_version()),
        ("database", context.store.engine.dialect.name),
    )


def _looked_up(context: Context) -> Iterator[tuple[str, Mapping[Labels, float]]]:
    yield from _backlog(context)
    swept = gap(context)
    if swept is not None:
        yield "migrator_sweep_gap_seconds", {(): swept.total_seconds()}
    yield "migrator_landings", {(): context.store.landings.count()}
    yield "migrator_outcomes", _outcomes(context)
    yield "migrator_items", _standing(context)
    yield "migrator_items_set_aside", _set_aside(context)
    yield "migrator_notices", {(): context.store.progress.notice_totals()}
    yield from _workers(context)
    yield "migrator_budget_left", _budget(context)
    yield from _runs(context)


def _backlog(context: Context) -> Iterator[tuple[str, Mapping[Labels, float]]]:
    backlog = context.store.deliveries.backlog()
    waited = (context.clock() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    yield "migrator_deliveries_unfinished", {(): backlog.unfinished}
    yield "migrator_deliveries_oldest_seconds", {(): max(0.0, waited)}


def _outcomes(context: Context) -> dict[Labels, float]:
    """By decision and outcome. Each comment with commands has an entry; they count as
    ``command``."""
    counts: Counter[Labels] = Counter()
    for decision, outcomes in context.store.progress.outcomes().items():
        for outcome, count in outcomes.items():
            counts[("decision", shown_decision(decision)), ("outcome", outcome)] += count
    return {labels: float(count) for labels, count in counts.items()}


def _standing(context: Context) -> dict[Labels, float]:
    return {
        (("decision", decision), ("outcome", outcome)): float(count)
        for decision, counts in totals_of(context).standing().items()
        for outcome, count in counts.items()
    }


def _set_aside(context: Context) -> dict[Labels, float]:
    stages = (READ, STORE, LISTEN)
    counts = Counter(item.stage for item in context.store.set_aside.all(stages))
    return {(("stage", stage),): float(counts[stage]) for stage in stages}


def _workers(context: Context) -> Iterator[tuple[str, Mapping[Labels, float]]]:
    leases = context.store.leases
    listening = leases.current(listener_lease(context)) is not None
    yield "migrator_workers", {(): len(leases.alive(context.silence))}
    yield (
        "migrator_worker_heartbeat_age_seconds",
        {(("worker", worker),): age for worker, age in leases.heartbeat_ages().items()},
    )
    yield "migrator_listener_up", {(): float(listening)}


def _budget(context: Context) -> dict[Labels, float]:
    """What is left of the content-creating writes in the source repository."""
    file = context.migration.file
    account = context.clients.account(file.migration.source)
    outlook = context.store.budget(account, clock_scale=context.settings.clock_scale).outlook()
    rules = file.budget
    return {
        (("window", "minute"),): max(
            0.0, rules.content_per_minute * outlook.share - outlook.last_minute
        ),
        (("window", "hour"),): max(0.0, rules.content_per_hour * outlook.share - outlook.last_hour),
    }


def _runs(context: Context) -> Iterator[tuple[str, Mapping[Labels, float]]]:
    """The runs that maintainers started and that have not ended. Those of the listener are one
    for each item, and are counted by their outcome."""
    now, runs = context.clock(), context.store.runs.unfinished()
    yield (
        "migrator_run_state",
        {
            label: float(("state", state_of(run, now)) in label)
            for run in runs
            for label in _states(run, now)
        },
    )
    yield (
        "migrator_run_waiting_until_timestamp_seconds",
        {
            (("run", run.id),): run.held_until.timestamp()
            for run in runs
            if run.held_until is not None and state_of(run, now) == WAITING
        },
    )
    items: dict[Labels, float] = {}
    for run in runs:
        items |= _progress(context, run)
    yield "migrator_run_items", items


def state_of(run: Run, now: datetime) -> str:
    """A run's state; a running one that is held until later is ``waiting``."""
    held = run.held_until is not None and run.held_until > now
    return WAITING if run.state is RunState.RUNNING and held else run.state.value


def cause_of(run: Run, now: datetime) -> HoldCause:
    """Why a run waits, is paused or stopped; ``NONE`` while it runs."""
    state = state_of(run, now)
    if state == RunState.RUNNING.value:
        return HoldCause.NONE
    if state == RunState.PAUSED.value:
        return HoldCause.MAINTAINER
    return run.options.cause or HoldCause.OTHER


def _states(run: Run, now: datetime) -> Iterator[Labels]:
    """One series for each state; only the present one has a cause."""
    for state in RUN_STATES:
        cause = cause_of(run, now).value if state == state_of(run, now) else ""
        yield (("run", run.id), ("kind", run.kind), ("state", state), ("cause", cause))


def _progress(context: Context, run: Run) -> dict[Labels, float]:
    sums = run_outcomes(context, run, context.store.plans.find(run.plan_hash)).sums
    waiting = {"waiting": sums.waiting, "set_aside": sums.set_aside, "left": sums.left}
    counts = {"done": sums.planned - sum(waiting.values()), **waiting}
    return {(("run", run.id), ("progress", name)): float(count) for name, count in counts.items()}
