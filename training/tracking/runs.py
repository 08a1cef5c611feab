"""Runs in MLflow: opened in a context, named after their data, with our own digests and metric ids."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standpoint.artifact import check_manifest, read_metadata
from standpoint.metadata import Metadata
from training.metrics import Score
from training.tracking.process import process_tags
from training.tracking.store import open_store, try_twice

ERROR, RESUMED = "error", "resumed"  # tags: what ended a run that did not end well; how often it was gone on with
LONGEST = 500  # characters of an error
ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # how stores say so; all else is a fault of the store


@dataclass(frozen=True)
class Run:
    """An open run. `logged` is the last step that each metric of it had when it was reopened."""

    id: str
    experiment: str
    logged: Mapping[str, int] = field(default_factory=dict)

    def log_step(self, step: int, metrics: Mapping[str, float]) -> None:
        """Log values of one training step in one call; a step that a resumed run has logged before stays as it is."""
        import mlflow

        fresh = {name: value for name, value in metrics.items() if step > self.logged.get(name, -1)}
        if fresh:
            mlflow.log_metrics(fresh, step=step, run_id=self.id)

    def log_scores(self, split: str, scores: Mapping[str, Score]) -> None:
        """Log every metric as `<split>.<id>` with its bounds beside it."""
        import mlflow

        values = {}
        for name, score in scores.items():
            values |= {
                f"{split}.{name}": score.value,
                f"{split}.{name}.low": score.low,
                f"{split}.{name}.high": score.high,
            }
        mlflow.log_metrics(values, run_id=self.id)

    def log_values(self, values: Mapping[str, float]) -> None:
        """Log plain numbers."""
        import mlflow

        mlflow.log_metrics(dict(values), run_id=self.id)

    def log_files(self, files: Sequence[Path], folder: str | None = None) -> None:
        """Store files under a folder of the run's artifacts, or at their top."""
        import mlflow

        for file in files:
            mlflow.log_artifact(str(file), folder, run_id=self.id)

    def rename(self, name: str) -> None:
        """Give the run another name."""
        from mlflow import MlflowClient

        MlflowClient().update_run(self.id, name=name)

    def describe(self, text: str) -> None:
        """Set the description that the run's page shows, in Markdown."""
        self.set_tags({"mlflow.note.content": text})

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags. MLflow cuts one at 8,000 characters."""
        from mlflow import MlflowClient
        from mlflow.entities import RunTag

        MlflowClient().log_batch(self.id, tags=[RunTag(key, value) for key, value in tags.items()])

    def log_data(self, context: str, digest: str, source: str, rows: int) -> None:
        """Say by tags which examples were used as what: `training`, or the name of a part that was scored."""
        name = f"data.{context}"
        self.set_tags({name: digest, f"{name}.rows": str(rows), f"{name}.source": source})

    def link_file(self, path: str) -> str:
        """Return the address of a file of this run in MLflow's pages, relative to them."""
        from mlflow import MlflowClient

        experiment = MlflowClient().get_run(self.id).info.experiment_id
        return f"#/experiments/{experiment}/runs/{self.id}/artifacts/{path}"

    def link_models(self, models: Sequence[str]) -> None:
        """Name models, by their ids in the store, as what this run has looked at."""
        from mlflow import MlflowClient
        from mlflow.entities import LoggedModelInput

        MlflowClient().log_inputs(self.id, models=[LoggedModelInput(model) for model in models])

    def log_model(self, artifact: Path) -> str:
        """Log an artifact as a pyfunc model of code; returns the model's id."""
        import mlflow

        metadata, digest = read_metadata(artifact), check_manifest(artifact)
        info = mlflow.pyfunc.log_model(
            name=f"{metadata.task}-{metadata.model}-{metadata.seed}",  # all that lists of models show
            python_model=str(Path(__file__).with_name("pyfunc_model.py")),
            artifacts={"artifact": str(artifact)},
            signature=_signature(metadata),
            # Left out, MLflow would load the model in a process of its own and infer far too much.
            pip_requirements=[f"{name}=={version}" for name, version in metadata.versions.items() if name != "python"],
            metadata={"digest": digest, "task": metadata.task},
            tags={"digest": digest},
        )
        return str(info.model_id)


