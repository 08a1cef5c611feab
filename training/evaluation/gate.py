"""The promotion gate: a challenger must do no worse on validation than the champion, and must read the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from standpoint.errors import Refused
from standpoint.predictor import Predictor
from standpoint.versions import require_codebook
from training.evaluation.audit import BLIND, CONTRAST
from training.evaluation.evaluator import evaluate_artifact
from training.examples import ExampleSet
from training.metrics import Score
from training.scoring import choice_metric


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger may become champion, and why in words."""

    passed: bool
    reason: str


def judge_promotion(challenger: Predictor, champion: Predictor | None, validation: ExampleSet) -> Verdict:
    """Judge on validation examples, the same for both; never on a test part."""
    if champion and champion.digest == challenger.digest:
        return Verdict(True, "it is the champion already")
    scores = evaluate_artifact(challenger, validation).scores
    verdict = _compare(challenger, scores, champion, validation)
    contrast = scores.get(CONTRAST)
    if verdict.passed and contrast is not None and contrast.low < BLIND:
        found = f"{contrast.value:.3f} [{contrast.low:.3f}, {contrast.high:.3f}]"
        reason = f"{CONTRAST} on validation is {found}, and its interval must lie above {BLIND}"
        return Verdict(False, f"target_blind: {reason}")
    return verdict


def _compare(
    challenger: Predictor, scores: Mapping[str, Score], champion: Predictor | None, validation: ExampleSet
) -> Verdict:
    if champion is None:
        return Verdict(True, "there is no champion yet")
    if outdated := find_outdated(champion, validation):
        return Verdict(True, outdated)
    metric = choice_metric(validation.task, [*challenger.metadata.labels, *validation.labels])
    new = scores[metric].value
    old = evaluate_artifact(champion, validation).scores.get(metric)
    if old is None:
        return Verdict(False, f"the champion has no {metric} on this data, so the two cannot be compared")
    relation = "no less than" if new >= old.value else "less than"
    return Verdict(new >= old.value, f"{metric} on validation is {new:.3f}, {relation} the champion's {old.value:.3f}")


def find_outdated(champion: Predictor, validation: ExampleSet) -> str:
    """Return why a champion of another codebook cannot be asked about data of this one; empty where it can."""
    book = champion.metadata.codebook
    if book is None or validation.codebook is None or book.version == validation.codebook.version:
        return ""
    try:
        require_codebook(book, validation.codebook, "the champion", validation.source)
    except Refused:
        return f"the champion knows codebook {book.version} only"
    unknown = set(validation.labels) - set(champion.metadata.labels) if validation.task == "topic" else set()
    return f"the champion knows codebook {book.version} only, without {', '.join(sorted(unknown))}" if unknown else ""
