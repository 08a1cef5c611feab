"""Passages on their way to a tool: what is to be judged, and what was judged or suggested so far."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from standpoint.codebook import Codebook
from standpoint.encoding import normalise
from standpoint.errors import BadInput
from standpoint.pages.reading import read_page
from training.annotations.index import index_corpus
from training.annotations.reading import read_judged, refuse_errors
from training.annotations.records import Annotation, Document, JudgedDocument, Passage, Problem
from training.stratification import draw


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a model says of a passage: topics with their probabilities, and by target the stance with its own.

    `score` is the probability of the least certain label, `model` names the artifacts by digest.
    """

    topics: Mapping[str, float]
    stances: Mapping[str, tuple[str, float]]
    score: float
    model: str


@dataclass(frozen=True, slots=True)
class Task:
    """A passage to be judged. Without annotations it is an open task."""

    document: Document
    start: int
    end: int
    annotations: tuple[Annotation, ...] = ()
    suggestion: Suggestion | None = None

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]

    @property
    def reference(self) -> str:
        """The passage as one short text, `document:start:end`, for tools that keep flat fields only."""
        return f"{self.document.id}:{self.start}:{self.end}"

    @property
    def passage(self) -> Passage:
        return self.document.id, self.start, self.end


def parse_reference(reference: object, where: str) -> Passage:
    """Return the passage of a `Task.reference`. Raises BadInput."""
    parts = reference.rsplit(":", 2) if isinstance(reference, str) else []
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        found = "no passage" if reference is None else f"the passage {str(reference)[:60]!r}"
        raise BadInput(f"expected a passage as DOCUMENT:START:END, found {found}; export the tasks again", where)
    return parts[0], int(parts[1]), int(parts[2])


@dataclass(frozen=True)
class TaskSet:
    """The tasks of a corpus folder, sorted by document id and position."""

    codebook: Codebook
    tasks: tuple[Task, ...] = field(repr=False)

    def lines(self) -> list[str]:
        """Return the counts for a terminal."""
        judged = sum(bool(task.annotations) for task in self.tasks)
        suggested = sum(task.suggestion is not None for task in self.tasks)
        made = sum(len(task.annotations) for task in self.tasks)
        counts = f"{len(self.tasks)} passages: {judged} with {made} annotations, {len(self.tasks) - judged} open"
        return [counts + (f", {suggested} with a model's suggestion" if suggested else "")]


def read_tasks(
    folder: Path, annotators: Collection[str] = (), open_too: bool = True, limit: int | None = None
) -> TaskSet:
    """Return the passages of a corpus folder with the annotations of `annotators`.

    Passages are the spans that anybody judged, and what the page reader cuts out of the rest of each document.
    `open_too` keeps those that none of `annotators` judged. `limit` takes a sample that depends on content only.
    Raises BadInput where the folder has errors, or an annotator judged nothing.
    """
    problems: list[Problem] = []
    index = index_corpus(folder, problems)
    if index is None:
        refuse_errors(folder, problems)
        raise RuntimeError("a corpus without a codebook has an error")
    tasks = [task for judged in read_judged(index, problems) for task in _cut_tasks(judged, annotators, open_too)]
    unjudged = str(
        folder / "annotations"
    )  # the one problem of a folder that nobody annotated yet, and which waits for us
    refuse_errors(folder, [problem for problem in problems if problem.where != unjudged])
    found = {annotation.annotator for task in tasks for annotation in task.annotations}
    missing = [name for name in annotators if name not in found]
    if missing:
        raise BadInput(
            f"the annotator {missing[0]!r} judged no passage of {folder}; leave --annotator out or correct it"
        )
    if limit is not None and limit < len(tasks):
        chosen = sorted(tasks, key=lambda task: draw(0, f"{task.reference}\0{task.text}"))[:limit]
        tasks = sorted(chosen, key=lambda task: task.passage)
    return TaskSet(index.codebook, tuple(tasks))


def _cut_tasks(judged: JudgedDocument, annotators: Collection[str], open_too: bool) -> Iterator[Task]:
    passages = {(a.start, a.end): Task(judged.document, a.start, a.end) for a in judged.annotations}
    if open_too:
        for start, end in _find_unjudged(judged.document, sorted(passages)):
            passages[start, end] = Task(judged.document, start, end)
    for annotation in judged.annotations:
        if annotation.annotator in annotators:
            span = annotation.start, annotation.end
            passages[span] = replace(passages[span], annotations=(*passages[span].annotations, annotation))
    for _, task in sorted(passages.items()):
        if open_too or task.annotations:
            yield task


def _find_unjudged(document: Document, judged: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans that the page reader finds and that touch no judged one."""
    place = 0
    for passage in sorted(read_page(document.text.encode(), document.id).passages, key=lambda p: p.start):
        span = document.text[passage.start : passage.end]
        start = passage.start + len(span) - len(span.lstrip())
        end = passage.end - len(span) + len(span.rstrip())
        while place < len(judged) and judged[place][1] <= start:
            place += 1
        apart = place == len(judged) or end <= judged[place][0]
        if start < end and apart and normalise(document.text[start:end]):
            yield start, end
