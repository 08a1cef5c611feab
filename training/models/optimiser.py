"""AdamW, its learning rate over the steps of a training, and how many those are."""

from __future__ import annotations

import math
from typing import Any

import torch

from training.models.settings import TransformerSettings


def make_optimiser(model: Any, settings: TransformerSettings) -> torch.optim.AdamW:
    """Return AdamW without decay on biases and norms."""
    trained = [p for p in model.encoder.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        # The head starts from nothing and has further to go.
        {"params": list(model.classifier.parameters()), "weight_decay": 0.0, "scale": settings.head_rate},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def set_rate(optimiser: Any, settings: TransformerSettings, step: int, steps: int) -> float:
    """Set the learning rate of the step after `step` steps, a linear warm-up and decay; return the encoder's."""
    warmup = max(1, int(settings.warmup * steps))
    rate = settings.learning_rate * min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup)))
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("scale", 1.0)
    return rate


def count_steps(examples: int, settings: TransformerSettings) -> int:
    """Return the steps of whole passes, at least `least_steps` of them; `max_steps` where that is set."""
    if settings.max_steps:
        return settings.max_steps
    per_pass = math.ceil(examples / settings.batch)
    return per_pass * max(settings.epochs, math.ceil(settings.least_steps / per_pass))
