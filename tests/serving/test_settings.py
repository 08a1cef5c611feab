"""Settings that are wrong: said in one line, before anything is started, or by the service itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.limits import Limits
from serving.settings import Settings, read_settings, wants_traces
from standpoint.errors import BadInput
from standpoint.service_environment import make_environment
from standpoint.service_process import start_service

ROOT = Path(__file__).resolve().parents[2]
COLLECTOR = "http://127.0.0.1:4318"
WRONG = [
    ("STANDPOINT_CORS", "*", "expected origins as https://app.example.org, separated by commas, found '*'"),
    ("STANDPOINT_LOG", "xml", "expected text or json, found 'xml'"),
    ("STANDPOINT_LIMIT_PASSAGES", "many", "expected a positive whole number, found 'many'"),
    ("STANDPOINT_LIMIT_PASSAGE", "7", "no such limit; expected one of"),
    ("STANDPOINT_THREADS", "0", "expected a positive whole number, found '0'"),
    ("STANDPOINT_WORKERS", "-1", "expected a positive whole number, found '-1'"),
    ("STANDPOINT_WORKERS", "9" * 5000, "expected a positive whole number, found '999"),
    ("OTEL_TRACES_EXPORTER", "zipkin", "expected otlp or none, found 'zipkin'"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "expected an address as http://127.0.0.1:4318"),
]


def test_what_is_not_set_has_its_default() -> None:
    settings = read_settings({"HOME": "/", "STANDPOINT_LOG": "", "STANDPOINT_WORKERS": ""})
    assert settings == Settings(
        Limits(), origins=(), log_form="text", threads=1, variant=None, workers=1, tracing=False
    )


@pytest.mark.parametrize(("name", "value", "complaint"), WRONG)
def test_a_wrong_setting_is_named(name: str, value: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=f"^{name}: ") as caught:
        read_settings({name: value})
    assert complaint in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "environment",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR},
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{COLLECTOR}/v1/traces"},
        {"OTEL_TRACES_EXPORTER": "otlp"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
    ],
)
def test_traces_are_wanted(environment: dict[str, str]) -> None:
    assert wants_traces(environment)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR, "OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR, "OTEL_SDK_DISABLED": "true"},
        {"OTEL_SERVICE_NAME": "alone"},
    ],
)
def test_traces_are_not_wanted(environment: dict[str, str]) -> None:
    assert not wants_traces(environment)


def test_another_protocol_is_refused() -> None:
    environment = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with pytest.raises(BadInput, match="OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf"):
        wants_traces(environment)


BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name == "opentelemetry.exporter" or name.startswith("opentelemetry.exporter."):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Block())
from serving.settings import main
sys.exit(main())
"""


def test_traces_without_their_extra_are_refused() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR}
    found = subprocess.run(
        [sys.executable, "-c", BLOCKED], env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 2
    [line] = found.stderr.splitlines()
    assert line.startswith("OTEL_EXPORTER_OTLP_ENDPOINT: asks for traces, which need the package")
    assert "pip install 'standpoint[tracing]'" in line


# Before the service is started


@pytest.mark.parametrize(("name", "value", "complaint"), WRONG)
def test_nothing_is_started_where_a_setting_is_wrong(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(BadInput, match=f"^{name}: ") as caught:
        start_service(port=0)
    assert complaint in str(caught.value)
    assert not [*tmp_path.iterdir()]  # no folder for a service that was not started


def test_workers_and_threads_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("STANDPOINT_WORKERS", "STANDPOINT_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("standpoint.service_environment.count_cores", lambda: 8)

    def made(workers: int | None) -> tuple[str | None, str]:
        found = make_environment(tmp_path, workers)
        return found.get("STANDPOINT_WORKERS"), found["STANDPOINT_THREADS"]

    assert made(None) == (None, "8")
    assert made(2) == ("2", "4")
    monkeypatch.setenv("STANDPOINT_WORKERS", "4")
    assert made(None) == ("4", "2")
    monkeypatch.setenv("STANDPOINT_THREADS", "3")
    assert made(1) == ("1", "3")


def end(*command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-m", *command], env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_command_line_says_it_in_a_line(tmp_path: Path) -> None:
    found = end("training.cli", "serve", "--port", "0", cwd=tmp_path, STANDPOINT_LOG="xml")
    assert found.returncode == 2
    assert found.stderr.splitlines() == ["standpoint: STANDPOINT_LOG: expected text or json, found 'xml'"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "missing.txt: cannot be read"), ("reader\n", "missing.txt:1: expected NAME sha256:HEX")],
)
def test_the_command_line_says_what_is_wrong_with_the_keys(content: str | None, complaint: str, tmp_path: Path) -> None:
    if content:
        (tmp_path / "missing.txt").write_text(content)
    found = end("training.cli", "serve", "--port", "0", cwd=tmp_path, STANDPOINT_KEYS="missing.txt")
    assert found.returncode == 2
    [line] = found.stderr.splitlines()
    assert complaint in line


def test_the_service_says_it_where_bentoml_starts_it(tmp_path: Path) -> None:
    command = ("bentoml", "serve", "serving.service:Standpoint", "--port", "0", "--working-dir", str(tmp_path))
    found = end(*command, cwd=tmp_path, STANDPOINT_LIMIT_PASSAGES="many", BENTOML_HOME=str(tmp_path / "home"))
    assert found.returncode == 2
    assert "standpoint: STANDPOINT_LIMIT_PASSAGES: expected a positive whole number" in found.stderr
    assert "Traceback" not in found.stderr
