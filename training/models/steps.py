"""The steps of a training: a batch through the network, gradients of all processes, one step of the optimiser."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from standpoint.errors import BadInput
from training.models.attention import OURS, choose_attention
from training.models.batches import Row, to_tensors
from training.models.dropout import MaskSource, replace_dropout
from training.models.hardware import find_hardware
from training.models.processes import Processes

Loss = Any  # (logits (B, L), gold) -> the mean over the batch


@dataclass
class Work:
    """What steps took: seconds, and tokens of all processes; `positions` are those of this process, padding too."""

    seconds: float = 0.0
    tokens: int = 0
    positions: int = 0


class Trainer:
    """A network on its hardware, until it is released; `work` is what its steps have taken so far."""

    def __init__(self, model: Any, loss_of: Loss, pad_id: int, seed: int, processes: Processes) -> None:
        self.model, self.loss_of, self.pad_id, self.seed, self.processes = model, loss_of, pad_id, seed, processes
        self.hardware, self.masks, self.work = find_hardware(processes.local_rank), MaskSource(), Work()
        replace_dropout(model, self.masks)
        self._attention = choose_attention(model.encoder, OURS) if self.hardware.is_bf16_cpu else None
        model.to(self.hardware.device)
        self.trained = [parameter for parameter in model.parameters() if parameter.requires_grad]

    def take_step(self, optimiser: Any, rows: Sequence[Row], gold: torch.Tensor, step: int) -> float:
        """Take the step after `step` steps on a batch; return the loss of this process's share.

        What is drawn at random follows from seed, step and process, so that it does not matter what ran before.
        Raises BadInput where the gradient is no number.
        """
        started = time.perf_counter()
        self.masks.start_step(self.seed, step, self.processes.rank)
        share = self.processes.share(range(len(rows)))
        loss = torch.zeros(())
        if share:
            inputs = self._inputs([rows[i] for i in share])
            self.work.positions += inputs["input_ids"].numel()
            logits = self._logits(inputs)  # (B, L)
            loss = self.loss_of(logits.float(), gold[share].to(logits.device))
            (loss * (len(share) / len(rows))).backward()
        self.processes.sum_gradients(self.trained)
        norm = torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        if not torch.isfinite(norm):
            raise BadInput(f"the gradient is {norm.item()} at step {step + 1}; lower learning_rate", "--set")
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        value = loss.item()  # on a GPU this waits for the step
        self.work.tokens += sum(len(ids) for ids, _, _ in rows)
        self.work.seconds += time.perf_counter() - started
        return value

    def release(self) -> None:
        """Leave the network in eval mode on the processor, attending as it did before."""
        if self._attention is not None:
            choose_attention(self.model.encoder, self._attention)
        self.model.cpu().eval()

    def predict_logits(self, rows: Sequence[Row], batch: int = 64) -> NDArray[np.float64]:
        """Return logits (N, L) of tokenised rows, in eval mode; only to choose a pass, never reported."""
        self.model.eval()
        result = np.zeros((len(rows), self.model.config.num_labels))
        order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
        with torch.inference_mode():
            for start in range(0, len(order), batch):
                chosen = order[start : start + batch]
                result[chosen] = self._logits(self._inputs([rows[i] for i in chosen])).float().cpu().numpy()
        return result

    def _inputs(self, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        tensors = to_tensors(rows, self.pad_id, self.model)
        return {name: tensor.to(self.hardware.device) for name, tensor in tensors.items()}

    def _logits(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        with self.hardware.autocast():
            logits: torch.Tensor = self.model(**inputs)
        return logits
