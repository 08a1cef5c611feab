"""One worker process: what it reads from its environment, what it starts, and how it ends."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from serving.core import ServiceCore
from serving.description import label_models
from serving.logs import set_up_logs
from serving.metrics import Metrics
from serving.models import ModelStore
from serving.settings import Settings
from standpoint.metadata import Task
from standpoint.models_folder import models_folder

FOLDERS: Mapping[Task, str] = {"topic": "STANDPOINT_TOPIC_ARTIFACT", "stance": "STANDPOINT_STANCE_ARTIFACT"}
ORPHAN_SECONDS = 2.0
OPEN_FILES = 8_192  # of a worker, where the system lets it: connections beyond wait in the system's queue


class Worker:
    """Starts and stops the core. `start` returns when the models were tried: loaded, or refused with a reason."""

    def __init__(self, settings: Settings, metrics: Metrics, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._metrics = metrics
        self._environment = environment
        self._store: ModelStore | None = None
        self._ended = threading.Event()

    def start(self) -> ServiceCore:
        set_up_logs(self._settings.log_form)
        allow_connections()
        folders = {task: Path(value) for task, name in FOLDERS.items() if (value := self._environment.get(name))}
        threads, variant = self._settings.threads, self._settings.variant
        self._store = ModelStore(models_folder(), folders, threads, self._note_load, variant)
        reading = threading.Thread(target=_prepare_reading)  # beside the models, which wait for one core half the time
        reading.start()
        self._store.start()
        self._store.watch()
        reading.join()
        threading.Thread(target=self._end_with_parent, name="parent-watch", daemon=True).start()
        return ServiceCore(self._store, self._settings.limits, self._metrics)

    def stop(self) -> None:
        self._ended.set()
        if self._store:
            self._store.close()

    def _note_load(self, task: Task, outcome: str) -> None:
        self._metrics.count_load(task, outcome)
        if self._store:
            self._metrics.show_models(label_models(self._store.loaded))

    def _end_with_parent(self) -> None:
        """End gracefully once the supervisor is gone: a killed one would leave its workers behind, holding the port."""
        parent = os.getppid()
        while not self._ended.wait(ORPHAN_SECONDS):
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return


def allow_connections() -> None:
    """Raise the soft limit of open files, which is 1,024 in most places, for the sake of programs that use select()."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _prepare_reading() -> None:
    """Load what a first page would wait for: the patterns of its shapes, and the model of languages."""
    from standpoint.pages.reading import read_page

    read_page(b"The delegation left the hall in the evening.", "page")
