"""What a model that goes on from an artifact keeps of it, so that a team's few labels refine a model and spoil nothing.

A hundred labelled lines say which side some passages take toward a target. They do not say what is unrelated to it, nor
which codebook, targets and languages the model served before; and on the fifteen held back no threshold can be fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from standpoint.artifact import read_metadata
from standpoint.codebook import UNRELATED
from standpoint.encoding import target_key
from standpoint.errors import BadInput
from standpoint.metadata import Abstention, Metadata, Stack
from standpoint.predictor import UNNAMED
from training.examples import ExampleSet, make_example_set

ENOUGH = 100  # validation examples from which thresholds are fitted on them, and no longer kept


@dataclass(frozen=True)
class Inheritance:
    """The artifact gone on from, by its metadata, and the labels and targets of the model to come."""

    base: Metadata
    labels: list[str]
    targets: list[str]

    def complete(self, draft: Metadata) -> Metadata:
        """Return the draft with what its data do not say taken over: codebook, languages, floors of other targets."""
        floors = draft.floors
        if floors and self.base.floors:
            known = self.base.floors.target_only | floors.target_only
            floors = floors.model_copy(update={"target_only": dict(sorted(known.items()))})
        languages = sorted({*self.base.languages, *draft.languages}) if self.base.languages else []
        codebook = draft.codebook or self.base.codebook
        return draft.model_copy(update={"floors": floors, "languages": languages, "codebook": codebook})

    def settles(self, validation: int) -> bool:
        """Whether so many validation examples are too few to fit confidence on, so that the artifact's is kept."""
        return validation < ENOUGH

    @property
    def stack(self) -> Stack | None:
        """The weights of the artifact's two models, where the linear one can be kept: for the very same labels."""
        return self.base.stack if self.labels == self.base.labels else None

    def settle(self, fitted: dict[str, Any], abstains: bool) -> dict[str, Any]:
        """Return what was fitted with the artifact's own in its place.

        Stack, temperature and thresholds go together: each was fitted on what the one before gives. The bound to
        abstain is the artifact's too, unless the model `abstains` not at all, but without what it promised: that was
        shown of other weights on other passages.
        """
        thresholds = self.base.thresholds
        if UNRELATED not in self.labels:
            thresholds = {name: value for name, value in thresholds.items() if name not in (UNRELATED, UNNAMED)}
        bound = self.base.abstain
        silent = Abstention(low_confidence=bound.low_confidence, certainty=bound.certainty)
        screen = self.base.screen if self.stack else None
        kept = {"stack": self.stack, "screen": screen, "temperature": self.base.temperature, "thresholds": thresholds}
        return {**fitted, **kept, **({"abstain": silent if abstains else Abstention()} if "abstain" in fitted else {})}


def find_inheritance(init: Path | None, train: ExampleSet, labels: Sequence[str], unrelated: int) -> Inheritance | None:
    """Return what training on `train` for `labels` keeps of `init`; None where it starts anew, or for other labels.

    The artifact's labels are kept where it has the same task and knows all that are asked for; `unrelated` goes where
    the settings say that no such pair shall be sampled. Raises BadInput where labelled lines know some of its labels
    and others beside them.
    """
    if init is None:
        return None
    base = read_metadata(init)
    unknown = sorted(set(labels) - set(base.labels))
    if base.task != train.task or unknown:
        if base.task == train.task and train.codebook is None and set(labels) & set(base.labels):
            known = ", ".join(base.labels)  # labelled lines: more likely a slip than another set of labels
            raise BadInput(f"label {unknown[0]!r} is none of the artifact's ({known}); correct it", train.source)
        return None
    kept = [label for label in base.labels if label != UNRELATED or unrelated > 0]
    wordings = {target_key(target): target for target in base.targets}
    wordings |= {target_key(e.target): e.target for e in train.examples if e.target is not None}
    return Inheritance(base, kept, sorted(wordings.values()))


def guard_targets(examples: ExampleSet, asked: Sequence[str]) -> ExampleSet:
    """Return labelled lines as if every passage mentioned all targets that were `asked` about anywhere in them.

    A line names one target and leaves open whether the passage refers to the others of the same team, so none of these
    may be taken for unrelated. A target that only the artifact knows may: few passages refer to any given one.
    """
    if examples.codebook is not None:  # a built dataset says of each passage which targets were seen in it
        return examples
    guarded = [replace(e, mentioned=tuple(dict.fromkeys([*e.mentioned, *asked]))) for e in examples.examples]
    return replace(make_example_set(examples.task, guarded, like=examples), digest=examples.digest)
