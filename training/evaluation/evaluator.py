"""Score an exported artifact on labelled examples, floors beside it. Nothing here is fitted or chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standpoint.answers import codebook_targets
from standpoint.encoding import compose, target_key
from standpoint.errors import BadInput
from standpoint.predictor import Predictor
from standpoint.versions import require_codebook
from training.evaluation.floors import score_floors
from training.examples import ExampleSet
from training.metrics import Score, detection_score
from training.scoring import Predictions, decide_pairs, predict_examples, score_predictions


@dataclass(frozen=True)
class Evaluation:
    """Scores of one artifact on one set. `floors` maps a floor's name to its scores."""

    task: str
    scores: dict[str, Score]
    floors: dict[str, dict[str, Score]]
    predictions: Predictions
    examples: ExampleSet
    artifact: str

    def as_dict(self) -> dict[str, Any]:
        """Return what `evaluate --json` prints."""
        return {
            "task": self.task,
            "metrics": {name: score.as_dict() for name, score in self.scores.items()},
            "floors": {
                floor: {name: round(score.value, 6) for name, score in scores.items()}
                for floor, scores in self.floors.items()
            },
            "examples": len(self.examples.examples),
            "data": self.examples.digest,
            "artifact": self.artifact,
        }

    def lines(self) -> list[str]:
        """Return a table of scores with intervals and floors."""
        width = max(len(name) for name in self.scores)
        lines = [f"{self.task}: {len(self.examples)} examples of {self.examples.source}"]
        for name, score in self.scores.items():
            floors = "  ".join(f"{floor} {s[name].value:.3f}" for floor, s in self.floors.items() if name in s)
            lines.append(f"  {name:{width}s}  {score.value:.3f} [{score.low:.3f}, {score.high:.3f}]  floors: {floors}")
        return lines


def evaluate_artifact(
    predictor: Predictor, examples: ExampleSet, text_only: Predictor | None = None, seed: int = 0
) -> Evaluation:
    """Score a loaded artifact beside its floors; `text_only` is the floor's model that reads all but the target."""
    _check_labels(predictor, examples)
    predictions = predict_examples(predictor, examples)
    scores = score_predictions(predictions, examples, seed)
    floors = score_floors(predictor.metadata, examples)
    if text_only is not None:
        floors["text_only"] = score_predictions(predict_examples(text_only, examples), examples, seed)
    return Evaluation(examples.task, scores, floors, predictions, examples, predictor.digest)


def score_detection(predictor: Predictor, stance: ExampleSet, passages: ExampleSet, seed: int = 0) -> Score:
    """Return `detection.micro_f1`: (target, stance) pairs found in whole passages when no target is named.

    `passages` are the topic rows of the same part. Pairs toward targets that are not the codebook's, and those that
    some annotator saw but nobody decided, count neither way.
    """
    targets = codebook_targets(predictor)  # those that the service tries
    gold: dict[str, set[tuple[str, str]]] = {}
    for example in stance.examples:
        gold.setdefault(example.text, set()).add((target_key(str(example.target)), str(example.stance)))
    texts = list(dict.fromkeys(example.text for example in passages.examples))
    inputs = [compose(text, target) for text in texts for target in targets]
    answers = iter(decide_pairs(predictor, inputs, named=False))
    undecided = {e.text: {target_key(t) for t in e.mentioned} for e in passages.examples}
    groups = {e.text: e.group for e in passages.examples}
    found = []
    for text in texts:
        truth = {target for target, _ in gold.get(text, set())}
        said = {(target_key(t), next(answers)) for t in targets}
        found.append({pair for pair in said if pair[0] in truth or pair[0] not in undecided[text]})
    known = {target_key(target) for target in targets}
    truth_pairs = [{pair for pair in gold.get(text, set()) if pair[0] in known} for text in texts]
    return detection_score(truth_pairs, found, [groups[text] for text in texts], seed)


def _check_labels(predictor: Predictor, examples: ExampleSet) -> None:
    metadata = predictor.metadata
    if metadata.task != examples.task:
        raise BadInput(f"the artifact is for {metadata.task}, the data for {examples.task}", examples.source)
    if not examples.examples:
        raise BadInput("no examples to evaluate on", examples.source)
    require_codebook(metadata.codebook, examples.codebook, "the artifact", examples.source)
    unknown = set(examples.labels) - set(metadata.labels)
    if unknown and metadata.task == "topic":
        known = f" (codebook {metadata.codebook.version})" if metadata.codebook else ""
        raise BadInput(f"topic {sorted(unknown)[0]!r} is not one that the artifact knows{known}", examples.source)
