"""The service as a child process: started on a port, waited for, ended with everything that it started."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import nullcontext
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from standpoint.access_keys import KEYS, read_keys
from standpoint.errors import BadInput, MissingExtra, StandpointError
from standpoint.service_environment import make_environment

TARGET = "serving.service:Standpoint"
DRAIN_SECONDS = 20.0  # what running requests get to finish
KILL_SECONDS = 10.0
POLL_SECONDS = 0.1
LOG_TAIL = 30  # lines


class ServiceProcess:
    """A started service. Use as a context manager, or call `stop`."""

    def __init__(self, process: subprocess.Popen[bytes], host: str, port: int, home: Path, log: Path | None) -> None:
        self.host = host
        self.port = port
        self._process = process
        self._home = home
        self._log = log

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Return once the service can answer.

        Raises StandpointError with the end of the log where the process died, with the service's own reason where it
        runs but refuses its models, or after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise StandpointError(f"the service ended with exit code {self._process.returncode}{self._tail()}")
            status, reason = self._ask_ready()
            if status == 200:
                return
            if status is not None:
                raise StandpointError(f"the service runs at {self.url}, but is not ready: {reason}")
            time.sleep(POLL_SECONDS)
        raise StandpointError(f"the service did not answer at {self.url} within {timeout:g} seconds{self._tail()}")

    def wait(self) -> int:
        """Stay until the service ends, pass on SIGTERM and SIGINT, and return its exit code."""

        def pass_on(_number: int, _frame: FrameType | None) -> None:
            if self._process.poll() is None:
                self._process.terminate()

        kept = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return self._process.wait()
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def stop(self, drain: float = DRAIN_SECONDS) -> None:
        """Ask the service to end, let running requests finish for `drain` seconds, then kill it and its workers."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(drain)
            except subprocess.TimeoutExpired:
                self._kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> ServiceProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _kill(self) -> None:
        # The supervisor leads our process group; each of its workers leads a session of its own, so that killing the
        # group leaves them. They are found while their parent still lives, and end by themselves where they are not.
        workers = _children(self._process.pid)
        os.killpg(self._process.pid, signal.SIGKILL)
        for worker in workers:
            _kill_group(worker)
        self._process.wait()
        # They are not our children to be waited for; a killed process gives its memory and port back in a moment.
        deadline = time.monotonic() + KILL_SECONDS
        while any(is_running(worker) for worker in workers) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _ask_ready(self) -> tuple[int | None, str]:
        """Return status and reason of /readyz; (None, "") where nobody listens yet."""
        connection = http.client.HTTPConnection(_reachable(self.host), self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            return response.status, _message(response.read(100_000))
        except (OSError, http.client.HTTPException):
            return None, ""
        finally:
            connection.close()

    def _tail(self) -> str:
        if self._log is None or not self._log.is_file():
            return "; its log is above"
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:]
        return f"; the end of {self._log}:\n" + "\n".join(lines)


def start_service(
    host: str = "127.0.0.1",
    port: int = 3000,
    workers: int | None = None,
    topic: Path | None = None,
    stance: Path | None = None,
    log: Path | None = None,
    open_access: bool = False,
    ask_keys: bool = True,
) -> ServiceProcess:
    """Start the service with the given artifacts, or with the champions of the models folder, and return at once.

    Port 0 takes a free one; `workers` are those of STANDPOINT_WORKERS, or one, where it is None. The log goes to
    `log`, else to standard error. Works from any current folder.
    `open_access` says that something in front of the service lets in whom it may; without `ask_keys` it wants no key,
    whatever the environment names, as for a look from this machine. Raises BadInput on an address that
    cannot be had, on one that others reach while nobody asks for keys, on a broken file of keys, and on a variable that
    is wrong; MissingExtra where the service is not installed.
    """
    for module in ("bentoml", "serving"):
        if find_spec(module) is None:
            raise MissingExtra("serve", "serve", module)
    if workers is not None and workers < 1:
        raise BadInput(f"expected at least one worker, found {workers}", "--workers")
    host = _check_host(host)
    _check_access(host, open_access, ask_keys)
    port = _check_port(host, port)
    home = Path(tempfile.mkdtemp(prefix="standpoint-service-"))
    command = [sys.executable, "-m", "bentoml", "serve", TARGET]
    command += ["--timeout-graceful-shutdown", str(int(DRAIN_SECONDS) - 2)]
    # An empty folder to work in: BentoML puts it first on the module path, where a folder of the user's that happens to
    # be called `serving` would be taken for the package.
    command += ["--host", host, "--port", str(port), "--working-dir", str(home)]
    try:
        environment = make_environment(home, workers, topic, stance, ask_keys)
        with log.open("ab") if log else nullcontext(sys.stderr) as output:
            process = subprocess.Popen(
                command,
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output.fileno(),
                stderr=subprocess.STDOUT,
                process_group=0,
            )
    except (OSError, StandpointError):
        shutil.rmtree(home, ignore_errors=True)
        raise
    return ServiceProcess(process, host, port, home, log)


def _check_host(host: str) -> str:
    try:
        return str(ip_address("127.0.0.1" if host == "localhost" else host))
    except ValueError:
        raise BadInput(f"expected an IP address, found {host!r}; 127.0.0.1 is this machine alone", "--host") from None


def _check_access(host: str, open_access: bool, ask_keys: bool) -> None:
    """Raise BadInput where others could ask without a key, or where no key could ever be the right one."""
    file = os.environ.get(KEYS) if ask_keys else None
    if file:
        if not read_keys(Path(file)):
            raise BadInput("holds no key, so that nobody could ask; add the line that standpoint key NAME prints", file)
    elif not (open_access or ip_address(host).is_loopback):
        message = f"{host} can be reached from other machines, and no key would be asked for; let {KEYS} name a file of"
        message += " keys (standpoint key NAME makes one), or add --open where something in front asks who it is"
        raise BadInput(message, "--host")


def _check_port(host: str, port: int) -> int:
    """Return `port`, or a free one for 0. Raises BadInput where the address cannot be had."""
    if not 0 <= port < 65536:
        raise BadInput(f"expected 0 to 65535, found {port}", "--port")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInput(f"{host}:{port} cannot be had ({error.strerror}); name another --port", "--port") from None
        return int(probe.getsockname()[1])


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _message(body: bytes) -> str:
    try:
        content: Mapping[str, Any] = json.loads(body)
        return str(content["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""


def _children(pid: int) -> list[int]:
    """Return the child processes of a process; none where the system does not list them."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:
        return []


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be collected does not. False where /proc is missing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _kill_group(pid: int) -> None:
    try:
        # Only a worker that leads its own group is ended with its group; the group of another is not ours to kill.
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
