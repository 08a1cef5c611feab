"""The test parts of a dataset, reported once per champion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from standpoint.models_folder import Champion
from standpoint.predictor import load_predictor
from training.evaluation.evaluator import evaluate_artifact, score_detection
from training.examples import read_examples
from training.experiment import log_evaluation
from training.manifest import read_manifest
from training.tracking.runs import find_run, run_exists


def report_champion(
    champion: Champion, task: str, data: Path, splits: Sequence[str], floor: Path | None, limit: int | None, log: bool
) -> dict[str, Any]:
    """Evaluate a champion on the test splits and `log` the scores to its run; returns rows for the closing table."""
    predictor = load_predictor(champion.folder)
    text_only = load_predictor(floor) if floor else None
    kind = "topic" if task == "topic" else "stance"
    present = read_manifest(data)["configurations"].get(kind, {})
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    evaluations = {}
    for split in splits:
        if split not in present:
            continue
        examples = read_examples(data, kind, split, limit)
        evaluation = evaluate_artifact(predictor, examples, text_only)
        if kind == "stance" and split == "test" and predictor.finds_targets:
            passages = read_examples(data, "topic", split, limit)
            evaluation.scores["detection.micro_f1"] = score_detection(predictor, examples, passages)
        evaluations[split] = evaluation
        lines += evaluation.lines()
        rows.append({"split": split, **evaluation.as_dict()})
    if log and predictor.metadata.run and run_exists(predictor.metadata.run):
        run = find_run(predictor.metadata.run)
        for split, evaluation in evaluations.items():
            # Words of mistakes take a transformer seconds each: one page is enough.
            log_evaluation(run, split, evaluation, predictor, report=split == splits[0])
    model = f"{predictor.metadata.model} (version {champion.version})"
    return {"lines": lines, "task": task, "model": model, "rows": rows}
