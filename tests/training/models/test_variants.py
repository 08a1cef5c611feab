"""Faster copies in an artifact: judged, admitted or left out, and taken where they answer as they did."""

from __future__ import annotations

import json
import logging
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from standpoint.artifact import read_metadata
from standpoint.backends import load_backend
from standpoint.encoding import compose
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.metadata import Variant
from standpoint.predictor import Predictor, load_predictor
from tests.artifacts import TRANSFORMER, make_request, reseal, stance_examples, train_transformer
from training.models.fitting import Fitting, prepare_fitting
from training.models.inheritance import ENOUGH
from training.models.train import Trained
from training.models.variants import admit_variants, ask_logits, find_fault, judge_variant, log_loss
from training.scoring import Predictions, predict_examples

FINE = Variant(
    agreement=0.99,
    metric="stance.macro_f1",
    difference=0.001,
    low=-0.01,
    high=0.01,
    log_loss=0.002,
    false_sides=0.001,
    batch=1e-6,
)
EXAMPLES = stance_examples(480)
VALIDATION = make_request(EXAMPLES).validation
INPUTS = [compose(e.text, e.target) for e in VALIDATION.examples]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Trained:
    folder = tmp_path_factory.mktemp("variants") / "stance"
    return train_transformer(EXAMPLES, folder, tiny_encoder, settings=replace(TRANSFORMER, epochs=6))


@pytest.fixture
def fitting(trained: Trained) -> Fitting:
    return prepare_fitting(trained.metadata, VALIDATION, 1, 0.0)


def test_an_admitted_copy_answers(trained: Trained) -> None:
    variant = read_metadata(trained.folder).variants["int8"]
    assert variant.refused is None
    assert variant.agreement > 0.95
    assert "`int8`" in (trained.folder / "README.md").read_text(encoding="utf-8")
    fast, exact = (load_predictor(trained.folder, variant=name) for name in (None, "fp32"))
    assert (fast.variant, exact.variant) == ("int8", "fp32")
    (quick, _), (slow, _) = fast.probabilities(INPUTS), exact.probabilities(INPUTS)
    assert 0 < np.abs(quick - slow).max() < 0.1


def test_scores_are_those_of_what_answers(trained: Trained) -> None:
    found = predict_examples(load_predictor(trained.folder), VALIDATION)
    assert found.probabilities == pytest.approx(trained.validation.probabilities, abs=1e-6)


