"""What a corpus folder holds, once read: documents, annotations and the problems found on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standpoint.codebook import Codebook

ADJUDICATOR = "adjudicator"  # saw the others' labels and decided between them: never counted in agreement

Passage = tuple[str, int, int]  # document, start, end in code points of its text


@dataclass(frozen=True, slots=True)
class Document:
    """A whole text with where it comes from; `date` is ISO 8601 or empty where unknown."""

    id: str
    outlet: str
    kind: str
    date: str
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class StanceLabel:
    """One side taken; `target` is a codebook id."""

    target: str
    stance: str
    holder: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's judgement of one passage; `topics` or `stances` is None where that task was not judged.

    `withheld` names those of the two that a migration asks to be read again: they are None too, and `meant` are the
    targets that the passage may refer to.
    """

    document: str
    start: int
    end: int
    annotator: str
    topics: tuple[str, ...] | None
    stances: tuple[StanceLabel, ...] | None
    where: str
    withheld: frozenset[str] = frozenset()
    meant: tuple[str, ...] = ()

    @property
    def passage(self) -> Passage:
        return self.document, self.start, self.end


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at `where` (file:line); a warning lets the corpus be used, `kind` groups warnings."""

    where: str
    message: str
    warning: bool = False
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, slots=True)
class JudgedDocument:
    """A document with its annotations, in order of file name and line."""

    document: Document
    annotations: tuple[Annotation, ...]

    def passages(self) -> dict[Passage, list[Annotation]]:
        """Return every judged passage with its annotations, sorted by position."""
        found: dict[Passage, list[Annotation]] = {}
        for annotation in sorted(self.annotations, key=lambda a: (a.start, a.end)):
            found.setdefault(annotation.passage, []).append(annotation)
        return found


@dataclass(frozen=True)
class Corpus:
    """A corpus folder in memory. Documents are sorted by id, annotations by document, file name and line."""

    folder: Path
    codebook: Codebook
    documents: Mapping[str, Document]
    annotations: tuple[Annotation, ...]

    def passages(self) -> dict[Passage, list[Annotation]]:
        """Return every judged passage with its annotations, sorted by document id and position."""
        found: dict[Passage, list[Annotation]] = {}
        for annotation in sorted(self.annotations, key=lambda a: a.passage):
            found.setdefault(annotation.passage, []).append(annotation)
        return found
