"""Decisions and scores of predictions: which metrics a set and a label set have."""

from __future__ import annotations

import numpy as np
import pytest

from standpoint.metadata import Metadata
from standpoint.predictor import Predictor
from tests import artifacts
from training.examples import Example, ExampleSet, make_example_set
from training.scoring import Predictions, choice_metric, gold_of, predict_examples, score_predictions

THREE = ("favor", "against", "none")


def stances(*gold: str, targets: tuple[str, ...] = ()) -> ExampleSet:
    names = targets or ("the dam",) * len(gold)
    examples = [Example(str(i), f"text {i}", names[i], stance=label, group=str(i)) for i, label in enumerate(gold)]
    return make_example_set("stance", examples)


def certain(labels: tuple[str, ...], *said: str) -> Predictions:
    rows = np.array([[float(label == answer) for label in labels] for answer in said])
    return Predictions(tuple(str(i) for i in range(len(said))), labels, rows, tuple((answer,) for answer in said))


def values(predictions: Predictions, examples: ExampleSet) -> dict[str, float]:
    return {name: score.value for name, score in score_predictions(predictions, examples).items()}


def test_stances_are_the_most_probable_whatever_the_bound_to_abstain() -> None:
    metadata = Metadata(format=1, task="stance", model="baseline", labels=["favor", "none"], data="d")
    metadata = metadata.model_copy(update={"abstain": metadata.abstain.model_copy(update={"low_confidence": 0.9})})
    found = Predictions.from_probabilities(np.array([[0.6, 0.4], [0.2, 0.8]]), metadata, stances("favor", "none"))
    assert found.decided == (("favor",), ("none",))
    assert found.ids == ("0", "1")


def test_topics_are_decided_as_a_predictor_decides() -> None:
    metadata = Metadata(
        format=1, task="topic", model="baseline", labels=["a", "b", "other"], data="d", thresholds={"a": 0.3}
    )
    examples = make_example_set("topic", [Example(str(i), "x", topics=("a",)) for i in range(3)])
    rows = np.array([[0.35, 0.6, 0.2], [0.1, 0.2, 0.3], [0.3, 0.1, 0.2]])
    assert Predictions.from_probabilities(rows, metadata, examples).decided == (("b", "a"), ("other",), ("a",))


def test_three_labels_have_the_three_label_metrics() -> None:
    found = values(certain(THREE, "favor", "against", "none"), stances("favor", "against", "none"))
    assert set(found) == {"stance.macro_f1", "stance.f_avg", "stance.f_avg_per_target", "stance.accuracy"}
    assert set(found.values()) == {1.0}


def test_a_two_label_model_on_its_own_set_has_the_two_label_metric() -> None:
    found = values(certain(("favor", "against"), "favor", "favor"), stances("favor", "against"))
    assert found == {"stance.macro_f1_two": pytest.approx((2 / 3 + 0) / 2)}


def test_a_three_label_model_on_a_two_label_set_chooses_among_the_two() -> None:
    rows = np.array([[0.2, 0.3, 0.5], [0.3, 0.2, 0.5]])
    predictions = Predictions(("0", "1"), THREE, rows, (("none",), ("none",)))
    found = values(predictions, stances("against", "favor"))
    assert found["stance.macro_f1_two"] == 1
    assert found["stance.accuracy"] == 0


def test_a_two_label_model_on_three_labels_is_scored_on_all_three() -> None:
    found = values(certain(("favor", "against"), "favor", "against", "favor"), stances("favor", "against", "none"))
    assert found["stance.accuracy"] == pytest.approx(2 / 3)
    assert "stance.macro_f1_two" not in found


def test_a_model_without_one_side_is_scored() -> None:
    assert values(certain(("favor", "none"), "favor", "none"), stances("favor", "favor"))["stance.accuracy"] == 0.5


def test_wordings_of_one_target_are_one_target() -> None:
    examples = stances("favor", "against", targets=("The Dam", "the dam "))
    assert values(certain(THREE, "favor", "against"), examples)["stance.f_avg_per_target"] == 1


def test_contrast_counts_passages_with_different_stances_only() -> None:
    examples = make_example_set(
        "stance",
        [
            Example("1", "both", "the dam", stance="favor", group="a"),
            Example("2", "both", "the road", stance="against", group="a"),
            Example("3", "one", "the dam", stance="favor", group="b"),
        ],
    )
    scores = score_predictions(certain(THREE, "favor", "favor", "none"), examples)
    assert scores["stance.contrast_accuracy"].value == 0.5
    assert scores["stance.contrast_accuracy"].count == 2


def test_topic_scores_and_gold() -> None:
    examples = make_example_set("topic", [Example("1", "x", topics=("a", "b"), group="1")])
    predictions = Predictions(("1",), ("a", "b"), np.array([[0.9, 0.1]]), (("a",),))
    found = values(predictions, examples)
    assert found == {"topic.micro_f1": pytest.approx(2 / 3), "topic.macro_f1": 0.5, "topic.jaccard": 0.5}
    assert gold_of(examples) == [("a", "b")]
    assert gold_of(stances("none")) == [("none",)]


def test_predictions_of_an_artifact_are_in_the_order_of_the_set(stance_predictor: Predictor) -> None:
    _, held = artifacts.cut(artifacts.stance_examples())
    forward = predict_examples(stance_predictor, held)
    backward = predict_examples(stance_predictor, make_example_set("stance", held.examples[::-1]))
    assert forward.ids == tuple(e.id for e in held.examples)
    assert np.allclose(forward.probabilities, backward.probabilities[::-1], atol=1e-9)
    assert {name: s.value for name, s in score_predictions(forward, held).items()} == pytest.approx(
        {
            name: s.value
            for name, s in score_predictions(backward, make_example_set("stance", held.examples[::-1])).items()
        }
    )


def test_the_mention_is_marked_before_predicting(onnx_predictor: Predictor) -> None:
    example = artifacts.stance_examples().examples[0]
    place = example.text.index(artifacts.LEVY)
    marked = Example("m", example.text, example.target, (place, place + len(artifacts.LEVY)), "favor")
    plain = Example("p", example.text, example.target, None, "favor")
    calm = Predictor(onnx_predictor.metadata.model_copy(update={"temperature": 20.0}), onnx_predictor._backend)
    found = predict_examples(calm, make_example_set("stance", [marked, plain])).probabilities
    assert not np.allclose(found[0], found[1])


@pytest.mark.parametrize(
    "labels", [THREE, (*THREE, "unrelated"), ("favor", "against"), ("favor", "none"), ("against", "none")]
)
@pytest.mark.parametrize("gold", [THREE, ("favor", "against"), ("favor", "favor")])
def test_models_are_chosen_by_a_metric_that_they_have(labels: tuple[str, ...], gold: tuple[str, ...]) -> None:
    known = [label for label in gold if label in labels]
    if known:
        assert choice_metric("stance", labels) in values(certain(labels, *known), stances(*known))
    assert choice_metric("topic", ["a", "b"]) == "topic.micro_f1"
