"""benchmarks/RESULTS.md: one section a script, each replaced whole by the script that measures it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[1] / "RESULTS.md"
_HEAD = "# Results\n\nWritten by the scripts of this folder; `make bench` runs them all.\n"


def write_section(name: str, text: str, path: Path = RESULTS) -> None:
    """Put `text` under the heading `name`, in place of what stood there; date, commit and machine are added."""
    content = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    section = f"## {name}\n\n{describe_run()}\n\n{text.strip()}\n"
    parts = re.split(r"(?m)^(?=## )", content)
    kept = [part.strip() + "\n" for part in parts if part.strip() and not part.startswith(f"## {name}\n")]
    content = "\n".join([kept[0], *sorted([*kept[1:], section])])
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(content, encoding="utf-8")
    draft.replace(path)


def describe_run() -> str:
    """Return date, commit, CPU and Python in one line."""
    commit = _ask("git", "rev-parse", "--short=12", "HEAD") + ("+" if _ask("git", "status", "--porcelain") else "")
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    return f"{day}, commit {commit}, {read_cpu()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def read_cpu() -> str:
    """Return the processor's name as Linux tells it, else what Python knows."""
    try:
        found = re.search(r"(?m)^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def _ask(*command: str) -> str:
    done = subprocess.run(command, cwd=RESULTS.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()
