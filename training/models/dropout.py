"""Dropout whose masks cost little on a CPU.

torch draws one number after another there, which took a fifth of a training step; random bytes, eight at a time, take
a tenth of that. Masks follow from (seed, step, rank) alone: a training that is resumed draws what it would have drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn


class MaskSource:
    """The random numbers of one training step, shared by all dropouts of a network."""

    def __init__(self) -> None:
        self._generator = np.random.Generator(np.random.SFC64(0))

    def start_step(self, seed: int, step: int, rank: int = 0) -> None:
        """Begin a step; torch's own generators too, for what a network draws by them."""
        sequence = np.random.SeedSequence([seed % 2**64, step, rank])
        self._generator = np.random.Generator(np.random.SFC64(sequence))
        torch.manual_seed(int(sequence.generate_state(1)[0]))

    def draw_bytes(self, count: int) -> torch.Tensor:
        """Return (count,) random bytes."""
        words = self._generator.integers(0, 2**64, size=(count + 7) // 8, dtype=np.uint64)
        return torch.from_numpy(words.view(np.uint8)[:count])


class ByteDropout(nn.Dropout):
    """Dropout at the multiple of 1/256 nearest to `p`, scaled by what that keeps; on a GPU torch's own."""

    def __init__(self, p: float, source: MaskSource) -> None:
        super().__init__(p)
        self.source = source
        self.cut = round(p * 256)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if not self.training or not 0 < self.cut < 256 or input.device.type != "cpu":
            return super().forward(input)
        kept = self.source.draw_bytes(input.numel()).view(input.shape) >= self.cut
        return input * kept.to(input.dtype).mul_(256 / (256 - self.cut))


def replace_dropout(network: Any, source: MaskSource) -> None:
    """Put a ByteDropout in the place of every plain dropout of a network."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                setattr(module, name, ByteDropout(child.p, source).train(child.training))
