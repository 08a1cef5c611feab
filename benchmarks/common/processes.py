"""A server as a child process: started, waited for, measured with everything that it started, ended."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from standpoint.errors import StandpointError

READY_SECONDS, END_SECONDS, QUIET_SECONDS = 120.0, 25.0, 60.0
LOOK = 0.01  # seconds between two looks whether it is ready
MEGA = 1e6


@dataclass(frozen=True)
class Memory:
    """Megabytes of a server: of its largest process the peak RSS and the PSS, and the PSS of all its processes."""

    peak: float
    share: float
    whole: float


class Server:
    """A started server and its processes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log
        self.url = f"http://127.0.0.1:{port}"

    def wait_ready(self, path: str) -> None:
        """Return once GET `path` answers 200. Raises StandpointError with the end of the log where it never does."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if ask(self.port, "GET", path)[0] == 200:
                return
            time.sleep(LOOK)
        tail = self.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise StandpointError(f"{self.process.args!r} did not become ready; the end of its log:\n{tail}")

    def list_processes(self) -> list[psutil.Process]:
        """Return the process and all below it."""
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.process.pid)
            return [root, *root.children(recursive=True)]
        return []

    def used(self) -> float:
        """Return the CPU seconds, user and system, of all processes that run."""
        total = 0.0
        for process in self.list_processes():
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def wait_quiet(self) -> None:
        """Return when the server has done what it was still at."""
        deadline, before = time.monotonic() + QUIET_SECONDS, self.used()
        while time.monotonic() < deadline:
            time.sleep(0.3)
            now = self.used()
            if now - before < 0.05:  # a server that waits uses some too
                return
            before = now

    def memory(self) -> Memory:
        found = []
        for process in self.list_processes():
            with suppress(psutil.NoSuchProcess):
                found.append((process.memory_full_info().pss / MEGA, _peak_rss(process.pid)))
        share, peak = max(found, default=(0.0, 0.0))
        return Memory(peak, share, sum(pss for pss, _ in found))

    def stop(self) -> None:
        """Ask the server to end; kill after a while what is left of it."""
        processes = self.list_processes()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(END_SECONDS)
        _, left = psutil.wait_procs(processes, timeout=2)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()


@contextmanager
def start_server(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, port: int
) -> Iterator[Server]:
    """Start a server in `folder`, its output in `log`, and stop it when the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us, who end it
        )
    server = Server(process, port, log)
    try:
        yield server
    finally:
        server.stop()


def end_on_sigterm() -> None:
    """Let SIGTERM end this process as an exception does, so that the servers it started are stopped."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(
    port: int, method: str, path: str, body: bytes | None = None, kind: str = "application/json", timeout: float = 60
) -> tuple[int | None, bytes]:
    """Return status and body of an answer; None as the status where there was none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, {"Content-Type": kind} if body else {})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return None, b""
    finally:
        connection.close()


def _peak_rss(pid: int) -> float:
    """Return the most megabytes that a process has held; 0 where it is gone."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return int(found.group(1)) * 1024 / MEGA if found else 0.0
