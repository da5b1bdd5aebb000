"""The alert rules and the dashboard ask for metrics that exist, and each rule has a test."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from scripts.write_metrics import metric_names
from tests.support.prometheus import METRIC, MONITORING, needs_prometheus, queries

RULES = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]
ALERTS = {rule["alert"]: rule for rule in RULES["rules"]}


@pytest.mark.parametrize(
    "expression", [*(rule["expr"] for rule in ALERTS.values()), *queries().values()]
)
def test_every_query_asks_for_metrics_that_are_documented(expression: str) -> None:
    """A metric that was renamed would make an alert silent."""
    wanted = {name.removesuffix("_bucket") for name in METRIC.findall(expression)}
    assert wanted <= set(metric_names())


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_says_what_happened_and_what_to_do(name: str) -> None:
    """And `alerts_test.yaml` makes it fire."""
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["action"]
    assert f'alertname="{name}"' in (MONITORING / "alerts_test.yaml").read_text(encoding="utf-8")


@needs_prometheus
def test_the_unit_tests_of_the_alert_rules_pass() -> None:
    """By Prometheus' own tool."""
    done = subprocess.run(
        ["promtool", "test", "rules", str(MONITORING / "alerts_test.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
