"""The linear model beside a transformer: made, kept, or left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from standpoint.artifact import read_metadata, sha256
from standpoint.backends.linear_model import WEIGHTS
from standpoint.backends.stacked import StackedBackend
from standpoint.errors import CorruptArtifact
from standpoint.metadata import Metadata
from standpoint.predictor import load_predictor
from tests.artifacts import LEVY, TRANSFORMER, TREATY, stance_examples, topic_examples, train_transformer
from training.examples import make_example_set
from training.models.inheritance import ENOUGH
from training.models.train import Trained

BOTH = replace(TRANSFORMER, companion=True, epochs=4)


@pytest.fixture(scope="module")
def stacked(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Trained:
    folder = tmp_path_factory.mktemp("stacked") / "base"
    return train_transformer(stance_examples(480), folder, tiny_encoder, settings=BOTH)


def test_both_models_answer(stacked: Trained) -> None:
    stack = stacked.metadata.stack
    assert stack is not None
    assert stack.targets == stacked.metadata.targets == [LEVY, TREATY]
    assert stack.linear > 0
    card = (stacked.folder / "README.md").read_text(encoding="utf-8")
    assert f"the logits of the two count {stack.transformer:.2f} and {stack.linear:.2f}" in card
    predictor = load_predictor(stacked.folder)
    text = f"The envoy praised {LEVY} and rejected {TREATY}."
    together = predictor.stances([text], [[LEVY, TREATY]])[0]
    assert [answer.stance for answer in together] == ["favor", "against"]
    alone = predictor.stances([text], [[TREATY]])[0][0]
    assert alone.probabilities == pytest.approx(together[1].probabilities, abs=1e-4)


def test_topics_have_one_too(tmp_path: Path, tiny_encoder: Path) -> None:
    trained = train_transformer(topic_examples(200), tmp_path / "topic", tiny_encoder, settings=BOTH)
    assert trained.metadata.stack is not None
    assert load_predictor(trained.folder).topics(["Trade and prices moved."])[0].decided == ("economy",)


def test_an_artifact_without_its_linear_model_is_refused(stacked: Trained, tmp_path: Path) -> None:
    with pytest.raises(CorruptArtifact, match=r"linear\.json: cannot be read \(FileNotFoundError\)"):
        StackedBackend(tmp_path_with_transformer(stacked, tmp_path), stacked.metadata)


def tmp_path_with_transformer(trained: Trained, folder: Path) -> Path:
    for name in ("model.onnx", "tokenizer.json"):
        (folder / name).write_bytes((trained.folder / name).read_bytes())
    return folder


def test_a_setting_leaves_it_out(trained_transformer: Trained) -> None:
    assert trained_transformer.metadata.stack is None
    assert not (trained_transformer.folder / WEIGHTS).exists()


def refine(base: Trained, out: Path, encoder: Path, count: int) -> Metadata:
    examples = [replace(e, target=f"{e.target} of the north") for e in stance_examples(count).examples]
    few = make_example_set("stance", examples)
    train_transformer(few, out, encoder, settings=replace(BOTH, epochs=1), init=base.folder)
    return read_metadata(out)


def test_a_few_labels_keep_that_of_the_base(stacked: Trained, tmp_path: Path, tiny_encoder: Path) -> None:
    refined = refine(stacked, tmp_path / "few", tiny_encoder, 64)
    assert refined.stack == stacked.metadata.stack
    assert len(refined.targets) == 4  # the linear model still knows its two
    assert sha256(tmp_path / "few" / WEIGHTS) == sha256(stacked.folder / WEIGHTS)
    found, _ = load_predictor(tmp_path / "few").probabilities([])
    assert found.shape == (0, 3)


def test_many_labels_make_a_new_one(stacked: Trained, tmp_path: Path, tiny_encoder: Path) -> None:
    refined = refine(stacked, tmp_path / "many", tiny_encoder, 4 * ENOUGH + 8)
    assert refined.stack is not None
    assert refined.stack.targets == refined.targets
    assert refined.stack != stacked.metadata.stack
    assert sha256(tmp_path / "many" / WEIGHTS) != sha256(stacked.folder / WEIGHTS)


def test_a_base_without_one_stays_without(trained_transformer: Trained, tmp_path: Path, tiny_encoder: Path) -> None:
    assert refine(trained_transformer, tmp_path / "few", tiny_encoder, 64).stack is None
    assert not (tmp_path / "few" / WEIGHTS).exists()


def test_cross_fitting_fits_the_weights_of_each_fold(stacked: Trained) -> None:
    """What a fold is scored with must not have been fitted on it: the probabilities differ from the sealed ones."""
    assert stacked.crossed is not None
    assert not np.allclose(stacked.crossed.probabilities, stacked.validation.probabilities, atol=1e-9)
