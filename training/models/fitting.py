"""What is fitted on validation after the weights: temperature, thresholds, abstention; and the score of an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standpoint.backends.stacked import relation_odds, stack_logits
from standpoint.codebook import UNRELATED
from standpoint.metadata import Abstention, Metadata, Screen, Stack
from standpoint.predictor import UNNAMED, decide_stance, stance_confidence, to_probabilities
from training.examples import Example, ExampleSet, make_example_set
from training.models import calibration
from training.models.abstention import CERTAINTY, NOTHING, fewest_answers, fit_abstention
from training.models.pairs import sample_unrelated
from training.models.stacking import fit_stance_stack, fit_topic_stack
from training.scoring import TWO_LABELS, Predictions, Withheld, choice_metric, score_predictions
from training.stratification import draw

SAMPLED = 4  # unrelated targets a validation passage: enough to place a threshold
FOLDS = 20  # of validation, by group: each fit has 95% of it, so that it is nearly the one that is kept

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fitting:
    """Validation examples, and sampled unrelated pairs after them where the model has that label.

    Logits are (N, L), or (N, 2L) where a linear model stands beside the transformer: its own come second.
    """

    draft: Metadata
    validation: ExampleSet
    sampled: tuple[Example, ...]
    unmentioned: float  # pairs of a validation passage and a target that is not in it
    abstain_error: float

    @property
    def examples(self) -> list[Example]:
        """All pairs whose logits `fit`, `cross_fit` and `score` expect, in order."""
        return [*self.validation.examples, *self.sampled]

    def fit(self, logits: Array) -> dict[str, Any]:
        """Return the metadata fields fitted on logits of `examples`."""
        stack = self._fit_stack(logits) if logits.shape[1] > len(self.draft.labels) else None
        joined = self._join(logits, stack)
        if self.draft.task == "topic":
            return {"stack": stack, **self._fit_topics(joined)}
        fitted = self._fit_stances(joined)
        return {"stack": stack, **fitted, "screen": self._fit_screen(logits, joined, fitted) if stack else None}

    def score(self, logits: Array, fitted: dict[str, Any]) -> float:
        """Return the number that chooses an epoch, from logits of `examples` and what was fitted."""
        predictions = self._predict(logits, fitted)
        scores = score_predictions(predictions, self.validation)
        return scores[choice_metric(self.draft.task, self.draft.labels)].value

    def cross_fit(self, logits: Array) -> Predictions | None:
        """Return predictions on validation, each with what was fitted on the other groups; None of a single group.

        What `fit` returns was fitted on the very answers that validation judges it by; this is what it is worth on
        others. Weights and epoch are the same for all folds.
        """
        labels = tuple(self.draft.labels)
        ids = tuple(e.id for e in self.validation.examples)
        probabilities = np.zeros((len(ids), len(labels)))
        decided: list[tuple[str, ...]] = [()] * len(ids)
        withheld: Withheld | None = None
        for held in _deal_folds([e.group for e in self.examples], self.draft.seed or 0):
            if held.all():
                return None
            rest, fold = self._keep(~held), self._keep(held)
            found = fold._predict(logits[held], rest.fit(logits[~held]))
            places = np.flatnonzero(held[: len(ids)])
            probabilities[places] = found.probabilities
            for place, answer in zip(places, found.decided, strict=True):
                decided[place] = answer
            if found.withheld:
                withheld = withheld or Withheld(np.zeros(len(ids), dtype=bool), found.withheld.error)
                withheld.rows[places] = found.withheld.rows
        return Predictions(ids, labels, probabilities, tuple(decided), withheld)

    def _keep(self, rows: NDArray[np.bool_]) -> Fitting:
        """Return a fitting on some of the examples; `rows` (N,) says which."""
        count = len(self.validation.examples)
        kept = [e for e, keep in zip(self.validation.examples, rows[:count], strict=True) if keep]
        sampled = tuple(e for e, keep in zip(self.sampled, rows[count:], strict=True) if keep)
        unmentioned = self.unmentioned * len(sampled) / max(len(self.sampled), 1)
        validation = make_example_set(self.validation.task, kept, like=self.validation)
        return replace(self, validation=validation, sampled=sampled, unmentioned=unmentioned)

    def _predict(self, logits: Array, fitted: dict[str, Any]) -> Predictions:
        """Return predictions on the validation examples with what was fitted, on them or on others."""
        metadata = self.draft.model_copy(update=fitted)
        joined = self._join(logits[: len(self.validation.examples)], metadata.stack)
        probabilities = to_probabilities(joined, metadata)
        return Predictions.from_probabilities(probabilities, metadata, self.validation)

    def _join(self, logits: Array, stack: Stack | None) -> Array:
        """Return logits (N, L); a transformer's alone, as while it trains, are these already."""
        if stack is None or logits.shape[1] == len(self.draft.labels):
            return logits
        return stack_logits(logits, stack, self.draft.labels)

    def _fit_stack(self, logits: Array) -> Stack:
        count = len(self.validation.examples)
        if self.draft.task == "topic":
            stack = fit_topic_stack(logits, self._gold_topics())
        else:
            sides = len(self.draft.labels) - (UNRELATED in self.draft.labels)
            stack = fit_stance_stack(logits[:count], self._gold_stances(), logits[count:], sides)
        return stack.model_copy(update={"targets": self.draft.targets})

    def _gold_stances(self) -> NDArray[np.int64]:
        return np.array([self.draft.labels.index(str(e.stance)) for e in self.validation.examples])

    def _gold_topics(self) -> Array:
        return np.array([[float(label in e.topics) for label in self.draft.labels] for e in self.validation.examples])

    def _fit_stances(self, logits: Array) -> dict[str, Any]:
        count, labels, gold = len(self.validation.examples), self.draft.labels, self._gold_stances()
        # An annotated pair is never `unrelated`: what the temperature sets right is how sure the model is between the
        # labels that are left. With that label, which comes last, the log loss would pay for its mere presence.
        sides = len(labels) - (UNRELATED in labels)
        temperature = calibration.fit_temperature(logits[:count, :sides], gold)
        probabilities = to_probabilities(logits, self.draft.model_copy(update={"temperature": temperature}))
        annotated, sampled = probabilities[:count], probabilities[count:]
        thresholds: dict[str, float] = {}
        if len(sampled):
            named, tried = calibration.fit_unrelated(annotated, gold, sampled, self.unmentioned)
            thresholds = {UNRELATED: named, UNNAMED: min(named, tried)}
        abstain = self._fit_abstention(annotated, thresholds)
        return {"temperature": temperature, "thresholds": thresholds, "abstain": abstain}

    def _fit_screen(self, logits: Array, joined: Array, fitted: dict[str, Any]) -> Screen | None:
        """Return under which odds of the linear model a target that nobody named need not be looked at closely."""
        count, labels = len(self.validation.examples), self.draft.labels
        if not self.sampled:
            return None
        probabilities = to_probabilities(joined, self.draft.model_copy(update=fitted))
        said = [
            decide_stance(dict(zip(labels, map(float, row), strict=True)), fitted["thresholds"], named=False)
            for row in probabilities
        ]
        sides, odds = np.array([stance in TWO_LABELS for stance in said]), relation_odds(logits)[:, 1]
        gold = [str(e.stance) for e in self.validation.examples]
        bound = calibration.fit_screen(
            odds[:count][sides[:count]],
            np.array([a == b for a, b in zip(said, gold, strict=False)])[sides[:count]],
            sum(stance in TWO_LABELS for stance in gold),
            odds[count:][sides[count:]],
            self.unmentioned / len(self.sampled),
        )
        return None if bound is None else Screen(odds=bound)

    def _fit_abstention(self, annotated: Array, thresholds: dict[str, float]) -> Abstention:
        """Return when to abstain, from the probabilities (N, L) of the annotated pairs; `unrelated` plays no part."""
        if self.abstain_error <= 0:
            return Abstention()
        rows = [dict(zip(self.draft.labels, map(float, row), strict=True)) for row in annotated]
        said = [decide_stance(row, thresholds) for row in rows]
        taken = np.array([stance != UNRELATED for stance in said], dtype=bool)
        confidence = np.array([stance_confidence(row, stance) for row, stance in zip(rows, said, strict=True)])[taken]
        if taken.sum() < fewest_answers(self.abstain_error):
            return Abstention()  # a handful of rows promises nothing, and nothing is withheld in its name
        examples = self.validation.examples
        right = np.array([float(e.stance == stance) for e, stance in zip(examples, said, strict=True)])[taken]
        groups = np.array([e.group for e in examples])[taken]
        bound = fit_abstention(confidence, right, groups, self.abstain_error)
        abstain = Abstention(low_confidence=bound, error=self.abstain_error, certainty=CERTAINTY)
        given = np.array([not abstain.withholds(float(value)) for value in confidence], dtype=bool)
        found = {
            "coverage": float(given.sum()) / len(examples),
            "error_found": float(1 - right[given].mean()) if given.any() else None,
        }
        return abstain.model_copy(update=found)

    def _fit_topics(self, logits: Array) -> dict[str, Any]:
        labels, gold = self.draft.labels, self._gold_topics()
        temperature = calibration.fit_sigmoid_temperature(logits, gold)
        probabilities = to_probabilities(logits, self.draft.model_copy(update={"temperature": temperature}))
        return {"temperature": temperature, "thresholds": calibration.fit_thresholds(probabilities, gold, labels)}


