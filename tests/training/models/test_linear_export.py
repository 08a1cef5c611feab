"""What is loaded from an artifact answers as what scikit-learn fitted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from standpoint.artifact import FORMAT
from standpoint.backends.linear import LinearBackend, join_decisions
from standpoint.backends.linear_model import WEIGHTS
from standpoint.encoding import ModelInput, compose, target_key
from standpoint.metadata import Metadata
from tests.artifacts import BASELINE, LEVY, TREATY, stance_examples, topic_examples
from training.examples import Example
from training.models.baseline import fit_baseline, write_baseline
from training.models.settings import BaselineSettings
from training.models.sparse_features import stance_features, text_features

DATA = Path(__file__).resolve().parents[3] / "data"
CLOSE = 1e-5  # of a logit: weights are kept as float32
TARGETS = [LEVY, TREATY]
LABELS = ["favor", "against", "none", "unrelated"]
UGLY = [
    "İ",
    "Σ",
    "ΟΔΟΣ",
    "e\u0301",
    "\u200d",
    "👩‍👩‍👧",
    "٣٤",
    "𝟙𝟚",
    "\u00a0",
    "\u2028",
    "ß",
    "_",
    "praised",
    "levy",
    "x" * 99,
]
TEXTS = st.text() | st.lists(st.sampled_from(UGLY) | st.text(max_size=4), max_size=12).map(" ".join)
ANY_TEXT = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ask_scikit_learn(parts: dict[str, Any], inputs: Sequence[ModelInput], targets: Sequence[str] | None) -> Any:
    """Return logits (N, L) of the fitted objects themselves."""
    if targets is None:
        features = text_features(parts, [item.text for item in inputs])
    else:
        features = stance_features(parts, inputs, {target_key(target): row for row, target in enumerate(targets)})
    scores = parts["classifier"].decision_function(features)
    if scores.ndim == 1:  # of two classes it gives the second one's log odds only
        scores = np.stack([np.zeros_like(scores), scores], axis=1)
    return (
        scores if parts["relation"] is None else join_decisions(scores, parts["relation"].decision_function(features))
    )


def load(folder: Path, parts: dict[str, Any], labels: Sequence[str], targets: Sequence[str] | None) -> LinearBackend:
    write_baseline(folder, parts)
    task = "topic" if targets is None else "stance"
    metadata = Metadata(format=FORMAT, task=task, model="baseline", labels=labels, data="d", targets=targets or [])
    return LinearBackend(folder, metadata)


def with_unrelated(examples: Sequence[Example]) -> list[Example]:
    """Return pairs, and topics' passages as unrelated to both targets in turn."""
    plain = topic_examples().examples
    return [
        *examples,
        *(replace(e, target=TARGETS[i % 2], stance="unrelated", topics=()) for i, e in enumerate(plain)),
    ]


Both = tuple[dict[str, Any], LinearBackend]


@pytest.fixture(scope="module")
def stance(tmp_path_factory: pytest.TempPathFactory) -> Both:
    parts = fit_baseline(with_unrelated(stance_examples().examples), "stance", LABELS, TARGETS, BASELINE, 1)
    return parts, load(tmp_path_factory.mktemp("stance"), parts, LABELS, TARGETS)


@pytest.fixture(scope="module")
def topic(tmp_path_factory: pytest.TempPathFactory) -> Both:
    labels = ["economy", "diplomacy", "other"]
    parts = fit_baseline(topic_examples().examples, "topic", labels, [], BASELINE, 1)
    return parts, load(tmp_path_factory.mktemp("topic"), parts, labels, None)


@ANY_TEXT
@given(text=TEXTS, target=st.sampled_from([*TARGETS, "The PORT levy", "an unseen target", ""]) | TEXTS)
def test_any_pair_gets_scikit_learns_logits(stance: Both, text: str, target: str) -> None:
    parts, backend = stance
    inputs = [compose(text, target), ModelInput(text, target), compose(text, LEVY)]
    assert backend.logits(inputs)[0] == pytest.approx(ask_scikit_learn(parts, inputs, TARGETS), abs=CLOSE)


