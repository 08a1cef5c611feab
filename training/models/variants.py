"""Faster copies of a transformer, each kept only where validation finds nothing lost beside the model itself."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from standpoint.backends import REFERENCE, Backend, load_backend
from standpoint.backends.onnx import VARIANTS, model_path
from standpoint.backends.stacked import StackedBackend, stack_logits
from standpoint.encoding import ModelInput, compose
from standpoint.golden import BATCH_TOLERANCE
from standpoint.metadata import Metadata, Variant
from standpoint.predictor import decide_stance, to_probabilities
from training.examples import ExampleSet
from training.metrics import draw_groups, resample
from training.models.fitting import Fitting
from training.models.inheritance import ENOUGH
from training.scoring import TWO_LABELS, Predictions, choice_metric, tally_together

logger = logging.getLogger(__name__)

AGREEMENT = 0.96  # of the answers at least
LOSS = 0.01  # of the metric that chooses models, at most
UNSURE = 0.02  # as far as the 95% interval of that difference may reach
LOG_LOSS = 0.01  # nats an example at most
FALSE_SIDES = 0.005  # more sides for targets that nobody named and the passage does not refer to, as a share
ALONE = 32  # validation examples that are asked alone and among others

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Admission:
    """What was found of each copy, and the logits that those admitted give for the pairs of a fitting."""

    found: dict[str, Variant]
    logits: dict[str, Array]


def ask_logits(backend: Backend, inputs: Sequence[ModelInput]) -> Array:
    """Return logits (N, L), or those of both models, (N, 2L), where a linear one stands beside the transformer."""
    logits, _ = (backend.both_logits if isinstance(backend, StackedBackend) else backend.logits)(inputs)
    return logits


def admit_variants(folder: Path, metadata: Metadata, fitting: Fitting, reference: Array) -> Admission:
    """Write the faster copies of a draft's model that validation admits, and say what was found of each.

    `reference` are the model's own logits of the fitting's pairs. One that is refused leaves no file; none is made
    where validation is too small to judge one.
    """
    from training.models.quantisation import quantise_model

    makers: Mapping[str, Callable[[Path, Path], None]] = {"int8": quantise_model}  # the fastest first
    admission = Admission({}, {})
    if metadata.model != "transformer" or len(fitting.validation) < ENOUGH:
        return admission
    inputs = [compose(e.text, e.target, e.mention) for e in fitting.examples]
    for name, make in makers.items():
        path = model_path(folder, name)
        try:
            make(model_path(folder, REFERENCE), path)
            backend = load_backend(folder, metadata, variant=name)
            logits = ask_logits(backend, inputs)
            alone = np.concatenate([ask_logits(backend, [item]) for item in inputs[:ALONE]])
            batch = np.abs(_answer(alone, metadata) - _answer(logits[:ALONE], metadata)).max()
            found = judge_variant(metadata, fitting, reference, logits, float(batch))
        except Exception as error:  # noqa: BLE001  (an encoder of an unknown build must not cost its training)
            logger.warning("no %s variant: %s: %s", name, type(error).__name__, error)
            path.unlink(missing_ok=True)
            continue
        admission.found[name] = found
        if found.refused:
            path.unlink()
        else:
            admission.logits[name] = logits
    shelf = folder / VARIANTS
    if shelf.is_dir() and not any(shelf.iterdir()):
        shelf.rmdir()
    return admission


def judge_variant(metadata: Metadata, fitting: Fitting, reference: Array, logits: Array, batch: float) -> Variant:
    """Return how a copy's answers differ from the reference's, from both their logits of the fitting's pairs.

    Raises ValueError where it answers with what is no number.
    """
    if not np.isfinite(logits).all():
        raise ValueError("it answers with what is no number")
    validation, count = fitting.validation, len(fitting.validation)
    ours, theirs = _answer(logits, metadata), _answer(reference, metadata)
    found, known = (Predictions.from_probabilities(rows[:count], metadata, validation) for rows in (ours, theirs))
    metric = choice_metric(metadata.task, metadata.labels)
    first, second = (tallies[metric] for tallies in tally_together([found, known], validation))
    draws = draw_groups(len(first.table))
    leads = first.metric(resample(first.table, draws)) - second.metric(resample(second.table, draws))
    low, high = (float(bound) for bound in np.percentile(leads, [2.5, 97.5]))
    same = [set(a) == set(b) for a, b in zip(found.decided, known.decided, strict=True)]
    tried = [_try_targets(rows[count:], metadata) for rows in (ours, theirs)]
    same += [a == b for a, b in zip(*tried, strict=True)]
    sides = [sum(stance in TWO_LABELS for stance in answers) for answers in tried]
    variant = Variant(
        agreement=sum(same) / len(same),
        metric=metric,
        difference=first.value - second.value,
        low=low,
        high=high,
        log_loss=log_loss(found, validation) - log_loss(known, validation),
        false_sides=(sides[0] - sides[1]) / max(1, len(fitting.sampled)),
        batch=batch,
    )
    return variant.model_copy(update={"refused": find_fault(variant)})


def find_fault(variant: Variant) -> str | None:
    """Return in words the first bound that a variant passes, None where it keeps them all."""
    if variant.agreement < AGREEMENT:
        return f"{variant.agreement:.1%} of the answers are the model's, expected {AGREEMENT:.0%}"
    if variant.difference < -LOSS or variant.low < -UNSURE:
        lead = f"{variant.difference:+.3f} [{variant.low:+.3f}, {variant.high:+.3f}]"
        return f"{variant.metric} changes by {lead}, allowed are -{LOSS} and an interval down to -{UNSURE}"
    if variant.log_loss > LOG_LOSS:
        return f"the log loss rises by {variant.log_loss:.3f}, allowed is {LOG_LOSS}"
    if variant.false_sides > FALSE_SIDES:
        return f"{variant.false_sides:.1%} more unrelated targets get a side, allowed are {FALSE_SIDES:.1%}"
    if variant.batch > BATCH_TOLERANCE:
        return f"a probability changes by {variant.batch:.5f} with the texts beside it, allowed is {BATCH_TOLERANCE}"
    return None


def log_loss(predictions: Predictions, examples: ExampleSet) -> float:
    """Return the mean of -log P(gold): of the stance, or over all topics, each a yes or no."""
    labels, p = list(predictions.labels), np.clip(predictions.probabilities, 1e-9, 1 - 1e-9)
    if examples.task == "stance":
        rows = [(i, labels.index(str(e.stance))) for i, e in enumerate(examples.examples) if str(e.stance) in labels]
        return -math.fsum(math.log(p[i, column]) for i, column in rows) / max(len(rows), 1)
    gold = np.array([[label in e.topics for label in labels] for e in examples.examples])
    return float(-np.where(gold, np.log(p), np.log(1 - p)).mean())


def _answer(logits: Array, metadata: Metadata) -> Array:
    """Return probabilities (N, L) of what `ask_logits` gives."""
    joined = stack_logits(logits, metadata.stack, metadata.labels) if metadata.stack else logits
    return to_probabilities(joined, metadata)


def _try_targets(probabilities: Array, metadata: Metadata) -> list[str]:
    """Return the stances decided for toward targets that nobody named."""
    rows = [dict(zip(metadata.labels, map(float, row), strict=True)) for row in probabilities]
    return [decide_stance(row, metadata.thresholds, named=False) for row in rows]
