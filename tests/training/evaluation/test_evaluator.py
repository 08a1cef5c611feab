"""Evaluation of an exported artifact: right data only, numbers of its own answers, targets found in whole passages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from standpoint.codebook import Codebook, read_codebook
from standpoint.encoding import ModelInput
from standpoint.errors import BadInput, Refused
from standpoint.metadata import Abstention, CodebookReference, Metadata
from standpoint.predictor import Predictor
from tests.artifacts import cut, of_codebook, stance_examples, topic_examples
from training.evaluation.evaluator import evaluate_artifact, score_detection
from training.examples import Example, make_example_set
from training.models.train import Trained

CODEBOOK = Path(__file__).resolve().parents[3] / "data" / "codebook.yaml"
LABELS = ["favor", "against", "none", "unrelated"]


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return read_codebook(CODEBOOK)


class Oracle:
    """An engine that answers what a table says, and `unrelated` to all else."""

    def __init__(self, answers: dict[tuple[str, str], str]) -> None:
        self.answers = answers

    def logits(self, inputs: list[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        said = [LABELS.index(self.answers.get((item.text, str(item.target)), "unrelated")) for item in inputs]
        return np.eye(len(LABELS))[said] * 9, np.zeros(len(inputs), dtype=bool)


def oracle(answers: dict[tuple[str, str], str], targets: dict[str, str]) -> Predictor:
    book = CodebookReference(version="1.0.0", digest="d", topics={}, targets=targets)
    metadata = Metadata(format=1, task="stance", model="baseline", labels=LABELS, data="d", codebook=book)
    return Predictor(metadata.model_copy(update={"targets": sorted(targets.values())[:1]}), Oracle(answers))


def test_an_evaluation_holds_scores_floors_and_digests(stance_predictor: Predictor, trained_stance: Trained) -> None:
    _, held = cut(stance_examples())
    found = evaluate_artifact(stance_predictor, held, text_only=stance_predictor)
    assert {name: s.as_dict() for name, s in found.scores.items()} == trained_stance.metadata.metrics
    assert set(found.floors) == {"majority", "target_only", "text_only"}
    assert found.floors["text_only"] == found.scores
    printed = json.loads(json.dumps(found.as_dict()))
    assert set(printed) == {"task", "metrics", "floors", "examples", "data", "artifact"}
    assert (printed["examples"], printed["data"], printed["artifact"]) == (
        len(held),
        held.digest,
        stance_predictor.digest,
    )
    assert set(printed["metrics"]["stance.f_avg"]) == {"value", "low", "high"}
    assert len(found.lines()) == 1 + len(found.scores)
    other = evaluate_artifact(stance_predictor, held, seed=1)
    assert {n: s.value for n, s in other.scores.items()} == {n: s.value for n, s in found.scores.items()}


def test_topics_have_the_majority_floor(topic_predictor: Predictor) -> None:
    found = evaluate_artifact(topic_predictor, cut(topic_examples())[1])
    assert set(found.floors) == {"majority"}
    assert found.floors["majority"]["topic.micro_f1"].value < found.scores["topic.micro_f1"].value


def test_the_other_task_is_refused(stance_predictor: Predictor) -> None:
    with pytest.raises(BadInput, match=r"topic\.jsonl: the artifact is for stance, the data for topic"):
        evaluate_artifact(stance_predictor, topic_examples())


def test_no_examples_are_refused(stance_predictor: Predictor) -> None:
    with pytest.raises(BadInput, match=r"empty\.jsonl: no examples to evaluate on"):
        evaluate_artifact(stance_predictor, make_example_set("stance", [], source="empty.jsonl"))


def test_another_major_version_of_the_codebook_is_refused(stance_predictor: Predictor, codebook: Codebook) -> None:
    older = of_codebook(stance_predictor, "0.9.0")
    examples = replace(cut(stance_examples())[1], codebook=codebook)
    words = rf"knows codebook 0\.9\.0, stance\.jsonl is of {codebook.version}, another major version; train on this"
    with pytest.raises(Refused, match=words) as caught:
        evaluate_artifact(older, examples)
    assert caught.value.exit_code == 3
    assert evaluate_artifact(older, cut(stance_examples())[1]).scores


def test_another_minor_version_is_scored_where_its_targets_are_the_same(
    stance_predictor: Predictor, codebook: Codebook
) -> None:
    examples = replace(cut(stance_examples())[1], codebook=codebook)
    assert evaluate_artifact(of_codebook(stance_predictor, "1.0.0", dict(codebook.targets)), examples).scores
    target = next(iter(codebook.targets))
    other = of_codebook(stance_predictor, "1.0.0", {target: "the price of tea"})
    with pytest.raises(
        Refused, match=rf"reads the target '{target}' as 'the price of tea', stance\.jsonl .* new major"
    ):
        evaluate_artifact(other, examples)


def test_a_topic_that_the_artifact_does_not_know_is_refused(topic_predictor: Predictor) -> None:
    examples = make_example_set("topic", [Example("1", "x", topics=("sport",), group="1")], source="x.jsonl")
    with pytest.raises(BadInput, match=r"x\.jsonl: topic 'sport' is not one that the artifact knows"):
        evaluate_artifact(topic_predictor, examples)


DETECTION_TARGETS = {"dam": "the dam", "road": "the road", "tower": "the tower"}


def passages(*rows: tuple[str, tuple[str, ...]]) -> object:
    return make_example_set(
        "topic", [Example(str(i), t, topics=("x",), mentioned=m, group=t) for i, (t, m) in enumerate(rows)]
    )


def test_detection_by_hand() -> None:
    gold = make_example_set(
        "stance",
        [
            Example("1", "one", "the dam", stance="favor"),
            Example("2", "one", "the road", stance="none"),
            Example("3", "two", "The Road", stance="against"),
            Example("4", "two", "a target of no codebook", stance="favor"),
        ],
    )
    answers = {
        ("one", "the dam"): "favor",  # right
        ("one", "the road"): "against",  # wrong: annotated as none
        ("one", "the tower"): "favor",  # nobody decided, though an annotator saw it: counts neither way
        ("two", "the road"): "favor",  # the wrong side: one missed, one wrong
        ("three", "the tower"): "against",  # nobody saw it there
    }
    rows = passages(("one", ("the dam", "the road", "The  tower")), ("two", ("the road",)), ("three", ()))
    score = score_detection(oracle(answers, DETECTION_TARGETS), gold, rows)  # type: ignore[arg-type]
    # 1 hit; gold: (one, dam, favor), (two, road, against); found: dam, road on one, road on two, tower on three.
    assert score.value == pytest.approx(2 * 1 / (2 + 4))
    assert score.count == 3


def test_detection_tries_the_targets_that_the_service_tries() -> None:
    """Those of the codebook, also where training never saw them."""
    gold = make_example_set("stance", [Example("1", "one", "the tower", stance="favor")])
    found = oracle({("one", "the tower"): "favor"}, DETECTION_TARGETS)
    assert found.metadata.targets == ["the dam"]
    assert score_detection(found, gold, passages(("one", ("the tower",)))).value == 1  # type: ignore[arg-type]


def test_detection_leaves_abstention_out(stance_predictor: Predictor) -> None:
    """Every metric is of decisions, or a model that withholds would seem to find less."""
    pairs = cut(stance_examples())[1]
    found = []
    for bound in (None, 1.0):
        metadata = stance_predictor.metadata.model_copy(update={"abstain": Abstention(low_confidence=bound)})
        found.append(score_detection(Predictor(metadata, stance_predictor._backend), pairs, pairs))
    assert found[0] == found[1]
    assert found[0].value > 0


def test_detection_of_nothing() -> None:
    gold = make_example_set("stance", [])
    assert score_detection(oracle({}, DETECTION_TARGETS), gold, passages(("one", ()))).value == 0  # type: ignore[arg-type]
