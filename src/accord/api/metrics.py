"""What Prometheus reads: the server's own work, and where runs, queue and pending exports stand when it asks."""

import threading
import time
from collections.abc import Callable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accord.operations.measuring import Measures

REGISTRY = CollectorRegistry()

REQUESTS = Counter("accord_http_requests", "Requests answered.", ("method", "route", "status"), registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "accord_http_request_seconds", "How long answers took.", ("route",), registry=REGISTRY,
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
_FRESH_S = 10.0
_SUCCESS = ("done", "done_with_errors")


class Standing:
    """Where everything stands, measured again only when the last time is a while ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._measures: Measures | None = None
        self._at = 0.0

    def refreshed(self, measure: Callable[[], Measures]) -> Measures:
        """Return the measures, new ones when the last are old."""
        with self._lock:
            if self._measures is None or time.monotonic() - self._at > _FRESH_S:
                self._measures, self._at = measure(), time.monotonic()
            return self._measures


def text_of(measures: Measures) -> tuple[str, str]:
    """Return everything in Prometheus' text, and the media type of it."""
    registry = CollectorRegistry()
    registry.register(_Standings(measures))
    return (generate_latest(REGISTRY) + generate_latest(registry)).decode(), CONTENT_TYPE_LATEST


class _Standings(Collector):
    def __init__(self, measures: Measures) -> None:
        self._measures = measures

    def collect(self) -> Iterator[Metric]:
        """Yield every measure."""
        runs = CounterMetricFamily("accord_runs", "Runs that ended.", labels=("system", "profile", "outcome"))
        waiting = GaugeMetricFamily("accord_queue_depth", "Runs that wait or go on.", labels=("state",))
        last = GaugeMetricFamily(
            "accord_last_success_timestamp_seconds", "When a run last ended well.", labels=("system", "profile")
        )
        depth = {"queued": 0, "running": 0}
        success: dict[tuple[str, str], float] = {}
        for tally in self._measures.runs:
            if tally.state in depth:
                depth[tally.state] += tally.count
                continue
            runs.add_metric([tally.system, tally.profile, tally.state], tally.count)
            if tally.state in _SUCCESS:
                key = (tally.system, tally.profile)
                success[key] = max(tally.last_s, success.get(key, 0.0))
        for state, count in depth.items():
            waiting.add_metric([state], count)
        for (system, profile), moment in success.items():
            last.add_metric([system, profile], moment)
        yield from (runs, waiting, last, *self._others())

    def _others(self) -> Iterator[Metric]:
        pending = GaugeMetricFamily("accord_pending_exports", "Objects that wait.", labels=("system", "state"))
        for tally in self._measures.pending:
            pending.add_metric([tally.system, tally.state], tally.count)
        yield pending
        yield GaugeMetricFamily("accord_plans_held", "Plans a guard holds.", value=self._measures.held_plans)
