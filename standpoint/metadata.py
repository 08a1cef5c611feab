"""What an artifact says of itself: the content of metadata.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from standpoint.encoding import TEXT_FORMAT

Task = Literal["topic", "stance"]
Share = Annotated[float, Field(ge=0, le=1)]
VariantName = Annotated[str, Field(pattern=r"^[a-z0-9]{1,16}$")]  # a file's, too
Finite = Annotated[float, Field(allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CodebookReference(_Strict):
    """The codebook that the labels come from, with all that an answer shows of it."""

    version: str
    digest: str
    topics: dict[str, str]  # id -> name for display
    targets: dict[str, str]  # id -> wording


class Abstention(_Strict):
    """When a stance is withheld: below `low_confidence`; never where that is None, always where it is 1.

    The bound was chosen on validation so that at most a share `error` of the stances given is wrong, with `certainty`.
    """

    low_confidence: Share | None = None
    error: Share | None = None  # asked for
    certainty: Share | None = None
    coverage: Share | None = None  # of the annotated pairs of validation, those that get a stance
    error_found: Share | None = None  # of these, those that get a wrong one; None where none gets one

    def withholds(self, confidence: float) -> bool:
        """Whether a stance of this confidence, as of `stance_confidence`, is withheld."""
        return self.low_confidence is not None and (confidence < self.low_confidence or self.low_confidence == 1)


class Stack(_Strict):
    """How much the two models of an artifact count: weights of their logits, fitted on validation.

    `relation` weighs their log odds that a passage refers to the target, where `unrelated` is a label. `bias` is added
    to these log odds, or to each topic's. `targets` are those of which the linear model has weights of its own.
    """

    transformer: Weight = 0.5
    linear: Weight = 0.5
    relation: tuple[Weight, Weight] = (0.5, 0.5)
    bias: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    targets: list[str] = []


class Screen(_Strict):
    """Which targets that nobody named are worth the transformer's time: those that the linear model finds likely.

    `odds` are its log odds that the passage refers to the target, chosen on validation; of a passage's targets at most
    `most` are looked at closely, the likeliest ones.
    """

    odds: Annotated[float, Field(allow_inf_nan=False)]
    most: Annotated[int, Field(ge=1)] = 5


class Variant(_Strict):
    """A faster copy of the model, as validation judged it beside the model itself; `refused` says why it is not kept.

    `difference` is the lead of the copy in `metric`, with its 95% interval, paired over groups; `log_loss` how much
    more its probabilities cost; `false_sides` how many more of the unrelated targets that are merely tried get a side,
    as a share of them; `batch` the largest change of a probability by the texts beside it.
    """

    agreement: Share  # of the answers, to unrelated targets too
    metric: str
    difference: Finite
    low: Finite
    high: Finite
    log_loss: Finite
    false_sides: Finite
    batch: Finite
    refused: str | None = None


class Floors(_Strict):
    """Answers that need no reading, from the labels of training: what the model must beat wherever it is evaluated."""

    majority: str
    target_only: dict[str, str] = {}  # target key -> its most frequent stance


class Metadata(_Strict):
    """The content of metadata.json; the contracts name each field."""

    format: int
    task: Task
    model: Literal["baseline", "transformer"]
    labels: Annotated[list[str], Field(min_length=2)]
    encoder: str | None = None
    max_length: int | None = None  # tokens, special ones included
    text_format: int = TEXT_FORMAT
    languages: list[str] = []
    stack: Stack | None = None  # where a linear model stands beside the transformer
    screen: Screen | None = None  # of targets that nobody named
    variants: dict[VariantName, Variant] = {}  # faster copies, the fastest first; those admitted are in variants/
    temperature: Annotated[float, Field(gt=0)] = 1.0
    thresholds: dict[str, Share] = {}  # of topics; of `unrelated` and `unrelated_unnamed` for stance
    abstain: Abstention = Abstention()
    codebook: CodebookReference | None = None
    targets: list[str] = []  # wordings seen in training, sorted
    floors: Floors | None = None
    data: str
    run: str | None = None
    seed: int | None = None
    settings: dict[str, Any] = {}
    init: str | None = None  # digest of the artifact that training went on from
    validation: str = ""  # digest of the examples that it was fitted and chosen on
    confusion: dict[str, dict[str, int]] = {}  # annotated stance -> answer -> pairs of validation, cross-fitted
    metrics: dict[str, Any] = {}  # on validation, scored from this artifact
    versions: dict[str, str] = {}
