"""What a network is trained on: the processor or a GPU, and the precision that it multiplies fastest in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Hardware:
    """A device, and the type that matrices are multiplied in; weights and sums stay float32."""

    device: torch.device
    precision: torch.dtype

    def autocast(self) -> AbstractContextManager[None]:
        """Return a context in which matrix products take the precision."""
        reduced = self.precision is not torch.float32
        context: AbstractContextManager[None] = torch.autocast(
            self.device.type, dtype=self.precision if reduced else None, enabled=reduced
        )
        return context

    @property
    def is_bf16_cpu(self) -> bool:
        return self.device.type == "cpu" and self.precision is torch.bfloat16


def find_hardware(local_rank: int = 0) -> Hardware:
    """Return the GPU of this process where there is one (CUDA_VISIBLE_DEVICES hides them), else the processor."""
    if torch.cuda.is_available():
        device = torch.device("cuda", local_rank % torch.cuda.device_count())
        return Hardware(device, torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float32)
    return Hardware(torch.device("cpu"), torch.bfloat16 if has_bf16() else torch.float32)


def has_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 natively; elsewhere it is slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
