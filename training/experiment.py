"""One training run from examples to a sealed artifact, tracked in MLflow or not: used by `train` and the main job."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from standpoint.artifact import check_manifest
from standpoint.errors import BadInput, CorruptArtifact, Refused
from standpoint.models_folder import NAMES, Champion, models_folder, read_champion
from standpoint.predictor import Predictor, load_predictor
from training.evaluation.audit import Audit, audit_stance
from training.evaluation.comparison import Duel, compare_models
from training.evaluation.confidence import Confidence, measure_confidence
from training.evaluation.counting import count_stances, known_mistakes
from training.evaluation.evaluator import Evaluation
from training.evaluation.floors import score_floors
from training.evaluation.gate import find_outdated
from training.evaluation.plots import draw_plots
from training.evaluation.report import write_report
from training.evaluation.slices import SLICES, score_slices, write_slices
from training.evaluation.tables import PREDICTIONS, write_predictions
from training.examples import ExampleSet
from training.metrics import Score
from training.models.fitting import describe_fit
from training.models.processes import Processes
from training.models.request import Request
from training.models.settings import BaselineSettings
from training.models.train import Trained, find_checkpoint, train_model
from training.scoring import choice_metric, predict_examples, score_predictions
from training.tracking.runs import Run, attach_dataset, open_run, reopen_run, run_exists

REPORT = "report.html"
FLOOR = "text-only floor"  # how a baseline is called that does not see the target


def run_experiment(
    request: Request,
    out: Path,
    track: bool = True,
    tags: Sequence[str] = (),
    resume: bool = False,
    processes: Processes | None = None,
) -> Trained:
    """Train and seal an artifact; with `track`, in an MLflow run that holds its settings, scores, plots and model.

    `resume` goes on with a training of this very request that was interrupted, and with its run.
    """
    if not track:
        return train_model(request, out, resume=resume, processes=processes)
    name, parameters, described = describe_request(request)
    described |= dict(tag.split("=", 1) for tag in tags)
    started = time.perf_counter()
    with _open(request, out, resume) or open_run(request.task, name, parameters, described) as run:
        log_data(run, request)
        trained = train_model(dataclasses.replace(request, run=run.id), out, run.log_step, resume, processes)
        run.log_values({"seconds": time.perf_counter() - started, **trained.notes})
        run.rename(name_with_score(name, trained))
        predictor = load_predictor(out)
        audit = audit_stance(predictor, request.validation) if request.task == "stance" else None
        log_evaluation(run, "validation", _validation_evaluation(trained, request), predictor, audit)
        run.log_model(out)
        against = None if described["model"] == FLOOR else compare_champion(trained, request.validation)
        if against is not None:
            _log_lead(run, *against)
        run.describe(_describe(trained, request, audit, against, run.link_file(f"validation/{REPORT}")))
        run.set_tags({"artifact": check_manifest(out), "data": trained.metadata.data})
        if audit is not None:
            run.log_scores("validation", audit.scores())
            run.set_tags({"target_blind": str(audit.target_blind).lower()})
        if trained.crossed is not None:
            confidence = measure_confidence(trained.crossed, request.validation)
            _log_confidence(run, "validation.cross_fitted", confidence)
            run.set_tags({"calibrated": str(confidence.passes).lower()})
    return trained


def compare_champion(trained: Trained, validation: ExampleSet) -> tuple[Champion, Duel] | None:
    """Compare a model with the champion published here, on validation; None where none can be asked about it."""
    name = NAMES[trained.metadata.task]
    standing = read_champion(models_folder(), name)
    if standing is None or standing.digest == check_manifest(trained.folder):
        return None
    try:
        champion = load_predictor(standing.folder)
        # Labelled lines are held back by seed: a champion of another draw may have learned from some of these.
        if validation.dataset is None and champion.metadata.data != trained.metadata.data:
            return None
        # Lines without a codebook are other data than a champion of one was made for, and promotion says the rest.
        if (champion.metadata.codebook is None) != (validation.codebook is None) or find_outdated(champion, validation):
            return None
        [duel] = compare_models([trained.validation, predict_examples(champion, validation)], validation)
    except (BadInput, CorruptArtifact, Refused):
        return None
    return standing, duel


def describe_request(request: Request) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Return the name, the parameters and the tags of a run that trains as requested."""
    model = "transformer" if request.encoder else "baseline"
    if isinstance(request.settings, BaselineSettings) and request.settings.features == "text":
        model = FLOOR
    # What differs comes first: tables of runs show the beginning.
    name = (
        f"{model} · seed {request.seed} · {request.task} · data {(request.train.dataset or request.train.digest)[:8]}"
    )
    parameters = {
        **dataclasses.asdict(request.settings),
        "encoder": request.encoder or "none",
        "seed": request.seed,
        "init": str(request.init or "none"),
    }
    described = {"task": request.task, "model": model}
    if request.train.codebook:
        name += f" · codebook {request.train.codebook.version}"
        described["codebook"] = request.train.codebook.version
    return name, parameters, described


