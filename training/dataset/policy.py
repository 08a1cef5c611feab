"""The split policy: splits.yaml and the ledger of documents that already have their part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from standpoint.errors import BadInput
from training.files import describe, digest_lines, read_objects, replace_file, require_text, to_line

TRAIN, VALIDATION, TEST = "train", "validation", "test"
UNSEEN_TARGETS, UNSEEN_KINDS, UNSEEN_OUTLETS = "test_unseen_targets", "test_unseen_kinds", "test_unseen_outlets"
SPLITS = (TRAIN, VALIDATION, TEST, UNSEEN_TARGETS, UNSEEN_KINDS, UNSEEN_OUTLETS)
DOCUMENT_PARTS = (TRAIN, VALIDATION, TEST, UNSEEN_KINDS, UNSEEN_OUTLETS)  # unseen targets are a matter of passages

Share = Annotated[float, Field(gt=0, lt=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shares(_Strict):
    train: Share = 0.70
    validation: Share = 0.12
    test: Share = 0.18

    @model_validator(mode="after")
    def _sum_to_one(self) -> Shares:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"expected shares that sum to 1, found {total:g}")
        return self


class NearDuplicates(_Strict):
    """When one passage counts as a copy of another. The defaults are measured: notebooks/LOG.md, 2026-11-21.

    A copy shares `overlap` of the words of both (Jaccard, repeated words counted) and at least one run of `words`
    words. A quotation is a passage with `quoted_runs` runs or more of which the other holds the share `quoted`. Runs
    that stand in more than `common` different texts are stock phrases and propose nothing.
    """

    words: Annotated[int, Field(ge=1, le=10)] = 3
    overlap: Annotated[float, Field(ge=0.3, le=1)] = 0.66
    quoted: Annotated[float, Field(ge=0.5, le=1)] = 0.85
    quoted_runs: Annotated[int, Field(ge=2)] = 8
    common: Annotated[int, Field(ge=2, le=1000)] = 20

    @property
    def rows(self) -> int:
        """Hashes in a MinHash band: as many as let 80 bands propose 98% of the pairs that just overlap enough."""
        return next((rows for rows in range(8, 1, -1) if (1 - self.overlap**rows) ** 80 <= 0.02), 1)


class Policy(_Strict):
    """A checked splits.yaml; every key may be left out."""

    seed: int = 13
    by: Literal["labels", "time"] = "labels"
    shares: Shares = Shares()
    unseen_targets: tuple[str, ...] = ()
    unseen_targets_in_test: Share = 0.5
    unseen_kinds: tuple[str, ...] = ()
    unseen_outlets: tuple[str, ...] = ()
    near_duplicates: NearDuplicates = NearDuplicates()
    parts: str = "parts.jsonl"

    def held_part(self, kind: str, outlet: str) -> str | None:
        """Return the part of a document that is never learnt from, None for all others. Its kind decides first."""
        if kind in self.unseen_kinds:
            return UNSEEN_KINDS
        return UNSEEN_OUTLETS if outlet in self.unseen_outlets else None

    @property
    def digest(self) -> str:
        """sha256 over the whole policy."""
        return digest_lines([self.model_dump()])


def read_policy(path: Path) -> Policy:
    """Read splits.yaml; where there is none, the defaults hold (no unseen targets or kinds)."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Policy()
    except UnicodeDecodeError as error:
        raise BadInput(f"is not UTF-8 (byte {error.start}); save it as UTF-8", str(path)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise BadInput(f"is not valid YAML: {getattr(error, 'problem', error)}", f"{path}{line}") from None
    try:
        return Policy.model_validate({} if content is None else content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "whole file"
        found = "" if first["type"] == "extra_forbidden" else f", found {describe({'value': first['input']}, 'value')}"
        message = first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{message}{found}", f"{path}: {key}") from None


@dataclass(frozen=True)
class Ledger:
    """Document -> part, as decided before."""

    path: Path
    parts: Mapping[str, str]


def read_ledger(path: Path) -> Ledger:
    """Read parts.jsonl; without one, every document is a newcomer."""
    parts: dict[str, str] = {}
    if not path.exists():
        return Ledger(path, parts)
    for where, content in read_objects(path):
        document, part = require_text(content, "document", where), content.get("part")
        if part not in DOCUMENT_PARTS:
            raise BadInput(f"expected a part of {', '.join(DOCUMENT_PARTS)}, found {describe(content, 'part')}", where)
        if document in parts:
            raise BadInput(f"the document {document!r} stands twice; keep one line", where)
        parts[document] = part
    return Ledger(path, parts)


def write_ledger(path: Path, parts: Mapping[str, str]) -> None:
    """Write parts.jsonl, sorted by document."""
    lines = [to_line({"document": document, "part": parts[document]}) + "\n" for document in sorted(parts)]
    replace_file(path, "".join(lines).encode())


Side = Literal["train", "validation", "test"]


def side_of(part: str) -> Side:
    """Return which of the three sides a part is on: all test parts are one, since nothing is learnt from any."""
    if part == TRAIN:
        return "train"
    return "validation" if part == VALIDATION else "test"
