"""The model card says what the metadata say."""

from __future__ import annotations

import pytest

from standpoint.metadata import Abstention
from training.models.card import write_card
from training.models.train import Trained


def test_a_card_says_labels_data_scores_and_limits(trained_stance: Trained, trained_topic: Trained) -> None:
    for trained in (trained_stance, trained_topic):
        metadata = trained.metadata
        card = write_card(metadata, {"training": 72, "validation": 24})
        for label in metadata.labels:
            assert f"`{label}`" in card
        for name, score in metadata.metrics.items():
            assert f"| {name} | {score['value']:.3f} |" in card
        assert f"`{metadata.data[:12]}`, 72 training, 24 validation" in card
        assert "must not be used to profile" in card
    assert (trained_stance.folder / "README.md").read_text(encoding="utf-8").startswith("# Baseline for stance")


ASKED = Abstention(low_confidence=0.71, error=0.2, certainty=0.9, coverage=0.58, error_found=0.143)


@pytest.mark.parametrize(
    ("abstain", "said"),
    [
        (Abstention(), ["Never: it gives a stance however unsure it is."]),
        (ASKED, ["is below 0.710", "58% of the annotated pairs get a stance; 14.3%", "at most 20% are wrong", "90%"]),
        (ASKED.model_copy(update={"low_confidence": None}), ["Nothing is withheld", "at most 20% are wrong"]),
        (Abstention(low_confidence=1.0, error=0.1, certainty=0.9, coverage=0.0), ["Always: no stance", "at most 10%"]),
    ],
)
def test_a_card_says_what_abstaining_promises(trained_stance: Trained, abstain: Abstention, said: list[str]) -> None:
    card = write_card(trained_stance.metadata.model_copy(update={"abstain": abstain}), {"training": 72})
    for words in said:
        assert words in card
    assert ("nor of passages that do not refer to the target" in card) == (abstain != Abstention())


def test_topics_have_no_abstention(trained_topic: Trained) -> None:
    assert "When it abstains" not in write_card(trained_topic.metadata, {"training": 72})
