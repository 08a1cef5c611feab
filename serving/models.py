"""The models that a worker answers with: loaded from two folders or from the champions, and swapped while it serves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standpoint.artifact import MANIFEST, sha256
from standpoint.errors import CorruptArtifact, StandpointError
from standpoint.metadata import Task
from standpoint.models_folder import NAMES, read_champion
from standpoint.predictor import Predictor, load_predictor

logger = logging.getLogger(__name__)

POLL_SECONDS = 2.0
RETRY_SECONDS = 30.0  # before an artifact that was refused is tried again, unchanged
LOCAL = "local"  # the version of an artifact that was named by its folder


@dataclass(frozen=True)
class Loaded:
    """A predictor and where it came from."""

    predictor: Predictor
    name: str
    version: str
    metrics: Mapping[str, Any]

    @property
    def label(self) -> dict[str, str]:
        """What every answer says of its model."""
        return {"name": self.name, "version": self.version, "digest": self.predictor.digest}


@dataclass(frozen=True)
class Source:
    """Where a task's model is to come from, and the digest it must have."""

    folder: Path
    version: str
    digest: str
    metrics: Mapping[str, Any] = field(default_factory=dict)


class ModelStore:
    """The loaded models of both tasks.

    `loaded` is replaced whole by one assignment, so a request that took it once sees one version to its end. A new
    artifact that cannot be loaded never takes the place of one that answers.
    """

    def __init__(
        self,
        root: Path,
        folders: Mapping[Task, Path] | None = None,
        threads: int | None = None,
        on_load: Callable[[Task, str], None] | None = None,
        variant: str | None = None,
    ) -> None:
        self.loaded: Mapping[Task, Loaded] = {}
        self.problems: Mapping[Task, str] = {}
        self._root = root
        self._folders = dict(folders or {})
        self._threads = threads
        self._variant = variant
        self._on_load = on_load or (lambda _task, _outcome: None)
        self._refused: dict[Task, tuple[Source, float]] = {}
        self._poll_lock = threading.Lock()
        self._change_lock = threading.Lock()  # of `loaded` and `problems`, which are replaced whole
        self._ended = threading.Event()

    def poll(self) -> None:
        """Load what is new. Never raises for a bad artifact: `problems` then says what is wrong with it."""
        with self._poll_lock:
            for task in NAMES:
                self._refresh(task)

    def start(self) -> None:
        """Load all there is, the tasks at once: half of it is waiting for one core."""
        with self._poll_lock, ThreadPoolExecutor(len(NAMES)) as pool:
            list(pool.map(self._refresh, NAMES))

    def watch(self, seconds: float = POLL_SECONDS) -> None:
        """Poll in a thread of its own until `close`."""
        threading.Thread(target=self._watch, args=(seconds,), name="model-watch", daemon=True).start()

    def close(self) -> None:
        """End the watching thread."""
        self._ended.set()

    def _watch(self, seconds: float) -> None:
        while not self._ended.wait(seconds):
            self.poll()

    def _refresh(self, task: Task) -> None:
        try:
            source = self._find(task)
        except (StandpointError, OSError) as error:
            self._note(task, str(error))
            return
        if source is None:
            # A champion that is taken away goes on answering: an empty folder is more often a mistake than a wish.
            self._note(task, None)
            return
        current = self.loaded.get(task)
        if current and (current.predictor.digest, current.version) == (source.digest, source.version):
            self._refused.pop(task, None)
            self._note(task, None)
            return
        refused = self._refused.get(task)
        if refused and refused[0] == source and time.monotonic() - refused[1] < RETRY_SECONDS:
            return
        self._load(task, source)

    def _find(self, task: Task) -> Source | None:
        if folder := self._folders.get(task):
            # The manifest's own digest is the artifact's: enough to see a change without reading the model.
            manifest = folder / MANIFEST
            if not manifest.is_file():
                raise CorruptArtifact(f"{folder} holds no {MANIFEST}: not an artifact, or one half copied")
            return Source(folder, LOCAL, sha256(manifest))
        champion = read_champion(self._root, NAMES[task])
        if champion is None:
            return None
        return Source(champion.folder, champion.version, champion.digest, champion.metrics)

    def _load(self, task: Task, source: Source) -> None:
        try:
            predictor = load_predictor(source.folder, threads=self._threads, variant=self._variant)
            if predictor.metadata.task != task:
                raise CorruptArtifact(f"{source.folder} is a {predictor.metadata.task} model, expected a {task} model")
            if predictor.digest != source.digest:
                raise CorruptArtifact(
                    f"{source.folder} has the digest {predictor.digest[:12]}, its champion.json promises "
                    f"{source.digest[:12]}; promote the model again"
                )
        except Exception as error:  # noqa: BLE001  (whatever a broken artifact raises, the others must go on answering)
            problem = str(error) if isinstance(error, StandpointError) else f"{type(error).__name__}: {error}"
            self._refused[task] = (source, time.monotonic())
            self._note(task, problem)
            self._on_load(task, "refused")
            return
        metrics = source.metrics or predictor.metadata.metrics
        with self._change_lock:
            self.loaded = {**self.loaded, task: Loaded(predictor, NAMES[task], source.version, metrics)}
        self._refused.pop(task, None)
        self._note(task, None)
        self._on_load(task, "loaded")
        logger.info(
            "%s: version %s loaded (%s, %s)", NAMES[task], source.version, predictor.digest[:12], predictor.variant
        )

    def _note(self, task: Task, problem: str | None) -> None:
        if problem == self.problems.get(task):
            return
        with self._change_lock:
            others = {known: said for known, said in self.problems.items() if known != task}
            self.problems = {**others, task: problem} if problem else others
        if problem:
            kept = "the version that is loaded goes on answering" if task in self.loaded else "no model answers"
            logger.error("%s: refused, %s: %s", NAMES[task], kept, problem)
