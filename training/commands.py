"""What each command does: read its options, call a stage, say what was read, written and dropped, and what is next."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput, Refused


def say(*lines: str) -> None:
    """Print lines to standard error, where everything goes that is not the result."""
    for line in lines:
        print(line, file=sys.stderr, flush=True)


def show(lines: Iterable[str]) -> None:
    """Print result lines to standard output."""
    for line in lines:
        print(line, flush=True)


def run_check(options: argparse.Namespace) -> int:
    from training.annotations.corpus import check_corpus

    report = check_corpus(options.folder)
    show(report.lines())
    if report.has_errors:
        raise BadInput(f"{options.folder} has errors; correct the lines named above")
    say("", f"next: standpoint dataset --data {options.folder}")
    return 0


def run_agreement(options: argparse.Namespace) -> int:
    from training.annotations.agreement import measure_agreement
    from training.annotations.reading import read_corpus

    show(str(agreement) for agreement in measure_agreement(read_corpus(options.folder)))
    return 0


def run_pages(options: argparse.Namespace) -> int:
    from standpoint.pages import read_page
    from standpoint.pages.report import summarise

    dropped = []
    for file in options.files:
        page = read_page(_read_bytes(file), str(file))
        show(json.dumps(passage.as_dict(), ensure_ascii=False) for passage in page.passages)
        if not page.passages:
            say(f"{file}: no passage found")
        if options.report:
            say(*summarise(page))
        dropped += [json.dumps(span.as_dict(), ensure_ascii=False) for span in page.dropped]
    if options.report_json:
        draft = options.report_json.with_name(options.report_json.name + ".tmp")
        draft.write_text("".join(line + "\n" for line in dropped), encoding="utf-8")
        draft.replace(options.report_json)
    return 0


def run_dataset(options: argparse.Namespace) -> int:
    from training.annotations.adjudication import write_gold
    from training.dataset.build import build_dataset, write_parts

    with tempfile.TemporaryDirectory() as scratch:
        gold = Path(scratch) / "gold.jsonl"
        say(*write_gold(options.data, gold).lines())
        splits = options.data / "splits.yaml"
        newcomers = 0 if options.limit else write_parts(gold, splits)
        report = build_dataset(gold, splits, options.out, options.limit)
    show(report.lines())
    if newcomers:
        say(f"wrote {newcomers} new documents into {options.data / 'parts.jsonl'}: keep it, so that they stay in place")
    say("", f"next: standpoint train stance --model baseline --data {options.out}")
    return 0


def run_train(options: argparse.Namespace) -> int:
    from training.experiment import run_experiment
    from training.models.settings import BaselineSettings, TransformerSettings, change_settings, describe_settings
    from training.models.train import Request
    from training.training_data import read_training_data

    data = read_training_data(options.task, options.data, options.validation, options.seed, options.limit)
    say(f"read {len(data.train)} training and {len(data.validation)} validation examples from {options.data}")
    if options.model == "baseline":
        if options.init:
            raise BadInput("a baseline starts from nothing; --init needs --model transformer", "--init")
        settings: Any = change_settings(BaselineSettings(), options.set)
    else:
        settings = change_settings(TransformerSettings(), options.set)
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
    trained = run_experiment(request, out, track=not options.no_track)
    for name, score in trained.metadata.metrics.items():
        say(f"  validation {name} {score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]")
    show([str(out)])
    held = options.validation or options.data
    say("", f"next: standpoint evaluate {out} --data {held}", f"      standpoint register {out}")
    return 0


def run_evaluate(options: argparse.Namespace) -> int:
    from standpoint.predictor import load_predictor
    from training.evaluation.evaluator import evaluate_artifact
    from training.evaluation.report import write_report
    from training.evaluation.tables import write_predictions
    from training.examples import read_examples
    from training.experiment import log_evaluation
    from training.tracking.runs import find_run, run_exists

    predictor = load_predictor(options.artifact)
    split = options.split if options.data.is_dir() else None
    examples = read_examples(options.data, predictor.metadata.task, split, options.limit)
    evaluation = evaluate_artifact(predictor, examples)
    if options.json:
        show([json.dumps(evaluation.as_dict(), ensure_ascii=False)])
    else:
        show(evaluation.lines())
    if options.report:
        write_report(evaluation, options.report)
        say(f"wrote {options.report}")
    if options.predictions:
        write_predictions(evaluation, options.predictions)
        say(f"wrote {options.predictions}")
    if options.log:
        if not predictor.metadata.run:
            raise BadInput(f"{options.artifact} was trained with --no-track and has no run to log to", "--log")
        if not run_exists(predictor.metadata.run):
            raise BadInput(
                f"this store has no run {predictor.metadata.run}; set MLFLOW_TRACKING_URI to its store", "--log"
            )
        run = find_run(predictor.metadata.run)
        log_evaluation(run, options.split if split else options.data.stem, evaluation)
    return 0


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


def run_register(options: argparse.Namespace) -> int:
    from standpoint.predictor import load_predictor
    from training.tracking.registry import register_artifact

    load_predictor(options.artifact)  # refuse what the service would refuse
    version = register_artifact(options.artifact)
    say("registered" if version.created else "registered already, nothing added")
    show([f"{version.name} {version.version}"])
    say("", f"next: standpoint promote {version.name} {version.version}")
    return 0


def run_promote(options: argparse.Namespace) -> int:
    from training.tracking.registry import set_champion

    if options.force and not options.reason:
        raise BadInput("--force needs --reason TEXT, which is kept in the history", "--force")
    reason = options.reason or ""
    if not options.force:
        verdict = _judge(options)
        if not verdict.passed:
            way_out = "train a better one, or promote with --force --reason TEXT"
            raise Refused(f"{options.name} {options.version} was not promoted: {verdict.reason}; {way_out}")
        reason = f"{reason} ({verdict.reason})" if reason else verdict.reason
    folder = set_champion(options.name, options.version, reason, options.force)
    say(f"{options.name} {options.version} is champion: {reason}", f"published to {folder}")
    return 0


def _judge(options: argparse.Namespace) -> Any:
    from standpoint.predictor import load_predictor
    from training.evaluation.gate import judge_promotion
    from training.examples import read_examples
    from training.tracking.registry import fetch_artifact, find_champion

    with tempfile.TemporaryDirectory() as scratch:
        challenger = load_predictor(fetch_artifact(options.name, options.version, Path(scratch) / "challenger"))
        standing = find_champion(options.name)
        champion = standing and load_predictor(fetch_artifact(options.name, standing, Path(scratch) / "champion"))
        split = "validation" if options.data.is_dir() else None
        validation = read_examples(options.data, challenger.metadata.task, split)
        return judge_promotion(challenger, champion or None, validation)


def run_rollback(options: argparse.Namespace) -> int:
    from training.tracking.registry import previous_champion, set_champion

    version = previous_champion(options.name)
    folder = set_champion(options.name, version, options.reason, forced=True)
    say(f"{options.name} {version} is champion again", f"published to {folder}")
    return 0


def run_history(options: argparse.Namespace) -> int:
    from training.tracking.registry import read_history

    for entry in read_history(options.name):
        forced = " (forced)" if entry["forced"] else ""
        show([f"{entry['time']}  {entry['from'] or '-'} -> {entry['to']}  {entry['who']}  {entry['reason']}{forced}"])
    return 0


def run_publish(options: argparse.Namespace) -> int:
    from training.tracking.mirror import publish_champions, watch_champions

    if options.watch:
        watch_champions(lambda folder: show([str(folder)]))
    show(str(folder) for folder in publish_champions())
    return 0


def run_serve(options: argparse.Namespace) -> int:
    from standpoint.artifact import check_manifest
    from standpoint.service_process import start_service

    for folder in (options.topic, options.stance):
        if folder:
            check_manifest(folder)  # say so now: a started service would wait for it to be mended
    with start_service(options.host, options.port, options.workers, options.topic, options.stance) as service:
        say(f"starting on {service.url}; its routes are described at {service.url}/; stop with Ctrl-C")
        return service.wait()


def run_run(options: argparse.Namespace) -> int:
    from training.job import Job, run_job

    job = Job(data=options.data, quick=options.quick, pages=options.pages, seed=options.seed, limit=options.limit)
    run_job(job, say, show)
    return 0


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", str(file)) from None
