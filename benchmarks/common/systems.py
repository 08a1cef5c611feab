"""The servers that benchmarks/serving.py compares: how each is started, asked and set."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from common.bodies import MIXES, Mix
from common.processes import Server, free_port, start_server

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "benchmarks" / "peers" / "serving"
OURS, ECHO, FASTAPI, MLFLOW = "standpoint", "BentoML echo", "FastAPI + pipeline", "mlflow models serve"
LIT, LIT_BATCHES = "LitServe + pipeline", "LitServe + pipeline, batching"
FAMILIES = (OURS, FASTAPI, MLFLOW, LIT, LIT_BATCHES)
LIT_BATCH = 8  # requests
PLACES = 128  # requests that a worker of ours holds at once: 64 connections must not be sent away
WORKERS = (1, 2)
# Nothing is fetched or reported, and a GPU stays out of it: all would take it.
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "CUDA_VISIBLE_DEVICES": "",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "BENTOML_DO_NOT_TRACK": "true",
    "DO_NOT_TRACK": "1",
    "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),  # MLflow looks for uvicorn
}


@dataclass(frozen=True)
class Models:
    """The artifacts compared; `named` says that they are no champions, and have to be named to `standpoint serve`.

    `logged` are the addresses in the MLflow `store` of two models: of stances, and of both tasks.
    """

    topic: Path
    stance: Path
    named: bool
    store: str = ""
    logged: tuple[str, str] | None = None


@dataclass(frozen=True)
class System:
    """A server with a number of workers. `{port}` in its command is replaced; `frames`: it takes MLflow's bodies."""

    family: str
    workers: int
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/health"
    predict: str = "/predict"
    frames: bool = False
    settings: str = ""
    mixes: tuple[Mix, ...] = MIXES

    @property
    def name(self) -> str:
        return f"{self.family}, {self.workers} worker{'s' if self.workers > 1 else ''}"

    def start(self, folder: Path) -> AbstractContextManager[Server]:
        port = free_port()
        command = [part.format(port=port) for part in self.command]
        log = folder / f"{self.name}.log".replace(" ", "-")
        home = {"BENTOML_HOME": str(folder / "bentoml")}
        return start_server(command, {**ENVIRONMENT, **home, **self.environment}, folder, log, port)


def list_systems(models: Models, family: str, workers: int) -> list[System]:
    """Return the servers that answer all mixes together: one, or of MLflow two, which serves one model a server."""
    if family == MLFLOW:
        alone = tuple(mix for mix in MIXES if mix.tasks == ("stance",))
        both = tuple(mix for mix in MIXES if mix not in alone)
        return [make_mlflow(models, workers, 0, alone), make_mlflow(models, workers, 1, both)]
    makers: dict[str, Callable[[], System]] = {
        OURS: lambda: make_ours(models, workers),
        ECHO: lambda: make_echo(workers),
        FASTAPI: lambda: make_fastapi(models, workers),
        LIT: lambda: make_litserve(models, workers, 1),
        LIT_BATCHES: lambda: make_litserve(models, workers, LIT_BATCH),
    }
    return [makers[family]()]


def find_missing(families: Sequence[str]) -> dict[str, str]:
    """Return of the families those that cannot run here, each with the package that is missing."""
    needs = {FASTAPI: ("fastapi", "uvicorn", "transformers"), MLFLOW: ("mlflow", "uvicorn")}
    needs |= dict.fromkeys((LIT, LIT_BATCHES), ("litserve", "transformers")) | dict.fromkeys((OURS, ECHO), ("bentoml",))
    missing = {family: [name for name in needs[family] if find_spec(name) is None] for family in families}
    return {family: names[0] for family, names in missing.items() if names}


def share_cores(workers: int) -> int:
    """Return the threads of each worker: together they have all cores."""
    return max(1, (os.cpu_count() or 1) // workers)


def make_ours(models: Models, workers: int, environment: Mapping[str, str] | None = None) -> System:
    command = [sys.executable, "-m", "training.cli", "serve", "--port", "{port}", "--workers", str(workers)]
    if models.named:
        command += ["--topic", str(models.topic), "--stance", str(models.stance)]
    limit = {"STANDPOINT_LIMIT_REQUESTS": str(PLACES), **(environment or {})}
    settings = f"`standpoint serve --workers {workers}`, {share_cores(workers)} thread(s) each"
    settings += f", STANDPOINT_LIMIT_REQUESTS={PLACES}"
    return System(OURS, workers, tuple(command), limit, "/readyz", "/v1/predict", settings=settings)


def make_echo(workers: int = 1) -> System:
    command = (sys.executable, "-m", "bentoml", "serve", "bentoml_echo:Echo", "--working-dir", str(PEERS))
    command += ("--host", "127.0.0.1", "--port", "{port}")
    settings = "one `async` endpoint that returns its arguments"
    environment = {"PEER_WORKERS": str(workers)}
    return System(ECHO, workers, command, environment, "/readyz", settings=settings, mixes=MIXES[:1])


def make_fastapi(models: Models, workers: int) -> System:
    command = (sys.executable, "-m", "uvicorn", "--app-dir", str(PEERS), "fastapi_app:app", "--no-access-log")
    command += ("--host", "127.0.0.1", "--port", "{port}", "--workers", str(workers))
    settings = f"`uvicorn --workers {workers} --no-access-log`, {share_cores(workers)} thread(s) of torch each"
    return System(FASTAPI, workers, command, _peer_environment(models, workers), settings=settings)


def make_litserve(models: Models, workers: int, batch: int) -> System:
    command = (sys.executable, str(PEERS / "litserve_app.py"), "{port}", str(workers), str(batch))
    family = LIT_BATCHES if batch > 1 else LIT
    batching = f"max_batch_size={batch}, batch_timeout=0.01" if batch > 1 else "max_batch_size=1"
    settings = f"workers_per_device={workers}, {batching}, {share_cores(workers)} thread(s) of torch each"
    # Ten targets are a batch already; of eight such requests none would be answered within a turn.
    mixes = tuple(mix for mix in MIXES if batch == 1 or not mix.heavy)
    return System(family, workers, command, _peer_environment(models, workers), settings=settings, mixes=mixes)


def make_mlflow(models: Models, workers: int, number: int, mixes: tuple[Mix, ...]) -> System:
    model = models.logged[number] if models.logged else ""
    command = (sys.executable, "-m", "mlflow", "models", "serve", "-m", model, "--env-manager", "local")
    command += ("--host", "127.0.0.1", "--port", "{port}", "--workers", str(workers))
    settings = f"`--env-manager local --workers {workers}`, the whole artifact through our pyfunc, all cores each"
    store = {"MLFLOW_TRACKING_URI": models.store}
    return System(MLFLOW, workers, command, store, "/health", "/invocations", True, settings, mixes)


def _peer_environment(models: Models, workers: int) -> dict[str, str]:
    threads = str(share_cores(workers))
    # PEER_... is read by peers/serving/pipelines.py.
    return {
        "PEER_TOPIC": str(models.topic),
        "PEER_STANCE": str(models.stance),
        "PEER_THREADS": threads,
        "OMP_NUM_THREADS": threads,
    }
