"""Training ends in a sealed artifact whose numbers are those of its exported files, or in a refusal that says why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from standpoint.artifact import check_manifest
from standpoint.codebook import Codebook, read_codebook
from standpoint.errors import BadInput
from standpoint.predictor import load_predictor
from tests import artifacts
from tests.artifacts import (
    BASELINE,
    LEVY,
    SPEAKERS,
    TREATY,
    VERBS,
    cut,
    make_request,
    stance_examples,
    topic_examples,
    train_baseline,
)
from training.examples import Example, ExampleSet, make_example_set
from training.models.lesson import label_order, training_targets
from training.models.settings import BaselineSettings
from training.models.train import Trained, train_model
from training.scoring import predict_examples, score_predictions

CODEBOOK = Path(__file__).resolve().parents[3] / "data" / "codebook.yaml"


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return read_codebook(CODEBOOK)


def with_codebook(examples: ExampleSet, codebook: Codebook) -> ExampleSet:
    return replace(examples, codebook=codebook)


@pytest.mark.parametrize("name", ["trained_topic", "trained_stance", "trained_transformer"])
def test_metrics_in_the_artifact_are_those_of_its_files(name: str, request: pytest.FixtureRequest) -> None:
    trained: Trained = request.getfixturevalue(name)
    examples = topic_examples() if name == "trained_topic" else stance_examples()
    _, validation = cut(examples)
    found = predict_examples(load_predictor(trained.folder), validation)
    assert np.allclose(found.probabilities, trained.validation.probabilities, atol=1e-6)
    assert found.decided == trained.validation.decided
    scores = score_predictions(found, validation)
    assert {key: score.as_dict() for key, score in scores.items()} == trained.metadata.metrics


def test_metadata_hold_what_an_answer_needs(trained_stance: Trained, trained_topic: Trained) -> None:
    metadata = trained_stance.metadata
    assert metadata.labels == ["favor", "against", "none"]
    assert metadata.targets == [LEVY, TREATY]
    assert metadata.languages == ["en"]
    assert metadata.seed == 1
    assert metadata.settings["words"] == BASELINE.words
    assert metadata.data == cut(stance_examples())[0].digest
    assert {"python", "numpy", "scikit-learn"} < set(metadata.versions)
    assert set(trained_topic.metadata.thresholds) == set(trained_topic.metadata.labels)


def test_the_same_training_gives_the_same_answers(tmp_path: Path, trained_stance: Trained) -> None:
    def golden(folder: Path) -> bytes:
        return (folder / "golden.jsonl").read_bytes()

    again = train_baseline(stance_examples(), tmp_path / "again")
    assert again.metadata == trained_stance.metadata
    assert golden(again.folder) == golden(trained_stance.folder)
    other = train_baseline(stance_examples(), tmp_path / "other", settings=replace(BASELINE, strength=0.1))
    assert golden(other.folder) != golden(again.folder)


def test_a_model_without_the_target_answers_all_targets_alike(tmp_path: Path) -> None:
    trained = train_baseline(stance_examples(), tmp_path / "blind", settings=replace(BASELINE, features="text"))
    text = stance_examples().examples[0].text
    [[first, second]] = load_predictor(trained.folder).stances([text], [[LEVY, TREATY]])
    assert first.probabilities == second.probabilities
    assert trained.metadata.metrics["stance.contrast_accuracy"]["value"] <= 0.5


def test_two_labels_are_a_label_set_of_their_own(tmp_path: Path) -> None:
    trained = train_baseline(stance_examples(labels=("favor", "against")), tmp_path / "two")
    assert trained.metadata.labels == ["favor", "against"]
    assert trained.metadata.metrics["stance.macro_f1_two"]["value"] > 0.9
    assert "stance.f_avg" not in trained.metadata.metrics
    [[answer]] = load_predictor(trained.folder).stances([f"The envoy condemned {LEVY}."], [[LEVY]])
    assert set(answer.probabilities) == {"favor", "against"}
    assert sum(answer.probabilities.values()) == pytest.approx(1)


def test_one_side_and_none_can_be_learned(tmp_path: Path) -> None:
    trained = train_baseline(stance_examples(labels=("favor", "none")), tmp_path / "one-sided")
    assert trained.metadata.labels == ["favor", "none"]
    assert trained.metadata.metrics["stance.accuracy"]["value"] > 0.9


def test_two_topics_can_be_learned(tmp_path: Path) -> None:
    two = [e for e in topic_examples().examples if "other" not in e.topics]
    trained = train_baseline(make_example_set("topic", two), tmp_path / "two")
    assert trained.metadata.labels == ["diplomacy", "economy"]
    assert trained.metadata.metrics["topic.micro_f1"]["value"] > 0.9


def single_targets() -> ExampleSet:
    """Return passages that mention one target each, so that the other one is unrelated."""
    examples = [
        Example(f"{i}{target}{verb}", f"{speaker} {verb} {target}.", target, None, label, (), (target,), group=str(i))
        for i, speaker in enumerate(SPEAKERS)
        for target in (LEVY, TREATY)
        for label, verbs in VERBS.items()
        for verb in verbs
    ]
    return make_example_set("stance", examples)


def test_unrelated_pairs_are_learned_from_where_there_is_a_codebook(tmp_path: Path, codebook: Codebook) -> None:
    examples = with_codebook(single_targets(), codebook)
    passages = tuple(replace(e, topics=()) for e in topic_examples().examples)
    settings = replace(BASELINE, unrelated=1)
    trained = train_baseline(examples, tmp_path / "four", settings=settings, passages=passages)
    assert trained.metadata.labels == ["favor", "against", "none", "unrelated"]
    train, _ = cut(examples)
    distinct = {e.text for e in train.examples} | {p.text for p in passages}
    assert trained.notes["training_examples"] == len(train) + len(distinct)
    thresholds = trained.metadata.thresholds
    assert 0 < thresholds["unrelated_unnamed"] <= thresholds["unrelated"] < 1
    predictor = load_predictor(trained.folder)
    assert predictor.finds_targets
    [[one, other]] = predictor.stances([f"The mayor condemned {LEVY}."], [[LEVY, TREATY]], named=False)
    assert (one.stance, other.stance) == ("against", "unrelated")
    [[answer]] = predictor.stances([passages[0].text], [[LEVY]])
    assert answer.stance == "unrelated"


def test_without_negatives_there_is_no_label_for_them(tmp_path: Path, codebook: Codebook) -> None:
    """Every passage mentions every target, so that nothing is left to sample."""
    examples = with_codebook(stance_examples(), codebook)
    trained = train_baseline(examples, tmp_path / "three", settings=replace(BASELINE, unrelated=2))
    assert trained.metadata.labels == ["favor", "against", "none"]


def test_public_sets_sample_no_negatives(codebook: Codebook) -> None:
    request = make_request(stance_examples(), settings=BaselineSettings(unrelated=2))
    assert label_order(request) == ["favor", "against", "none"]


def test_wordings_of_one_target_are_one() -> None:
    examples = [
        replace(e, target=str(e.target).upper() if i % 4 else e.target)
        for i, e in enumerate(stance_examples().examples)
    ]
    assert len(training_targets(make_example_set("stance", examples))) == 2
    assert training_targets(topic_examples()) == []


def test_a_bound_to_abstain_is_kept_with_the_artifact(tmp_path: Path) -> None:
    noisy = [
        replace(e, stance=("favor", "against", "none")[i % 7 % 3]) for i, e in enumerate(stance_examples().examples)
    ]
    settings = replace(BASELINE, abstain_error=0.2)
    trained = train_baseline(make_example_set("stance", noisy), tmp_path / "careful", settings=settings)
    abstain = trained.metadata.abstain
    assert abstain.error == 0.2
    assert abstain.low_confidence is not None
    _, validation = cut(make_example_set("stance", noisy))
    answers = load_predictor(trained.folder).stances(
        [e.text for e in validation.examples], [[e.target] for e in validation.examples]
    )
    given = [(a.stance, e.stance) for [a], e in zip(answers, validation.examples, strict=True) if a.stance]
    assert len(given) < len(validation)
    assert sum(said != gold for said, gold in given) <= 0.2 * len(given)


def test_data_that_teach_nothing_are_refused(tmp_path: Path) -> None:
    request, all_examples = make_request(stance_examples()), stance_examples()
    few = make_example_set("stance", all_examples.examples[:7], like=all_examples)
    with pytest.raises(BadInput, match=r"stance\.jsonl: 7 training examples; at least 8 are needed"):
        train_model(replace(request, train=few), tmp_path / "out")
    one = make_example_set("stance", [e for e in all_examples.examples if e.stance == "favor"], like=all_examples)
    with pytest.raises(BadInput, match=r"stance\.jsonl: expected at least two labels to tell apart, found favor"):
        train_model(replace(request, train=one), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_validation_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    request = make_request(stance_examples())
    with pytest.raises(BadInput, match="no validation examples; give --validation or more groups"):
        train_model(replace(request, validation=make_example_set("stance", [])), tmp_path / "out")
    two, _ = cut(stance_examples(labels=("favor", "against")))
    with pytest.raises(BadInput, match="label 'none' occurs in validation, never in training"):
        train_model(replace(request, train=two), tmp_path / "out")


def test_going_on_from_something_else_is_refused(tmp_path: Path, trained_stance: Trained, tiny_encoder: Path) -> None:
    request = make_request(stance_examples(), settings=artifacts.TRANSFORMER, encoder=str(tiny_encoder))
    with pytest.raises(BadInput, match=r"--init: .* is a baseline; expected the artifact of a transformer"):
        train_model(replace(request, init=trained_stance.folder), tmp_path / "out")
    with pytest.raises(BadInput, match=r"--init: a baseline starts anew"):
        train_model(replace(request, init=trained_stance.folder, settings=BASELINE), tmp_path / "out")


def test_a_model_that_does_not_load_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_stance: Trained
) -> None:
    import shutil

    from training.models import train

    standing = Path(shutil.copytree(trained_stance.folder, tmp_path / "standing"))
    original = train.write_golden

    def spoil(folder: Path, *rest: Any) -> None:
        original(folder, *rest)
        (folder / "golden.jsonl").write_text("{}\n")

    monkeypatch.setattr(train, "write_golden", spoil)
    with pytest.raises(Exception, match=r"golden\.jsonl cannot be read"):
        train_baseline(stance_examples(), standing, seed=2)
    assert load_predictor(standing).digest == check_manifest(trained_stance.folder)
    assert [path.name for path in tmp_path.iterdir()] == ["standing"]
