"""Traces, as a collector gets them from the real service; and that nothing is there where nobody asked for them."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from serving.accept import LINES
from standpoint.service_process import ServiceProcess, start_service
from tests.serving.application import wait_until

MARKER = "quokka-parliament"  # stands in every text, name and query that these tests send
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


class Collector(ThreadingHTTPServer):
    """Keeps what is sent to it by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.requests: list[ExportTraceServiceRequest] = []
        self.paths: set[str] = set()
        self.bodies = b""

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in list(self.requests)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def of_trace(self, trace: str) -> list[Span]:
        return [span for span in self.spans if span.trace_id.hex() == trace]


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.bodies += body
        self.server.paths.add(self.path)
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_parts: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join(60)
    server.server_close()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("traced") / "service.log"


@pytest.fixture(scope="module")
def traced(collector: Collector, topic_artifact: Path, stance_artifact: Path, log: Path) -> Iterator[ServiceProcess]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        patch.setenv("OTEL_SERVICE_NAME", "the-name-of-ours")
        patch.setenv("STANDPOINT_LOG", "json")
        started = start_service(port=0, topic=topic_artifact, stance=stance_artifact, log=log)
    with started:
        started.wait_ready(120)
        yield started


def ask(service: ServiceProcess, trace: str, path: str = "/v1/predict", flags: str = "01", **request: Any) -> int:
    headers = {"traceparent": f"00-{trace}-{CALLER}-{flags}", "X-Request-ID": MARKER, **request.pop("headers", {})}
    method = request.pop("method", "POST")
    url = f"{service.url}{path}"
    return httpx.request(method, url, headers=headers, timeout=60, trust_env=False, **request).status_code


def attributes(span: Span) -> dict[str, Any]:
    return {row.key: row.value.string_value or row.value.int_value for row in span.attributes}


BODY = {"passages": [{"id": MARKER, "text": f"Shipowners condemned the {MARKER}.", "targets": [MARKER]}]}


def test_a_request_is_a_span_with_its_steps(traced: ServiceProcess, collector: Collector, log: Path) -> None:
    assert ask(traced, TRACE, json={**BODY, "explain": True}) == 200
    wait_until(lambda: any(span.kind == Span.SPAN_KIND_SERVER for span in collector.of_trace(TRACE)))
    spans = collector.of_trace(TRACE)
    [root] = [span for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    assert (root.name, root.parent_span_id.hex()) == ("POST /v1/predict", CALLER)
    assert attributes(root) == {
        "http.request.method": "POST",
        "http.route": "/v1/predict",
        "http.response.status_code": 200,
    }
    steps = sorted((span for span in spans if span is not root), key=lambda span: span.start_time_unix_nano)
    assert [span.name for span in steps][:4] == ["wait", "read", "wait", "predict"]
    assert {span.name for span in steps[4:]} == {"wait", "explain"}
    for step in steps:
        assert step.parent_span_id == root.span_id
        assert root.start_time_unix_nano <= step.start_time_unix_nano <= step.end_time_unix_nano
        assert not step.attributes
    assert collector.paths == {"/v1/traces"}
    resource = {row.key: row.value.string_value for row in collector.requests[0].resource_spans[0].resource.attributes}
    assert resource["service.name"] == "the-name-of-ours"
    assert f'"trace_id": "{TRACE}"' in log.read_text()


def test_pages_and_what_goes_wrong_are_spans_too(traced: ServiceProcess, collector: Collector) -> None:
    trace = "1" * 32
    assert ask(traced, trace, "/v1/pages", content=f"A page of {MARKER}.", params={"target": MARKER}) == 200
    lines = {"headers": {"Accept": LINES}}
    assert ask(traced, trace, "/v1/pages", content=f"A page of {MARKER}.", params={"target": MARKER}, **lines) == 200
    assert ask(traced, trace, content=MARKER) == 400
    assert ask(traced, trace, f"/{MARKER}", json=BODY) == 404
    assert ask(traced, trace, method=MARKER.upper()) == 405

    def roots() -> list[Span]:
        return [span for span in collector.of_trace(trace) if span.kind == Span.SPAN_KIND_SERVER]

    wait_until(lambda: len(roots()) == 5)
    told = [(span.name, attributes(span)["http.response.status_code"]) for span in roots()]
    assert told == [
        ("POST /v1/pages", 200),
        ("POST /v1/pages", 200),
        ("POST /v1/predict", 400),
        ("POST other", 404),
        ("other /v1/predict", 405),
    ]
    assert all(span.status.code != Status.STATUS_CODE_ERROR for span in roots())


def test_nothing_of_a_request_is_in_a_span(traced: ServiceProcess, collector: Collector) -> None:
    trace = "2" * 32
    assert ask(traced, trace, json=BODY) == 200
    wait_until(lambda: any(span.kind == Span.SPAN_KIND_SERVER for span in collector.of_trace(trace)))
    assert MARKER.encode() not in collector.bodies
    assert MARKER.upper().encode() not in collector.bodies


def test_a_caller_that_does_not_trace_is_not_traced(traced: ServiceProcess, collector: Collector) -> None:
    unwanted, wanted = "3" * 32, "4" * 32
    assert ask(traced, unwanted, flags="00", json=BODY) == 200
    assert httpx.get(f"{traced.url}/readyz", trust_env=False).status_code == 200
    assert ask(traced, wanted, json=BODY) == 200
    wait_until(lambda: any(span.kind == Span.SPAN_KIND_SERVER for span in collector.of_trace(wanted)))
    assert not collector.of_trace(unwanted)
    assert not [span for span in collector.spans if "readyz" in span.name]
    # Each request has one span: BentoML's own makes none.
    assert len([span for span in collector.of_trace(wanted) if span.kind == Span.SPAN_KIND_SERVER]) == 1


def test_the_last_spans_are_sent_when_the_service_ends(
    collector: Collector, topic_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")
    trace = "5" * 32
    with start_service(port=0, topic=topic_artifact, log=tmp_path / "service.log") as service:
        service.wait_ready(120)
        assert ask(service, trace, json={"passages": [{"text": MARKER}]}) == 200
        assert not collector.of_trace(trace)
    assert collector.of_trace(trace)


def test_without_settings_nothing_of_it_is_imported() -> None:
    code = """
import sys
import serving.routes, serving.worker, serving.settings
serving.settings.read_settings({})
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
