"""Starting, failing early, and leaving nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from standpoint.errors import BadInput, StandpointError
from standpoint.service_process import _children, is_running, start_service


def test_two_workers_of_named_folders_answer_and_end(
    topic_artifact: Path, stance_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDPOINT_MODELS", str(tmp_path / "none"))
    log = tmp_path / "service.log"
    with start_service(port=0, workers=2, topic=topic_artifact, stance=stance_artifact, log=log) as service:
        service.wait_ready(120)
        workers = _children(service.pid)
        assert len(workers) == 2
        answer = httpx.post(f"{service.url}/v1/predict", json={"passages": [{"text": "a"}]}, trust_env=False).json()
        assert answer["model"]["topic"]["version"] == answer["model"]["stance"]["version"] == "local"
        home = service._home
        assert home.is_dir()
    assert not any(is_running(pid) for pid in [service.pid, *workers])
    assert not home.exists()
    with pytest.raises(httpx.ConnectError, match="refused"):
        httpx.get(f"{service.url}/livez", trust_env=False)


def test_a_service_that_does_not_drain_is_killed_with_its_workers(stance_artifact: Path, tmp_path: Path) -> None:
    service = start_service(port=0, stance=stance_artifact, log=tmp_path / "service.log")
    service.wait_ready(120)
    workers = _children(service.pid)
    # A request whose body never ends keeps the worker busy beyond the time to drain.
    with socket.create_connection((service.host, service.port)) as stuck:
        stuck.sendall(b"POST /v1/pages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na")
        service.stop(drain=0.2)
    assert not any(is_running(pid) for pid in [service.pid, *workers])


def test_a_request_that_broke_off_does_not_hold_up_the_end(stance_artifact: Path, tmp_path: Path) -> None:
    service = start_service(port=0, stance=stance_artifact, log=tmp_path / "service.log")
    service.wait_ready(120)
    for _ in range(3):
        with socket.create_connection((service.host, service.port)) as broken:
            broken.sendall(b"POST /v1/pages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na")
    assert httpx.get(f"{service.url}/livez", trust_env=False).status_code == 200
    service.stop()
    assert service._process.returncode == 0


def test_workers_end_when_their_supervisor_is_killed(stance_artifact: Path, tmp_path: Path) -> None:
    service = start_service(port=0, stance=stance_artifact, log=tmp_path / "service.log")
    service.wait_ready(120)
    workers = _children(service.pid)
    os.kill(service.pid, signal.SIGKILL)
    pause = threading.Event()
    for _ in range(600):  # a minute at most
        if not is_running(workers[0]):
            break
        pause.wait(0.1)
    assert not any(is_running(pid) for pid in workers)
    service.stop()


def test_a_corrupt_artifact_is_told_at_once(stance_artifact: Path, tmp_path: Path) -> None:
    with (
        start_service(port=0, stance=tmp_path / "missing", log=tmp_path / "service.log") as service,
        pytest.raises(StandpointError, match=r"is not ready: standpoint-stance: .*missing holds no manifest\.json"),
    ):
        service.wait_ready(120)


def test_a_service_that_dies_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with start_service(port=0, log=tmp_path / "service.log") as service:
        (tmp_path / "service.log").write_text("the last words\n")
        os.kill(service.pid, signal.SIGKILL)
        with pytest.raises(StandpointError, match=r"(?s)ended with exit code -9; the end of .*the last words"):
            service.wait_ready(120)


def test_a_taken_port_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BadInput, match="name another --port"):
            start_service(port=taken.getsockname()[1])


@pytest.mark.parametrize("host", ["example.org", "", "300.0.0.1"])
def test_a_host_that_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(BadInput, match="--host: expected an IP address"):
        start_service(host=host)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(BadInput, match="--port: expected 0 to 65535"):
        start_service(port=port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_others_reach_is_refused_without_keys(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STANDPOINT_KEYS", raising=False)
    with pytest.raises(BadInput, match=r"--host: .* let STANDPOINT_KEYS name a file of keys .* or add --open"):
        start_service(host=host, port=0)


@pytest.mark.parametrize(("content", "complaint"), [("# none\n", "holds no key"), ("reader\n", "keys.txt:1: expected")])
def test_a_file_of_keys_that_lets_nobody_in_is_refused(
    content: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys.txt").write_text(content)
    monkeypatch.setenv("STANDPOINT_KEYS", str(tmp_path / "keys.txt"))
    for host in ("127.0.0.1", "0.0.0.0"):
        with pytest.raises(BadInput, match=complaint):
            start_service(host=host, port=0)


def test_open_is_for_what_something_in_front_protects(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets past the question of keys, to an address that this machine does not have."""
    monkeypatch.delenv("STANDPOINT_KEYS", raising=False)
    with pytest.raises(BadInput, match=r"192\.0\.2\.1:\d+ cannot be had"):
        start_service(host="192.0.2.1", port=0, open_access=True)


BLOCKED = (
    *("torch", "transformers", "datasets", "mlflow", "pandas", "sentence_transformers"),
    *("joblib", "scipy", "skops", "sklearn"),
)
BLOCK = f"""
import sys
import threading

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Block())
"""


def run_blocked(code: str, cwd: Path) -> str:
    root = Path(__file__).resolve().parents[2]
    found = subprocess.run(
        [sys.executable, "-c", BLOCK + code],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


def test_the_service_needs_nothing_of_training(topic_artifact: Path, stance_artifact: Path, tmp_path: Path) -> None:
    code = f"""
import json
from pathlib import Path
from serving.service import Standpoint
from serving.core import ServiceCore
from serving.limits import Limits
from serving.models import ModelStore

store = ModelStore(Path("none"), {{"topic": Path({str(topic_artifact)!r}), "stance": Path({str(stance_artifact)!r})}})
store.poll()
answer = ServiceCore(store, Limits()).predict(b'{{"passages": [{{"text": "Traders welcomed the port levy."}}]}}')
print(answer["predictions"][0]["stances"][0]["stance"], [name for name in {BLOCKED!r} if name in sys.modules])
"""
    assert run_blocked(code, tmp_path) == "favor []"


def test_starting_a_service_imports_neither_bentoml_nor_serving(tmp_path: Path) -> None:
    code = 'import standpoint.service_process; print([n for n in ("bentoml", "serving", "numpy") if n in sys.modules])'
    assert "serving" not in run_blocked(code, tmp_path)
    assert "bentoml" not in run_blocked(code, tmp_path)


def test_a_key_is_made_where_nothing_of_training_is_installed(tmp_path: Path) -> None:
    code = 'from training.cli import main; main(["key", "reader"])'
    assert run_blocked(code, tmp_path).startswith("reader sha256:")
