"""Which process writes a run, and whether it still lives: what tells a run that goes on from one that was killed."""

from __future__ import annotations

import hashlib
import os
import platform
import socket
from pathlib import Path

PROCESS, HARDWARE = "process", "hardware"  # tags of a run


def process_tags() -> dict[str, str]:
    """Return the tags that name this process, and what it computes on."""
    named = f"{socket.gethostname()} {_machine()} {os.getpid()} {_started(os.getpid())}"
    return {PROCESS: named.rstrip(), HARDWARE: _describe_hardware()}


def is_alive(tag: str) -> bool | None:
    """Whether the process that a tag names still lives; None where it is another machine's, or none is named.

    A number is given to other processes in time, so the time of its start has to be the same too.
    """
    host, *rest = tag.split(" ")
    if host != socket.gethostname() or len(rest) < 2 or rest[0] != _machine() or not rest[1].isdecimal():
        return None
    process, started = int(rest[1]), rest[2] if len(rest) > 2 else ""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is somebody else's
        pass
    found = _started(process)
    return found == started if found and started else True


def _machine() -> str:
    """Return what tells this boot and this container from others of the same name; `-` where nothing does."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return hashlib.sha256(f"{boot} {Path('/proc/self/ns/pid').readlink()}".encode()).hexdigest()[:8]
    except OSError:
        return "-"


def _started(process: int) -> str:
    """Return when a process started, in ticks since the machine did; empty where the system does not say."""
    try:
        # The name, in parentheses, may hold anything; the start is the 22nd field, the 20th after it.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _describe_hardware() -> str:
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n")
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    except OSError:
        pass
    return f"{os.cpu_count()} x {name}"
