"""Prometheus before the processes of a day, with the rules of `deploy/monitoring/` in the time of a
test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.prometheus import RunningPrometheus, prometheus, shortened

THRESHOLDS = {
    "MigratorWorkerSilent": ("> 120", "> 4"),
    "MigratorDeliveriesLate": ("> 900", "> 3"),
    "MigratorSweepLate": ("> 3600", "> 30"),
    "MigratorGitHubSlow": ("> 8", "> 2"),
}
"""Alert -> its threshold in seconds as it ships, and in a test."""


PATIENCE = 120.0
"""Seconds after which an alert is not waited for any more."""


@dataclass
class Watch:
    """Sees which alerts fire."""

    server: RunningPrometheus

    def firing(self) -> set[str]:
        """The alerts that fire now."""
        found = self.server.query('ALERTS{alertstate="firing"}')
        return {sample["metric"]["alertname"] for sample in found}

    @contextmanager
    def fires(self, *alerts: str) -> Iterator[None]:
        """None of these alerts fires before the trouble of the block, and all of them do after it."""
        self.ends(*alerts)
        yield
        self._until(lambda: self.firing() >= set(alerts), alerts)

    def ends(self, *alerts: str) -> None:
        """Wait until none of these fires any more."""
        self._until(lambda: not self.firing() & set(alerts), alerts)

    def until(self, expression: str) -> None:
        """Wait until a query has an answer."""
        self._until(lambda: self.server.query(expression), expression)

    def _until(self, seen: Callable[[], object], what: object) -> None:
        began = time.monotonic()
        while not seen():
            assert time.monotonic() - began < PATIENCE, (
                f"firing is {self.firing()}, waited for {what}"
            )
            time.sleep(0.2)


@contextmanager
def watching(folder: Path, *targets: str) -> Iterator[Watch]:
    """A Prometheus that scrapes these processes (``host:port``)."""
    rules = folder / "alerts.yaml"
    rules.write_text(yaml.safe_dump(shortened(THRESHOLDS)), encoding="utf-8")
    with prometheus(folder, *targets, rules=rules) as server:
        yield Watch(server)
