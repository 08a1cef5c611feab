"""From an artifact to labels: load, verify, predict."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from standpoint import artifact
from standpoint.backends import REFERENCE, Backend, load_backend
from standpoint.codebook import MAX_TOPICS, OTHER, UNRELATED
from standpoint.encoding import ModelInput, compose
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.golden import replay_golden
from standpoint.metadata import Abstention, Metadata

logger = logging.getLogger(__name__)

UNNAMED = "unrelated_unnamed"  # key of a threshold, see decide_stance


@dataclass(frozen=True)
class TopicAnswer:
    """All topics of one passage, by falling probability, and those that were decided for."""

    probabilities: dict[str, float]
    decided: tuple[str, ...]
    truncated: bool


@dataclass(frozen=True)
class StanceAnswer:
    """The stance of one passage toward one target; `stance` is None where `abstain` gives a reason.

    `probabilities` are empty where a look at the words was enough to say that an unnamed target is `unrelated`.
    """

    target: str
    stance: str | None
    probabilities: dict[str, float]
    abstain: str | None
    truncated: bool


class Predictor:
    """A loaded artifact. Safe to share between threads; the answer to a text does not depend on its batch."""

    def __init__(self, metadata: Metadata, backend: Backend, digest: str = "", variant: str = REFERENCE) -> None:
        self.metadata = metadata
        self.digest = digest
        self.variant = variant
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
        if not named:
            kept = self.screen(inputs)
            found = iter(self._judge([item for item, keep in zip(inputs, kept, strict=True) if keep], named))
            return [
                next(found) if keep else StanceAnswer(item.target or "", UNRELATED, {}, None, truncated=False)
                for item, keep in zip(inputs, kept, strict=True)
            ]
        return self._judge(inputs, named)

    def screen(self, inputs: Sequence[ModelInput]) -> NDArray[np.bool_]:
        """Return (N,): which pairs of a passage and a target that nobody named are worth the transformer's time.

        Most passages refer to one or two targets of a codebook. All are, where the artifact has no screen.
        """
        screen = self.metadata.screen
        if screen is None:
            return np.ones(len(inputs), dtype=bool)
        from standpoint.backends.stacked import StackedBackend

        odds = self._backend.linear_relation(inputs) if isinstance(self._backend, StackedBackend) else None
        if odds is None:
            return np.ones(len(inputs), dtype=bool)
        kept = np.zeros(len(inputs), dtype=bool)
        ranks: dict[str, dict[str | None, int]] = {}  # by target: a passage that is there twice has the same twice
        for row in np.argsort(-odds, kind="stable"):
            own = ranks.setdefault(inputs[row].text, {})
            rank = own.setdefault(inputs[row].target, len(own))
            kept[row] = odds[row] >= screen.odds and rank < screen.most
        return kept

    def _judge(self, inputs: Sequence[ModelInput], named: bool) -> list[StanceAnswer]:
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


def load_predictor(folder: str | Path, threads: int | None = None, variant: str | None = None) -> Predictor:
    """Load an artifact: check its manifest, build its engine, replay its golden inputs.

    `threads` limits the threads of one prediction (None: all cores). `variant` names the one to take; None takes the
    fastest that validation admitted and that gives the same answers on this machine, whose processor may lack the
    arithmetic of the one that trained. Raises CorruptArtifact, which says what differs, and BadInput on a variant that
    the artifact does not have.
    """
    folder = Path(folder)
    digest = artifact.check_manifest(folder)
    metadata = artifact.read_metadata(folder)
    known = [*admitted_variants(metadata), REFERENCE]
    if variant not in (None, *known):
        raise BadInput(f"{folder} has no variant {variant!r}, only {', '.join(known)}")
    *faster, last = known if variant is None else [variant]
    for name in faster:
        try:
            return _load_variant(folder, metadata, digest, threads, name)
        except CorruptArtifact as error:
            logger.warning("%s: the variant %s is left aside on this machine: %s", folder, name, error)
    return _load_variant(folder, metadata, digest, threads, last)


def _load_variant(folder: Path, metadata: Metadata, digest: str, threads: int | None, name: str) -> Predictor:
    predictor = Predictor(metadata, load_backend(folder, metadata, threads, name), digest, name)
    replay_golden(folder, predictor)
    return predictor


def admitted_variants(metadata: Metadata) -> list[str]:
    """Return the faster copies that an artifact holds, the fastest first."""
    return [name for name, variant in metadata.variants.items() if variant.refused is None]
