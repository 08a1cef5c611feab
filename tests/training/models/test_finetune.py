"""Fine-tuning a tiny encoder: it learns, it repeats itself, it goes on from an artifact, and its export agrees."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from standpoint.artifact import read_metadata
from standpoint.encoding import compose, load_tokenizer, tokenise
from standpoint.errors import BadInput
from standpoint.predictor import load_predictor
from tests.artifacts import (
    LEVY,
    TRANSFORMER,
    VERBS,
    cut,
    make_request,
    stance_examples,
    topic_examples,
    train_transformer,
)
from training.examples import Example, ExampleSet, make_example_set
from training.models.batches import shuffle_batches, to_tensors
from training.models.export import PARITY, check_parity
from training.models.finetune import FineTuned, fine_tune
from training.models.optimiser import make_optimiser, set_rate
from training.models.train import Trained, train_model
from training.models.weights import load_model, new_model, write_tokenizer

LABELS = ["favor", "against", "none"]
SHORT = replace(TRANSFORMER, epochs=2)


def separable(count: int = 72) -> ExampleSet:
    """Return pairs whose verb alone says the stance."""
    examples = [
        Example(str(i), f"The envoy {VERBS[label][i // 3 % 2]} {LEVY}.", LEVY, stance=label, group=str(i))
        for i, label in enumerate(LABELS * (count // 3))
    ]
    return make_example_set("stance", examples)


@pytest.fixture
def tune(tiny_encoder: Path, tmp_path: Path) -> Callable[..., FineTuned]:
    """Return a function that fine-tunes on a separable set and judges by accuracy."""
    write_tokenizer(str(tiny_encoder), tmp_path)
    train, held = cut(separable())

    def run(settings: Any = SHORT, seed: int = 1, observe: Any = lambda step, metrics: None) -> FineTuned:
        gold = np.array([LABELS.index(str(e.stance)) for e in held.examples])
        judge = lambda logits: float((logits.argmax(axis=1) == gold).mean())  # noqa: E731
        return fine_tune(
            train.examples, held.examples, "stance", LABELS, settings, str(tiny_encoder), tmp_path, seed, judge, observe
        )

    return run


def weights(tuned: FineTuned) -> torch.Tensor:
    return torch.cat([value.flatten().float() for value in tuned.model.state_dict().values()])


def test_a_separable_set_is_learned(tune: Callable[..., FineTuned]) -> None:
    tuned = tune(replace(TRANSFORMER, epochs=12))
    assert max(epoch["validation"] for epoch in tuned.history) == 1.0
    assert not tuned.model.training


def test_the_seed_is_the_training(tune: Callable[..., FineTuned]) -> None:
    first, again, other = tune(), tune(), tune(seed=2)
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_steps_are_counted_and_observed(tune: Callable[..., FineTuned]) -> None:
    seen: list[tuple[int, dict[str, float]]] = []
    tuned = tune(replace(TRANSFORMER, max_steps=5), observe=lambda step, metrics: seen.append((step, metrics)))
    # 54 pairs in batches of 16: four steps an epoch, so that five end in the second one.
    assert [epoch["step"] for epoch in tuned.history] == [4.0, 5.0]
    assert [step for step, metrics in seen if "validation" in metrics] == [4, 5]
    assert [step for step, metrics in seen if "loss" in metrics] == [5]
    assert [epoch["step"] for epoch in tune(SHORT).history] == [4.0, 8.0]


def test_the_best_epoch_is_kept(tiny_encoder: Path, tmp_path: Path) -> None:
    write_tokenizer(str(tiny_encoder), tmp_path)
    train, held = cut(separable())
    logits: list[np.ndarray] = []
    scores = iter([0.2, 0.9, 0.5])

    def judge(found: np.ndarray) -> float:
        logits.append(found)
        return next(scores)

    tuned = fine_tune(
        train.examples,
        held.examples,
        "stance",
        LABELS,
        replace(TRANSFORMER, epochs=3),
        str(tiny_encoder),
        tmp_path,
        1,
        judge,
        lambda step, metrics: None,
    )
    tokenizer = load_tokenizer(str(tmp_path / "tokenizer.json"), TRANSFORMER.max_length)
    rows = tokenise(tokenizer, [compose(e.text, e.target) for e in held.examples])
    with torch.inference_mode():
        found = tuned.model(**to_tensors(rows, tuned.pad_id, tuned.model)).numpy()
    # The passes are judged in the CPU's fastest precision, and lie far apart.
    distances = [float(np.abs(found - judged).max()) for judged in logits]
    assert distances[1] < 0.05
    assert distances[1] < 0.2 * min(distances[0], distances[2])


def test_a_loss_that_is_no_number_ends_the_training(tune: Callable[..., FineTuned]) -> None:
    with pytest.raises(BadInput, match=r"--set: the gradient is (nan|inf) at step \d+; lower learning_rate"):
        tune(replace(TRANSFORMER, learning_rate=float("inf")))


def test_embeddings_stay_where_they_are_frozen(tune: Callable[..., FineTuned], tiny_encoder: Path) -> None:
    before = load_file(tiny_encoder / "model.safetensors")["embeddings.word_embeddings.weight"]
    frozen = tune(replace(SHORT, freeze_embeddings=True)).model.encoder.get_input_embeddings().weight
    assert torch.equal(frozen, before)
    assert not torch.equal(tune(SHORT).model.encoder.get_input_embeddings().weight, before)


@given(lengths=st.lists(st.integers(1, 50), max_size=120), size=st.integers(1, 9), seed=st.integers(0, 9))
def test_batches_hold_every_example_once(lengths: list[int], size: int, seed: int) -> None:
    rows = [([0] * length, [0] * length, False) for length in lengths]
    batches = shuffle_batches(rows, size, random.Random(seed))
    assert sorted(row for batch in batches for row in batch) == list(range(len(rows)))
    assert all(1 <= len(batch) <= size for batch in batches)


def test_the_seed_is_the_order() -> None:
    rows = [([0] * (i % 7 + 1), [0], False) for i in range(60)]

    def order(seed: int) -> list[list[int]]:
        return shuffle_batches(rows, 8, random.Random(seed))

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_the_schedule_warms_up_and_ends_at_nothing(tiny_encoder: Path) -> None:
    model = new_model(str(tiny_encoder), 2, TRANSFORMER)
    settings = replace(TRANSFORMER, learning_rate=1.0, warmup=0.2)
    optimiser = make_optimiser(model, settings)
    rates = [set_rate(optimiser, settings, step, 10) for step in range(11)]
    assert rates[:2] == [0.5, 1.0]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == 0.0
    *encoder, head = optimiser.param_groups
    decays = {group["weight_decay"]: {p.ndim > 1 for p in group["params"]} for group in encoder}
    assert decays == {TRANSFORMER.weight_decay: {True}, 0.0: {False}}
    assert [p.shape for p in head["params"]] == [p.shape for p in model.classifier.parameters()]
    set_rate(optimiser, settings, 1, 10)
    assert (encoder[0]["lr"], head["lr"]) == (1.0, TRANSFORMER.head_rate)


def test_the_mean_leaves_padding_out(tiny_encoder: Path) -> None:
    model = new_model(str(tiny_encoder), 3, TRANSFORMER).eval()
    ids, mask = torch.tensor([[2, 7, 8, 3]]), torch.ones((1, 4), dtype=torch.int64)
    wider = torch.tensor([[2, 7, 8, 3, 0, 0]]), torch.tensor([[1, 1, 1, 1, 0, 0]])
    with torch.inference_mode():
        assert torch.allclose(model(ids, mask), model(*wider), atol=1e-5)


def test_an_encoder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"--encoder: cannot load the encoder '.*nowhere': .*; name a local folder or a hub"
    ):
        write_tokenizer(str(tmp_path / "nowhere"), tmp_path)
    with pytest.raises(BadInput, match=r"--encoder: cannot load the encoder '.*nowhere'"):
        new_model(str(tmp_path / "nowhere"), 2, TRANSFORMER)


def test_more_tokens_than_the_encoder_reads_are_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    settings = replace(TRANSFORMER, max_length=129)
    request = make_request(stance_examples(), settings=settings, encoder=str(tiny_encoder))
    with pytest.raises(BadInput, match="--set: max_length is 129, the encoder reads 128 tokens at most"):
        train_model(request, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_export_agrees_with_torch(trained_transformer: Trained) -> None:
    folder, metadata = trained_transformer.folder, trained_transformer.metadata
    model = load_model(folder, metadata.labels, TRANSFORMER).eval()
    inputs = [compose(e.text, e.target) for e in stance_examples().examples[:6]]
    inputs += [compose("", ""), compose("The envoy spoke. " * 40, LEVY), compose("🕊 制裁", "x")]
    assert check_parity(folder, metadata, model, inputs) <= PARITY
    assert trained_transformer.notes["export_difference"] <= PARITY


@pytest.mark.parametrize("change", [0.01, float("nan")])
def test_an_export_that_differs_is_refused(trained_transformer: Trained, change: float) -> None:
    folder, metadata = trained_transformer.folder, trained_transformer.metadata
    model = load_model(folder, metadata.labels, TRANSFORMER).eval()
    with torch.no_grad():
        model.classifier.bias += change
    with pytest.raises(RuntimeError, match=r"the exported model differs from torch by (0\.01|nan)"):
        check_parity(folder, metadata, model, [compose("The envoy spoke.", LEVY)])


def test_the_toy_set_is_learned_through_to_the_artifact(trained_transformer: Trained) -> None:
    metrics = trained_transformer.metadata.metrics
    assert metrics["stance.macro_f1"]["value"] > 0.6
    assert trained_transformer.metadata.encoder
    assert trained_transformer.metadata.max_length == TRANSFORMER.max_length


def head_and_rest(folder: Path, labels: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    loaded, kept = load_model(folder, labels, TRANSFORMER).state_dict(), load_file(folder / "model.safetensors")
    return loaded, kept


@pytest.mark.parametrize(
    "labels", [["favor", "against", "none"], ["none", "favor", "against", "unrelated"], ["none", "against"]]
)
def test_going_on_keeps_the_weights_and_the_rows_of_known_labels(
    trained_transformer: Trained, labels: list[str]
) -> None:
    loaded, kept = head_and_rest(trained_transformer.folder, labels)
    for name, value in kept.items():
        if name.startswith("classifier."):
            assert loaded[name].shape[0] == len(labels)
            for row, label in enumerate(labels):
                if label != "unrelated":
                    assert torch.equal(loaded[name][row], value[LABELS.index(label)])
        else:
            assert torch.equal(loaded[name], value)


@pytest.fixture(scope="module")
def two_labels(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Trained:
    examples = stance_examples(labels=("favor", "against"))
    return train_transformer(examples, tmp_path_factory.mktemp("two") / "two", tiny_encoder, settings=SHORT)


def test_going_on_from_two_labels_keeps_all_but_the_head(two_labels: Trained) -> None:
    """The token types of the encoder have two rows too, and are no labels."""
    assert two_labels.metadata.labels == ["favor", "against"]
    assert "stance.macro_f1_two" in two_labels.metadata.metrics
    for labels in (["against", "favor"], ["diplomacy", "economy"], LABELS):
        loaded, kept = head_and_rest(two_labels.folder, labels)
        for name in set(kept) - {"classifier.weight", "classifier.bias"}:
            assert torch.equal(loaded[name], kept[name]), name


def test_an_artifact_goes_on_from_another_with_another_task(two_labels: Trained, tmp_path: Path) -> None:
    trained = train_transformer(topic_examples(), tmp_path / "next", Path("no-encoder"), init=two_labels.folder)
    assert trained.metadata.labels == ["diplomacy", "economy", "other"]
    assert trained.metadata.encoder == two_labels.metadata.encoder
    assert trained.metadata.metrics["topic.micro_f1"]["value"] > 0.9
    predictor = load_predictor(trained.folder)
    assert next(iter(predictor.topics(["Envoys met for talks about the visit."])[0].probabilities)) == "diplomacy"
    assert read_metadata(trained.folder).thresholds.keys() == set(trained.metadata.labels)
    tokenizers = [(folder / "tokenizer.json").read_bytes() for folder in (trained.folder, two_labels.folder)]
    assert tokenizers[0] == tokenizers[1]
