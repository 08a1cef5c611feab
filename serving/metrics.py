"""What Prometheus sees: few series, with labels that no client can invent."""

from __future__ import annotations

import os
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_INFO = "standpoint_model_info"


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
        self._sizes = Histogram(
            "standpoint_request_passages",
            "Passages of a request or a page that was answered.",
            buckets=_SIZES,
            registry=self._own,
        )
        self._predictions = Counter(
            "standpoint_predictions",
            "Labels given: the topics decided for, and the stances, by task and label.",
            ["task", "label"],
            registry=self._own,
        )
        self._abstentions = Counter(
            "standpoint_abstentions",
            "What was withheld, by task and reason: a stance toward a target, or all topics of a passage.",
            ["task", "reason"],
            registry=self._own,
        )
        self._waiting = Gauge(
            "standpoint_turns_waiting",
            "Requests that wait for their turn to predict.",
            multiprocess_mode="livesum",
            registry=self._own,
        )
        self._info = Gauge(
            _INFO,
            "The models that answer: 1 for each version that a worker has loaded.",
            ["task", "version", "digest"],
            multiprocess_mode="livemax",
            registry=self._own,
        )
        self._shown: set[tuple[str, str, str]] = set()

    def start_request(self) -> None:
        self._in_flight.inc()

    def end_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request; `method` is one of METHODS or OTHER."""
        self._in_flight.dec()
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_predictions(self, predictions: Sequence[Mapping[str, Any]]) -> None:
        """Count the passages of one request, and what was given and withheld in their answers."""
        self._sizes.observe(len(predictions))
        failed = sum("error" in prediction for prediction in predictions)
        for outcome, count in (("answered", len(predictions) - failed), ("refused", failed)):
            if count:
                self._passages.labels(outcome).inc(count)
        for (task, label), count in Tally(_find_labels(predictions)).items():
            self._predictions.labels(task, label).inc(count)
        for (task, reason), count in Tally(_find_abstentions(predictions)).items():
            self._abstentions.labels(task, reason).inc(count)

    def count_waiting(self, change: int) -> None:
        self._waiting.inc(change)

    def count_load(self, task: str, outcome: str) -> None:
        self._models.labels(task, outcome).inc()

    def show_models(self, models: Mapping[Any, Mapping[str, str]]) -> None:
        """Say which models answer now, by task, each with its version and digest; those said before are forgotten."""
        now = {(str(task), model["version"], model["digest"]) for task, model in models.items()}
        for labels in self._shown - now:
            self._info.labels(*labels).set(0)  # which `expose` leaves out: series of several processes stay for good
        for labels in now:
            self._info.labels(*labels).set(1)
        self._shown = now

    def expose(self) -> bytes:
        """Return the text that Prometheus reads."""
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if folder:
            _forget_dead(Path(folder))
        source = MultiProcessCollector(None) if folder else self._own  # type: ignore[no-untyped-call]
        shown = CollectorRegistry()
        shown.register(_Shown(source))
        return generate_latest(shown)


class _Shown:
    """All series but those of models that no longer answer."""

    def __init__(self, source: Collector) -> None:
        self._source = source

    def collect(self) -> Iterable[Metric]:
        for metric in self._source.collect():
            if metric.name == _INFO:
                metric.samples = [sample for sample in metric.samples if sample.value]
            yield metric


def _find_labels(predictions: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield (task, label) of everything that was given; labels are the artifact's, so that they are few."""
    for prediction in predictions:
        for topic in prediction.get("topics", ()):
            if topic["decided"]:
                yield "topic", topic["topic"]
        for stance in prediction.get("stances", ()):
            if stance["stance"] is not None:
                yield "stance", stance["stance"]


def _find_abstentions(predictions: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for prediction in predictions:
        # A topic is always decided for, be it the most probable, but in a language that the model never learned.
        if "topics" in prediction and not any(topic["decided"] for topic in prediction["topics"]):
            yield "topic", "language"
        for stance in prediction.get("stances", ()):
            if stance["abstain"] is not None:
                yield "stance", stance["abstain"]


def _forget_dead(folder: Path) -> None:
    """Drop what gauges say of workers that were killed: they will not take it back."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:  # it lives, as another user
            continue
