"""The model card says what the metadata say."""

from __future__ import annotations

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
