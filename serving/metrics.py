"""What Prometheus sees: few series, with labels that no client can invent."""

from __future__ import annotations

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The counters of one worker. With PROMETHEUS_MULTIPROC_DIR set, `expose` sums those of all workers."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._requests = Counter(
            "standpoint_http_requests",
            "Answered requests, by route (never the raw path), method and status.",
            ["route", "method", "status"],
            registry=self._own,
        )
        self._seconds = Histogram(
            "standpoint_http_request_seconds",
            "Time from a request's head to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self._own,
        )
        self._in_flight = Gauge(
            "standpoint_http_requests_in_flight",
            "Requests that are being answered.",
            multiprocess_mode="livesum",
            registry=self._own,
        )
        self._passages = Counter("standpoint_passages", "Passages, by outcome.", ["outcome"], registry=self._own)
        self._models = Counter(
            "standpoint_model_loads", "Attempts to load a model, by outcome.", ["task", "outcome"], registry=self._own
        )

    def start_request(self) -> None:
        self._in_flight.inc()

    def end_request(self, route: str, method: str, status: int, seconds: float) -> None:
        self._in_flight.dec()
        self._requests.labels(route, method if method in METHODS else OTHER, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_passages(self, outcome: str, count: int) -> None:
        if count:
            self._passages.labels(outcome).inc(count)

    def count_load(self, task: str, outcome: str) -> None:
        self._models.labels(task, outcome).inc()

    def expose(self) -> bytes:
        """Return the text that Prometheus reads."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._own)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)
