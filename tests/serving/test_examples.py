"""The client examples, run against the real service."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from standpoint.service_process import ServiceProcess

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CLIENTS = {"predict.sh": "bash", "predict.py": sys.executable, "predict.mjs": "node"}


def run_client(name: str, *arguments: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which(CLIENTS[name])
    if program is None or (name == "predict.sh" and shutil.which("curl") is None):
        pytest.skip(f"examples/{name} needs {CLIENTS[name]} and curl" if name.endswith("sh") else f"no {CLIENTS[name]}")
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    if url:
        environment["STANDPOINT_URL"] = url
    return subprocess.run(
        [program, str(EXAMPLES / name), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["predict.py", "predict.mjs"])
def test_a_client_shows_predictions_and_refusals(service: ServiceProcess, name: str) -> None:
    found = run_client(name, service.url)
    assert found.returncode == 0, found.stderr
    assert "one the sanctions ->" in found.stdout
    assert "two the sanctions ->" in found.stdout
    assert "three refused: expected a text" in found.stdout


def test_curl_shows_predictions_and_a_page(service: ServiceProcess) -> None:
    found = run_client("predict.sh", url=service.url)
    assert found.returncode == 0, found.stderr
    assert '"predictions":[{"id":"one"' in found.stdout
    assert '"document":"harbour.txt"' in found.stdout


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_a_client_fails_where_nobody_answers(name: str) -> None:
    found = run_client(name, "http://127.0.0.1:9")
    assert found.returncode != 0


def test_the_examples_are_those_that_are_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.name.startswith("predict")} == set(CLIENTS)
