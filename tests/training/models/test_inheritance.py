"""A model that goes on from an artifact keeps what its few new examples do not say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from standpoint.artifact import check_manifest
from standpoint.codebook import UNRELATED, read_codebook
from standpoint.errors import BadInput
from standpoint.metadata import Abstention
from standpoint.predictor import load_predictor
from tests.artifacts import (
    LEVY,
    SPEAKERS,
    TRANSFORMER,
    TREATY,
    VERBS,
    topic_examples,
    train_transformer,
)
from training.examples import Example, ExampleSet, make_example_set
from training.models.inheritance import ENOUGH, find_inheritance, guard_targets
from training.models.request import Request
from training.models.settings import REFINING, TransformerSettings
from training.models.train import Trained, train_model

CODEBOOK = Path(__file__).resolve().parents[3] / "data" / "codebook.yaml"
HARBOUR = "the harbour levy treaty"
SETTINGS = replace(TRANSFORMER, epochs=8, unrelated=1, abstain_error=0.2)


def about(targets: tuple[str, ...], labels: tuple[str, ...] = ("favor", "against", "none")) -> ExampleSet:
    """Return passages that mention one target each."""
    examples = [
        Example(f"{i}{target}{verb}", f"{speaker} {verb} {target}.", target, None, label, (), (target,), group=str(i))
        for i, speaker in enumerate(SPEAKERS)
        for target in targets
        for label in labels
        for verb in VERBS[label]
    ]
    return make_example_set("stance", [replace(e, language="en") for e in examples])


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Trained:
    examples = replace(about((LEVY, TREATY)), codebook=read_codebook(CODEBOOK))
    passages = tuple(replace(e, topics=()) for e in topic_examples().examples)
    folder = tmp_path_factory.mktemp("champion") / "champion"
    return train_transformer(examples, folder, tiny_encoder, settings=SETTINGS, passages=passages)


@pytest.fixture(scope="module")
def refined(tmp_path_factory: pytest.TempPathFactory, champion: Trained) -> Trained:
    few = make_example_set("stance", [replace(e, language="") for e in about((HARBOUR,)).examples])
    folder = tmp_path_factory.mktemp("refined") / "refined"
    return train_transformer(
        few, folder, Path("no-encoder"), init=champion.folder, settings=replace(SETTINGS, epochs=3)
    )


def test_what_a_few_lines_do_not_say_is_kept(champion: Trained, refined: Trained) -> None:
    before, after = champion.metadata, refined.metadata
    assert before.labels == after.labels == ["favor", "against", "none", UNRELATED]
    assert before.codebook is not None
    assert after.codebook == before.codebook
    assert after.languages == before.languages == ["en"]
    assert after.targets == sorted([HARBOUR, LEVY, TREATY])
    assert before.floors is not None
    assert after.floors is not None
    assert after.floors.target_only.keys() == {*before.floors.target_only, HARBOUR}
    assert (after.temperature, after.thresholds) == (before.temperature, before.thresholds)
    assert load_predictor(refined.folder).finds_targets


def test_a_label_without_an_example_is_not_unlearned(champion: Trained, refined: Trained) -> None:
    heads = [load_file(trained.folder / "model.safetensors")["classifier.weight"] for trained in (champion, refined)]
    moved = (heads[0] != heads[1]).any(dim=1)
    assert moved.tolist() == [True, True, True, False]
    texts = [e.text for e in topic_examples().examples[:20]]
    asked = load_predictor(refined.folder).stances(texts, [[LEVY]] * len(texts), named=False)
    assert np.mean([answer.stance == UNRELATED for [answer] in asked]) > 0.5


def test_a_few_answers_neither_fit_nor_forbid_confidence(champion: Trained) -> None:
    few = about((HARBOUR,))
    kept = find_inheritance(champion.folder, few, few.labels, unrelated=1)
    assert kept is not None
    fitted = {"temperature": 4.0, "thresholds": {}, "abstain": Abstention(low_confidence=1, error=0.2, certainty=0.9)}
    settled = kept.settle(fitted, abstains=True)
    assert settled["temperature"] == champion.metadata.temperature
    assert settled["thresholds"] == champion.metadata.thresholds
    assert settled["abstain"].low_confidence == champion.metadata.abstain.low_confidence
    assert (settled["abstain"].error, settled["abstain"].coverage) == (None, None), "promised of another model"
    assert kept.settles(ENOUGH - 1)
    assert not kept.settles(ENOUGH)
    never = {**fitted, "abstain": Abstention()}
    assert kept.settle(never, abstains=False)["abstain"] == Abstention(), "asked for no abstention"


def test_labels_are_kept_only_where_the_artifact_knows_them_all(champion: Trained) -> None:
    two = about((HARBOUR,), ("favor", "against"))
    kept = find_inheritance(champion.folder, two, two.labels, unrelated=1)
    assert kept is not None
    assert kept.labels == champion.metadata.labels
    without = find_inheritance(champion.folder, two, two.labels, unrelated=0)
    assert without is not None
    assert without.labels == ["favor", "against", "none"]
    assert find_inheritance(None, two, two.labels, unrelated=1) is None
    with pytest.raises(BadInput, match=r"label 'neutral' is none of the artifact's \(favor, against, none"):
        find_inheritance(champion.folder, two, ["favor", "neutral"], unrelated=1)
    assert find_inheritance(champion.folder, two, ["pro", "con"], unrelated=1) is None
    topics = topic_examples()
    assert find_inheritance(champion.folder, topics, topics.labels, unrelated=1) is None


def test_targets_of_the_same_lines_are_never_taken_for_unrelated() -> None:
    lines = about((LEVY, TREATY))
    guarded = guard_targets(lines, [LEVY, TREATY])
    assert {e.mentioned for e in guarded.examples} == {(LEVY, TREATY), (TREATY, LEVY)}
    assert guarded.digest == lines.digest
    built = replace(lines, codebook=read_codebook(CODEBOOK))
    assert guard_targets(built, [LEVY, TREATY]) is built


def test_refining_takes_fewer_steps() -> None:
    assert replace(TransformerSettings(), least_steps=REFINING.least_steps) == REFINING
    assert 0 < REFINING.least_steps < TransformerSettings().least_steps


def test_a_topic_without_an_example_is_not_unlearned(tmp_path: Path, tiny_encoder: Path) -> None:
    base = train_transformer(topic_examples(), tmp_path / "base", tiny_encoder)
    few = [e for e in topic_examples(48).examples if "other" not in e.topics]
    request = Request(
        make_example_set("topic", few[:24]), make_example_set("topic", few[24:]), replace(TRANSFORMER, epochs=12), 1
    )
    train_model(replace(request, init=base.folder), tmp_path / "refined")
    others = [e.text for e in topic_examples().examples if e.topics == ("other",)]
    answers = load_predictor(tmp_path / "refined").topics(others)
    assert np.mean([answer.decided == ("other",) for answer in answers]) > 0.5


def test_a_model_is_not_trained_over_the_one_it_goes_on_from(champion: Trained) -> None:
    few = about((HARBOUR,))
    request = Request(few, few, REFINING, 1, init=champion.folder)
    with pytest.raises(BadInput, match=r"--out: .* is the artifact to go on from, and would be replaced"):
        train_model(request, champion.folder)
    with pytest.raises(BadInput, match=r"is an artifact, which a folder inside would spoil; name another --out"):
        train_model(request, champion.folder / "new")
    assert load_predictor(champion.folder).digest == check_manifest(champion.folder)