def name_with_score(name: str, trained: Trained) -> str:
    """Return a run's name with its score on validation at the head: MLflow's table shows no metric unless asked to."""
    score = trained.metadata.metrics[choice_metric(trained.metadata.task, trained.metadata.labels)]["value"]
    model, _, rest = name.partition(" · ")
    return f"{model} {score:.3f} · {rest}"


def log_data(run: Run, request: Request) -> None:
    """Attach what is learned from and chosen on to a run, which is the active one."""
    for name, context in (("train", "training"), ("validation", "validation")):
        data = getattr(request, name)
        attach_dataset(data.digest, data.source, f"{request.task}-{name}", context)
        run.log_data(context, data.digest, data.source, len(data))
    card = Path(request.train.source.partition("#")[0]) / "README.md"
    if request.train.dataset and card.is_file():
        run.log_files([card], "data")


def _open(request: Request, out: Path, resume: bool) -> AbstractContextManager[Run] | None:
    """Return the run that a checkpoint of this request belongs to, to be gone on with, or None."""
    checkpoint = find_checkpoint(request, out)
    header = checkpoint.read() if resume else None
    if header is None or header["key"] != checkpoint.key or not header["run"] or not run_exists(header["run"]):
        return None
    return reopen_run(header["run"], resumed=True)


def _log_lead(run: Run, champion: Champion, duel: Duel) -> None:
    lead = duel.main
    run.log_scores("lead_over_champion", {lead.metric: Score(lead.value, lead.low, lead.high, duel.count)})
    run.set_tags({"champion.compared": champion.version, "champion.verdict": duel.verdict})


def _describe(
    trained: Trained, request: Request, audit: Audit | None, against: tuple[Champion, Duel] | None, report: str
) -> str:
    """Return what a reviewer reads first: what was learned from how much, and how it does."""
    chosen = choice_metric(request.task, trained.metadata.labels)
    score = trained.metadata.metrics[chosen]
    lines = [
        f"**{chosen} {score['value']:.3f}** [{score['low']:.3f}, {score['high']:.3f}] on validation"
        + (f", **{against[1].verdict}** beside the champion, version {against[0].version}" if against else "")
        + (", **target_blind**" if audit is not None and audit.target_blind else "")
        + ".",
        "",
        f"{len(request.train)} training and {len(request.validation)} validation examples of `{request.train.source}`. "
        f"[The report]({report}) has slices, mistakes and their words; the dataset's card lies under `data`.",
        "",
        "| on validation | value | 95% interval |",
        "|---|---|---|",
    ]
    for name, score in trained.metadata.metrics.items():
        lines.append(f"| {name} | {score['value']:.3f} | {score['low']:.3f} to {score['high']:.3f} |")
    lines += ["", *describe_fit(trained.metadata)]
    if against is not None:
        champion, duel = against
        lines += [
            "",
            f"Against the champion, on validation: {duel.sentence(['this model', f'version {champion.version}'])}.",
        ]
    if audit is not None:
        lines += ["", "Does it read the target?", "", *(f"    {line}" for line in audit.lines())]
    return "\n".join(lines)


def log_evaluation(
    run: Run, split: str, evaluation: Evaluation, predictor: Predictor, audit: Audit | None = None, report: bool = True
) -> None:
    """Log scores, plots, tables and, with `report`, the page of one split, and which examples they are of."""
    examples = evaluation.examples
    run.log_data(split, examples.digest, examples.source, len(examples))
    run.log_scores(split, evaluation.scores)
    _log_confidence(run, split, measure_confidence(evaluation.predictions, examples))
    for floor, scores in evaluation.floors.items():
        run.log_values({f"{split}.floor.{floor}.{name}": score.value for name, score in scores.items()})
    if examples.task == "stance":
        whole = count_stances(evaluation.predictions, examples, known_mistakes(predictor.metadata, examples))[0]
        errors = {"counting.error": whole.error, "counting.adjusted_error": whole.adjusted_error}
        run.log_values({f"{split}.{name}": value for name, value in errors.items() if value is not None})
    with tempfile.TemporaryDirectory() as scratch:
        files = [*draw_plots(evaluation, Path(scratch)), write_predictions(evaluation, Path(scratch) / PREDICTIONS)]
        slices = score_slices(evaluation.predictions, examples, predictor.metadata.targets)
        files.append(write_slices(slices, Path(scratch) / SLICES))
        if report:
            write_report(evaluation, predictor, Path(scratch) / REPORT, audit)
            files.append(Path(scratch) / REPORT)
        run.log_files(files, split)


def _log_confidence(run: Run, split: str, confidence: Confidence) -> None:
    run.log_values({f"{split}.{name}": value for name, value in confidence.values().items()})
    run.log_scores(split, confidence.scores())


def _validation_evaluation(trained: Trained, request: Request) -> Evaluation:
    scores = score_predictions(trained.validation, request.validation)
    floors = score_floors(trained.metadata, request.validation)
    digest = check_manifest(trained.folder)
    return Evaluation(request.task, scores, floors, trained.validation, request.validation, digest)
