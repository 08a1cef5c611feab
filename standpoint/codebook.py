"""The codebook: which labels, topics and targets exist, their rules, and a digest that changes with any of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from standpoint.encoding import target_key
from standpoint.errors import BadInput

STANCES = ("favor", "against", "none")
UNRELATED = "unrelated"  # never annotated: a passage paired with a target that its annotators left out
OTHER = "other"  # the topic that stands alone
MAX_TOPICS = 3

Version = Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Wording = Annotated[str, Field(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Topic(_Strict):
    """A topic's name for display and what belongs to it."""

    name: Wording
    is_: Annotated[str, Field(alias="is", min_length=1)]


class StanceRules(_Strict):
    labels: dict[str, str]
    rules: list[str] = []

    @model_validator(mode="after")
    def _labels_are_the_three(self) -> StanceRules:
        if set(self.labels) != set(STANCES):
            raise ValueError(f"expected the labels {', '.join(STANCES)}, found {', '.join(self.labels)}")
        return self


class TopicRules(_Strict):
    multi_label: bool = True
    rules: list[str] = []
    labels: Annotated[dict[Identifier, Topic], Field(min_length=2)]


class Codebook(_Strict):
    """A checked codebook.yaml. Order of topics and targets is the file's."""

    version: Version
    language: str
    unit: str = "passage"
    stance: StanceRules
    topics: TopicRules
    targets: Annotated[dict[Identifier, Wording], Field(min_length=1)]

    @field_validator("targets")
    @classmethod
    def _targets_differ(cls, targets: dict[str, str]) -> dict[str, str]:
        seen: dict[str, str] = {}
        for identifier, wording in targets.items():
            key = target_key(wording)
            if key in seen:
                raise ValueError(f"targets {seen[key]} and {identifier} have the same wording {wording!r}")
            seen[key] = identifier
        return targets

    @property
    def topic_names(self) -> dict[str, str]:
        return {identifier: topic.name for identifier, topic in self.topics.labels.items()}

    @property
    def digest(self) -> str:
        """sha256 over the whole content (wording, rules and order), not over the file's layout."""
        content = json.dumps(self.model_dump(by_alias=True), ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def wording(self, target: str) -> str:
        """Return the wording of a codebook id; any other text is a wording already and comes back as it is."""
        return self.targets.get(target, target)


class _Loader(yaml.SafeLoader):
    """YAML without duplicate keys, which PyYAML would silently let the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "expected a plain key", key_node.start_mark)
            key = self.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_codebook(path: str | Path) -> Codebook:
    """Read and check a codebook.yaml.

    Raises BadInput naming file, line or key, what was expected and what was found.
    """
    path = Path(path)
    text, content = load_yaml(path, "a corpus folder needs a codebook.yaml (see data/codebook.yaml)")
    if not isinstance(content, dict):
        raise BadInput(
            f"expected a mapping with version, stance, topics, targets; found {type(content).__name__}", str(path)
        )
    try:
        return Codebook.model_validate(content)
    except ValidationError as error:
        raise explain_fault(error, path, text) from None


def load_yaml(path: Path, absent: str) -> tuple[str, Any]:
    """Return a YAML file's text and content; raises BadInput with the line, or with `absent` where there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"no such file; {absent}", str(path)) from None
    except UnicodeDecodeError as error:
        raise BadInput(f"is not UTF-8 (byte {error.start}); save it as UTF-8", str(path)) from None
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", str(path)) from None
    try:
        return text, yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise BadInput(f"is not valid YAML: {problem}", f"{path}{line}") from None


def explain_fault(error: ValidationError, path: Path, text: str, above: Sequence[int | str] = ()) -> BadInput:
    """Return the first fault of a YAML file as an error with its line and key; `above` leads to what was checked."""
    first = error.errors()[0]
    place = [*above, *(part for part in first["loc"] if part != "[key]")]
    key = ".".join(str(part) for part in place) or "whole file"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    # Our own errors say what they found; a missing or unknown key has no value to show.
    silent = first["type"] in ("missing", "extra_forbidden", "value_error")
    found = "" if silent else f", found {_short(first['input'])}"
    where = f"{path}{_line_of(text, place)}: {key}"
    return BadInput(f"{first['msg'].removeprefix('Value error, ')}{found}{more}", where)


def _short(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except TypeError:  # a mapping with dates for keys
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _line_of(text: str, place: Sequence[int | str]) -> str:
    """Return `:line` of a key, or of the innermost one above it that the file has; nothing where it has none."""
    node, line = yaml.compose(text, Loader=yaml.SafeLoader), 0
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return f":{line}" if line else ""
