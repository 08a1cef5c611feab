"""The client examples, run against real services: an open one, one with keys, and one that is busy at first."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from standpoint.access_keys import make_key
from standpoint.service_process import ServiceProcess, start_service

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CLIENTS = {"predict.sh": "bash", "predict.py": sys.executable, "predict.mjs": "node"}
TOLD = {"predict.sh": '"predictions":[{"id":"one"', "predict.py": "one topics:", "predict.mjs": "one topics:"}
KEY, LINE = make_key("reader")


def run_client(
    name: str, url: str, key: str | None = None, by_variable: bool = False
) -> subprocess.CompletedProcess[str]:
    program = shutil.which(CLIENTS[name])
    if program is None or (name == "predict.sh" and shutil.which("curl") is None):
        pytest.skip(f"examples/{name} needs {CLIENTS[name]} and curl" if name.endswith("sh") else f"no {CLIENTS[name]}")
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment |= {"STANDPOINT_URL": url} if by_variable else {}
    environment |= {"STANDPOINT_KEY": key} if key else {}
    return subprocess.run(
        [program, str(EXAMPLES / name), *([] if by_variable else [url])],
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
    found = run_client("predict.sh", service.url, by_variable=True)
    assert found.returncode == 0, found.stderr
    predicted, *lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert [row["id"] for row in predicted["predictions"]] == ["one", "two"]
    assert {row["passage"]["document"] for row in lines if "passage" in row} == {"harbour.txt"}
    assert "model" in lines[-1]


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_a_client_fails_in_a_line_where_nobody_answers(name: str) -> None:
    found = run_client(name, "http://127.0.0.1:9")
    assert found.returncode != 0
    assert len(found.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def guarded(
    topic_artifact: Path, stance_artifact: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    home = tmp_path_factory.mktemp("keys")
    (home / "keys.txt").write_text(LINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANDPOINT_KEYS", str(home / "keys.txt"))
        started = start_service(port=0, topic=topic_artifact, stance=stance_artifact, log=home / "service.log")
    with started:
        started.wait_ready(120)
        yield started


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_a_client_brings_its_key(guarded: ServiceProcess, name: str) -> None:
    let_in = run_client(name, guarded.url, KEY)
    assert let_in.returncode == 0, let_in.stderr
    assert TOLD[name] in let_in.stdout
    refused = run_client(name, guarded.url)
    assert refused.returncode != 0
    assert "401" in refused.stderr
    assert "expected a key" in refused.stderr + refused.stdout


# A service that is busy at first


class Busy(ThreadingHTTPServer):
    """Sends the first requests away, with Retry-After, and passes the others on to a real service."""

    def __init__(self, service: ServiceProcess, statuses: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.service = service
        self.statuses = statuses


class Passing(BaseHTTPRequestHandler):
    server: Busy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.statuses:
            status, answer = self.server.statuses.pop(), b'{"error": {"code": "overloaded", "message": "busy"}}'
        else:
            status, answer = self.pass_on(body)
        self.send_response(status)
        if status in (429, 503):
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def pass_on(self, body: bytes) -> tuple[int, bytes]:
        import httpx

        answer = httpx.post(f"{self.server.service.url}{self.path}", content=body, timeout=60, trust_env=False)
        return answer.status_code, answer.content

    def log_message(self, *_parts: object) -> None:
        """Say nothing."""


@contextmanager
def be_busy(service: ServiceProcess, statuses: list[int]) -> Iterator[str]:
    server = Busy(service, statuses)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_a_client_asks_again_where_the_service_is_busy(service: ServiceProcess, name: str) -> None:
    with be_busy(service, [503, 429]) as url:
        found = run_client(name, url)
    assert found.returncode == 0, found.stderr
    assert TOLD[name] in found.stdout


@pytest.mark.parametrize("name", ["predict.py", "predict.mjs"])
def test_a_client_does_not_ask_for_ever(service: ServiceProcess, name: str) -> None:
    statuses = [503] * 9
    with be_busy(service, statuses) as url:
        found = run_client(name, url)
    assert found.returncode != 0
    assert "503: busy" in found.stderr
    assert len(statuses) == 4


def test_the_examples_are_those_that_are_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.name.startswith("predict")} == set(CLIENTS)
