"""The settings of a training run: one block per model, with units, and how `--set key=value` changes them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from standpoint.errors import BadInput


@dataclass(frozen=True)
class BaselineSettings:
    """TF-IDF and logistic regression."""

    features: str = "pair"  # "pair" reads the target; "text" does not: the text-only floor of stance
    words: int = 2  # longest word n-gram
    characters: int = 5  # longest character n-gram (from 2 up)
    min_documents: int = 2  # an n-gram in fewer training texts is left out
    max_features: int = 60_000  # most frequent n-grams kept, of words and of characters each
    strength: float = 4.0  # C of the logistic regression: larger means less regularised
    unrelated: int = 2  # sampled unrelated targets per passage (stance, built datasets only)
    abstain_error: float = 0.2  # stance only: share of those given that may be wrong; 0: never abstain


@dataclass(frozen=True)
class TransformerSettings:
    """Fine-tuning of a pretrained encoder."""

    epochs: int = 4  # passes over the training pairs
    least_steps: int = 500  # a small set is passed over more often, until it took so many optimiser steps
    max_steps: int = 0  # optimiser steps; 0: as many as the epochs take
    batch: int = 32  # texts a step
    learning_rate: float = 1.5e-4  # peak, after warm-up; small encoders need more than the usual 2e-5
    head_rate: float = 10.0  # learning rate of the head, in multiples of the encoder's
    warmup: float = 0.1  # share of the steps
    weight_decay: float = 0.01
    label_smoothing: float = 0.05  # stance only
    max_length: int = 192  # tokens, the target included; 99% of our passages fit
    freeze_embeddings: bool = True  # half of the weights, and of the optimiser's work
    unrelated: int = 1  # sampled unrelated targets per passage (stance, built datasets only)
    companion: bool = True  # a linear model beside the transformer, their logits weighted on validation
    abstain_error: float = 0.2  # stance only: share of those given that may be wrong; 0: never abstain
    checkpoint_every: int = 50  # steps between two savings of the state, for --resume; 0: none


# What `--init` starts from instead of the defaults: a model that knows the task needs fewer steps than a new head, and
# five hundred are 160 passes over a hundred examples.
REFINING = TransformerSettings(least_steps=60)

FEATURES = ("pair", "text")

# Lowest and highest value, both allowed; None: no highest. What is not listed may be anything of its type.
LIMITS: Mapping[str, tuple[float, float | None]] = {
    "words": (1, 10),
    "characters": (2, 10),
    "min_documents": (1, None),
    "max_features": (1, None),
    "strength": (1e-6, 1e6),
    "unrelated": (0, None),
    "abstain_error": (0, 1),
    "epochs": (1, None),
    "least_steps": (0, None),
    "max_steps": (0, None),
    "batch": (1, None),
    "learning_rate": (1e-8, 1),
    "head_rate": (0, 1000),
    "warmup": (0, 1),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 0.5),
    "max_length": (8, None),
    "checkpoint_every": (0, None),
}

Settings = TypeVar("Settings", BaselineSettings, TransformerSettings)


def change_settings(settings: Settings, changes: Sequence[str]) -> Settings:
    """Apply `key=value` strings. Raises BadInput naming the known keys, the expected type or the range."""
    fields = {field.name: type(getattr(settings, field.name)) for field in dataclasses.fields(settings)}
    values: dict[str, Any] = {}
    for change in changes:
        key, separator, text = change.partition("=")
        if not separator or key not in fields:
            raise BadInput(f"expected key=value with a key of {', '.join(fields)}; found {change!r}", "--set")
        try:
            values[key] = _parse_value(text, fields[key])
        except ValueError:
            raise BadInput(f"{key} is {fields[key].__name__}, found {text!r}", "--set") from None
        _check_value(key, values[key])
    return dataclasses.replace(settings, **values)


def _parse_value(text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    if kind is int and "." in text:
        raise ValueError(text)
    return kind(text)


def _check_value(key: str, value: Any) -> None:
    if key == "features" and value not in FEATURES:
        raise BadInput(f"features: expected one of {', '.join(FEATURES)}, found {value!r}", "--set")
    if key in LIMITS:
        low, high = LIMITS[key]
        inside = value >= low and value < math.inf if high is None else low <= value <= high
        if not inside:
            expected = f"{low:g} or more" if high is None else f"{low:g} to {high:g}"
            raise BadInput(f"{key}: expected {expected}, found {value:g}", "--set")


def list_settings(settings: BaselineSettings | TransformerSettings) -> str:
    """Return all keys with their defaults, for a command's help."""
    return ", ".join(f"{key}={value}" for key, value in dataclasses.asdict(settings).items())


def describe_settings(settings: BaselineSettings | TransformerSettings, changed: Sequence[str] = ()) -> list[str]:
    """Return a line a setting, with where its value came from."""
    keys = {change.partition("=")[0] for change in changed}
    return [
        f"  {key} = {value}  ({'--set' if key in keys else 'default'})"
        for key, value in dataclasses.asdict(settings).items()
    ]
