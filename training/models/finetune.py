"""Fine-tune a pretrained encoder for topics or for (target, passage) pairs.

    standpoint train stance --model transformer --data data/build --out runs/stance-transformer

One linear story: tokenise with the very tokenizer that the artifact will hold, sort into batches of similar length,
step, look at validation after each pass, keep the best weights. Under `torchrun` several processes share each batch.
"""

from __future__ import annotations

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
from training.examples import Example
from training.models.batches import Row, shuffle_batches
from training.models.checkpoint import Checkpoint, Place, copy_trained, load_trained
from training.models.optimiser import count_steps, make_optimiser, set_rate
from training.models.processes import Processes
from training.models.settings import TransformerSettings
from training.models.steps import Loss, Trainer, Work
from training.models.weights import load_model, new_model

Observer = Callable[[int, dict[str, float]], None]
Judge = Callable[[NDArray[np.float64]], float]
BINARY = torch.nn.BCEWithLogitsLoss()  # a topic each, whatever the others


@dataclass
class FineTuned:
    """A model in eval mode with its best weights, the pad id, and what each pass scored on validation.

    `work` was done since training started or was resumed.
    """

    model: Any
    pad_id: int
    history: list[dict[str, float]]
    work: Work


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
    processes: Processes | None = None,
) -> FineTuned:
    """Fine-tune and return the weights of the pass that `judge` (validation logits -> score) liked best.

    `folder` holds the tokenizer.json to use; `init` is an artifact whose weights to start from.
    `observe` gets (step, metrics) once every few steps and after each pass. A `checkpoint` is gone on from, and kept.
    Of several processes only the first judges, observes and keeps, and only what it returns is of use.
    """
    torch.manual_seed(seed)
    tokenizer = load_tokenizer(str(folder / TOKENIZER), settings.max_length)
    pad_id = tokenizer.token_to_id("[PAD]") or tokenizer.token_to_id("<pad>") or 0
    rows: list[Row] = tokenise(tokenizer, [compose(e.text, e.target, e.mention) for e in train])
    checks: list[Row] = tokenise(tokenizer, [compose(e.text, e.target, e.mention) for e in validation])
    gold = gold_tensor(train, task, labels)

    processes = processes or Processes()
    model = load_model(init, labels, settings) if init else new_model(encoder, len(labels), settings)
    trainer = Trainer(model, _loss(task, settings, gold, len(labels)), pad_id, seed, processes)
    optimiser = make_optimiser(model, settings)
    place, best = Place(), copy_trained(model)
    standing = checkpoint.restore(model, optimiser) if checkpoint else None
    if standing:
        place, best = standing
    processes.agree(place.step)  # and nobody writes the checkpoint while another one reads it
    if not processes.leads:
        checkpoint = None
    elif checkpoint and checkpoint.every and not standing:
        checkpoint.save(model, optimiser, place, best)  # so that one killed in its first steps keeps its run

    steps = count_steps(len(rows), settings)
    with _show_steps(task, place.step, steps, processes.leads) as bar:
        while place.step < steps or place.done:  # one killed before its last pass was judged has steps no more
            model.train()
            order = shuffle_batches(rows, settings.batch, random.Random(f"{seed} {place.passes}"))
            for batch in order[place.done :]:
                if place.step == steps:
                    break
                rate = set_rate(optimiser, settings, place.step, steps)
                loss = trainer.take_step(optimiser, [rows[i] for i in batch], gold[batch], place.step)
                place.step += 1
                place.done += 1
                bar.update()
                if processes.leads and (place.step % 20 == 0 or place.step == steps):
                    observe(place.step, {"loss": loss, "learning_rate": rate})
                if checkpoint and checkpoint.is_due(place.step):
                    checkpoint.save(model, optimiser, place, best)
            place.passes += 1
            place.done = 0
            if processes.leads:
                score = judge(trainer.predict_logits(checks))
                place.history.append({"step": float(place.step), "validation": score})
                observe(place.step, {"validation": score})
                bar.set_postfix(validation=f"{score:.3f}")
                if score >= place.best:
                    place.best, best = score, copy_trained(model)
    load_trained(model, best)
    trainer.release()
    return FineTuned(model, pad_id, place.history, trainer.work)


def gold_tensor(examples: Sequence[Example], task: str, labels: Sequence[str]) -> torch.Tensor:
    """Return (N,) label numbers for stance, (N, L) of 0 and 1 for topics."""
    if task == "stance":
        return torch.tensor([labels.index(str(example.stance)) for example in examples])
    return torch.tensor([[float(label in example.topics) for label in labels] for example in examples])


def _loss(task: str, settings: TransformerSettings, gold: torch.Tensor, labels: int) -> Loss:
    """Return the loss over the labels that some example holds.

    What goes on from an artifact may know labels that its few new examples lack: these would only ever teach it that
    such a label is wrong, and within ten steps it would never be said again.
    """
    stance = task == "stance"
    whole = torch.nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing) if stance else BINARY
    taught = gold.unique() if stance else gold.any(dim=0).nonzero().squeeze(1)  # sorted
    if len(taught) == labels:
        return whole

    def loss_of(logits: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        columns = taught.to(logits.device)
        found: torch.Tensor = whole(
            logits[:, columns], torch.searchsorted(columns, gold) if stance else gold[:, columns]
        )
        return found

    return loss_of


def _show_steps(task: str, done: int, steps: int, visible: bool) -> Any:
    return tqdm(total=steps, initial=done, unit="step", desc=f"fine-tuning {task}", mininterval=2, disable=not visible)
