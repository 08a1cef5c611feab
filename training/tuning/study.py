"""A search on disk: what has been tried, in Optuna's SQLite storage, and what to try next.

The proposal of a trial follows from the seed, its number and the trials before it alone: a search that was interrupted
goes on as if it had not been.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from standpoint.errors import BadInput
from training.models.settings import BaselineSettings, TransformerSettings
from training.tuning.space import Space, apply_values, start_values, to_distributions

if TYPE_CHECKING:
    from optuna import Study, Trial

STORAGE, LOCK, BEST = "study.db", ".lock", "best"
KEY, NAME, ERROR, PASSES, SECONDS, SCORE = "key", "search", "error", "passes", "seconds", "score"
DEATHS, EXCUSED = "deaths", "excused"
RANDOM_TRIALS = 8  # drawn before the sampler learns from them: about as many as there are settings to search
JUDGED_TRIALS = 4  # complete ones that a trial is compared with, at least
JUDGED_PASS = 2  # after the first pass, warming up, the order of trials says little about their end


@dataclass(frozen=True)
class Tried:
    """A trial that ended: `state` is complete, pruned or failed, `score` the metric with its bounds (complete ones)."""

    number: int  # from 1; one that was interrupted and run again counts once
    state: str
    settings: BaselineSettings | TransformerSettings
    score: Mapping[str, float] | None
    seconds: float
    error: str


@contextmanager
def open_study(folder: Path, key: Mapping[str, str]) -> Iterator[Study]:
    """Open the study in a folder, or begin one; no other process has it meanwhile.

    `key` says, by name, what makes its trials comparable. Raises BadInput where the folder holds a search of another
    key, or something else, or where another process is at it.
    """
    import optuna
    from sqlalchemy import URL

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if folder.is_file():
        raise BadInput(f"{folder} is a file; name another folder", "--out")
    found = [path for path in folder.glob("*") if not path.name.startswith(".")]
    if found and not (folder / STORAGE).is_file():
        raise BadInput(f"{folder} is not empty and holds no search; name another folder", "--out")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(
                f"another process searches in {folder}; wait for it, or name another folder", "--out"
            ) from None
        study = optuna.create_study(
            storage=str(URL.create("sqlite", database=str(folder.absolute() / STORAGE))),  # quotes ? and %
            study_name="tune",
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(JUDGED_TRIALS, n_warmup_steps=JUDGED_PASS, n_min_trials=JUDGED_TRIALS),
        )
        _check_key(study, folder, key)
        yield study


def _check_key(study: Study, folder: Path, key: Mapping[str, str]) -> None:
    standing = study.user_attrs.get(KEY)
    if standing is None:
        study.set_user_attr(NAME, uuid.uuid4().hex)
        study.set_user_attr(KEY, dict(key))
    elif standing != key:
        other = [name for name in {**standing, **key} if standing.get(name) != key.get(name)]
        raise BadInput(
            f"{folder} holds a search with another {', '.join(other)}, and its trials cannot be compared with new "
            "ones; give the same again, or name another folder",
            "--out",
        )


def recover_trials(study: Study, space: Space) -> int:
    """Have the trials that an interrupted process left running run again first; return how many.

    Each keeps, for `find_fault`, the number of passes that had ended at every death that was no excused one.
    """
    from optuna.trial import TrialState

    running = study.get_trials(states=(TrialState.RUNNING,))
    for trial in running:
        study.tell(trial.number, state=TrialState.FAIL)
        # One that was stopped while it was being proposed, or right here, is simply proposed again.
        if trial.params.keys() == space.keys():
            passes, deaths = trial.user_attrs.get(PASSES, []), trial.user_attrs.get(DEATHS, [])
            if not trial.user_attrs.get(EXCUSED):
                deaths = [*deaths, len(passes)]
            study.enqueue_trial(trial.params, {PASSES: passes, DEATHS: deaths})
    return len(running)


def excuse_trial(trial: Trial) -> None:
    """Note that what ends the process now is not this trial's fault: run again, it counts as if it had not begun."""
    trial.set_user_attr(EXCUSED, True)


