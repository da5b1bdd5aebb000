"""What Prometheus may know: counts of this process, and what the database says at the moment of
asking.

https://prometheus.io/docs/practices/naming/ . No label takes its values from outside, so their
number is bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from migrator.domain.protocol.causes import HoldCause, hold_cause
from migrator.github.transport import Observation
from migrator.views import metrics as looked_up

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ACCEPT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LAG_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
_REQUEST_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0)
"""GitHub gives up on a request after 10 s, we after 15 to 30 s."""

NO_REPLY: Final = "none"
"""The status of a request that got no reply."""
LISTENER_STATES: Final = ("running", "waiting", "stopped")
RATE_RESOURCES: Final = frozenset({"core", "graphql", "search", "integration_manifest"})
"""Resources of GitHub's limits that get a label of their own; others count as ``other``.
https://docs.github.com/rest/rate-limit/rate-limit"""

Gauges = Callable[[], Iterable[looked_up.Gauge]]
"""Returns numbers that are looked up, not counted."""


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, gauges: Gauges | None = None) -> None:
        self._registry = CollectorRegistry()
        self._arrived = self._counter(
            "migrator_webhooks", "Webhook requests by what became of them.", "result"
        )
        self._errors = self._counter("migrator_errors", "Errors by their kind.", "kind")
        self._worked = self._counter(
            "migrator_deliveries_worked", "Deliveries whose work ended, by outcome.", "outcome"
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
        self._requests = self._counter(
            "migrator_github_requests",
            f"Requests to GitHub, every try, by operation and status (`{NO_REPLY}`: no reply).",
            "operation",
            "status",
        )
        self.request_seconds = Histogram(
            "migrator_github_request_duration_seconds",
            "Seconds that a request to GitHub took.",
            ("operation",),
            buckets=_REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._points = self._gauge(
            "migrator_github_points_left",
            "Points left of GitHub's primary limit, as the last reply said; more once the moment "
            "of `migrator_github_points_reset_timestamp_seconds` is over.",
            "account",
            "resource",
        )
        self._points_reset = self._gauge(
            "migrator_github_points_reset_timestamp_seconds",
            "When GitHub fills the points up again, as a Unix timestamp.",
            "account",
            "resource",
        )
        self._listener = ListenerCollector(self._registry)
        if gauges is not None:
            self._registry.register(_Asked(gauges))

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self._registry)

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

    def requested(self, account: str, seen: Observation) -> None:
        """Count one try of a request to GitHub, and note the points that its reply names."""
        name = operation(seen.name)
        status = NO_REPLY if seen.status is None else str(seen.status)
        self._requests.labels(name, status).inc()
        self.request_seconds.labels(name).observe(seen.seconds)
        if seen.rate is not None:
            named = seen.rate.resource
            resource = named if named in RATE_RESOURCES else "other"
            self._points.labels(account, resource).set(seen.rate.remaining)
            self._points_reset.labels(account, resource).set(seen.rate.reset_at)

    def held(self, why: str, until: datetime | None) -> None:
        """Note why and until when this process holds all deliveries; an empty word: it goes on."""
        self._listener.held(why, until)

    def listens(self, listening: Callable[[], bool]) -> None:
        """Ask ``listening`` whether this process listens whenever the metrics are asked for."""
        self._listener.listening = listening

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


def operation(name: str) -> str:
    """The label of a request: a GraphQL operation's name, or a REST path without what is not ours
    (owners, repositories, ids)."""
    if not name.startswith("/"):
        return name if name.isidentifier() else "other"
    parts = name.partition("?")[0].strip("/").split("/")
    if parts[0] == "repos":
        kept = [part for part in parts[3:4] if part.isalpha()]
        return "/".join(["/repos/{owner}/{repo}", *kept])
    return f"/{parts[0]}" if parts[0].replace("_", "").isalpha() else "other"


class ListenerCollector:
    """How the listener of this process is: its state with the cause, and until when it waits."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.listening: Callable[[], bool] | None = None
        self._hold: tuple[HoldCause, float] | None = None
        self._lock = threading.Lock()
        registry.register(self)

    def held(self, why: str, until: datetime | None) -> None:
        """Note a hold, or its end."""
        with self._lock:
            self._hold = (hold_cause(why), until.timestamp()) if until is not None else None

    def describe(self) -> Iterator[Metric]:
        """The two families, without values."""
        yield from self._families()

    def _families(self) -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
        return (
            GaugeMetricFamily(
                "migrator_listener_state",
                "1 for the state of this process's listener: running (or ready to take over), "
                "waiting or stopped.",
                labels=("state", "cause"),
            ),
            GaugeMetricFamily(
                "migrator_listener_waiting_until_timestamp_seconds",
                "When a waiting listener tries again, as a Unix timestamp.",
            ),
        )

    def collect(self) -> Iterator[Metric]:
        """The state now; nothing from a process that does no such work."""
        state, until = self._families()
        if self.listening is not None:
            with self._lock:
                hold = self._hold
            now = "stopped" if not self.listening() else "waiting" if hold else "running"
            for name in LISTENER_STATES:
                cause = hold[0].value if hold and name == now == "waiting" else ""
                state.add_metric((name, cause), float(name == now))
            if hold and now == "waiting":
                until.add_metric((), hold[1])
        yield state
        yield until


class _Asked(Collector):
    """Numbers that are looked up when somebody asks."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering asks for no numbers."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Look everything up."""
        for name, meaning, names, values in self._gauges():
            family = GaugeMetricFamily(name, meaning, labels=names)
            for labels, value in values.items():
                family.add_metric([word for _, word in labels], value)
            yield family
