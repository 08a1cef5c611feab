"""Where each document and its annotations stand in the files of a corpus folder, so that both are read side by side.

The texts stay on disk: of a document the index holds two numbers, of an annotation three.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standpoint.codebook import Codebook, read_codebook
from standpoint.errors import BadInput
from training.annotations.checking import DOCUMENT_FIELDS, find_unknown_fields, to_document
from training.annotations.documents import Absent, DocumentFinder, describe_absent, document_folders, with_text
from training.annotations.records import Document, Problem
from training.annotations.versions import find_waiting, judge_version
from training.files import Line, read_lines, require_text
from training.migrations.journal import require_settled
from training.migrations.reading import FOLDER as MIGRATIONS
from training.migrations.reading import Steps, read_migrations
from training.migrations.rereads import Rereads, find_rereads

Withheld = tuple[frozenset[str], tuple[str, ...]]  # fields of a judgement, and targets that it may refer to


@dataclass(frozen=True)
class CorpusIndex:
    """The lines of a corpus folder, by document, sorted by its id.

    `files` are documents.jsonl and the files of annotations by name; `documents` (n, 2) has the offset and line of each
    document; `annotations` (m, 3) the file, offset and line of each judgement, `bounds[i]:bounds[i + 1]` those of
    document i in order of file and line. All are int64. `sources` (n,) has the file of each document whose text is kept
    elsewhere, `withheld` (m,) what of a judgement is to be read again, both None for all others; `absent` are the
    documents whose text was not found.
    """

    folder: Path
    codebook: Codebook
    files: tuple[Path, ...]
    documents: NDArray[np.int64]
    annotations: NDArray[np.int64]
    bounds: NDArray[np.int64]
    sources: NDArray[np.object_]
    withheld: NDArray[np.object_]
    absent: tuple[Absent, ...] = ()

    def cut(self, most: int) -> Iterator[CorpusIndex]:
        """Yield parts of whole documents that follow one another, each with about `most` annotations."""
        low = 0
        while low < len(self.documents):
            high = int(np.searchsorted(self.bounds, self.bounds[low] + most, side="right")) - 1
            high = min(max(high, low + 1), low + most, len(self.documents))
            first, last = self.bounds[low], self.bounds[high]
            yield replace(
                self,
                documents=self.documents[low:high],
                annotations=self.annotations[first:last],
                bounds=self.bounds[low : high + 1] - first,
                sources=self.sources[low:high],
                withheld=self.withheld[first:last],
                absent=(),
            )
            low = high


def index_corpus(folder: Path, problems: list[Problem], documents: Sequence[Path] | None = None) -> CorpusIndex | None:
    """Index a corpus folder; None without a codebook. Lines that are broken, documents that are not sound and
    annotations of documents that are not there are left out and told to `problems`.

    `documents` are the folders of texts kept elsewhere (None: those of STANDPOINT_DOCUMENTS)."""
    try:
        require_settled(folder)
        codebook = read_codebook(folder / "codebook.yaml")
        steps, rereads = read_migrations(folder / MIGRATIONS), find_rereads(folder)
    except BadInput as error:
        problems.append(Problem(error.where or str(folder), error.message))
        return None
    reader = _Reader(folder, codebook, steps, rereads, problems)
    places = reader.index_documents(DocumentFinder(document_folders(documents)))
    owners, annotations, withheld = reader.index_annotations()
    problems.extend(describe_absent(list(reader.absent.values()), reader.files[0]))
    names = list(reader.numbers)
    by_id = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    ranks = np.empty_like(by_id)
    ranks[by_id] = np.arange(len(names))
    ranked = ranks[owners]
    order = np.argsort(ranked, kind="stable")
    bounds = np.searchsorted(ranked[order], np.arange(len(names) + 1))
    if len(annotations):
        for number in np.flatnonzero(np.bincount(owners, minlength=len(names)) == 0):
            where = f"{reader.files[0]}:{places[number, 1]}"
            problems.append(Problem(where, f"document {names[number]!r} has no annotation", True, "unannotated"))
    return CorpusIndex(
        folder,
        codebook,
        reader.files,
        places[by_id],
        annotations[order],
        bounds,
        _to_objects(reader.sources)[by_id],
        withheld[order],
        tuple(reader.absent.values()),
    )


class _Reader:
    """The lines of a corpus folder on their way into an index; `numbers` has the documents in the file's order."""

    def __init__(
        self, folder: Path, codebook: Codebook, steps: Steps, rereads: Rereads, problems: list[Problem]
    ) -> None:
        self.files = (folder / "documents.jsonl", *sorted((folder / "annotations").glob("*.jsonl")))
        self.numbers: dict[str, int] = {}
        self.sources: list[Path | None] = []
        self.absent: dict[str, Absent] = {}
        self._folder, self._codebook, self._steps, self._rereads = folder, codebook, steps, rereads
        self._problems = problems
        if waiting := find_waiting(folder, codebook.version, steps):
            problems.append(waiting)
        problems += [
            Problem(mark.where, f"to be read again, {mark.task}: {mark.why}", True, "to be read again")
            for mark in rereads.open
        ]

    def index_documents(self, finder: DocumentFinder) -> NDArray[np.int64]:
        """Return offset and line of each document, (n, 2)."""
        path, places = self.files[0], array("q")
        for line, content in _sound_lines(path, self._problems):
            try:
                source, document = self._find_document(finder, content, line.where)
            except BadInput as error:
                self._problems.append(Problem(error.where or line.where, error.message))
                continue
            if document.id in self.numbers or document.id in self.absent:
                number = self.numbers.get(document.id)
                first = self.absent[document.id].line if number is None else places[2 * number + 1]
                message = f"the document id {document.id!r} is taken by {path}:{first}; ids are unique"
                self._problems.append(Problem(line.where, message))
                continue
            self._problems.extend(find_unknown_fields(content, DOCUMENT_FIELDS, line.where))
            if document.language != self._codebook.language:
                message = f"language {document.language!r}, while the codebook is for {self._codebook.language!r}"
                self._problems.append(Problem(line.where, message, True, "language"))
            if isinstance(source, Absent):
                self.absent[document.id] = replace(source, line=line.number)
                continue
            self.numbers[document.id] = len(self.numbers)
            self.sources.append(source)
            places.extend((line.offset, line.number))
        if not self.numbers and not any(not problem.warning for problem in self._problems):
            message = "holds no document; put one document a line"
            if self.absent:
                message = "no text of any document was found; name their folders by --documents"
            self._problems.append(Problem(str(path), message))
        return np.array(places, dtype=np.int64).reshape(-1, 2)

    def _find_document(
        self, finder: DocumentFinder, content: dict[str, Any], where: str
    ) -> tuple[Path | Absent | None, Document]:
        """Return where a document's text is kept (None: in its line), and the document."""
        if "sha256" not in content:
            return None, to_document(content, where)
        checked = to_document({"text": "elsewhere", **content}, where)
        source = finder.find_file(content, where)
        if isinstance(source, Absent):
            return source, checked
        return source, to_document(with_text(content, source, where), where)

    def index_annotations(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.object_]]:
        """Return the document's number of each annotation, its file, offset and line, and what of it is withheld."""
        owners, places = array("q"), array("q")
        withheld: list[Withheld | None] = []
        found = False
        for place, path in enumerate(self.files[1:], start=1):
            for line, content in _sound_lines(path, self._problems):
                found = True
                try:
                    name = require_text(content, "document", line.where)
                except BadInput as error:
                    self._problems.append(Problem(line.where, error.message))
                    continue
                if name in self.absent:
                    self.absent[name].judgements += 1
                    continue
                if name not in self.numbers:
                    message = f"the document {name!r} is not in documents.jsonl (or its line there is broken)"
                    self._problems.append(Problem(line.where, message))
                    continue
                if self._is_outdated(content, line.where):
                    continue
                owners.append(self.numbers[name])
                places.extend((place, line.offset, line.number))
                withheld.append(self._find_withheld(content))
        if not found and not any(not problem.warning for problem in self._problems):
            message = "holds no annotation; put one judgement a line in annotations/NAME.jsonl"
            self._problems.append(Problem(str(self._folder / "annotations"), message))
        rows = np.array(places, dtype=np.int64).reshape(-1, 3)
        return np.array(owners, dtype=np.int64), rows, _to_objects(withheld)

    def _is_outdated(self, content: dict[str, Any], where: str) -> bool:
        """Tell of an annotation's codebook version; return whether it must not be read by this one."""
        problem = judge_version(content, where, self._folder, self._codebook.version, self._steps)
        if problem:
            self._problems.append(problem)
        return problem is not None and not problem.warning

    def _find_withheld(self, content: dict[str, Any]) -> Withheld | None:
        if not self._rereads.open:
            return None
        span = content["document"], content.get("start"), content.get("end")
        if not all(isinstance(part, str | int) for part in span) or span not in self._rereads.withheld:
            return None
        return self._rereads.withheld[span], self._rereads.meant.get(span, ())  # type: ignore[index, arg-type]


def _to_objects(items: Sequence[object]) -> NDArray[np.object_]:
    """Return a list as an array of its objects, which numpy would else take apart."""
    found = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        found[place] = item
    return found


def _sound_lines(path: Path, problems: list[Problem]) -> Iterator[tuple[Line, dict[str, Any]]]:
    try:
        for line in read_lines(path):
            if line.content is None:
                problems.append(Problem(line.where, line.problem))
            else:
                yield line, line.content
    except BadInput as error:
        problems.append(Problem(error.where or str(path), error.message))