@ANY_TEXT
@given(text=TEXTS)
def test_any_passage_gets_scikit_learns_logits(topic: Both, text: str) -> None:
    parts, backend = topic
    inputs = [compose(text), ModelInput(text)]
    assert backend.logits(inputs)[0] == pytest.approx(ask_scikit_learn(parts, inputs, None), abs=CLOSE)


def read_passages() -> list[str]:
    """Return passages of the corpus, one of each document and all of the last ones."""
    lines = (DATA / "documents.jsonl").read_text(encoding="utf-8").strip("\n").split("\n")
    texts = [json.loads(line)["text"].split("\n\n") for line in lines]
    return [*(passages[0] for passages in texts), *(passage for passages in texts[-20:] for passage in passages)]


def test_the_corpus_gets_scikit_learns_logits(tmp_path: Path) -> None:
    """A model of its own words, as `standpoint train` makes it, of more targets than a passage is about."""
    passages, targets = read_passages(), [f"target {number} of {'Russia' * (number % 2)}" for number in range(7)]
    examples = [
        Example(str(i), text, targets[i % 7], stance=LABELS[i % 4], group=str(i)) for i, text in enumerate(passages)
    ]
    parts = fit_baseline(examples, "stance", LABELS, targets, BaselineSettings(), 1)
    backend = load(tmp_path, parts, LABELS, targets)
    inputs = [compose(text, targets[(i + shift) % 7]) for i, text in enumerate(passages) for shift in (0, 3)]
    inputs += [compose(passages[0], "an unseen target")]
    assert backend.logits(inputs)[0] == pytest.approx(ask_scikit_learn(parts, inputs, targets), abs=CLOSE)


def test_two_sides_and_a_label_of_all_are_kept(tmp_path: Path) -> None:
    two = [e for e in stance_examples().examples if e.stance != "none"]
    parts = fit_baseline(two, "stance", ["favor", "against"], TARGETS, BASELINE, 1)
    (tmp_path / "two").mkdir()
    backend = load(tmp_path / "two", parts, ["favor", "against"], TARGETS)
    inputs = [compose(e.text, e.target) for e in two[:20]]
    found = backend.logits(inputs)[0]
    assert found == pytest.approx(ask_scikit_learn(parts, inputs, TARGETS), abs=CLOSE)
    assert (found[:, 0] == 0).all()

    always = [replace(e, topics=(*e.topics, "always")) for e in topic_examples().examples]
    labels = ["always", "never", "economy"]
    parts = fit_baseline(always, "topic", labels, [], BASELINE, 1)
    (tmp_path / "all").mkdir()
    backend = load(tmp_path / "all", parts, labels, None)
    passages = [compose(e.text) for e in always[:9]]
    assert backend.logits(passages)[0] == pytest.approx(ask_scikit_learn(parts, passages, None), abs=CLOSE)


def test_only_rows_with_weights_are_written(stance: Both, tmp_path: Path) -> None:
    parts, backend = stance
    pairs = backend.model.pairs
    assert pairs is not None
    assert (pairs.weights != 0).any(axis=1).all()
    assert len(pairs.weights) < len(backend.model.words) * len(TARGETS)
    write_baseline(tmp_path, parts)
    assert (tmp_path / WEIGHTS).stat().st_mode & 0o044  # others than the owner serve it


def test_the_floor_without_targets_reads_none(tmp_path: Path) -> None:
    blind = replace(BASELINE, features="text")
    parts = fit_baseline(stance_examples().examples, "stance", LABELS[:3], TARGETS, blind, 1)
    write_baseline(tmp_path, parts)
    metadata = Metadata(
        format=FORMAT,
        task="stance",
        model="baseline",
        labels=LABELS[:3],
        data="d",
        targets=TARGETS,
        settings={"features": "text"},
    )
    backend = LinearBackend(tmp_path, metadata)
    text = stance_examples().examples[0].text
    found: NDArray[np.float64] = backend.logits([compose(text, LEVY), compose(text, TREATY)])[0]
    assert (found[0] == found[1]).all()
    assert found == pytest.approx(ask_scikit_learn(parts, [compose(text)] * 2, None), abs=CLOSE)
