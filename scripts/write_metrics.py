"""Writes ``docs/metrics.md`` from the metrics that the program counts and those that it looks
up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from migrator.domain.protocol.causes import HoldCause
from migrator.views.metrics import LOOKED_UP
from migrator.web.metrics import Metrics

INTRODUCTION = """\
# Metrics

This page is made from the code (`make docs-reference`); a test keeps it in step.

`GET /metrics` answers in [Prometheus' text format](https://prometheus.io/docs/instrumenting/exposition_formats/) while
`migrator serve` runs, and `migrator worker --metrics-port PORT`. What is *counted* is of that process since it started:
webhooks by `serve`, work on deliveries, its lag and requests to GitHub by the process that works, so ask both where they are two. What is
*looked up* comes from the database and is the same whichever process is asked. Nothing in it names an item or a person; the label
`account` names the App or the token's host and the owner. Everybody who reaches the URL can read it: let your proxy restrict it.

Alert rules and a Grafana dashboard are in `deploy/monitoring/` of the source tree.

| metric | kind | labels | meaning |
|---|---|---|---|
"""
CAUSES = """\

## Causes

The label `cause` of `migrator_run_state` and `migrator_listener_state` is empty while nothing holds the work, else one of these:
{}.

The sentence with GitHub's own words and the way to continue is shown by `migrator runs`, on the run's page, and in the log.
"""


def metrics_page() -> str:
    """The page as Markdown: one row for each metric, then the causes."""
    causes = ", ".join(f"`{cause.value}`" for cause in HoldCause if cause.value)
    return INTRODUCTION + "".join(_counted()) + "".join(_looked_up()) + CAUSES.format(causes)


def metric_names() -> list[str]:
    """Every name, as it stands in a query (a histogram without its endings)."""
    return [*(name for name, *_ in _counted_families()), *LOOKED_UP]


def _counted() -> list[str]:
    return [
        _row(name, f"{kind}, counted", labels, meaning)
        for name, kind, labels, meaning in _counted_families()
    ]


def _counted_families() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Name, kind, label names and meaning; the client library keeps label names to itself."""
    registry = Metrics()._registry
    named = {
        name: getattr(collector, "_labelnames", ())
        for collector, names in registry._collector_to_names.items()
        for name in names
    }
    for one in sorted(registry.collect(), key=lambda family: family.name):
        labels = getattr(one, "_labelnames", None) or named.get(one.name, ())
        name = f"{one.name}_total" if one.type == "counter" else one.name
        yield name, one.type, labels, one.documentation


def _looked_up() -> list[str]:
    return [
        _row(name, "gauge, looked up", one.labels, one.meaning)
        for name, one in sorted(LOOKED_UP.items())
    ]


def _row(name: str, kind: str, labels: tuple[str, ...], meaning: str) -> str:
    return f"| `{name}` | {kind} | {', '.join(f'`{one}`' for one in labels)} | {meaning} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(metrics_page(), encoding="utf-8")
