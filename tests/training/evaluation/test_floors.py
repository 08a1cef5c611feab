"""Floors by hand: the most frequent label, and that of each target."""

from __future__ import annotations

import pytest

from standpoint.metadata import Floors, Metadata
from training.evaluation.floors import score_floors
from training.examples import Example, ExampleSet, make_example_set
from training.models.lesson import count_floors


def stances(*pairs: tuple[str, str]) -> ExampleSet:
    return make_example_set(
        "stance", [Example(str(i), f"text {i}", t, stance=s, group=str(i)) for i, (t, s) in enumerate(pairs)]
    )


def metadata(task: str, labels: list[str], floors: Floors | None) -> Metadata:
    return Metadata(format=1, task=task, model="baseline", labels=labels, data="d", floors=floors)


TRAIN = stances(
    ("the dam", "favor"), ("The Dam", "favor"), ("the dam", "none"), ("the road", "against"), ("the road", "favor")
)


def test_floors_are_counted_by_target_key() -> None:
    floors = count_floors(TRAIN)
    assert floors.majority == "favor"
    # A tie on the road: the earlier label.
    assert floors.target_only == {"the dam": "favor", "the road": "favor"}
    mostly = count_floors(stances(("a", "none"), ("a", "none"), ("b", "against"), ("b", "favor"), ("b", "against")))
    assert mostly == Floors(majority="against", target_only={"a": "none", "b": "against"})


def test_stance_floors_by_hand() -> None:
    floors = Floors(majority="favor", target_only={"the road": "against"})
    examples = stances(("the road", "against"), ("THE road", "none"), ("a tower", "favor"), ("a tower", "against"))
    found = score_floors(metadata("stance", ["favor", "against", "none"], floors), examples)
    assert set(found) == {"majority", "target_only"}
    # majority: always favor. target_only: against, against, favor, favor.
    assert found["majority"]["stance.accuracy"].value == pytest.approx(1 / 4)
    assert found["majority"]["stance.macro_f1"].value == pytest.approx((2 / 5) / 3)
    assert found["target_only"]["stance.accuracy"].value == pytest.approx(2 / 4)
    assert found["target_only"]["stance.f_avg"].value == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_topic_floors_by_hand() -> None:
    examples = make_example_set(
        "topic", [Example("1", "x", topics=("a", "b"), group="1"), Example("2", "y", topics=("b",), group="2")]
    )
    found = score_floors(metadata("topic", ["a", "b"], Floors(majority="b")), examples)
    assert set(found) == {"majority"}
    assert found["majority"]["topic.micro_f1"].value == pytest.approx(2 * 2 / (3 + 2))
    assert count_floors(examples).majority == "b"
    assert count_floors(examples).target_only == {}


def test_an_artifact_without_floors_has_none() -> None:
    assert score_floors(metadata("stance", ["favor", "none"], None), TRAIN) == {}
