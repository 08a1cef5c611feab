"""The shapes of requests and answers: checked on the way in, described in OpenAPI. Lengths are in serving/limits.py."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from standpoint.metadata import Task

Probability = Annotated[float, Field(ge=0, le=1)]

# Names for display of the stance labels; the codebook's ids stay what they are in every answer.
STANCE_NAMES = {
    "favor": "in favor",
    "against": "against",
    "none": "no side taken",
    "unrelated": "not about the target",
}


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PassageIn(_In):
    """A passage to be judged."""

    id: str | None = Field(None, description="Comes back with the prediction.", examples=["p1"])
    text: str = Field(
        description="One paragraph, as it was published.",
        examples=["The delegation called the new sanctions unjust and asked for their end."],
    )
    targets: list[str] | None = Field(
        None,
        description="What a stance is toward: any wording, or a codebook id. Left out: the codebook's targets, of "
        "which those are answered that the passage refers to. Empty: no stances.",
        examples=[["sanctions on Russia", "peace-talks"]],
    )


class PredictIn(_In):
    """A request of POST /v1/predict."""

    passages: list[PassageIn] = Field(min_length=1)
    tasks: list[Task] | None = Field(
        None, min_length=1, description="What to predict. Left out: everything that a model is loaded for."
    )
    explain: bool | None = Field(
        False, description="Whether each decided topic and each stance says which words drove it, in `words`."
    )


class WordOut(BaseModel):
    """A word of the passage, and how much it drove an answer."""

    start: int = Field(
        description="Code points of the passage in Unicode's NFC, without control and invisible characters, every run "
        "of white space one space, trimmed. Where the text that was sent is not that, look for `text`."
    )
    end: int
    text: str = Field(examples=["unjust"])
    weight: float = Field(description="Log odds of the answer's label that the word adds or, below 0, takes away.")


Words = Annotated[
    list[WordOut] | None,
    Field(
        description="With `explain`: the at most 10 words of most weight for or against the label answered, in the "
        "order of the passage; where `stance` is null, for or against its most probable label."
    ),
]


class TopicOut(BaseModel):
    """One topic of a passage."""

    topic: str = Field(examples=["sanctions"])
    probability: Probability
    decided: bool = Field(description="Whether the passage is about it, by the artifact's thresholds.")
    words: Words = None


class StanceOut(BaseModel):
    """The side that a passage takes toward a target."""

    target: str = Field(description="As it was asked.", examples=["sanctions on Russia"])
    stance: str | None = Field(description="Null where `abstain` gives a reason.", examples=["against"])
    probabilities: dict[str, Probability]
    abstain: Literal["low_confidence", "language"] | None
    words: Words = None


class Prediction(BaseModel):
    """What was found in one passage. `topics` and `stances` are there where the task was asked for."""

    id: str | None = Field(None, description="As given; left out where none was.")
    language: str = Field(description="ISO 639-1, `und` where unclear.", examples=["en"])
    truncated: bool = Field(description="Whether the model read only the first part of the passage.")
    topics: list[TopicOut] | None = Field(None, description="By falling probability.")
    stances: list[StanceOut] | None = None


class ErrorDetail(BaseModel):
    """What is wrong, where, and what to do."""

    code: str = Field(examples=["invalid"])
    message: str = Field(examples=["expected a text, found nothing but space"])
    where: str | None = Field(None, description="The field of the request.", examples=["passages[3].text"])


class ErrorOut(BaseModel):
    """Every answer of 4xx and 5xx."""

    error: ErrorDetail


class ItemError(BaseModel):
    """Stands in the place of a prediction whose passage was invalid."""

    id: str | None = None
    error: ErrorDetail


class ModelLabel(BaseModel):
    """The model that answered."""

    name: str = Field(examples=["standpoint-stance"])
    version: str = Field(description="`local` for an artifact named by its folder.", examples=["3"])
    digest: str = Field(description="sha256 of the artifact's manifest.")


class ModelLabels(BaseModel):
    """The models that answered; a task that was not asked for is left out."""

    topic: ModelLabel | None = None
    stance: ModelLabel | None = None


class PredictOut(BaseModel):
    """The answer of POST /v1/predict: one entry for each passage, in order."""

    predictions: list[Prediction | ItemError]
    model: ModelLabels


class DroppedOut(BaseModel):
    """A span of the page that no passage covers."""

    document: str
    start: int
    end: int
    reason: str = Field(examples=["blank"])


class PagePassage(Prediction):
    """A passage of a page with its prediction. `start` and `end` count code points of the decoded page."""

    document: str
    start: int
    end: int
    text: str
    encoding: str
    speaker: str | None = None
    error: ErrorDetail | None = Field(None, description="In place of topics and stances where it could not be judged.")


class PagesOut(BaseModel):
    """The answer of POST /v1/pages: passages and dropped spans together account for every character of the page."""

    passages: list[PagePassage]
    dropped: list[DroppedOut]
    model: ModelLabels


class PageLine(BaseModel):
    """A line of the same as application/x-ndjson: one of these fields, `model` or `error` in the last line."""

    passage: PagePassage | None = None
    dropped: DroppedOut | None = None
    model: ModelLabels | None = None
    error: ErrorDetail | None = None


class LabelNames(BaseModel):
    """Names for display, by label."""

    topic: dict[str, str] = {}
    stance: dict[str, str] = {}


class CodebookOut(BaseModel):
    """The codebook that the labels come from: topics of the topic model, targets of the stance model."""

    version: str | None = Field(description="Null where the models know different codebooks; each says its own.")
    digest: str | None
    topics: dict[str, str] = Field(description="Id to name for display.")
    targets: dict[str, str] = Field(description="Id to wording.")


class AbstentionOut(BaseModel):
    """When a stance is withheld, and what that promises of passages that refer to their target."""

    low_confidence: float | None = Field(
        description="Share of P(favor, against, none) under which a stance is withheld; 1: always, null: never."
    )
    error: float | None = Field(description="Share of the stances given that may be wrong; null: nothing is promised.")
    certainty: float | None = Field(description="With which that holds, over the drawing of validation.")
    coverage: float | None = Field(description="Share of validation's pairs that get a stance.")
    error_found: float | None = Field(description="Share of these that is wrong.")


class ModelDescription(ModelLabel):
    """One loaded model."""

    kind: Literal["baseline", "transformer"]
    variant: str = Field(description="`fp32`, or the faster copy that answers.", examples=["int8"])
    labels: list[str]
    languages: list[str]
    max_length: int | None = Field(description="Tokens that it reads of a passage; null: all.")
    thresholds: dict[str, float]
    abstain: AbstentionOut
    codebook: dict[str, str] | None = Field(description="Version and digest.")
    data: str = Field(description="Digest of the dataset that it learned from.")
    metrics: dict[str, Any]


class ModelOut(BaseModel):
    """The answer of GET /v1/model."""

    models: dict[str, ModelDescription] = Field(description="By task.")
    codebook: CodebookOut | None
    labels: LabelNames
    languages: list[str] = Field(description="Those that every loaded model was trained on; empty: any.")
    limits: dict[str, int]


class LiveOut(BaseModel):
    """The answer of GET /livez."""

    live: Literal[True]


class ReadyOut(BaseModel):
    """The answer of GET /readyz."""

    ready: Literal[True]
    model: ModelLabels
    problems: dict[str, str] = Field(description="By task: why a newer model was refused.")
