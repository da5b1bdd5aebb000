"""What Prometheus may know: counts of this process, and what the database says at the moment of
asking.

https://prometheus.io/docs/practices/naming/ . No label takes its values from outside, so their
number is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ACCEPT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LAG_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)

Gauges = Callable[[], Iterable[tuple[str, str, Mapping[tuple[tuple[str, str], ...], float]]]]
"""Returns ``(name, what it means, {labels: value})`` of numbers that are asked for, not counted."""


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, gauges: Gauges | None = None) -> None:
        self._registry = CollectorRegistry()
        self._arrived = Counter(
            "migrator_webhooks",
            "Webhook requests by what became of them.",
            ("result",),
            registry=self._registry,
        )
        self._errors = Counter(
            "migrator_errors", "Errors by their kind.", ("kind",), registry=self._registry
        )
        self._worked = Counter(
            "migrator_deliveries_worked",
            "Deliveries whose work ended, by outcome.",
            ("outcome",),
            registry=self._registry,
        )
        self.accept_seconds = Histogram(
            "migrator_webhook_seconds",
            "Seconds until a webhook was answered.",
            buckets=_ACCEPT_BUCKETS,
            registry=self._registry,
        )
        self.lag_seconds = Histogram(
            "migrator_delivery_lag_seconds",
            "Seconds from a delivery's arrival to the end of the work on it.",
            buckets=_LAG_BUCKETS,
            registry=self._registry,
        )
        if gauges is not None:
            self._registry.register(_Asked(gauges))

    def arrived(self, result: str) -> None:
        """Count a webhook request."""
        self._arrived.labels(result).inc()

    def failed(self, error: BaseException) -> None:
        """Count an error by its class."""
        self._errors.labels(type(error).__name__).inc()

    def worked(self, outcome: str, lag: float) -> None:
        """Count a delivery whose work ended ``lag`` seconds after its arrival."""
        self._worked.labels(outcome).inc()
        self.lag_seconds.observe(lag)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Asked(Collector):
    """Numbers that are looked up when somebody asks."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering asks for no numbers."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Look everything up."""
        for name, meaning, values in self._gauges():
            names = [label for label, _ in next(iter(values), ())]
            family = GaugeMetricFamily(name, meaning, labels=names)
            for labels, value in values.items():
                family.add_metric([word for _, word in labels], value)
            yield family
