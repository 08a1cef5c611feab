"""One training over several processes, as `torchrun` or `accelerate launch` start them.

Every process holds the whole network and works through its share of each batch; gradients are summed, so that all take
the same step. The first one leads: it alone judges, keeps checkpoints, writes and logs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from standpoint.errors import BadInput

if TYPE_CHECKING:  # a baseline trains without torch
    import torch

Item = TypeVar("Item")
PLACE = (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))  # as launchers name it, and what it is without one


@dataclass(frozen=True)
class Processes:
    """The place of this process among `count`: `rank` over all machines, `local_rank` on this one."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, batch: Sequence[Item]) -> list[Item]:
        """Return this process's part of a batch; of batches sorted by length, an even one."""
        return list(batch[self.rank :: self.count])

    def sum_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Add up the gradients of all processes, in all of them; one that had no part in a batch adds zeros."""
        if self.count == 1:
            return
        import torch
        from torch import distributed

        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])  # one message instead of a hundred
        distributed.all_reduce(flat)
        parts = flat.split([p.numel() for p in parameters])
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def agree(self, step: int) -> None:
        """Wait for all processes. Raises BadInput where they do not stand at the same step."""
        if self.count == 1:
            return
        from torch import distributed

        steps: list[int] = [0] * self.count
        distributed.all_gather_object(steps, step)
        if len(set(steps)) > 1:
            found = ", ".join(str(step) for step in steps)
            raise BadInput(
                f"the processes stand at steps {found}; to be resumed, they need one folder to read", "--out"
            )


@contextmanager
def join_processes() -> Iterator[Processes]:
    """Yield this process's place: the only one, or what the launcher's environment says."""
    rank, count, local = (int(os.environ.get(name, usual)) for name, usual in PLACE)
    if count == 1 or "RANK" not in os.environ:
        yield Processes()
        return
    import torch
    from torch import distributed

    processes = Processes(rank, count, local)
    if torch.cuda.is_available():
        torch.cuda.set_device(processes.local_rank % torch.cuda.device_count())
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield processes
    finally:
        distributed.destroy_process_group()
