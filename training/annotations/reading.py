"""Read a corpus folder strictly, document by document: nothing is repaired, every problem keeps its file and line."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from standpoint.errors import BadInput
from training.annotations.checking import ANNOTATION_FIELDS, find_unknown_fields, to_annotation, to_document
from training.annotations.documents import with_text
from training.annotations.index import CorpusIndex, index_corpus
from training.annotations.records import Annotation, Corpus, JudgedDocument, Problem
from training.files import Line, parse_line

_OPEN_FILES = 100  # a campaign may leave a file of annotations for every annotator and batch


def read_corpus(folder: Path, documents: Sequence[Path] | None = None) -> Corpus:
    """Read a corpus folder; raises BadInput with the first error and the number of those that follow.

    `documents` are the folders of texts kept elsewhere (None: those of STANDPOINT_DOCUMENTS).
    """
    corpus, problems = load_corpus(Path(folder), documents)
    refuse_errors(folder, problems)
    if corpus is None:
        raise RuntimeError("a corpus without a codebook has an error")
    return corpus


def load_corpus(folder: Path, documents: Sequence[Path] | None = None) -> tuple[Corpus | None, list[Problem]]:
    """Read what can be read; the corpus holds the sound documents and annotations, and is None without a codebook."""
    problems: list[Problem] = []
    index = index_corpus(folder, problems, documents)
    if index is None:
        return None, problems
    judged = list(read_judged(index, problems))
    texts = {found.document.id: found.document for found in judged}
    annotations = tuple(annotation for found in judged for annotation in found.annotations)
    return Corpus(folder, index.codebook, texts, annotations), sort_problems(problems)


def refuse_errors(folder: Path, problems: Sequence[Problem]) -> None:
    """Raise BadInput with the first error in order of file and line, if there is one, and the number of the others."""
    errors = [problem for problem in sort_problems(problems) if not problem.warning]
    if errors:
        more = len(errors) - 1
        rest = f" (and {more} more; `standpoint check {folder}` lists them)" if more else ""
        raise BadInput(f"{errors[0].message}{rest}", errors[0].where)


def sort_problems(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems in order of file and line, documents.jsonl first."""

    def key(problem: Problem) -> tuple[bool, str, int]:
        path, _, line = problem.where.rpartition(":")
        name, number = (path, int(line)) if path and line.isdecimal() else (problem.where, 0)
        return Path(name).name != "documents.jsonl", name, number

    return sorted(problems, key=key)


def read_judged(index: CorpusIndex, problems: list[Problem]) -> Iterator[JudgedDocument]:
    """Yield the documents of an index with their sound annotations; the others are told to `problems`."""
    lines = _Lines(index.files)
    try:
        bounds = index.bounds.tolist()
        for place, (offset, number) in enumerate(index.documents.tolist()):
            line = lines.read(0, offset, number)
            source = index.sources[place]
            content = line.content or {}
            document = to_document(with_text(content, source, line.where) if source else content, line.where)
            found: list[Annotation] = []
            rows = slice(bounds[place], bounds[place + 1])
            for row, withheld in zip(index.annotations[rows].tolist(), index.withheld[rows], strict=True):
                line = lines.read(*row)
                content = line.content or {}
                try:
                    annotation = to_annotation(content, line.where, index.codebook, document)
                except BadInput as error:
                    problems.append(Problem(line.where, error.message))
                    continue
                found.append(withhold(annotation, *withheld) if withheld else annotation)
                problems.extend(find_unknown_fields(content, ANNOTATION_FIELDS, line.where))
            found = list(_drop_repeated(found, problems))
            problems.extend(_find_overlaps(found))
            yield JudgedDocument(document, tuple(found))
    finally:
        lines.close()


def withhold(annotation: Annotation, fields: frozenset[str], meant: tuple[str, ...]) -> Annotation:
    """Return an annotation without the fields that must be read again first; its targets stay known as seen."""
    seen = dict.fromkeys((*meant, *(label.target for label in annotation.stances or ())))
    return replace(
        annotation,
        topics=None if "topics" in fields else annotation.topics,
        stances=None if "stances" in fields else annotation.stances,
        withheld=fields,
        meant=tuple(seen) if "stances" in fields else (),
    )


class _Lines:
    """Lines of several files by their place; at most `_OPEN_FILES` are open at a time."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files
        self.handles: OrderedDict[int, IO[bytes]] = OrderedDict()

    def read(self, file: int, offset: int, number: int) -> Line:
        handle = self.handles.pop(file, None) or self.files[file].open("rb")
        self.handles[file] = handle
        if len(self.handles) > _OPEN_FILES:
            self.handles.popitem(last=False)[1].close()
        handle.seek(offset)
        line = parse_line(handle.readline(), f"{self.files[file]}:{number}", number, offset)
        if line.content is None:
            raise BadInput(f"changed while it was read ({line.problem}); start again", line.where)
        return line

    def close(self) -> None:
        for handle in self.handles.values():
            handle.close()


def _drop_repeated(annotations: Sequence[Annotation], problems: list[Problem]) -> Iterator[Annotation]:
    seen: dict[tuple[int, int, str], str] = {}
    for annotation in annotations:
        key = annotation.start, annotation.end, annotation.annotator
        if key in seen:
            span = f"{annotation.start}:{annotation.end}"
            message = f"{annotation.annotator!r} judged the passage {span} already ({seen[key]})"
            problems.append(Problem(annotation.where, message))
            continue
        seen[key] = annotation.where
        yield annotation


def _find_overlaps(annotations: Sequence[Annotation]) -> Iterator[Problem]:
    """Two annotations of a document have the same span, or spans that do not touch."""
    first: dict[tuple[int, int], int] = {}
    for place, annotation in enumerate(annotations):
        first.setdefault((annotation.start, annotation.end), place)
    before: int | None = None
    for span in sorted(first):
        place = first[span]
        if before is not None and span[0] < annotations[before].end:
            here, there = annotations[max(place, before)], annotations[min(place, before)]
            yield Problem(
                here.where,
                f"the span {here.start}:{here.end} overlaps {there.start}:{there.end} ({there.where}); "
                "annotators judge the same passages or different ones",
            )
        if before is None or span[1] > annotations[before].end:
            before = place
