"""A search: trials proposed, trained and scored on validation, one after the other, until so many have ended.

    standpoint tune stance --model baseline --data data/build --trials 20

The artifact of the best trial stands in the search's folder; of the others, settings and scores are kept.
"""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standpoint.artifact import check_manifest, new_artifact, read_metadata
from standpoint.errors import BadInput, StandpointError
from training.experiment import describe_request, log_data
from training.files import digest_lines
from training.models.request import Request
from training.models.settings import BaselineSettings, TransformerSettings
from training.models.train import Trained, find_checkpoint, train_model
from training.scoring import choice_metric
from training.tracking.runs import Run
from training.tracking.searches import TABLE, close_trial, log_table, open_search, open_trial
from training.tuning import study as studies
from training.tuning.report import describe_best, format_trials
from training.tuning.space import Space, apply_values
from training.tuning.study import BEST, NAME, Tried, find_best, list_trials

if TYPE_CHECKING:
    from optuna import Study, Trial

REPORTED = "reported"
NOTED = 10  # trials in the note of a search: MLflow cuts a note at 8,000 characters
Tell = Callable[[Tried], None]


@dataclass(frozen=True)
class Search:
    """What to search: how `request` is best trained, its settings varied within `space`; `out` is the folder."""

    request: Request
    space: Space
    out: Path

    @property
    def settings(self) -> BaselineSettings | TransformerSettings:
        return self.request.settings

    @property
    def metric(self) -> str:
        """The metric that trials are compared by, on validation."""
        return choice_metric(self.request.task, self.request.train.labels)

    @property
    def best(self) -> Path:
        """The folder of the best trial's artifact."""
        return self.out / BEST

    @property
    def trial(self) -> Path:
        """The folder of the artifact of the trial under way."""
        return self.out / "trial"


def run_search(search: Search, trials: int, track: bool = True, tell: Tell = lambda tried: None) -> list[Tried]:
    """Go on until `trials` have ended, those of earlier calls counted; return all that have.

    `tell` gets each as it ends. Raises BadInput where the folder holds another search.
    """
    with studies.open_study(search.out, make_key(search)) as study:
        studies.clear_leftovers(search.out, search.trial)
        studies.recover_trials(study, search.space)
        tried = list_trials(study, search.settings, search.space)
        if len(tried) >= trials and (not track or study.user_attrs.get(REPORTED) == len(tried)):
            return tried
        with _open_parent(search, study, track) as parent:
            while len(tried) < trials:
                _run_trial(search, study, len(tried) + 1, parent)
                tried = list_trials(study, search.settings, search.space)
                tell(tried[-1])
                _log_state(parent, search, tried)
            _log_state(parent, search, tried)
        if track:
            study.set_user_attr(REPORTED, len(tried))
        return tried


def find_artifact(search: Search, best: Tried) -> Path | None:
    """Return the folder of the best trial's artifact; None where it is gone, or holds another one."""
    try:
        settings = read_metadata(search.best).settings
    except StandpointError:
        return None
    return search.best if settings == dataclasses.asdict(best.settings) else None


def make_key(search: Search) -> dict[str, str]:
    """Return, by name, what makes trials comparable."""
    request = search.request
    fixed = {key: value for key, value in dataclasses.asdict(search.settings).items() if key not in search.space}
    return {
        "task": request.task,
        "model": type(search.settings).__name__,
        "data": digest_lines([request.train.digest, request.validation.digest, [e.id for e in request.passages]]),
        "codebook": request.train.codebook.digest if request.train.codebook else "",
        "encoder": request.encoder,
        "init": check_manifest(request.init) if request.init else "",
        "seed": str(request.seed),
        "fixed settings": digest_lines([fixed]),
        "space": digest_lines([{key: str(span) for key, span in search.space.items()}]),
    }


def _run_trial(search: Search, study: Study, number: int, parent: Run | None) -> None:
    """Propose, train and score one trial; one that its own settings spoil has failed, and the search goes on."""
    trial = studies.propose_trial(study, search.settings, search.space, search.request.seed, number)
    settings = apply_values(search.settings, search.space, trial.params)
    request = dataclasses.replace(search.request, settings=settings)
    started = time.perf_counter()
    with _open_child(request, number, parent) as run:
        if run is not None:
            request = dataclasses.replace(request, run=run.id)
        score, error = _train_trial(search, request, trial, run)
        if run is not None and error:
            run.describe(error)
    find_checkpoint(request, search.trial).remove()
    if score is not None:
        best = find_best(list_trials(study, search.settings, search.space))
        _keep_best(search, better=best is None or best.score is None or score["value"] > best.score["value"])
    if run is not None:
        close_trial(run, "complete" if score is not None else "failed" if error else "pruned")
    studies.end_trial(study, trial, time.perf_counter() - started, score, error)


