"""The changes that a migration may make, and how far each raises the version.

`what` is `topic` or `target`. Changes are made one after the other: each finds what those before it have left.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from standpoint.codebook import STANCES, Identifier, Wording
from standpoint.encoding import target_key
from standpoint.versions import Level


def _refuse_stance(value: Any) -> Any:
    if value == "stance" or value in STANCES:
        raise ValueError(
            f"the stances {', '.join(STANCES)} are fixed, models and metrics rest on them; "
            "a migration changes topics and targets"
        )
    return value


What = Annotated[Literal["topic", "target"], BeforeValidator(_refuse_stance)]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Fields(_Change):
    """What a codebook says of an entry: name and content of a topic, wording of a target."""

    name: Wording | None = None
    is_: Annotated[str | None, Field(alias="is", min_length=1)] = None
    wording: Wording | None = None

    def given(self) -> dict[str, str]:
        """Return those that are set, by their names in the file."""
        found = {"name": self.name, "is": self.is_, "wording": self.wording}
        return {name: value for name, value in found.items() if value is not None}


class Rename(Fields):
    """Another id, other words, or both, for the same thing."""

    what: What
    from_: Annotated[Identifier, Field(alias="from")]
    to: Identifier | None = None

    @property
    def new(self) -> str:
        return self.to or self.from_


class Merge(Fields):
    """Several become one, which may be one of them."""

    what: What
    from_: Annotated[tuple[Identifier, ...], Field(alias="from", min_length=2)]
    to: Identifier


class Part(Fields):
    """One of those that an entry is split into; fields are needed where the codebook does not have it yet."""

    id: Identifier


class Split(_Change):
    """One becomes several. Annotations cannot know which: they are read again, or hold `default` until they are."""

    what: What
    from_: Annotated[Identifier, Field(alias="from")]
    into: Annotated[tuple[Part, ...], Field(min_length=2)]
    default: Identifier | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.id for part in self.into)

    @model_validator(mode="after")
    def _default_is_a_part(self) -> Split:
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"a part stands twice in {', '.join(self.names)}")
        if self.default is not None and self.default not in self.names:
            raise ValueError(f"the default {self.default!r} is not one of the parts {', '.join(self.names)}")
        return self


class Remove(_Change):
    """An entry goes; its label is dropped."""

    what: What
    id: Identifier


class Add(Fields):
    """A new entry. No earlier annotation has considered it: add a `reread` where that matters."""

    what: What
    id: Identifier


class Reread(_Change):
    """A rule changed: passages that carry `label`, or all that were judged, are read again."""

    what: What
    label: Identifier | None = None
    why: Annotated[str, Field(min_length=1)]


Change = Rename | Merge | Split | Remove | Add | Reread
KINDS: dict[str, type[Rename | Merge | Split | Remove | Add | Reread]] = {
    "rename": Rename,
    "merge": Merge,
    "split": Split,
    "remove": Remove,
    "add": Add,
    "reread": Reread,
}


def needed_level(change: Change, wordings: dict[str, str]) -> Level:
    """Return how far a change raises the version; `wordings` are those of the targets before it.

    A model knows a target by its wording, so that another wording is another target to it.
    """
    if isinstance(change, Add | Reread):
        return "minor"
    if isinstance(change, Rename) and change.new == change.from_:
        return "major" if rewords_target(change, wordings) else "patch"
    return "major"


def rewords_target(change: Rename, wordings: dict[str, str]) -> bool:
    """Whether a rename gives a target a wording that models do not know it by."""
    before, after = wordings.get(change.from_), change.wording
    return before is not None and after is not None and target_key(before) != target_key(after)


def describe_change(change: Change) -> str:
    """Return a change in a few words, for a report or a reason."""
    if isinstance(change, Rename):
        return f"{change.what} {change.from_} renamed to {change.new}" if change.to else f"{change.from_} reworded"
    if isinstance(change, Merge):
        return f"{change.what}s {', '.join(change.from_)} merged into {change.to}"
    if isinstance(change, Split):
        return f"{change.what} {change.from_} split into {', '.join(change.names)}"
    if isinstance(change, Reread):
        return f"{change.what}{f' {change.label}' if change.label else 's'} to be read again: {change.why}"
    return f"{change.what} {change.id} {'added' if isinstance(change, Add) else 'removed'}"
