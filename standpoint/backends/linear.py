"""The linear baseline: TF-IDF features and logistic regressions, in plain Python and numpy.

For stances every text feature stands twice: once shared by all targets and once in a block of its own target, so that
a known target has weights of its own and an unknown one falls back on the shared ones (feature augmentation, Daumé
2007). Words of the target and its overlap with the text follow, which is what tells an unrelated passage.
Characters have no block of a target's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from standpoint.backends.linear_model import TERMS, LinearModel, Pairs, load_linear
from standpoint.backends.ngrams import Vector
from standpoint.encoding import ModelInput, target_key
from standpoint.errors import CorruptArtifact
from standpoint.metadata import Metadata

# Targets, and lists of at most so many targets, whose vectors are kept: some kilobytes for each target.
WORDINGS, PANELS, PANEL_TARGETS = 512, 16, 64

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Wording:
    """What a target brings to every passage: its vectors, its row among the known ones (-1: none), what it decides."""

    words: Vector
    characters: Vector
    slot: int
    decisions: Array  # (D,)


@dataclass(frozen=True)
class _Panel:
    """The wordings of all targets that a passage is asked about, the n-grams of one after those of another."""

    words: Vector
    characters: Vector
    word_owners: NDArray[np.intp]  # whose each n-gram is
    character_owners: NDArray[np.intp]
    slots: NDArray[np.intp]  # (targets,)
    decisions: Array  # (targets, D)


class LinearBackend:
    """The linear model of an artifact. Safe to share between threads; an answer does not depend on its batch."""

    def __init__(self, folder: Path, metadata: Metadata) -> None:
        self.model = load_linear(folder)
        _check_fit(folder, self.model, metadata)
        slots = {target_key(target): row for row, target in enumerate(metadata.targets)}
        # No reference to self among them: a model that is replaced leaves at once.
        self._read_wording = lru_cache(WORDINGS)(partial(_read_wording, self.model, slots))
        self._read_panel = lru_cache(PANELS)(partial(_read_panel, self._read_wording))

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[Array, NDArray[np.bool_]]:
        """Return logits (N, L) and truncated (N,), never true: a bag of words has no length limit."""
        return self.join(self.decisions(inputs)), np.zeros(len(inputs), dtype=bool)

    def relation(self, inputs: Sequence[ModelInput]) -> Array | None:
        """Return the log odds (N,) that each passage refers to its target; None where no decision says so."""
        return self.decisions(inputs)[:, -1] if self.model.relation else None

    def decisions(self, inputs: Sequence[ModelInput]) -> Array:
        """Return all that is linear in the features, (N, D): the classifier's decisions, the relation's last if any."""
        found = np.empty((len(inputs), len(self.model.intercepts)))
        rows: dict[str, list[int]] = {}
        for row, item in enumerate(inputs):  # a passage is paired with many targets: each text is read once
            rows.setdefault(item.text, []).append(row)
        for text, places in rows.items():
            found[places] = self._decide(text, tuple(inputs[row].target or "" for row in places))
        return found

    def join(self, decisions: Array) -> Array:
        """Return logits (N, L) of the decisions (N, D)."""
        return join_decisions(decisions[:, :-1], decisions[:, -1]) if self.model.relation else decisions

    def passage_parts(self, item: ModelInput) -> list[tuple[Vector, Array]]:
        """Return the vectors of a passage, of its words and of its characters, and what each n-gram decides, (n, D)."""
        words, characters = self.model.words.vectorise(item.text), self.model.characters.vectorise(item.text)
        weights = self.model.word_weights[words.columns].astype(np.float64)
        pairs = self.model.pairs
        slot = self._read_wording(item.target or "").slot if pairs else -1
        if pairs and slot >= 0:
            entries, places = pairs.find_entries(words, np.array([slot]))
            weights[places] += pairs.weights[entries]
        return [
            (words, words.values[:, np.newaxis] * weights),
            (characters, characters.values[:, np.newaxis] * self.model.character_weights[characters.columns]),
        ]

    def _decide(self, text: str, targets: tuple[str, ...]) -> Array:
        """Return the decisions on one text, (targets, D), or (D,) where no target is read."""
        model = self.model
        words, characters = model.words.vectorise(text), model.characters.vectorise(text)
        shared = model.intercepts + _weigh(words, model.word_weights) + _weigh(characters, model.character_weights)
        if model.pairs is None:
            return shared
        read = self._read_panel if len(targets) <= PANEL_TARGETS else self._read_panel.__wrapped__
        panel = read(targets)
        in_words = _multiply(words, panel.words, panel.word_owners, len(targets), len(model.words))
        in_characters = _multiply(
            characters, panel.characters, panel.character_owners, len(targets), len(model.characters)
        )
        overlap = np.stack([in_words, in_characters, in_words > 0], axis=1) @ model.pairs.overlap
        return np.asarray(shared + panel.decisions + overlap + _weigh_own(words, model.pairs, panel.slots))


def join_decisions(stances: Array, relation: Array) -> Array:
    """Return logits (N, L + 1) of stances (N, L) and relation (N,), the log odds that the passage means the target.

    Their softmax is P(related) times the stance's share, and P(unrelated) last.
    """
    top = stances.max(axis=1, keepdims=True)
    shares = stances - top - np.log(np.exp(stances - top).sum(axis=1, keepdims=True))
    return np.concatenate([shares, -relation[:, None]], axis=1)


def _check_fit(folder: Path, model: LinearModel, metadata: Metadata) -> None:
    """Raise CorruptArtifact where the model's sizes are not those of metadata.json."""
    # The text-only floor is a baseline too: it must not see what it is asked about.
    reads_target = metadata.task == "stance" and metadata.settings.get("features") != "text"
    labels = len(model.intercepts)  # the decision on relation gives the label `unrelated`
    targets = None if model.pairs is None else len(model.pairs.intercepts)
    expected = len(metadata.targets) if reads_target else None
    if labels != len(metadata.labels):
        fault = f"decides on {labels} labels, expected the {len(metadata.labels)} of metadata.json"
    elif targets != expected:
        known = "no target is read" if expected is None else f"{expected} targets"
        fault = f"has the weights of {'no' if targets is None else targets} targets, by metadata.json {known}"
    else:
        return
    raise CorruptArtifact(f"{folder / TERMS}: the model {fault}; copy the artifact again, or train the model again")