def find_fault(trial: Trial) -> str:
    """Return why a trial is not run once more: its process died twice, and no later the second time; or nothing.

    One that an unreliable machine cuts short goes on from its checkpoint, as long as a pass ends in between.
    """
    deaths = trial.user_attrs.get(DEATHS, [])
    if len(deaths) < 2 or deaths[-1] > deaths[-2]:
        return ""
    return f"its process died twice after {deaths[-1]} passes (a crash, a kill, no memory left), and it was given up"


def propose_trial(
    study: Study, settings: BaselineSettings | TransformerSettings, space: Space, seed: int, number: int
) -> Trial:
    """Begin the trial of a number (from 1): one to run again, the settings as they are, or the sampler's proposal."""
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    draw = int(hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:8], 16)
    # Running trials would weigh on a proposal as bad ones; there is but this one.
    study.sampler = TPESampler(seed=draw, n_startup_trials=RANDOM_TRIALS, constant_liar=False)
    if number == 1 and not study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
        study.enqueue_trial(start_values(settings, space))
    trial = study.ask(to_distributions(settings, space))
    for place, (_, score) in enumerate(trial.user_attrs.get(PASSES, []), start=1):
        trial.report(score, place)
    return trial


def report_pass(trial: Trial, step: int, score: float) -> bool:
    """Report the score of the pass that ended with an optimiser step; return whether to go on.

    Passes are compared by their number, since steps mean another thing in batches of another size.
    """
    passes = trial.user_attrs.get(PASSES, [])
    if all(step != known for known, _ in passes):  # a trial that goes on comes by some for the second time
        trial.set_user_attr(PASSES, [*passes, [step, score]])
        trial.report(score, len(passes) + 1)
    return not trial.should_prune()


def end_trial(
    study: Study, trial: Trial, seconds: float, score: Mapping[str, float] | None = None, error: str = ""
) -> None:
    """End a trial: complete with a score, failed with an error, else pruned."""
    from optuna.trial import TrialState

    trial.set_user_attr(SECONDS, seconds)
    if score is not None:
        trial.set_user_attr(SCORE, dict(score))
        study.tell(trial, score["value"])
    elif error:
        trial.set_user_attr(ERROR, error)
        study.tell(trial, state=TrialState.FAIL)
    else:
        study.tell(trial, state=TrialState.PRUNED)


def list_trials(study: Study, settings: BaselineSettings | TransformerSettings, space: Space) -> list[Tried]:
    """Return the trials that ended, in order; those that were interrupted stand under their second attempt."""
    from optuna.trial import TrialState

    names = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
    ended = [
        trial
        for trial in study.get_trials(deepcopy=False, states=tuple(names))
        if trial.state != TrialState.FAIL or ERROR in trial.user_attrs
    ]
    return [
        Tried(
            number,
            names[trial.state],
            apply_values(settings, space, trial.params),
            trial.user_attrs.get(SCORE),
            trial.user_attrs[SECONDS],
            trial.user_attrs.get(ERROR, ""),
        )
        for number, trial in enumerate(ended, start=1)
    ]


def find_best(trials: Sequence[Tried]) -> Tried | None:
    """Return the complete trial of the highest score, the earlier one of equals."""
    complete = [trial for trial in trials if trial.score is not None]
    return max(complete, key=lambda trial: (trial.score or {})["value"], default=None)


def clear_leftovers(folder: Path, trial: Path) -> None:
    """Remove what a killed process left half made in a search's folder; a checkpoint stays.

    Killed while one best artifact took another's place, it left the former under its `.old` name alone: that one
    goes back.
    """
    best, asides = folder / BEST, sorted(folder.glob(f".{BEST}.*.old"), key=lambda path: path.stat().st_mtime)
    if asides and not best.exists():
        asides[-1].rename(best)
    for path in (trial, *folder.glob(".*.tmp"), *folder.glob(".*.old")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
