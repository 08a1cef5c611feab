"""Faster copies of a transformer, each kept only where validation finds nothing lost beside the model itself."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from standpoint.backends import REFERENCE, load_backend
from standpoint.backends.onnx import VARIANTS, model_path
from standpoint.encoding import ModelInput, compose
from standpoint.golden import BATCH_TOLERANCE
from standpoint.metadata import Metadata, Variant
from standpoint.predictor import Predictor
from training.examples import ExampleSet
from training.metrics import draw_groups, resample
from training.scoring import Predictions, choice_metric, predict_examples, tally_together

logger = logging.getLogger(__name__)

AGREEMENT = 0.96  # of the answers at least
LOSS = 0.01  # of the metric that chooses models, at most
UNSURE = 0.02  # as far as the 95% interval of that difference may reach
LOG_LOSS = 0.01  # nats an example at most
ALONE = 32  # validation examples that are asked alone and among others


def admit_variants(
    folder: Path, metadata: Metadata, reference: Predictions, validation: ExampleSet
) -> dict[str, Variant]:
    """Write the faster copies of a draft's model that validation admits; return what it found of each.

    `reference` are the model's own predictions on validation. One that is refused leaves no file.
    """
    from training.models.quantisation import quantise_model

    makers: Mapping[str, Callable[[Path, Path], None]] = {"int8": quantise_model}  # the fastest first
    found = {}
    for name, make in makers.items():
        path = model_path(folder, name)
        try:
            make(model_path(folder, REFERENCE), path)
            predictor = Predictor(metadata, load_backend(folder, metadata, variant=name), variant=name)
            found[name] = judge_variant(predictor, reference, validation)
        except Exception as error:  # noqa: BLE001  (an encoder of an unknown build must not cost its training)
            logger.warning("no %s variant: %s: %s", name, type(error).__name__, error)
        if name not in found or found[name].refused:
            path.unlink(missing_ok=True)
    shelf = folder / VARIANTS
    if shelf.is_dir() and not any(shelf.iterdir()):
        shelf.rmdir()
    return found


def judge_variant(predictor: Predictor, reference: Predictions, validation: ExampleSet) -> Variant:
    """Return how a variant's answers differ from the reference's, and why it is refused where it is."""
    found = predict_examples(predictor, validation)
    metric = choice_metric(predictor.metadata.task, predictor.metadata.labels)
    first, second = (tallies[metric] for tallies in tally_together([found, reference], validation))
    draws = draw_groups(len(first.table))
    leads = first.metric(resample(first.table, draws)) - second.metric(resample(second.table, draws))
    low, high = (float(bound) for bound in np.percentile(leads, [2.5, 97.5]))
    same = [set(a) == set(b) for a, b in zip(found.decided, reference.decided, strict=True)]
    inputs = [compose(e.text, e.target, e.mention) for e in validation.examples[:ALONE]]
    variant = Variant(
        agreement=sum(same) / len(same),
        metric=metric,
        difference=first.value - second.value,
        low=low,
        high=high,
        log_loss=log_loss(found, validation) - log_loss(reference, validation),
        batch=measure_batch(predictor, inputs),
    )
    return variant.model_copy(update={"refused": find_fault(variant)})


def find_fault(variant: Variant) -> str | None:
    """Return in words the first bound that a variant passes, None where it keeps them all."""
    if variant.agreement < AGREEMENT:
        return f"{variant.agreement:.1%} of the answers are the model's, expected {AGREEMENT:.0%}"
    if variant.difference < -LOSS or variant.low < -UNSURE:
        lead = f"{variant.difference:+.3f} [{variant.low:+.3f}, {variant.high:+.3f}]"
        return f"{variant.metric} changes by {lead}, allowed are -{LOSS} and an interval down to -{UNSURE}"
    if not variant.log_loss <= LOG_LOSS:
        return f"the log loss rises by {variant.log_loss:.3f}, allowed is {LOG_LOSS}"
    if not variant.batch <= BATCH_TOLERANCE:
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


def measure_batch(predictor: Predictor, inputs: Sequence[ModelInput]) -> float:
    """Return the largest difference between probabilities of texts asked together and one by one."""
    together, _ = predictor.probabilities(inputs)
    alone: NDArray[np.float64] = np.concatenate([predictor.probabilities([item])[0] for item in inputs])
    return float(np.abs(together - alone).max())