def test_a_copy_that_this_machine_does_not_reproduce_is_left_aside(
    trained: Trained, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "other"
    shutil.copytree(trained.folder, folder)
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


def test_a_variant_that_is_not_there_is_refused(trained: Trained) -> None:
    with pytest.raises(BadInput, match="has no variant 'int4', only int8, fp32"):
        load_predictor(trained.folder, variant="int4")


def test_a_variant_cannot_name_a_file_elsewhere(trained: Trained) -> None:
    content = trained.metadata.model_dump()
    content["variants"] = {"../../x": FINE.model_dump()}
    with pytest.raises(ValueError, match="String should match pattern"):
        type(trained.metadata).model_validate(content)


def copy_draft(trained: Trained, folder: Path) -> Path:
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copyfile(trained.folder / name, folder / name)
    return folder


def reference_logits(trained: Trained, fitting: Fitting) -> np.ndarray:
    backend = load_backend(trained.folder, trained.metadata)
    return ask_logits(backend, [compose(e.text, e.target) for e in fitting.examples])


def test_a_refused_copy_leaves_no_file(
    trained: Trained, fitting: Fitting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.models.variants.AGREEMENT", 1.01)
    logits = reference_logits(trained, fitting)
    admission = admit_variants(copy_draft(trained, tmp_path), trained.metadata, fitting, logits)
    assert "of the answers are the model's, expected 101%" in str(admission.found["int8"].refused)
    assert admission.logits == {}
    assert not (tmp_path / "variants").exists()


def test_too_small_a_validation_set_judges_no_copy(trained_transformer: Trained, trained: Trained) -> None:
    assert len(make_request(stance_examples()).validation) < ENOUGH <= len(VALIDATION)
    assert trained_transformer.metadata.variants == {}
    assert not (trained_transformer.folder / "variants").exists()


def test_an_encoder_that_cannot_be_copied_costs_no_training(
    trained: Trained, fitting: Fitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with caplog.at_level(logging.WARNING, "training"):
        admission = admit_variants(tmp_path, trained.metadata, fitting, reference_logits(trained, fitting))
    assert admission.found == {}
    assert "no int8 variant" in caplog.text


def test_a_copy_is_judged_beside_the_model(trained: Trained, fitting: Fitting) -> None:
    logits = reference_logits(trained, fitting)
    same = judge_variant(trained.metadata, fitting, logits, logits, 0.0)
    assert (same.agreement, same.difference, same.low, same.high, same.log_loss) == (1, 0, 0, 0, 0)
    turned = judge_variant(trained.metadata, fitting, logits, logits[:, [1, 0, 2]], 0.0)
    assert turned.agreement < 0.9
    assert turned.difference < 0
    assert turned.log_loss > 0
    with pytest.raises(ValueError, match="answers with what is no number"):
        judge_variant(trained.metadata, fitting, logits, np.full_like(logits, np.nan), 0.0)


def test_sides_for_targets_that_are_not_there_are_counted(trained: Trained, fitting: Fitting) -> None:
    labels = [*trained.metadata.labels, "unrelated"]
    metadata = trained.metadata.model_copy(update={"labels": labels})
    sampled = tuple(replace(e, stance="unrelated") for e in VALIDATION.examples[:50])
    both = replace(fitting, sampled=sampled)
    sure = np.tile([4.0, 0.0, 0.0, 0.0], (len(both.examples), 1))
    calm = sure.copy()
    calm[len(VALIDATION) :] = [0.0, 0.0, 0.0, 9.0]
    invented = judge_variant(metadata, both, calm, sure, 0.0)
    assert invented.false_sides == 1.0
    assert (invented.difference, invented.log_loss) == (0, 0)
    assert "of the answers are the model's" in str(invented.refused)


def test_the_log_loss_is_that_of_the_annotated_label() -> None:
    chances = np.tile([0.5, 0.25, 0.25], (len(VALIDATION.examples), 1))
    found = Predictions(tuple(e.id for e in VALIDATION.examples), ("favor", "against", "none"), chances, ())
    favors = sum(e.stance == "favor" for e in VALIDATION.examples)
    rest = len(VALIDATION.examples) - favors
    expected = (favors * np.log(2) + rest * np.log(4)) / len(VALIDATION.examples)
    assert log_loss(found, VALIDATION) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"agreement": 0.9}, "90.0% of the answers are the model's"),
        ({"difference": -0.02}, "stance.macro_f1 changes by -0.020"),
        ({"low": -0.03}, r"\[-0.030, \+0.010\]"),
        ({"log_loss": 0.05}, "the log loss rises by 0.050"),
        ({"false_sides": 0.02}, "2.0% more unrelated targets get a side"),
        ({"batch": 0.01}, "a probability changes by 0.01000 with the texts beside it"),
    ],
)
def test_each_bound_refuses(change: dict[str, float], words: str) -> None:
    assert find_fault(FINE) is None
    assert re.search(words, str(find_fault(FINE.model_copy(update=change))))


def test_what_answers_is_what_was_judged(trained: Trained, fitting: Fitting, tmp_path: Path) -> None:
    folder = copy_draft(trained, tmp_path)
    admission = admit_variants(folder, trained.metadata, fitting, reference_logits(trained, fitting))
    backend = load_backend(folder, trained.metadata, variant="int8")
    found, _ = Predictor(trained.metadata, backend).logits(INPUTS)
    assert np.array_equal(found, admission.logits["int8"][: len(INPUTS)])