def prepare_fitting(draft: Metadata, validation: ExampleSet, seed: int, abstain_error: float) -> Fitting:
    """Return what is fitted on; unrelated pairs are sampled from the validation passages and the training targets."""
    sampled: list[Example] = []
    unmentioned = 0.0
    if UNRELATED in draft.labels:
        sampled = sample_unrelated(validation.examples, draft.targets, SAMPLED, seed)
        passages = {e.text: len(draft.targets) - len(e.mentioned) for e in validation.examples}
        unmentioned = float(sum(passages.values()))
    return Fitting(draft, validation, tuple(sampled), unmentioned, abstain_error)


def describe_fit(metadata: Metadata) -> list[str]:
    """Return what whoever trained should know of the fit: where it ended at a bound, and what abstaining costs."""
    lines = []
    if calibration.at_bound(metadata.temperature):
        lines.append(
            f"the temperature ended at {metadata.temperature:g}, the edge of what is tried "
            f"({calibration.COLDEST:g} to {calibration.HOTTEST:g}): its confidence is not to be relied on"
        )
    abstain = metadata.abstain
    wanted = float(metadata.settings.get("abstain_error", 0)) if metadata.task == "stance" else 0.0
    if abstain.error is None and abstain.low_confidence is not None:
        lines.append(
            f"the bound to abstain, {abstain.low_confidence:.3f}, is that of the artifact gone on from: nothing is "
            "promised of this model" + (", and every stance is withheld" if abstain.low_confidence == NOTHING else "")
        )
    elif abstain.error is None and wanted > 0:
        lines.append(
            f"validation is too small to promise an error of {wanted:.0%}: nothing is withheld, and nothing promised; "
            f"it takes {fewest_answers(wanted)} stances at the very least, and dozens in practice"
        )
    if abstain.error is None or abstain.coverage is None or abstain.certainty is None:
        return lines
    promise = f"at most {abstain.error:.0%} of the stances given wrong, with {abstain.certainty:.0%} certainty"
    if abstain.low_confidence == NOTHING:
        lines.append(
            f"every stance will be withheld: validation does not show {promise}, not even of the surest; give more "
            "validation examples, or allow more with --set abstain_error=SHARE (0: never abstain)"
        )
    else:
        found = f", {abstain.error_found:.1%} of them wrong" if abstain.error_found is not None else ""
        lines.append(f"{promise}: {abstain.coverage:.0%} of the validation pairs get one{found}")
    return lines


def _deal_folds(groups: list[str], seed: int) -> Iterator[NDArray[np.bool_]]:
    """Yield for each fold which rows (N,) are its own; a group is never parted."""
    order = sorted(set(groups), key=lambda group: draw(seed, group))
    fold = {group: place % FOLDS for place, group in enumerate(order)}
    rows = np.array([fold[group] for group in groups])
    for number in sorted(set(fold.values())):
        yield rows == number
