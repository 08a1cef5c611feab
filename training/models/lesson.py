"""What a model is made to learn: the pairs, sampled ones included, its labels and targets, and what is fitted after."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standpoint import artifact
from standpoint.codebook import UNRELATED
from standpoint.encoding import target_key
from standpoint.metadata import CodebookReference, Floors, Metadata
from training.examples import Example, ExampleSet
from training.models.fitting import Fitting, prepare_fitting
from training.models.inheritance import Inheritance, find_inheritance, guard_targets
from training.models.pairs import sample_unrelated
from training.models.request import Request, check_request
from training.models.settings import BaselineSettings, TransformerSettings
from training.scoring import Predictions

PACKAGES = ("standpoint", "numpy", "onnxruntime", "tokenizers", "scikit-learn", "safetensors", "torch", "transformers")


@dataclass(frozen=True)
class Lesson:
    """All pairs to learn, sampled ones included, and what is fitted on validation after them."""

    examples: list[Example]
    fitting: Fitting
    kept: Inheritance | None = None  # of the artifact that is gone on from

    def fit(self, logits: NDArray[np.float64]) -> dict[str, Any]:
        """Return the metadata fields fitted on validation, or kept where it is too small for them."""
        fitted = self.fitting.fit(logits)
        return self.kept.settle(fitted, self.fitting.abstain_error > 0) if self.kept and self.is_settled else fitted

    def score(self, logits: NDArray[np.float64]) -> float:
        """Return the number that chooses a pass."""
        return self.fitting.score(logits, self.fit(logits))

    def cross_fit(self, logits: NDArray[np.float64]) -> Predictions | None:
        """Return predictions on validation by what other groups fitted; None where nothing is fitted on it."""
        return None if self.is_settled else self.fitting.cross_fit(logits)

    @property
    def is_settled(self) -> bool:
        """Whether temperature, thresholds and the bound to abstain are those of the artifact gone on from."""
        return self.kept is not None and self.kept.settles(len(self.fitting.validation))


def prepare_lesson(request: Request) -> Lesson:
    """Return what a request makes a model learn. Raises BadInput where that is nothing."""
    check_request(request)
    labels, targets = label_order(request), training_targets(request.train)
    examples = list(request.train.examples)
    if UNRELATED in labels:
        count = request.settings.unrelated
        negatives = sample_unrelated([*request.passages, *examples], targets, count, request.seed)
        examples += negatives
        if not negatives:  # every passage mentions every target: a label without an example cannot be learned
            labels.remove(UNRELATED)
    validation = request.validation
    kept = find_inheritance(request.init, request.train, labels, request.settings.unrelated)
    if kept:
        validation = guard_targets(validation, targets)
        labels, targets = kept.labels, kept.targets
    draft = _draft_metadata(request, labels, targets)
    draft = kept.complete(draft) if kept else draft
    fitting = prepare_fitting(draft, validation, request.seed, request.settings.abstain_error)
    return Lesson(examples, fitting, kept)


def label_order(request: Request) -> list[str]:
    """Return the model's labels: those of training in canonical order, `unrelated` last where negatives are sampled.

    A model that cannot read the target could not learn what is unrelated to it.
    """
    labels = list(request.train.labels)
    blind = isinstance(request.settings, BaselineSettings) and request.settings.features == "text"
    sampled = request.train.codebook is not None and request.settings.unrelated > 0 and not blind
    return [*labels, UNRELATED] if request.task == "stance" and sampled else labels


def training_targets(train: ExampleSet) -> list[str]:
    """Return the wordings of training, one per key, sorted; empty for topics."""
    wordings = {target_key(e.target): e.target for e in train.examples if e.target is not None}
    return sorted(wordings.values())


def count_floors(train: ExampleSet) -> Floors:
    """Return the most frequent label, and for stance that of each target; the earlier label on a tie."""

    def most_common(examples: Sequence[Example]) -> str:
        counts = Counter(label for example in examples for label in example.labels)
        return max(train.labels, key=lambda label: counts[label])

    by_target: dict[str, list[Example]] = {}
    for example in train.examples:
        if example.target is not None:
            by_target.setdefault(target_key(example.target), []).append(example)
    return Floors(
        majority=most_common(train.examples),
        target_only={key: most_common(examples) for key, examples in sorted(by_target.items())},
    )


def _draft_metadata(request: Request, labels: list[str], targets: list[str]) -> Metadata:
    codebook = request.train.codebook
    transformer = isinstance(request.settings, TransformerSettings)
    encoder = artifact.read_metadata(request.init).encoder if request.init else request.encoder
    return Metadata(
        format=artifact.FORMAT,
        task="topic" if request.task == "topic" else "stance",
        model="transformer" if transformer else "baseline",
        labels=labels,
        encoder=encoder if transformer else None,
        max_length=request.settings.max_length if isinstance(request.settings, TransformerSettings) else None,
        languages=sorted({e.language for e in request.train.examples if e.language}),
        codebook=codebook
        and CodebookReference(
            version=codebook.version, digest=codebook.digest, topics=codebook.topic_names, targets=codebook.targets
        ),
        targets=targets,
        floors=count_floors(request.train),
        data=request.train.dataset or request.train.digest,
        run=request.run,
        seed=request.seed,
        settings=dataclasses.asdict(request.settings),
        init=artifact.check_manifest(request.init) if request.init else None,
        versions=versions(),
    )


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a model depends on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