@contextmanager
def open_run(
    task: str, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str], description: str = ""
) -> Iterator[Run]:
    """Open a run of the task's experiment, below the one that is open; an exception inside ends it and goes on.

    The run ends as FAILED, and as KILLED where it was interrupted.
    """
    import mlflow

    open_store()
    experiment = f"standpoint-{task}"
    identifier = mlflow.get_experiment_by_name(experiment).experiment_id
    opened = mlflow.start_run(experiment_id=identifier, run_name=name, description=description or None, nested=True)
    with opened as active, note_ending(active.info.run_id):
        mlflow.log_params(dict(parameters))
        mlflow.set_tags({**tags, **commit_tags(), **process_tags()})
        yield Run(active.info.run_id, experiment)


@contextmanager
def note_ending(run_id: str) -> Iterator[None]:
    """Say by a tag what ended an open run where it does not end well."""
    import mlflow
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    def note(what: str) -> None:
        with suppress(MlflowException):  # a store that is gone must not take the place of the error itself
            MlflowClient().set_tag(run_id, ERROR, what[:LONGEST])

    try:
        yield
    except KeyboardInterrupt:
        note("interrupted")
        mlflow.end_run("KILLED")
        raise
    except Exception as error:
        note(f"{type(error).__name__}: {error}")
        raise


def find_run(run_id: str) -> Run:
    """Return a finished run to add scores and files to; it stays finished, and keeps its duration."""
    import mlflow

    open_store()
    info = mlflow.get_run(run_id).info
    return Run(run_id, mlflow.get_experiment(info.experiment_id).name)


@contextmanager
def reopen_run(run_id: str, resumed: bool = False) -> Iterator[Run]:
    """Go on with a run that was interrupted (`resumed`), or finished and still lacks its model."""
    import mlflow
    from mlflow import MlflowClient

    open_store()
    opened = mlflow.start_run(run_id=run_id, nested=True)  # a trial's, while that of its search is open
    with opened as active, note_ending(run_id):
        if resumed:
            again = str(int(active.data.tags.get(RESUMED, "0")) + 1)
            mlflow.set_tags({RESUMED: again, **process_tags()})
            if ERROR in active.data.tags:
                mlflow.delete_tag(ERROR)
        name = mlflow.get_experiment(active.info.experiment_id).name
        client = MlflowClient()
        logged = {key: max(m.step for m in client.get_metric_history(run_id, key)) for key in active.data.metrics}
        yield Run(active.info.run_id, name, logged)


def attach_dataset(digest: str, source: str, name: str, context: str) -> None:
    """Attach a dataset to the active run under our own digest; MLflow's own sees only the first 10,000 rows."""
    import mlflow
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource

    dataset = MetaDataset(LocalArtifactDatasetSource(source), name=name, digest=digest[:12])
    try_twice(mlflow.log_input, dataset, context=context)


def run_exists(run_id: str) -> bool:
    """Whether the store knows a run that has not been deleted."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    open_store()
    try:
        return bool(MlflowClient().get_run(run_id).info.lifecycle_stage == "active")
    except MlflowException as error:
        if error.error_code not in ABSENT:
            raise
        return False


def commit_tags() -> dict[str, str]:
    """Return the checkout's commit and whether it has changes, or nothing outside of a checkout."""
    root = Path(__file__).parents[2]
    try:
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True, timeout=10
        )
        status = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"commit": head.stdout.strip()[:12], "dirty": str(bool(status.stdout.strip())).lower()}


def _signature(metadata: Metadata) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    inputs = [ColSpec("string", "text")] + ([ColSpec("string", "target")] if metadata.task == "stance" else [])
    answer = ColSpec("string", "topics" if metadata.task == "topic" else "stance")
    return ModelSignature(Schema(inputs), Schema([answer, *(ColSpec("double", label) for label in metadata.labels)]))
