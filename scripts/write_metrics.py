"""Writes ``docs/metrics.md`` from the metrics that the program counts and those that it looks
up."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from migrator.views import metrics
from migrator.web.metrics import Metrics

INTRODUCTION = """\
# Metrics

This page is made from the code (`make docs-reference`); a test keeps it in step.

`GET /metrics` answers in [Prometheus' text format](https://prometheus.io/docs/instrumenting/exposition_formats/) while
`migrator serve` runs, and `migrator worker --metrics-port PORT`. What is *counted* is of that process since it started:
webhooks by `serve`, work on deliveries and its lag by whoever works, so ask both where they are two. What is *looked up*
comes from the database and is the same whichever process is asked. Nothing in it names an item or a person. Whoever reaches the
address can read it: let your proxy keep it for those who should.

| metric | kind | labels | meaning |
|---|---|---|---|
"""
LOOKED_UP = re.compile(r'"(migrator_[a-z_]+)",\s+"([^"]+)"')


def metrics_page() -> str:
    """The page as Markdown: one row for each metric."""
    return INTRODUCTION + "".join(_counted()) + "".join(_looked_up())


def _counted() -> list[str]:
    families = sorted(Metrics()._registry.collect(), key=lambda family: family.name)
    names = {"counter": "_total", "histogram": ""}
    rows = [
        (f"{one.name}{names.get(one.type, '')}", one.type, _labels(one.name), one.documentation)
        for one in families
    ]
    return [
        f"| `{name}` | {kind}, counted | {labels} | {meaning} |\n"
        for name, kind, labels, meaning in rows
    ]


def _labels(name: str) -> str:
    """Label names as the source declares them: a metric that was never counted shows none."""
    source = inspect.getsource(Metrics)
    found = re.search(rf'"{name}",\s+"[^"]+",\s+\("([a-z_]+)",\)', source)
    return f"`{found[1]}`" if found else ""


def _looked_up() -> list[str]:
    source = inspect.getsource(metrics)
    return [
        f"| `{name}` | gauge, looked up | | {meaning} |\n"
        for name, meaning in sorted(set(LOOKED_UP.findall(source)))
    ]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(metrics_page(), encoding="utf-8")
