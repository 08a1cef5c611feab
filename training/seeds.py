"""The same training with several seeds: a run for the group, with mean and spread, and below it a run a seed."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from training.experiment import describe_request, log_data, run_experiment
from training.models.request import Request
from training.models.train import Trained
from training.scoring import choice_metric
from training.tracking.runs import Run, open_run

SEEDS = "seeds"  # tag of the run that stands for several


def run_seeds(request: Request, seeds: Sequence[int], out: Path, track: bool = True) -> list[Trained]:
    """Train with each seed into `out`/seed-N; with `track`, in a run each below one that holds mean and spread."""
    requests = [dataclasses.replace(request, seed=seed) for seed in seeds]
    if not track:
        return [run_experiment(each, out / f"seed-{each.seed}", track=False) for each in requests]
    name, parameters, tags = describe_request(request)
    name = name.replace(f" · seed {parameters.pop('seed')}", f" · {len(seeds)} seeds")
    tags |= {SEEDS: " ".join(map(str, seeds))}
    with open_run(request.task, name, parameters, tags) as run:
        log_data(run, request)
        trained = [run_experiment(each, out / f"seed-{each.seed}") for each in requests]
        _log_spread(run, request, trained)
    return trained


def describe_spread(trained: Sequence[Trained]) -> Iterator[tuple[str, float, float, list[float]]]:
    """Yield every metric of validation with its mean, its standard deviation over seeds, and the value of each seed."""
    for metric in trained[0].metadata.metrics:
        values = [float(each.metadata.metrics[metric]["value"]) for each in trained if metric in each.metadata.metrics]
        if len(values) == len(trained):
            yield metric, statistics.mean(values), statistics.stdev(values), values


def _log_spread(run: Run, request: Request, trained: Sequence[Trained]) -> None:
    lines = ["| on validation | mean | standard deviation | of each seed |", "|---|---|---|---|"]
    for metric, mean, spread, values in describe_spread(trained):
        run.log_values({f"validation.{metric}": mean, f"validation.{metric}.spread": spread})
        lines.append(f"| {metric} | {mean:.3f} | {spread:.3f} | {', '.join(f'{value:.3f}' for value in values)} |")
    run.set_tags({"data": trained[0].metadata.data})
    chosen = choice_metric(request.task, trained[0].metadata.labels)
    lines += [
        "",
        f"A run below for each seed. A lead in {chosen} that is smaller than this spread may be luck of a seed.",
    ]
    run.describe("\n".join(lines))
