"""reread.jsonl: the judgements that a migration could not carry over, until somebody reads the passage again.

A line is `document, start, end, annotator, task, why`, with `codebook` (the version that asks for it), `labels` (what
may be meant, in today's names), `was` (the judgement before, in the names of then) and, where it holds until then,
`kept: true`. The judgement itself stands in the annotations as null: nobody can misread what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.files import describe, read_lines, read_objects, require_text

FILE = "reread.jsonl"
FIELDS = {"topic": "topics", "stance": "stances"}  # task -> field of an annotation
DECIDES = "adjudicator"

Passage = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """One judgement to be made again; `labels` are ids, `now` the judgement that holds until then."""

    document: str
    start: int
    end: int
    annotator: str
    task: str
    why: str
    codebook: str
    labels: tuple[str, ...] = ()
    was: Any = None
    kept: bool = False
    now: Any = None
    where: str = field(default="", compare=False)  # file:line

    @property
    def passage(self) -> Passage:
        return self.document, self.start, self.end

    def as_dict(self) -> dict[str, Any]:
        """Return its line."""
        names = ("document", "start", "end", "annotator", "task", "why", "codebook")
        line = {name: getattr(self, name) for name in names} | {"labels": list(self.labels), "was": self.was}
        return {**line, "kept": True, "now": self.now} if self.kept else line


@dataclass(frozen=True)
class Rereads:
    """What of a folder is still to be read again.

    `withheld` says which fields of a passage's annotations must not be read until then, whoever made them, and `meant`
    which targets it may refer to.
    """

    open: tuple[Mark, ...] = ()
    withheld: Mapping[Passage, frozenset[str]] = field(default_factory=dict)
    meant: Mapping[Passage, tuple[str, ...]] = field(default_factory=dict)


def read_marks(path: Path) -> Iterator[Mark]:
    """Yield the lines of a reread.jsonl; nothing where there is none. Raises BadInput with file:line."""
    if not path.exists():
        return
    for where, content in read_objects(path):
        texts = {
            name: require_text(content, name, where) for name in ("document", "annotator", "task", "why", "codebook")
        }
        labels = content.get("labels", [])
        if texts["task"] not in FIELDS:
            raise BadInput(f"expected a task of {', '.join(FIELDS)}, found {describe(content, 'task')}", where)
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise BadInput(f"expected a list of texts 'labels', found {describe(content, 'labels')}", where)
        for name in ("start", "end"):
            if type(content.get(name)) is not int:
                raise BadInput(f"expected a whole number {name!r}, found {describe(content, name)}", where)
        yield Mark(
            **texts,
            start=content["start"],
            end=content["end"],
            labels=tuple(labels),
            was=content.get("was"),
            kept=content.get("kept") is True,
            now=content.get("now"),
            where=where,
        )


def find_rereads(folder: Path) -> Rereads:
    """Return what a corpus folder still asks for; empty, without reading an annotation, where nothing was marked.

    A mark is settled by its annotator's own judgement, where the annotator's line is gone, or by the adjudicator's
    where that is not to be read again itself. One that holds until then (`kept`) is settled when it is changed, or
    when its line is taken out of reread.jsonl.
    """
    marks = list(read_marks(folder / FILE))
    if not marks:
        return Rereads()
    judged = _find_judgements(folder, {mark.passage for mark in marks})
    undecided = frozenset((mark.passage, mark.task) for mark in marks if mark.annotator == DECIDES and mark.kept)
    still = tuple(mark for mark in marks if _is_open(mark, judged, undecided))
    withheld: dict[Passage, frozenset[str]] = {}
    meant: dict[Passage, tuple[str, ...]] = {}
    for mark in still:
        if not mark.kept:
            withheld[mark.passage] = withheld.get(mark.passage, frozenset()) | {FIELDS[mark.task]}
        if mark.task == "stance":
            meant[mark.passage] = tuple(dict.fromkeys((*meant.get(mark.passage, ()), *mark.labels)))
    return Rereads(still, withheld, meant)


def _find_judgements(folder: Path, passages: set[Passage]) -> dict[tuple[Passage, str], dict[str, Any]]:
    """Return the annotations of some passages as they stand in the files, by passage and annotator."""
    found = {}
    for path in sorted((folder / "annotations").glob("*.jsonl")):
        for line in read_lines(path):  # broken lines are the reading's to name
            content = line.content or {}
            passage = content.get("document"), content.get("start"), content.get("end")
            if all(isinstance(part, str | int) for part in passage) and passage in passages:
                found[(passage, str(content.get("annotator")))] = content
    return found  # type: ignore[return-value]


def _is_open(
    mark: Mark, judged: Mapping[tuple[Passage, str], dict[str, Any]], undecided: frozenset[tuple[Passage, str]]
) -> bool:
    """Whether nobody has settled a mark; `undecided` are those that the adjudicator has to read again."""
    name = FIELDS[mark.task]
    decided = judged.get((mark.passage, DECIDES), {}).get(name)
    if mark.annotator != DECIDES and decided is not None and (mark.passage, mark.task) not in undecided:
        return False
    own = judged.get((mark.passage, mark.annotator))
    if own is None:
        return False
    return own.get(name) == mark.now if mark.kept else own.get(name) is None
