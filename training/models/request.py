"""What is to be trained on what, and whether that can be learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from standpoint import artifact
from standpoint.errors import BadInput
from standpoint.versions import require_codebook
from training.examples import Example, ExampleSet
from training.models.settings import BaselineSettings, TransformerSettings

MINIMUM = 8  # training examples


@dataclass(frozen=True)
class Request:
    """What to train: the task, on what, with which settings. `passages` (stance, built datasets) feed negatives."""

    train: ExampleSet
    validation: ExampleSet
    settings: BaselineSettings | TransformerSettings
    seed: int
    passages: Sequence[Example] = ()
    encoder: str = ""
    init: Path | None = None
    run: str | None = None

    @property
    def task(self) -> str:
        return self.train.task


def check_request(request: Request) -> None:
    """Raise BadInput where a request cannot be learned from, or starts from what is no model of its kind."""
    if len(request.train.examples) < MINIMUM:
        raise BadInput(
            f"{len(request.train.examples)} training examples; at least {MINIMUM} are needed", request.train.source
        )
    if len(request.train.labels) < 2:
        only = ", ".join(request.train.labels) or "none"
        raise BadInput(f"expected at least two labels to tell apart, found {only}", request.train.source)
    if not request.validation.examples:
        raise BadInput("no validation examples; give --validation or more groups", request.validation.source)
    if request.init is not None:
        _check_init(request.init, request)
    known = artifact.read_metadata(request.init).labels if request.init else ()
    unknown = set(request.validation.labels) - set(request.train.labels) - set(known)
    if unknown and request.task == "stance":
        raise BadInput(
            f"label {sorted(unknown)[0]!r} occurs in validation, never in training", request.validation.source
        )


def _check_init(init: Path, request: Request) -> None:
    if isinstance(request.settings, BaselineSettings):
        raise BadInput("a baseline starts anew; leave it out, or choose --model transformer", "--init")
    artifact.check_manifest(init)
    found = artifact.read_metadata(init)
    if found.model != "transformer":
        raise BadInput(f"{init} is a {found.model}; expected the artifact of a transformer", "--init")
    # The head is taken over label by label: a name that means something else by now would start from the wrong one.
    require_codebook(found.codebook, request.train.codebook, f"--init {init}", request.train.source)
