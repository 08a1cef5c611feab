"""Fine-tune a pretrained encoder for topics or for (target, passage) pairs.

    standpoint train stance --model transformer --data data/build --out runs/stance-transformer

One linear story: tokenise with the very tokenizer that the artifact will hold, sort into batches of similar length,
step, look at validation after each pass, keep the best weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from standpoint.backends.onnx import TOKENIZER
from standpoint.encoding import compose, load_tokenizer, tokenise
from standpoint.errors import BadInput
from training.examples import Example
from training.models.batches import Row, shuffle_batches, to_tensors
from training.models.checkpoint import Checkpoint, Place, copy_trained, load_trained
from training.models.settings import TransformerSettings
from training.models.weights import load_model, new_model

Observer = Callable[[int, dict[str, float]], None]
Judge = Callable[[NDArray[np.float64]], float]


@dataclass
class FineTuned:
    """A model in eval mode with its best weights, the pad id, and what each pass scored on validation."""

    model: Any
    pad_id: int
    history: list[dict[str, float]]


def fine_tune(
    train: Sequence[Example],
    validation: Sequence[Example],
    task: str,
    labels: Sequence[str],
    settings: TransformerSettings,
    encoder: str,
    folder: Path,
    seed: int,
    judge: Judge,
    observe: Observer,
    init: Path | None = None,
    checkpoint: Checkpoint | None = None,
) -> FineTuned:
    """Fine-tune and return the weights of the pass that `judge` (validation logits -> score) liked best.

    `folder` holds the tokenizer.json to use; `init` is an artifact whose weights to start from.
    `observe` gets (step, metrics) once every few steps and after each pass. A `checkpoint` is gone on from, and kept.
    """
    torch.manual_seed(seed)
    shuffle = random.Random(seed)
    tokenizer = load_tokenizer(str(folder / TOKENIZER), settings.max_length)
    pad_id = tokenizer.token_to_id("[PAD]") or tokenizer.token_to_id("<pad>") or 0
    rows = tokenise(tokenizer, [compose(e.text, e.target, e.mention) for e in train])
    gold = gold_tensor(train, task, labels)
    checks = tokenise(tokenizer, [compose(e.text, e.target, e.mention) for e in validation])

    model = load_model(init, labels, settings) if init else new_model(encoder, len(labels), settings)
    loss_of = _loss(task, settings)
    steps = settings.max_steps or _count_steps(len(rows), settings)
    optimiser = _optimiser(model, settings)
    precision = torch.bfloat16 if has_bf16() else torch.float32
    place, best = Place(shuffle=shuffle.getstate()), copy_trained(model)
    if checkpoint and (standing := checkpoint.restore(model, optimiser)):
        place, best = standing
        shuffle.setstate(place.generator_state())
    elif checkpoint:
        checkpoint.save(model, optimiser, place, best)  # so that one killed in its first steps keeps its run

    with tqdm(total=steps, initial=place.step, unit="step", desc=f"fine-tuning {task}", mininterval=2) as bar:
        while place.step < steps:
            model.train()
            place.shuffle = shuffle.getstate()
            for batch in shuffle_batches(rows, settings.batch, shuffle)[place.done :]:
                rate = _set_rate(optimiser, settings, place.step, steps)
                inputs = to_tensors([rows[i] for i in batch], pad_id, model)
                with torch.autocast("cpu", dtype=precision, enabled=precision is torch.bfloat16):
                    logits = model(**inputs)  # (B, L)
                loss = loss_of(logits.float(), gold[batch])
                if not torch.isfinite(loss):
                    raise BadInput(f"the loss is {loss.item()} at step {place.step + 1}; lower learning_rate", "--set")
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
                place.step += 1
                place.done += 1
                bar.update()
                if place.step % 20 == 0 or place.step == steps:
                    observe(place.step, {"loss": loss.item(), "learning_rate": rate})
                if checkpoint and checkpoint.is_due(place.step):
                    checkpoint.save(model, optimiser, place, best)
                if place.step == steps:
                    break
            score = judge(torch_logits(model, checks, pad_id))
            place.history.append({"step": float(place.step), "validation": score})
            place.done = 0
            observe(place.step, {"validation": score})
            bar.set_postfix(validation=f"{score:.3f}")
            if score >= place.best:
                place.best, best = score, copy_trained(model)
    load_trained(model, best)
    model.eval()
    return FineTuned(model, pad_id, place.history)


def gold_tensor(examples: Sequence[Example], task: str, labels: Sequence[str]) -> torch.Tensor:
    """Return (N,) label numbers for stance, (N, L) of 0 and 1 for topics."""
    if task == "stance":
        return torch.tensor([labels.index(str(example.stance)) for example in examples])
    return torch.tensor([[float(label in example.topics) for label in labels] for example in examples])


def has_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 natively; elsewhere it is slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def torch_logits(model: Any, rows: Sequence[Row], pad_id: int, batch: int = 64) -> NDArray[np.float64]:
    """Return logits (N, L) of tokenised rows, in eval mode; only to choose a pass, never reported."""
    model.eval()
    result = np.zeros((len(rows), model.config.num_labels))
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bf16()):
                logits = model(**to_tensors([rows[i] for i in chosen], pad_id, model))
            result[chosen] = logits.float().numpy()
    return result


def _count_steps(examples: int, settings: TransformerSettings) -> int:
    """Return the steps of whole passes, at least `least_steps` of them."""
    per_epoch = math.ceil(examples / settings.batch)
    return per_epoch * max(settings.epochs, math.ceil(settings.least_steps / per_epoch))


def _loss(task: str, settings: TransformerSettings) -> Any:
    if task == "stance":
        return torch.nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
    return torch.nn.BCEWithLogitsLoss()


def _optimiser(model: Any, settings: TransformerSettings) -> Any:
    """Return AdamW without decay on biases and norms."""
    trained = [p for p in model.encoder.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        # The head starts from nothing and has further to go.
        {"params": list(model.classifier.parameters()), "weight_decay": 0.0, "scale": settings.head_rate},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def _set_rate(optimiser: Any, settings: TransformerSettings, step: int, steps: int) -> float:
    """Set the learning rate of the step after `step` steps, a linear warm-up and decay; return the encoder's."""
    warmup = max(1, int(settings.warmup * steps))
    rate = settings.learning_rate * min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup)))
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("scale", 1.0)
    return rate
