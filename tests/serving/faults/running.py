"""Real services for faults, each with models and a log of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from standpoint.service_process import ServiceProcess, _children, start_service

STARTING = 120.0  # seconds


@contextmanager
def run_service(models: Path, log: Path, workers: int = 1, **environment: str) -> Iterator[ServiceProcess]:
    """Start a service with the models of a folder and more variables; it is ended with the block, ready or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANDPOINT_MODELS", str(models))
        patch.setenv("STANDPOINT_LOG", "json")
        for name, value in environment.items():
            patch.setenv(name, value)
        service = start_service(port=0, workers=workers, log=log)
    with service:
        yield service


def worker_pids(service: ServiceProcess) -> list[int]:
    return sorted(_children(service.pid))
