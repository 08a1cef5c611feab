"""From findings to files of a corpus folder. What is imported passes the checks of every corpus before it is written.

The folder as it would become is put together under a temporary name and read like any other; the problems are told in
places of the tool's file.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.annotations.exchange.findings import Findings, Judgement
from training.annotations.exchange.names import name_annotators, name_file
from training.annotations.exchange.newcomers import Documents
from training.annotations.reading import load_corpus
from training.annotations.records import Problem
from training.files import replace_file, to_line

_MOST = 5  # problems told at once


@dataclass(frozen=True)
class Imported:
    """What an import wrote: files, and judgements by annotator."""

    files: tuple[Path, ...]
    annotators: Mapping[str, int]

    def lines(self) -> list[str]:
        """Return the counts for a terminal."""
        counts = ", ".join(f"{count} by {name}" for name, count in self.annotators.items())
        return [f"imported {sum(self.annotators.values())} judgements: {counts}"]


def import_annotations(
    found: Findings, folder: Path, names: Sequence[str] = (), out: Path | None = None, replace: bool = False
) -> Imported:
    """Write findings as annotations of a corpus folder: `annotations/NAME.jsonl` each, or all of them into `out`.

    Raises BadInput, and writes nothing, where a judgement does not fit codebook, documents or the annotations that are
    there, or a file would be overwritten without `replace`.
    """
    batches = _sort_judgements(found, names)
    home = folder / "annotations"
    if out:
        written = {out: [line for lines in batches.values() for line in lines]}
    else:
        written = {home / name_file(name): lines for name, lines in batches.items()}
    if not replace and (standing := [path for path in written if path.exists()]):
        raise BadInput("exists already; add --replace, or name another file with --out", str(standing[0]))
    beside = out is None or out.parent.resolve() == home.resolve()
    with tempfile.TemporaryDirectory() as scratch:
        draft = Draft(Path(scratch), folder)
        draft.link(folder / "codebook.yaml", folder / "documents.jsonl")
        # What is imported elsewhere is no part of the folder yet: others may have judged the same passages there.
        draft.link(*(path for path in home.glob("*.jsonl") if beside and path not in written))
        for path, lines in written.items():
            draft.add_judgements(path.name, lines)
        draft.check()
    for path, lines in written.items():
        replace_file(path, _to_bytes(content for _, content in lines))
    return Imported(tuple(written), {name: len(lines) for name, lines in batches.items()})


def create_corpus(
    documents: Documents, found: Findings, codebook: Path, folder: Path, names: Sequence[str] = ()
) -> Imported:
    """Write documents and findings as a new corpus folder. Raises BadInput where the folder holds anything already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("is there already and not empty; name a new folder", str(folder))
    batches = _sort_judgements(found, names)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        draft = Draft(Path(scratch), folder)
        shutil.copyfile(codebook, draft.home / "codebook.yaml")
        draft.add_documents(documents)
        for name, lines in batches.items():
            draft.add_judgements(name_file(name), lines)
        draft.check()
        draft.home.replace(folder)
    files = (folder / "codebook.yaml", folder / "documents.jsonl")
    annotations = (folder / "annotations" / name_file(name) for name in batches)
    return Imported((*files, *annotations), {name: len(lines) for name, lines in batches.items()})


_Lines = list[tuple[Judgement, dict[str, Any]]]


def _sort_judgements(found: Findings, names: Sequence[str]) -> dict[str, _Lines]:
    """Return the judgements of each annotator, by document and position, with their lines."""
    _refuse(found.problems)
    if not found.judgements:
        raise BadInput(f"there is no judgement to import; {'; '.join(found.lines()) or 'the file is empty'}")
    annotators = name_annotators(found.judgements, names)
    batches: dict[str, _Lines] = {}
    for judgement in sorted(found.judgements, key=lambda judgement: judgement.passage):
        name = annotators[judgement.annotator]
        batches.setdefault(name, []).append((judgement, _make_content(judgement, name)))
    return batches


def _make_content(judgement: Judgement, annotator: str) -> dict[str, Any]:
    document, start, end = judgement.passage
    place = {"document": document, "start": start, "end": end, "annotator": annotator}
    labels = {"topics": judgement.topics, "stances": judgement.stances}
    return place | labels | ({"codebook": judgement.codebook} if judgement.codebook else {})


def _to_bytes(contents: Iterable[dict[str, Any]]) -> bytes:
    return "".join(to_line(content) + "\n" for content in contents).encode()


class Draft:
    """A corpus folder as it would become, under a temporary name; `check` tells problems where they come from."""

    def __init__(self, scratch: Path, folder: Path) -> None:
        self.home = scratch / "corpus"
        self._folder = folder
        self._places: dict[str, str] = {}  # of the draft's lines: file:line -> place in what was read
        self._texts: list[Judgement] = []
        (self.home / "annotations").mkdir(parents=True)

    def link(self, *paths: Path) -> None:
        for path in paths:
            (self.home / path.relative_to(self._folder)).symlink_to(path.absolute())

    def add_documents(self, documents: Documents) -> None:
        path, contents = self.home / "documents.jsonl", documents.contents()
        for number, content in enumerate(contents, start=1):
            self._places[f"{path}:{number}"] = documents.where[content["id"]]
        replace_file(path, _to_bytes(contents))

    def add_judgements(self, name: str, lines: _Lines) -> None:
        path = self.home / "annotations" / name
        for number, (judgement, _) in enumerate(lines, start=1):
            self._places[f"{path}:{number}"] = judgement.where
        self._texts += [judgement for judgement, _ in lines if judgement.text is not None]
        replace_file(path, _to_bytes(content for _, content in lines))

    def check(self) -> None:
        """Raise BadInput where the folder has an error, or a judgement was made about another text."""
        corpus, problems = load_corpus(self.home)
        told = [Problem(self._translate(p.where), self._translate(p.message)) for p in problems if not p.warning]
        for judgement in self._texts:
            document, start, end = judgement.passage
            found = corpus.documents.get(document) if corpus else None
            if found and found.text[start:end] != judgement.text:
                message = f"is about another text than {document} {start}:{end} of {self._folder}"
                told.append(Problem(judgement.where, f"{message}; import it into the corpus that it was exported from"))
        _refuse(told)

    def _translate(self, text: str) -> str:
        def place(match: re.Match[str]) -> str:
            return self._places.get(match[0], match[0])

        text = re.sub(rf"{re.escape(str(self.home))}/[^:]{{1,200}}:\d+", place, text)
        return text.replace(str(self.home), str(self._folder))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        more = len(problems) - 1
        others = "; ".join(str(problem) for problem in problems[1:_MOST])
        rest = f" (and {more} more: {others}{'; ...' if more >= _MOST else ''})" if more else ""
        raise BadInput(f"{problems[0].message}{rest}", problems[0].where)
