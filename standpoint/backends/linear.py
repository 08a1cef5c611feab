"""The linear baseline: TF-IDF features and a logistic regression, kept in one skops file.

For stances every text feature stands twice: once shared by all targets and once in a block of its own target, so that
a known target has weights of its own and an unknown one falls back on the shared ones (feature augmentation, Daumé
2007). Words of the target and its overlap with the text follow, which is what tells an unrelated passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import skops.io
from numpy.typing import NDArray

from standpoint.artifact import Metadata, describe_upgrade
from standpoint.encoding import ModelInput, target_key
from standpoint.errors import CorruptArtifact

MODEL = "linear.skops"
ROWS = 4096  # pairs whose features are held at once: some hundred megabytes

# What a baseline consists of, beyond builtins and arrays. A file that holds anything else is not loaded.
# `relation` decides whether a passage refers to the target at all; None where no label says that it does not.
PARTS = {"words": "TfidfVectorizer", "chars": "TfidfVectorizer", "classifier": None, "relation": None}
FIRST_PARTS = set(PARTS) - {"relation"}  # before a decision of its own, `unrelated` was one label among the others


class LinearBackend:
    """Vectorizers and classifier of a baseline artifact."""

    def __init__(self, folder: Path, metadata: Metadata) -> None:
        self.parts = load_parts(folder / MODEL)
        self._targets = {target_key(target): row for row, target in enumerate(metadata.targets)}
        # The text-only floor is a baseline too: it must not see what it is asked about.
        self._reads_target = metadata.task == "stance" and metadata.settings.get("features") != "text"

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return logits (N, L) and truncated (N,), never true: a bag of words has no length limit."""
        if not inputs:
            labels = len(self.parts["classifier"].classes_) + (self.parts["relation"] is not None)
            return np.empty((0, labels)), np.empty(0, dtype=bool)
        parts = [inputs[start : start + ROWS] for start in range(0, len(inputs), ROWS)]
        logits = [self.join(self.decisions(self.features(part))) for part in parts]
        return np.concatenate(logits), np.zeros(len(inputs), dtype=bool)

    def features(self, inputs: Sequence[ModelInput]) -> sp.csr_array:
        """Return features (N, F)."""
        if self._reads_target:
            return stance_features(self.parts, inputs, self._targets)
        return text_features(self.parts, [item.text for item in inputs])

    def decisions(self, features: sp.csr_array) -> NDArray[np.float64]:
        """Return all that is linear in the features (N, F): the classifier's decisions, the relation's last if any."""
        scores = self.parts["classifier"].decision_function(features)
        if scores.ndim == 1:  # two classes: scikit-learn gives the second one's log odds only
            scores = np.stack([np.zeros_like(scores), scores], axis=1)
        if self.parts["relation"] is not None:
            scores = np.column_stack([scores, self.parts["relation"].decision_function(features)])
        return np.asarray(scores, dtype=np.float64)

    def join(self, decisions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return logits (N, L) of the decisions (N, D)."""
        return decisions if self.parts["relation"] is None else join_decisions(decisions[:, :-1], decisions[:, -1])

    def passage_terms(self, columns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which n-gram of the passage each column of the features counts, -1: none.

        N-grams are numbered as the vocabularies do it, those of words before those of characters. The target's own
        words and its overlap with the passage count none.
        """
        words = len(self.parts["words"].vocabulary_)
        shared = words + len(self.parts["chars"].vocabulary_)
        in_slot = columns < shared + words * len(self._targets)
        return np.where(columns < shared, columns, np.where(in_slot, (columns - shared) % words, -1))


def join_decisions(stances: NDArray[np.float64], relation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logits (N, L + 1) of stances (N, L) and relation (N,), the log odds that the passage means the target.

    Their softmax is P(related) times the stance's share, and P(unrelated) last.
    """
    top = stances.max(axis=1, keepdims=True)
    shares = stances - top - np.log(np.exp(stances - top).sum(axis=1, keepdims=True))
    return np.concatenate([shares, -relation[:, None]], axis=1)


def load_parts(path: Path) -> dict[str, Any]:
    """Read, audit, then build a skops file. Raises CorruptArtifact on any type outside scikit-learn's own."""
    parts = read_parts(path)
    if set(parts) == FIRST_PARTS:
        raise CorruptArtifact(f"{path} is a baseline of the first shape; {describe_upgrade(path.parent)}")
    if set(parts) != set(PARTS):
        raise CorruptArtifact(f"{path}: expected the parts {', '.join(PARTS)}; train the model again")
    for name, kind in PARTS.items():
        if kind and type(parts[name]).__name__ != kind:
            raise CorruptArtifact(f"{path}: {name} is a {type(parts[name]).__name__}, expected a {kind}")
    return parts


def read_parts(path: Path) -> dict[str, Any]:
    """Read, audit and build a skops file, whatever parts it has; none where it holds something else."""
    try:
        foreign = skops.io.get_untrusted_types(file=path)
        if foreign:
            raise CorruptArtifact(f"{path} holds types that a baseline does not consist of: {', '.join(foreign)}")
        parts = skops.io.load(path, trusted=[])
    except CorruptArtifact:
        raise
    except Exception as error:  # noqa: BLE001  (skops raises anything at all on a broken file)
        raise CorruptArtifact(f"{path} cannot be read ({type(error).__name__}); train the model again") from None
    return parts if isinstance(parts, dict) else {}


def text_features(parts: dict[str, Any], texts: Sequence[str]) -> sp.csr_array:
    """Return TF-IDF of words and characters, (N, words + characters)."""
    return _join([parts["words"].transform(texts), parts["chars"].transform(texts)])


def stance_features(parts: dict[str, Any], inputs: Sequence[ModelInput], targets: dict[str, int]) -> sp.csr_array:
    """Return (N, F) features of (target, text) pairs; `targets` numbers the known targets by key."""
    texts = [item.text for item in inputs]
    wordings = [item.target or "" for item in inputs]
    # A passage is paired with many targets: transform each text and each wording once.
    text_rows, text_index = np.unique(np.array(texts, dtype=object), return_inverse=True)
    target_rows, target_index = np.unique(np.array(wordings, dtype=object), return_inverse=True)
    words = sp.csr_array(parts["words"].transform(text_rows))[text_index]
    chars = sp.csr_array(parts["chars"].transform(text_rows))[text_index]
    target_words = sp.csr_array(parts["words"].transform(target_rows))[target_index]
    target_chars = sp.csr_array(parts["chars"].transform(target_rows))[target_index]
    slots = np.array([targets.get(target_key(wording), -1) for wording in wordings])
    overlap = np.stack(
        [
            words.multiply(target_words).sum(axis=1),
            chars.multiply(target_chars).sum(axis=1),
            (words.multiply(target_words) > 0).sum(axis=1) > 0,
        ],
        axis=1,
    ).astype(np.float64)
    blocks = [
        words,
        chars,
        place_in_slots(words, slots, len(targets)),
        place_in_slots(sp.csr_array(np.ones((len(inputs), 1))), slots, len(targets)),
        target_words,
        sp.csr_array(overlap),
    ]
    return _join(blocks)


def _join(blocks: Sequence[Any]) -> sp.csr_array:
    """Stack blocks side by side; liblinear takes 32-bit indices only, and no dataset of ours needs more."""
    joined = sp.csr_array(sp.hstack(blocks, format="csr"))
    joined.indices, joined.indptr = joined.indices.astype(np.int32), joined.indptr.astype(np.int32)
    return joined


def place_in_slots(rows: sp.csr_array, slots: NDArray[np.int64], count: int) -> sp.csr_array:
    """Move row i of (N, V) into block slots[i] of (N, V * count); a row whose slot is -1 becomes empty."""
    width = rows.shape[1]
    lengths = np.diff(rows.indptr)
    kept = np.repeat(slots >= 0, lengths)
    indices = (rows.indices.astype(np.int64) + np.repeat(slots, lengths) * width)[kept]
    indptr = np.concatenate([[0], np.cumsum(np.where(slots >= 0, lengths, 0))])
    return sp.csr_array((rows.data[kept], indices, indptr), shape=(rows.shape[0], width * count))
