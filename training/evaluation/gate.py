"""The promotion gate: a challenger must do no worse on validation than the champion that it replaces."""

from __future__ import annotations

from dataclasses import dataclass

from standpoint.predictor import Predictor
from training.evaluation.evaluator import evaluate_artifact
from training.examples import ExampleSet
from training.scoring import choice_metric


@dataclass(frozen=True)
class Verdict:
    """Whether a challenger may become champion, and why in words."""

    passed: bool
    reason: str


def judge_promotion(challenger: Predictor, champion: Predictor | None, validation: ExampleSet) -> Verdict:
    """Compare both on the same validation examples; never on a test part."""
    if champion is None:
        return Verdict(True, "there is no champion yet")
    if champion.digest == challenger.digest:
        return Verdict(True, "it is the champion already")
    book = champion.metadata.codebook
    if book and validation.codebook and book.version != validation.codebook.version:
        return Verdict(True, f"the champion knows codebook {book.version} only")
    metric = choice_metric(validation.task, [*challenger.metadata.labels, *validation.labels])
    new = evaluate_artifact(challenger, validation).scores[metric].value
    old = evaluate_artifact(champion, validation).scores.get(metric)
    if old is None:
        return Verdict(False, f"the champion has no {metric} on this data, so the two cannot be compared")
    relation = "no less than" if new >= old.value else "less than"
    return Verdict(new >= old.value, f"{metric} on validation is {new:.3f}, {relation} the champion's {old.value:.3f}")
