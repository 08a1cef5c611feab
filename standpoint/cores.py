"""How many cores this process may use."""

from __future__ import annotations

import os


def count_cores() -> int:
    """Return the cores that the process may run on, at least 1; a container's share of time is not seen here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
