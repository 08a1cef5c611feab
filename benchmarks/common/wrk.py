"""Load by wrk: so many connections, each of which asks again as soon as it is answered."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from common.processes import Server

from standpoint.errors import StandpointError

SCRIPT = Path(__file__).with_name("post.lua")
TIMEOUT = 120  # seconds for an answer: what is slow is measured, not given up
RAMP = 1 / 3  # of the seconds
ERRORS = ("status", "connect", "read", "write", "timeout")


@dataclass(frozen=True)
class Load:
    """What came back. Latencies are in milliseconds; `failed` counts by kind what was not answered below 400.

    After the ramp `steady` requests were answered in `seconds`, for which the server used `used` seconds of CPU: what
    was half done as they began weighs up what was as they ended.
    """

    requests: int
    steady: int
    seconds: float
    used: float
    p50: float
    p95: float
    p99: float
    failed: dict[str, int]

    @property
    def rate(self) -> float:
        """Answered requests a second, once every connection has waited."""
        return self.steady / self.seconds

    @property
    def cost(self) -> float:
        """CPU milliseconds of the server for each answered request."""
        return self.used / max(1, self.steady) * 1e3

    @property
    def errors(self) -> int:
        return sum(self.failed.values())


def check_wrk() -> None:
    """Raise StandpointError where wrk is not installed."""
    if shutil.which("wrk") is None:
        message = "needs wrk, which is not installed; on Debian and Ubuntu: apt-get install wrk"
        raise StandpointError(f"{message}; elsewhere see https://github.com/wg/wrk")


def run_wrk(server: Server, path: str, bodies: Path, connections: int, seconds: int) -> Load:
    """Post the bodies of a file to a path of a server from one thread for `seconds`, the ramp included."""
    ramp = seconds * RAMP
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT}s", f"-s{SCRIPT}"]
    command = ["wrk", *options, server.url, "--", str(bodies), path, str(ramp)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        time.sleep(ramp)
        before = server.used()
        output, _ = process.communicate()
        used = server.used() - before
    last = output.strip().splitlines()[-1:]
    if process.returncode or not last or not last[0].startswith("{"):
        raise StandpointError(f"{' '.join(command)} failed:\n{output}")
    found = json.loads(last[0])
    latencies = [found[name] / 1e3 for name in ("p50", "p95", "p99")]
    failed = {name: found[name] for name in ERRORS}
    return Load(found["requests"], found["steady"], found["micros"] / 1e6 - ramp, used, *latencies, failed)
