"""What a step is made of: cheap dropout, attention of our own, and what is drawn following from seed and step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.artifacts import TRANSFORMER
from training.models.attention import OURS, choose_attention
from training.models.dropout import ByteDropout, MaskSource, replace_dropout
from training.models.hardware import Hardware
from training.models.processes import Processes
from training.models.steps import Trainer
from training.models.weights import new_model

ROWS = [([2, 7, 8, 9, 3], [0, 0, 0, 1, 1], False), ([2, 11, 3], [0, 0, 0], False), ([2, 5, 6, 3], [0, 0, 1, 1], False)]
GOLD = torch.tensor([0, 1, 2])


def test_dropout_keeps_its_share_and_the_sum() -> None:
    source = MaskSource()
    source.start_step(1, 0)
    dropped = ByteDropout(0.1, source)(torch.ones(400, 500))
    share = float((dropped == 0).float().mean())
    assert share == pytest.approx(26 / 256, abs=0.005)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=0.01)
    assert len(dropped.unique()) == 2


def test_dropout_is_drawn_from_seed_step_and_process() -> None:
    source = MaskSource()
    dropout = ByteDropout(0.5, source)

    def draw(*place: int) -> torch.Tensor:
        source.start_step(*place)
        return dropout(torch.ones(64))

    first = draw(1, 5, 0)
    assert torch.equal(draw(1, 5, 0), first)
    assert not any(torch.equal(draw(*place), first) for place in ((2, 5, 0), (1, 6, 0), (1, 5, 1)))
    assert not torch.equal(dropout(torch.ones(64)), dropout(torch.ones(64)))


def test_dropout_does_nothing_in_eval_mode_or_at_zero() -> None:
    ones = torch.ones(8)
    assert torch.equal(ByteDropout(0.5, MaskSource()).eval()(ones), ones)
    assert torch.equal(ByteDropout(0.0, MaskSource())(ones), ones)
    assert torch.equal(ByteDropout(1.0, MaskSource())(ones), torch.zeros(8))


def test_the_gradient_passes_where_the_value_passed() -> None:
    source = MaskSource()
    source.start_step(3, 0)
    values = torch.ones(200, requires_grad=True)
    dropped = ByteDropout(0.3, source)(values)
    dropped.sum().backward()
    assert torch.equal(values.grad, dropped.detach())


def test_every_dropout_of_a_network_is_replaced(tiny_encoder: Path) -> None:
    model = new_model(str(tiny_encoder), 3, TRANSFORMER)
    before = sum(type(module) is nn.Dropout for module in model.modules())
    replace_dropout(model, MaskSource())
    kinds = [type(module) for module in model.modules() if isinstance(module, nn.Dropout)]
    assert kinds == [ByteDropout] * before
    assert before > 3


def test_our_attention_gives_what_torch_gives(tiny_encoder: Path) -> None:
    model = new_model(str(tiny_encoder), 3, TRANSFORMER).eval()
    inputs = torch.tensor([[2, 7, 8, 9, 3], [2, 11, 3, 0, 0]]), torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    found = []
    for name in ("sdpa", OURS):
        choose_attention(model.encoder, name)
        assert model.encoder.config._attn_implementation == name
        model.zero_grad()
        logits = model(*inputs)
        logits.square().sum().backward()
        gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
        found.append((logits.detach(), gradients))
    (theirs, their_gradients), (ours, our_gradients) = found
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(our_gradients, their_gradients, strict=True))


def test_processes_share_a_batch() -> None:
    shares = [Processes(rank, 3).share([0, 1, 2, 3, 4, 5, 6]) for rank in range(3)]
    assert shares == [[0, 3, 6], [1, 4], [2, 5]]
    assert Processes(2, 3).share([0]) == []


@dataclass(frozen=True)
class Relay(Processes):
    """Processes that run one after the other: each adds its gradients to those of the ones before."""

    sums: list[torch.Tensor] = field(default_factory=list)

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        for parameter, so_far in zip(parameters, self.sums, strict=False):
            parameter.grad += so_far
        self.sums[:] = [parameter.grad.clone() for parameter in parameters]


class Still:
    """An optimiser that leaves weights and gradients as they are."""

    def step(self) -> None: ...

    def zero_grad(self, set_to_none: bool) -> None: ...


def test_shares_of_a_batch_add_up_to_its_gradient(tiny_encoder: Path) -> None:
    settings = replace(TRANSFORMER, freeze_embeddings=False)

    def take_step(processes: Processes) -> list[torch.Tensor]:
        torch.manual_seed(0)
        model = new_model(str(tiny_encoder), 3, settings).eval()
        trainer = Trainer(model, nn.CrossEntropyLoss(), 0, 1, processes)
        trainer.hardware = Hardware(torch.device("cpu"), torch.float32)
        trainer.take_step(Still(), ROWS, GOLD, 0)
        return [p.grad for p in trainer.trained]

    whole, sums = take_step(Processes()), []
    parts = [take_step(Relay(rank, 2, sums=sums)) for rank in range(2)]
    assert not all(torch.allclose(a, b, rtol=0.1) for a, b in zip(whole, parts[0], strict=True))
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(whole, parts[1], strict=True))
