"""A tracking server as a team has it: `mlflow server` on PostgreSQL, which keeps the artifacts too.

Both are started as processes of their own and ended with the processes that they started.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

PATIENCE = 240  # seconds; a fresh database takes a busy machine a while
DATABASE = "postgres"  # the one that initdb makes


@dataclass(frozen=True)
class Team:
    """A running server. `files` is where it keeps artifacts, `log` what it wrote."""

    url: str
    files: Path
    log: Path


def find_postgres() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None; Debian keeps them off the search path."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda home: float(home.parent.name))
    named = shutil.which("initdb")
    found = [Path(named).resolve().parent] if named else [home for home in homes if (home / "initdb").is_file()]
    return found[-1] if found else None


@contextmanager
def start_team(folder: Path, programs: Path) -> Iterator[Team]:
    """Run a server with a fresh database; artifacts and logs lie in `folder`."""
    with _start_postgres(folder / "postgres.log", programs) as database:
        port = _find_port()
        team = Team(f"http://127.0.0.1:{port}", folder / "artifacts", folder / "server.log")
        options = ["--backend-store-uri", database, "--artifacts-destination", str(team.files)]
        options += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        command = [sys.executable, "-m", "mlflow", "server", *options]
        with _start(command, team.log, lambda: _answers(team.url), cwd=folder, env=environment):
            yield team


@contextmanager
def _start_postgres(log: Path, programs: Path) -> Iterator[str]:
    """Run a fresh cluster that listens on a socket of its own, and yield the address of its database.

    PostgreSQL refuses to run as root, and the folders of a test are closed to all but their owner: as root the cluster
    belongs to another user, and lies elsewhere. The path of a socket has to be short, too.
    """
    home = Path(tempfile.mkdtemp(prefix="standpoint-team-"))
    user = _take_user(home)
    try:
        data = home / "data"
        create = [programs / "initdb", "-D", data, "-U", "standpoint", "--auth", "trust", "--encoding", "UTF8"]
        create += ["--locale", "C", "--no-sync"]
        done = subprocess.run(create, cwd=home, capture_output=True, text=True, check=False, **user)
        if done.returncode:
            raise RuntimeError(f"initdb ended with exit code {done.returncode}: {done.stderr}")
        command = [programs / "postgres", "-D", data, "-k", home, "-c", "listen_addresses=", "-c", "fsync=off"]
        ask = [programs / "pg_isready", "-q", "-h", home, "-U", "standpoint", "-d", DATABASE]
        # At SIGINT it closes its connections and ends; SIGTERM waits for whoever is connected.
        with _start(command, log, lambda: subprocess.run(ask, check=False).returncode == 0, signal.SIGINT, **user):
            yield f"postgresql://standpoint@/{DATABASE}?host={home}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _take_user(home: Path) -> Mapping[str, Any]:
    """Return what to start PostgreSQL with; as root, another user, who is given the folder."""
    if os.geteuid():
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    other = known.get("postgres") or known["nobody"]
    os.chown(home, other.pw_uid, other.pw_gid)
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


@contextmanager
def _start(
    command: Sequence[str | Path],
    log: Path,
    ready: Callable[[], bool],
    stop: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> Iterator[None]:
    """Run a command in a session of its own, wait until it is ready, and end all that it started."""
    with log.open("w") as file:
        options |= {"start_new_session": True, "preexec_fn": partial(_end_with_parent, stop)}
        process = subprocess.Popen(command, stdout=file, stderr=file, **options)
    try:
        _wait_ready(process, log, ready)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _kill_group(process.pid)


def _end_with_parent(stop: signal.Signals) -> None:
    """Have the kernel end this process if the tests are killed, and can no longer do so; Linux alone does that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, stop)  # 1: PR_SET_PDEATHSIG


def _wait_ready(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            state = "still starting" if process.returncode is None else f"ended with exit code {process.returncode}"
            raise RuntimeError(f"{process.args!r}: {state}; it wrote:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)


def _kill_group(leader: int) -> None:
    """Kill what is left of the session that `leader`, which has ended, began."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _answers(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