def _train_trial(
    search: Search, request: Request, trial: Trial, run: Run | None
) -> tuple[Mapping[str, float] | None, str]:
    """Train a trial; return its score or, of one that failed, why; of a pruned one neither."""
    import optuna

    if fault := studies.find_fault(trial):
        return None, fault
    started = time.perf_counter()
    try:
        trained = train_model(request, search.trial, _observer(trial, run), resume=True)
        _log_scores(run, trained, time.perf_counter() - started)
    except optuna.TrialPruned:
        return None, ""
    except (StandpointError, KeyboardInterrupt) as found:
        if isinstance(found, BadInput) and found.where == "--set":
            return None, found.message
        studies.excuse_trial(trial)  # stopped by hand, or by what is wrong for every trial
        raise
    return trained.metadata.metrics[search.metric], ""


def _observer(trial: Trial, run: Run | None) -> Callable[[int, dict[str, float]], None]:
    """Return what training calls: it logs, and ends a trial whose passes do worse than the median of the others."""
    import optuna

    def observe(step: int, metrics: dict[str, float]) -> None:
        if run is not None:
            run.log_step(step, metrics)
        if "validation" in metrics and not studies.report_pass(trial, step, metrics["validation"]):
            raise optuna.TrialPruned

    return observe


def _keep_best(search: Search, better: bool) -> None:
    """Put the trial's artifact in the place of the best, or drop it."""
    if better:
        with new_artifact(search.best) as folder:
            shutil.copytree(search.trial, folder, dirs_exist_ok=True)
    shutil.rmtree(search.trial)


@contextmanager
def _open_parent(search: Search, study: Study, track: bool) -> Iterator[Run | None]:
    if not track:
        yield None
        return
    name, parameters, tags = describe_request(search.request)
    spans = {f"space.{key}": str(span) for key, span in search.space.items()}
    fixed = {key: value for key, value in parameters.items() if key not in search.space}
    with open_search(study.user_attrs[NAME], search.request.task, f"{name} · search", fixed | spans, tags) as run:
        log_data(run, search.request)
        yield run


@contextmanager
def _open_child(request: Request, number: int, parent: Run | None) -> Iterator[Run | None]:
    if parent is None:
        yield None
        return
    name, parameters, tags = describe_request(request)
    with open_trial(parent, number, f"{name} · trial {number}", parameters, tags) as run:
        log_data(run, request)
        yield run


def _log_scores(run: Run | None, trained: Trained, seconds: float) -> None:
    if run is not None:
        bounds: dict[str, Any] = {"value": "", "low": ".low", "high": ".high"}
        scores = trained.metadata.metrics.items()
        values = {f"validation.{name}{bounds[key]}": value for name, s in scores for key, value in s.items()}
        run.log_values({"seconds": seconds, **trained.notes, **values})


def _log_state(parent: Run | None, search: Search, tried: list[Tried]) -> None:
    """Log how many trials ended how, and the best so far: its score, its values, and what to make of them."""
    if parent is None:
        return
    states = [trial.state for trial in tried]
    values = {f"trials.{state}": float(states.count(state)) for state in ("complete", "pruned", "failed")}
    best = find_best(tried)
    if best is not None and best.score is not None:
        values[f"best.validation.{search.metric}"] = best.score["value"]
        settings = dataclasses.asdict(best.settings)
        parent.set_tags({"best.trial": str(best.number), **{f"best.{key}": str(settings[key]) for key in search.space}})
    parent.log_step(len(tried), values)
    table = format_trials(search.metric, tried, search.settings, search.space)
    lines = [*describe_best(search.metric, tried, len(search.request.validation)), "", *note_table(table)]
    parent.describe("\n".join(f"    {line}" for line in lines))
    log_table(parent, table)


def note_table(table: Sequence[str]) -> list[str]:
    """Return as much of the table of trials, its head first, as goes into a note, and where the rest is."""
    rows = len(table) - 1
    more = [f"(the first {NOTED} of {rows}; all of them: {TABLE}, under Artifacts)"] if rows > NOTED else []
    return [*table[: 1 + NOTED], *more]
