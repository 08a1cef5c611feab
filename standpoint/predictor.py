"""From an artifact to labels: load, verify, predict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standpoint import artifact
from standpoint.artifact import Abstention, Metadata
from standpoint.backends import Backend, load_backend
from standpoint.codebook import MAX_TOPICS, OTHER, UNRELATED
from standpoint.encoding import ModelInput, compose
from standpoint.errors import CorruptArtifact

UNNAMED = "unrelated_unnamed"  # key of a threshold, see decide_stance
GOLDEN_TOLERANCE = 1e-3  # of a probability: another CPU or library version than that of training
BATCH_TOLERANCE = 1e-4  # of a probability: the same text alone and among others
ALONE_EVERY = 8  # every eighth golden input is asked alone too: all of them would double the time to load


@dataclass(frozen=True)
class TopicAnswer:
    """All topics of one passage, by falling probability, and those that were decided for."""

    probabilities: dict[str, float]
    decided: tuple[str, ...]
    truncated: bool


@dataclass(frozen=True)
class StanceAnswer:
    """The stance of one passage toward one target; `stance` is None where `abstain` gives a reason."""

    target: str
    stance: str | None
    probabilities: dict[str, float]
    abstain: str | None
    truncated: bool


class Predictor:
    """A loaded artifact. Safe to share between threads; the answer to a text does not depend on its batch."""

    def __init__(self, metadata: Metadata, backend: Backend, digest: str = "") -> None:
        self.metadata = metadata
        self.digest = digest
        self._backend = backend

    @property
    def backend(self) -> Backend:
        """The engine, for what only one kind of engine can say."""
        return self._backend

    def logits(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return raw logits (N, L), before temperature, and truncated (N,)."""
        return self._backend.logits(inputs)

    def probabilities(self, inputs: Sequence[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return calibrated probabilities (N, L) in label order and truncated (N,).

        Stances sum to one over the labels; topics are independent of each other.
        """
        logits, truncated = self.logits(inputs)
        return to_probabilities(logits, self.metadata), truncated

    def topics(self, passages: Sequence[str]) -> list[TopicAnswer]:
        """Return the topics of each passage."""
        probabilities, truncated = self.probabilities([compose(text) for text in passages])
        labels = self.metadata.labels
        answers = []
        for row, cut in zip(probabilities, truncated, strict=True):
            order = np.argsort(-row, kind="stable")
            ranked = {labels[i]: float(row[i]) for i in order}
            answers.append(TopicAnswer(ranked, decide_topics(ranked, self.metadata.thresholds), bool(cut)))
        return answers

    def stances(
        self, passages: Sequence[str], targets: Sequence[Sequence[str]], named: bool = True
    ) -> list[list[StanceAnswer]]:
        """Return for each passage the stance toward each of its own targets, in the order given.

        `named` says that somebody asked for these targets; see `decide_stance`.
        """
        pairs = [(text, target) for text, wanted in zip(passages, targets, strict=True) for target in wanted]
        answers = iter(self.stances_of([compose(text, target) for text, target in pairs], named))
        return [[next(answers) for _ in wanted] for wanted in targets]

    def stances_of(self, inputs: Sequence[ModelInput], named: bool = True) -> list[StanceAnswer]:
        """Return the stance of each composed (target, passage) pair."""
        probabilities, truncated = self.probabilities(inputs)
        labels = self.metadata.labels
        answers = []
        for item, row, cut in zip(inputs, probabilities, truncated, strict=True):
            ranked = {label: float(p) for label, p in zip(labels, row, strict=True)}
            stance = decide_stance(ranked, self.metadata.thresholds, named)
            unsure = withholds_stance(ranked, stance, self.metadata.abstain)
            answers.append(
                StanceAnswer(
                    target=item.target or "",
                    stance=None if unsure else stance,
                    probabilities=ranked,
                    abstain="low_confidence" if unsure else None,
                    truncated=bool(cut),
                )
            )
        return answers

    @property
    def finds_targets(self) -> bool:
        """Whether the model can say that a passage does not refer to a target."""
        return UNRELATED in self.metadata.labels


def to_probabilities(logits: NDArray[np.float64], metadata: Metadata) -> NDArray[np.float64]:
    """Return softmax (stance) or sigmoid (topic) of logits (N, L) over the temperature."""
    scaled = logits / metadata.temperature
    if metadata.task == "topic":
        return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -50, 50))))
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def to_log_odds(logits: NDArray[np.float64], metadata: Metadata, label: str) -> NDArray[np.float64]:
    """Return the log odds (N,) of a label's calibrated probability from logits (N, L), also where that rounds to 1."""
    scaled, column = logits / metadata.temperature, metadata.labels.index(label)
    if metadata.task == "topic":
        return np.asarray(scaled[:, column])
    return np.asarray(scaled[:, column] - np.logaddexp.reduce(np.delete(scaled, column, axis=1), axis=1))


def decide_stance(probabilities: dict[str, float], thresholds: dict[str, float], named: bool = True) -> str:
    """Return the stance decided for: the most probable label, `unrelated` set apart.

    `unrelated` is answered where its probability reaches a threshold: `unrelated` for a target that somebody named,
    which is rarely beside the point, and the lower `unrelated_unnamed` for one that is merely tried. Both are chosen
    on validation; without one, `unrelated` competes like any other label.
    """
    best = max(probabilities, key=lambda label: probabilities[label])
    threshold = thresholds.get(UNRELATED if named else UNNAMED)
    if threshold is None or UNRELATED not in probabilities:
        return best
    if probabilities[UNRELATED] >= threshold:
        return UNRELATED
    return max((label for label in probabilities if label != UNRELATED), key=lambda label: probabilities[label])


def stance_confidence(probabilities: dict[str, float], stance: str) -> float:
    """Return how sure favor, against or none is: its probability if the passage refers to the target.

    That is its share of what `unrelated` leaves. Of `unrelated`, the probability itself.
    """
    if stance == UNRELATED:
        return probabilities[UNRELATED]
    related = sum(p for label, p in probabilities.items() if label != UNRELATED)
    return probabilities[stance] / related if related > 0 else 0.0


def withholds_stance(probabilities: dict[str, float], stance: str, abstain: Abstention) -> bool:
    """Whether the stance decided for is withheld. `unrelated` never is: it takes no side."""
    return stance != UNRELATED and abstain.withholds(stance_confidence(probabilities, stance))


def decide_topics(probabilities: dict[str, float], thresholds: dict[str, float]) -> tuple[str, ...]:
    """Return the topics decided for, by falling probability.

    Every topic that passes its threshold, at most three; where none does, the most probable; `other` only alone.
    """
    ranked = sorted(probabilities, key=lambda topic: -probabilities[topic])
    passing = [topic for topic in ranked if probabilities[topic] >= thresholds.get(topic, 0.5)] or ranked[:1]
    if passing[0] == OTHER:
        return (OTHER,)
    return tuple(topic for topic in passing if topic != OTHER)[:MAX_TOPICS]


def load_predictor(folder: str | Path, threads: int | None = None) -> Predictor:
    """Load an artifact: check its manifest, build its engine, replay its golden inputs.

    `threads` limits the threads of one prediction (None: all cores). Raises CorruptArtifact, which says what differs.
    """
    folder = Path(folder)
    digest = artifact.check_manifest(folder)
    metadata = artifact.read_metadata(folder)
    predictor = Predictor(metadata, load_backend(folder, metadata, threads), digest)
    replay_golden(folder, predictor)
    return predictor


def write_golden(folder: Path, predictor: Predictor, inputs: Sequence[dict[str, Any]]) -> None:
    """Write golden.jsonl: raw inputs (`text`, `target`?), what they were composed to, and their probabilities."""
    composed = [compose(item["text"], item.get("target")) for item in inputs]
    probabilities, _ = predictor.probabilities(composed)
    with (folder / artifact.GOLDEN).open("w", encoding="utf-8") as file:
        for raw, item, row in zip(inputs, composed, probabilities, strict=True):
            record = {**raw, "composed": [item.target, item.text], "probabilities": [round(float(p), 6) for p in row]}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def replay_golden(folder: Path, predictor: Predictor) -> None:
    """Predict the golden inputs again, together and some alone. Raises CorruptArtifact where an answer differs.

    Labels may change places where they were equally probable, within the tolerance of a batch.
    """
    path = folder / artifact.GOLDEN
    composed, expected = _read_golden(path, len(predictor.metadata.labels))
    found, _ = predictor.probabilities(composed)
    if found.shape != expected.shape:
        raise CorruptArtifact(f"{path}: the model gives {found.shape[1]} probabilities, expected {expected.shape[1]}")
    worst = np.abs(found - expected).max(axis=1)
    chosen = np.take_along_axis(expected, found.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    metadata = predictor.metadata
    _compare(path, metadata, worst, GOLDEN_TOLERANCE, "predicted probabilities differ by {:.4f} from those of training")
    below = expected.max(axis=1) - chosen
    _compare(path, metadata, below, BATCH_TOLERANCE, "another label is most probable, {:.4f} below")
    alone = np.concatenate([predictor.probabilities([item])[0] for item in composed[::ALONE_EVERY]])
    drift = np.zeros(len(composed))
    drift[::ALONE_EVERY] = np.abs(alone - found[::ALONE_EVERY]).max(axis=1)
    _compare(
        path, metadata, drift, BATCH_TOLERANCE, "the same text alone gives probabilities {:.4f} from those in a batch"
    )


def _read_golden(path: Path, labels: int) -> tuple[list[ModelInput], NDArray[np.float64]]:
    """Return the inputs, composed as this version does it, and their expected probabilities (N, labels)."""
    try:
        # Not splitlines(): the texts hold line separators of their own.
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").strip("\n").split("\n")]
        expected = np.array([record["probabilities"] for record in records], dtype=np.float64)
        composed = [compose(record["text"], record.get("target")) for record in records]
        kept = [ModelInput(record["composed"][1], record["composed"][0]) for record in records]
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise CorruptArtifact(
            f"{path} cannot be read ({type(error).__name__}: {error}); train the model again"
        ) from None
    if expected.shape != (len(records), labels):
        raise CorruptArtifact(f"{path}: expected {labels} probabilities in every line; train the model again")
    for line, (now, then) in enumerate(zip(composed, kept, strict=True), start=1):
        if now != then:
            raise CorruptArtifact(f"{path}:{line}: this version composes the text differently; train the model again")
    return composed, expected


def _compare(path: Path, metadata: Metadata, differences: NDArray[np.float64], allowed: float, fault: str) -> None:
    """Raise CorruptArtifact at the line of the largest difference (N,) where it is above `allowed`, or no number."""
    line = int(np.argmax(differences))
    if not differences[line] <= allowed:
        raise CorruptArtifact(
            f"{path}:{line + 1}: {fault.format(differences[line])} (allowed {allowed}); "
            f"model, tokenizer or library version changed; {artifact.describe_training(metadata.model_dump())}"
        )