def _read_wording(model: LinearModel, slots: dict[str, int], target: str) -> _Wording:
    if model.pairs is None:
        raise ValueError("a model that reads no target was asked for the weights of one")
    words, slot = model.words.vectorise(target), slots.get(target_key(target), -1)
    decisions = _weigh(words, model.pairs.wording)
    if slot >= 0:
        decisions = decisions + model.pairs.intercepts[slot]
    return _Wording(words, model.characters.vectorise(target), slot, decisions)


def _read_panel(read: Callable[[str], _Wording], targets: tuple[str, ...]) -> _Panel:
    wordings = [read(target) for target in targets]
    words, word_owners = _chain([wording.words for wording in wordings])
    characters, character_owners = _chain([wording.characters for wording in wordings])
    return _Panel(
        words,
        characters,
        word_owners,
        character_owners,
        slots=np.array([wording.slot for wording in wordings], dtype=np.intp),
        decisions=np.stack([wording.decisions for wording in wordings]),
    )


def _chain(vectors: Sequence[Vector]) -> tuple[Vector, NDArray[np.intp]]:
    """Return one vector after the other, and the number of the one that each n-gram is from."""
    owners = np.repeat(np.arange(len(vectors)), [len(vector.columns) for vector in vectors])
    columns = np.concatenate([vector.columns for vector in vectors])
    return Vector(columns, np.concatenate([vector.values for vector in vectors])), owners


def _weigh(vector: Vector, weights: NDArray[np.float32]) -> Array:
    """Return the sum (D,) of the weights (V, D) of a vector's n-grams."""
    return np.asarray(vector.values @ weights[vector.columns].astype(np.float64))


def _weigh_own(words: Vector, pairs: Pairs, slots: NDArray[np.int64]) -> Array:
    """Return what the passage's words decide in the blocks of these targets, (targets, D); zeros at -1."""
    count = len(pairs.intercepts)
    entries, places = pairs.find_entries(words, slots[slots >= 0])
    targets, values = pairs.targets[entries], words.values[places]
    sums = [np.bincount(targets, values * column, count + 1) for column in pairs.weights[entries].T]
    return np.stack(sums, axis=1, dtype=np.float64)[slots]  # at -1 stands the last one, which no target has


def _multiply(passage: Vector, wordings: Vector, owners: NDArray[np.intp], count: int, width: int) -> Array:
    """Return the product (count,) of the passage's vector and each wording's."""
    spread = np.zeros(width)
    spread[passage.columns] = passage.values
    return np.bincount(owners, spread[wordings.columns] * wordings.values, count).astype(np.float64, copy=False)
