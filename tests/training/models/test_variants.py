"""Faster copies in an artifact: judged, admitted or left out, and taken where they answer as they did."""

from __future__ import annotations

import json
import logging
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from standpoint.artifact import read_metadata
from standpoint.encoding import compose
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.metadata import Variant
from standpoint.predictor import load_predictor
from tests.artifacts import make_request, reseal, stance_examples
from training.models.train import Trained
from training.models.variants import admit_variants, find_fault, judge_variant, log_loss
from training.scoring import Predictions, predict_examples

FINE = Variant(
    agreement=0.99, metric="stance.macro_f1", difference=0.001, low=-0.01, high=0.01, log_loss=0.002, batch=1e-6
)
INPUTS = [compose(e.text, e.target) for e in stance_examples(40).examples]


def test_an_admitted_copy_answers(trained_transformer: Trained) -> None:
    variant = read_metadata(trained_transformer.folder).variants["int8"]
    assert variant.refused is None
    assert variant.agreement > 0.95
    fast, exact = (load_predictor(trained_transformer.folder, variant=name) for name in (None, "fp32"))
    assert (fast.variant, exact.variant) == ("int8", "fp32")
    (quick, _), (slow, _) = fast.probabilities(INPUTS), exact.probabilities(INPUTS)
    assert 0 < np.abs(quick - slow).max() < 0.1


def test_scores_are_those_of_what_answers(trained_transformer: Trained) -> None:
    validation = make_request(stance_examples()).validation
    found = predict_examples(load_predictor(trained_transformer.folder), validation)
    assert found.probabilities == pytest.approx(trained_transformer.validation.probabilities, abs=1e-6)


def test_a_copy_that_this_machine_does_not_reproduce_is_left_aside(
    trained_transformer: Trained, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "other"
    shutil.copytree(trained_transformer.folder, folder)
    lines = (folder / "golden.jsonl").read_text(encoding="utf-8").strip("\n").split("\n")
    records = [json.loads(line) for line in lines]
    records[3]["variants"]["int8"] = [1.0, 0.0, 0.0]
    (folder / "golden.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    reseal(folder)
    with caplog.at_level(logging.WARNING, "standpoint"):
        predictor = load_predictor(folder)
    assert predictor.variant == "fp32"
    assert "the variant int8 is left aside on this machine" in caplog.text
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:4: predicted probabilities differ"):
        load_predictor(folder, variant="int8")


def test_a_variant_that_is_not_there_is_refused(trained_transformer: Trained) -> None:
    with pytest.raises(BadInput, match="has no variant 'int4', only int8, fp32"):
        load_predictor(trained_transformer.folder, variant="int4")


def test_a_refused_copy_leaves_no_file(
    trained_transformer: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copyfile(trained_transformer.folder / name, tmp_path / name)
    monkeypatch.setattr("training.models.variants.AGREEMENT", 1.01)
    validation = make_request(stance_examples()).validation
    reference = predict_examples(load_predictor(trained_transformer.folder, variant="fp32"), validation)
    found = admit_variants(tmp_path, trained_transformer.metadata, reference, validation)
    assert "of the answers are the model's, expected 101%" in str(found["int8"].refused)
    assert not (tmp_path / "variants").exists()


def test_an_encoder_that_cannot_be_copied_costs_no_training(
    trained_transformer: Trained, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    validation = make_request(stance_examples()).validation
    with caplog.at_level(logging.WARNING, "training"):
        found = admit_variants(tmp_path, trained_transformer.metadata, trained_transformer.validation, validation)
    assert found == {}
    assert "no int8 variant" in caplog.text


def test_a_copy_is_judged_beside_the_model(trained_transformer: Trained) -> None:
    validation = make_request(stance_examples()).validation
    exact = load_predictor(trained_transformer.folder, variant="fp32")
    reference = predict_examples(exact, validation)
    same = judge_variant(exact, reference, validation)
    assert (same.agreement, same.difference, same.low, same.high, same.log_loss) == (1, 0, 0, 0, 0)
    swapped = Predictions(reference.ids, reference.labels, reference.probabilities[:, ::-1], (("none",),) * 36)
    judged = judge_variant(exact, swapped, validation)
    assert judged.agreement < 0.5
    assert judged.difference > 0
    assert judged.log_loss < 0


def test_the_log_loss_is_that_of_the_annotated_label() -> None:
    validation = make_request(stance_examples()).validation
    chances = np.tile([0.5, 0.25, 0.25], (len(validation.examples), 1))
    found = Predictions(tuple(e.id for e in validation.examples), ("favor", "against", "none"), chances, ())
    favors = sum(e.stance == "favor" for e in validation.examples)
    rest = len(validation.examples) - favors
    expected = (favors * np.log(2) + rest * np.log(4)) / len(validation.examples)
    assert log_loss(found, validation) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"agreement": 0.9}, "90.0% of the answers are the model's"),
        ({"difference": -0.02}, "stance.macro_f1 changes by -0.020"),
        ({"low": -0.03}, r"\[-0.030, \+0.010\]"),
        ({"log_loss": 0.05}, "the log loss rises by 0.050"),
        ({"log_loss": float("nan")}, "the log loss rises by nan"),
        ({"batch": 0.01}, "a probability changes by 0.01000 with the texts beside it"),
    ],
)
def test_each_bound_refuses(change: dict[str, float], words: str) -> None:
    assert find_fault(FINE) is None
    assert re.search(words, str(find_fault(FINE.model_copy(update=change))))
