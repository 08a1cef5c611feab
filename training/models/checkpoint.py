"""The state of a fine-tuning under way, so that one that was killed goes on and ends in the same weights.

One safetensors file, replaced by a rename: weights and the optimiser's moments; what is no tensor stands as JSON in its
header. What is drawn at random needs no state, it follows from the seed and the step. Nothing in the file is run when
it is read, and nothing is served from it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open

if TYPE_CHECKING:  # a baseline trains without torch
    import torch

FORMAT = 2
MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass
class Place:
    """Where a fine-tuning is: `step` steps taken, `passes` ended, `done` batches of the present pass; the scores of the
    passes before, and the best of them."""

    step: int = 0
    passes: int = 0
    done: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best: float = -1.0


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint file. `key` says what is trained on what: a file of another key is not gone on from. `run` is the
    MLflow run, `every` the steps between two savings (0: none). The same weights come out where the same number of
    processes goes on, on hardware of the same precision."""

    path: Path
    key: str
    run: str | None = None
    every: int = 50

    def read(self) -> dict[str, Any] | None:
        """Return the header (`key`, `run`, `place`), or None where there is no whole checkpoint."""
        try:
            with safe_open(self.path, framework="np") as file:
                return dict(json.loads(file.metadata()["state"]))
        except (FileNotFoundError, SafetensorError, ValueError, KeyError, TypeError):
            return None

    def is_due(self, step: int) -> bool:
        return self.every > 0 and step % self.every == 0

    def save(self, model: Any, optimiser: Any, place: Place, best: dict[str, torch.Tensor]) -> None:
        """Write the state after a step."""
        from safetensors.torch import save_file

        tensors: dict[str, torch.Tensor] = {}
        for name, parameter in _trained(model):
            tensors[f"weight:{name}"] = parameter.detach()
            for moment, value in optimiser.state.get(parameter, {}).items():
                tensors[f"{moment}:{name}"] = value
        tensors |= {f"best:{name}": value for name, value in best.items()}
        header = {"key": self.key, "run": self.run, "place": asdict(place)}
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save_file(tensors, draft, metadata={"state": json.dumps(header)})
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)

    def restore(self, model: Any, optimiser: Any) -> tuple[Place, dict[str, torch.Tensor]] | None:
        """Put weights and moments back; return the place and the best weights, None without a file of this key."""
        import torch

        header = self.read()
        if header is None or header["key"] != self.key:
            return None
        best = {}
        with safe_open(self.path, framework="pt") as file:
            names = set(file.keys())
            with torch.no_grad():
                for name, parameter in _trained(model):
                    parameter.copy_(file.get_tensor(f"weight:{name}"))
                    if f"{MOMENTS[0]}:{name}" in names:
                        optimiser.state[parameter] = {
                            moment: file.get_tensor(f"{moment}:{name}").to(parameter.device) for moment in MOMENTS
                        }
            for name in names:
                kind, _, parameter_name = name.partition(":")
                if kind == "best":
                    best[parameter_name] = file.get_tensor(name)
        return Place(**header["place"]), best

    def remove(self) -> None:
        """Remove the file, and drafts that a killed process left."""
        for path in (self.path, *self.path.parent.glob(f"{self.path.name}.*.tmp")):
            path.unlink(missing_ok=True)


def copy_trained(model: Any) -> dict[str, torch.Tensor]:
    """Return copies of the weights that training changes."""
    return {name: parameter.detach().clone() for name, parameter in _trained(model)}


def load_trained(model: Any, weights: dict[str, torch.Tensor]) -> None:
    """Put such copies back."""
    import torch

    with torch.no_grad():
        for name, parameter in _trained(model):
            parameter.copy_(weights[name])


def _trained(model: Any) -> list[tuple[str, Any]]:
    return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
