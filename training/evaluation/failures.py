"""The most confident mistakes, and the abstentions that spared one, with the words that drove the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standpoint.encoding import compose
from standpoint.explanation import Word, explain, strongest
from standpoint.predictor import Predictor, stance_confidence
from training.evaluation.evaluator import Evaluation
from training.examples import Example
from training.scoring import gold_of

MISTAKES, ABSTENTIONS = 10, 6  # a transformer takes a second to explain one


@dataclass(frozen=True)
class Failure:
    """An answer that was wrong, or would have been. `words` are places in `text`, which is the passage normalised."""

    example: Example
    gold: tuple[str, ...]
    said: tuple[str, ...]
    confidence: float
    text: str
    words: tuple[Word, ...]


def list_failures(evaluation: Evaluation, predictor: Predictor) -> tuple[list[Failure], list[Failure]]:
    """Return the surest mistakes of those that were given, and of those that were withheld; surest first.

    What is explained is the label answered; of several topics, the surest that was not annotated, or else the surest.
    """
    predictions, gold = evaluation.predictions, gold_of(evaluation.examples)
    withheld = predictions.withheld.rows if predictions.withheld else np.zeros(len(gold), dtype=bool)
    found: dict[bool, list[tuple[float, int, str]]] = {False: [], True: []}
    for row, (truth, said) in enumerate(zip(gold, predictions.decided, strict=True)):
        if set(truth) != set(said):
            wrong = [label for label in said if label not in truth] or list(said)
            probabilities = dict(zip(predictions.labels, map(float, predictions.probabilities[row]), strict=True))
            label = max(wrong, key=lambda name: probabilities[name])
            stance = evaluation.task == "stance"
            sure = stance_confidence(probabilities, label) if stance else probabilities[label]
            found[bool(withheld[row])].append((sure, row, label))

    def take(surest: int, rows: list[tuple[float, int, str]]) -> list[Failure]:
        chosen = sorted(rows, key=lambda entry: (-entry[0], entry[1]))[:surest]
        return [_explain(evaluation, predictor, row, label, sure) for sure, row, label in chosen]

    return take(MISTAKES, found[False]), take(ABSTENTIONS, found[True])


def _explain(evaluation: Evaluation, predictor: Predictor, row: int, label: str, confidence: float) -> Failure:
    example, said = evaluation.examples.examples[row], evaluation.predictions.decided[row]
    text = compose(example.text, example.target, example.mention).text
    words = strongest(explain(predictor, text, example.target, label))
    return Failure(example, gold_of(evaluation.examples)[row], said, confidence, text, tuple(words))
