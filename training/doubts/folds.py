"""What models that never saw a group say of its examples: cross-validated logits, and probabilities from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from tqdm import tqdm

from standpoint.encoding import compose, target_key
from standpoint.errors import BadInput
from training.examples import Example, ExampleSet
from training.models import calibration
from training.models.baseline import fit_baseline
from training.models.settings import BaselineSettings
from training.models.sparse_features import place_in_slots, stance_features, text_features
from training.stratification import assign_groups

Array = NDArray[np.float64]
FOLDS = 5
STRENGTH = 1.0  # C of the regression on vectors; 4 found fewer planted stances, as many topics


def deal_folds(examples: ExampleSet, seed: int, folds: int = FOLDS) -> NDArray[np.int64]:
    """Return the fold of each example, (N,): whole groups, labels in proportion. Raises BadInput below two groups."""
    counts: dict[str, dict[str, int]] = {}
    for example in examples.examples:
        group = counts.setdefault(example.group, {})
        for feature in ("examples", *(f"label:{label}" for label in example.labels)):
            group[feature] = group.get(feature, 0) + 1
    folds = min(folds, len(counts))
    if folds < 2:
        raise BadInput("all examples are of one group; nothing else can speak for or against them", examples.source)
    parts = assign_groups(counts, {str(fold): 1 / folds for fold in range(folds)}, seed)
    return np.array([int(parts[example.group]) for example in examples.examples])


def cross_validate(examples: ExampleSet, vectors: Array | None, seed: int) -> Array:
    """Return probabilities (N, L), labels in the set's order, of models that saw no example of the same group.

    The mean of the logits of the linear baseline and, where `vectors` (N, H) are given, of a regression on them;
    softmax or sigmoid over one temperature fitted on all. Raises BadInput where a fold lacks a stance to learn from.
    """
    folds, labels = deal_folds(examples, seed), examples.labels
    if len(labels) < 2:
        only = ", ".join(labels) or "none"
        raise BadInput(f"expected at least two labels to tell apart, found {only}", examples.source)
    logits = np.zeros((len(examples), len(labels)))
    for fold in tqdm(np.unique(folds), unit="fold", desc="cross-validating", mininterval=2):
        held, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        learned = [examples.examples[row] for row in rest]
        asked = [examples.examples[row] for row in held]
        _check_labels(learned, examples)
        found = _ask_baseline(learned, asked, examples, seed)
        if vectors is not None:
            found = (found + _ask_vectors(learned, vectors[rest], asked, vectors[held], examples, seed)) / 2
        logits[held] = found
    return _to_probabilities(logits, examples)


def gold_matrix(examples: ExampleSet) -> NDArray[np.bool_]:
    """Return which labels each example has, (N, L)."""
    return np.array([[label in example.labels for label in examples.labels] for example in examples.examples])


def _check_labels(learned: Sequence[Example], examples: ExampleSet) -> None:
    missing = set(examples.labels) - {label for example in learned for label in example.labels}
    if missing:
        raise BadInput(
            f"the label {sorted(missing)[0]!r} occurs in too few groups to be learned from and asked about; add "
            "examples of it in other documents, or leave it out",
            examples.source,
        )


def _ask_baseline(learned: Sequence[Example], asked: Sequence[Example], examples: ExampleSet, seed: int) -> Array:
    wordings = {target_key(e.target): e.target for e in learned if e.target is not None}
    targets = sorted(wordings.values())
    parts = fit_baseline(learned, examples.task, examples.labels, targets, BaselineSettings(), seed)
    inputs = [compose(example.text, example.target, example.mention) for example in asked]
    if examples.task == "stance":
        features = stance_features(parts, inputs, {target_key(target): row for row, target in enumerate(targets)})
    else:
        features = text_features(parts, [item.text for item in inputs])
    return _two_columns(parts["classifier"].decision_function(features))


def _ask_vectors(
    learned: Sequence[Example], known: Array, asked: Sequence[Example], new: Array, examples: ExampleSet, seed: int
) -> Array:
    """Logits (M, L) of a regression on vectors, for stances with weights of each target's own as in the baseline."""
    gold = np.array([[label in example.labels for label in examples.labels] for example in learned], dtype=np.int64)
    if examples.task == "stance":
        targets = {key: row for row, key in enumerate(sorted({target_key(e.target or "") for e in learned}))}
        known, new = _add_slots(known, learned, targets), _add_slots(new, asked, targets)
        gold = gold.argmax(axis=1)
    decision = LogisticRegression(C=STRENGTH, solver="liblinear", dual=True, max_iter=1000, random_state=seed)
    return _two_columns(OneVsRestClassifier(decision).fit(known, gold).decision_function(new))


def _add_slots(vectors: Array, examples: Sequence[Example], targets: dict[str, int]) -> sp.csr_array:
    slots = np.array([targets.get(target_key(example.target or ""), -1) for example in examples])
    rows, ones = sp.csr_array(vectors), sp.csr_array(np.ones((len(examples), 1)))
    blocks = [rows, place_in_slots(rows, slots, len(targets)), place_in_slots(ones, slots, len(targets))]
    joined = sp.csr_array(sp.hstack(blocks, format="csr"))
    joined.indices, joined.indptr = joined.indices.astype(np.int32), joined.indptr.astype(np.int32)  # for liblinear
    return joined


def _two_columns(scores: Array) -> Array:
    """Return (N, L) where scikit-learn gives only the second of two classes."""
    return np.stack([np.zeros_like(scores), scores], axis=1) if scores.ndim == 1 else scores


def _to_probabilities(logits: Array, examples: ExampleSet) -> Array:
    gold = gold_matrix(examples)
    if examples.task == "topic":
        scaled = logits / calibration.fit_sigmoid_temperature(logits, gold.astype(np.float64))
        return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -50, 50))))
    scaled = logits / calibration.fit_temperature(logits, gold.argmax(axis=1))
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))
