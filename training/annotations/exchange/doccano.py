"""doccano, a project of text classification: one file of examples an annotator and the label types out, its JSONL in.

doccano shows an example's metadata to the annotator, so this is the passage's place and nothing of outlet or title. It
has no field for a holder: one that is not the author is written as a comment, `TARGET: HOLDER`. It cannot tell a
prediction from an annotation, so none is exported.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.annotations.exchange.findings import Findings, Judgement
from training.annotations.exchange.marks import list_marks, make_marks, parse_holders, read_marks
from training.annotations.exchange.names import name_file
from training.annotations.exchange.tasks import Task, TaskSet, parse_reference
from training.annotations.records import Annotation
from training.files import Line, parse_line, replace_file

LABELS_FILE, OPEN_NAME = "labels.json", "tasks"
_EVERYBODY = "all"  # the file's name in an export of a project whose members share their annotations
_COLOURS = {"topic": "#2f6f9f", "favor": "#2e7d32", "against": "#b23b3b", "none": "#6b6b6b", "not-judged": "#8a6d1f"}
_LIMIT = 2**31  # bytes of one file in an archive


def write_doccano(tasks: TaskSet, out: Path) -> list[Path]:
    """Write label types and examples into the folder `out`; returns the files. Raises BadInput for long labels."""
    files = {LABELS_FILE: json.dumps(_make_label_types(tasks), indent=1) + "\n"}
    annotators = sorted({annotation.annotator for task in tasks.tasks for annotation in task.annotations})
    for annotator in annotators or [OPEN_NAME]:
        if annotators and annotator in (OPEN_NAME, _EVERYBODY):
            raise BadInput(f"a file named {annotator!r} is nobody's in doccano; rename the annotator", "--annotator")
        files[name_file(annotator)] = "".join(
            # Escaped to ASCII: doccano guesses a file's encoding from its first characters, and guesses wrong.
            json.dumps(_make_example(task, annotation)) + "\n"
            for task in tasks.tasks
            for annotation in [next((a for a in task.annotations if a.annotator == annotator), None)]
            if annotation or not task.annotations
        )
    for name, content in files.items():
        replace_file(out / name, content.encode())
    return [out / name for name in files]


def _make_label_types(tasks: TaskSet) -> list[dict[str, Any]]:
    types = []
    for mark in list_marks(tasks.codebook):
        if len(mark) > 100:
            raise BadInput(f"the label {mark!r} is longer than the 100 characters that doccano takes; shorten the id")
        kind = mark.rpartition(":")[2] if mark.startswith("stance:") else mark.partition(":")[0]
        types.append({"text": mark, "background_color": _COLOURS[kind], "text_color": "#ffffff"})
    return types


def _make_example(task: Task, annotation: Annotation | None) -> dict[str, Any]:
    marks = make_marks(annotation) if annotation else []
    holders = {label.target: label.holder for label in (annotation.stances or ())} if annotation else {}
    # As text: doccano keeps metadata in a table, whose columns have one type and no gaps.
    return {"text": task.text, "label": marks, "passage": task.reference, "holders": json.dumps(holders)}


def read_doccano(source: Path) -> Findings:
    """Read an export as JSONL: the archive, one file of it, or a folder of such files, each named by its annotator."""
    found = Findings()
    for name, lines in _open_files(source):
        for line in lines:
            with found.collect():
                if line.content is None:
                    raise BadInput(line.problem, line.where)
                _read_example(line.content, name, line.where, found)
    return found


def _open_files(source: Path) -> Iterator[tuple[str, Iterator[Line]]]:
    """Yield (annotator, lines) of each file."""
    try:
        if source.is_file() and zipfile.is_zipfile(source):
            with zipfile.ZipFile(source) as archive:
                for item in sorted(archive.infolist(), key=lambda item: item.filename):
                    if item.filename.endswith(".jsonl"):
                        if item.file_size > _LIMIT:
                            raise BadInput(f"{item.filename} in it is longer than {_LIMIT:,} bytes", str(source))
                        with archive.open(item) as file:
                            yield Path(item.filename).stem, _split_lines(file, f"{source}/{item.filename}")
            return
        paths = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
        if not paths:
            raise BadInput("holds no .jsonl file; export as JSONL from doccano", str(source))
        for path in paths:
            with path.open("rb") as file:
                yield path.stem, _split_lines(file, str(path))
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"cannot be read ({reason}); export as JSONL from doccano", str(source)) from None


def _split_lines(file: Any, name: str) -> Iterator[Line]:
    for number, raw in enumerate(file, start=1):
        if raw.strip():
            yield parse_line(raw, f"{name}:{number}", number)


def _read_example(example: dict[str, Any], name: str, where: str, found: Findings) -> None:
    passage = parse_reference(example.get("passage"), where)
    marks, comments = example.get("label"), example.get("Comments") or []
    if not isinstance(marks, list) or not isinstance(comments, list):
        raise BadInput("expected 'label' and 'Comments' as lists; export as JSONL from doccano", where)
    if not marks:
        found.skip(where, "not annotated")
        return
    holders = _read_holders(example.get("holders"), where)
    judged = {mark.split(":")[1] for mark in marks if isinstance(mark, str) and mark.startswith("stance:")}
    for comment in comments:
        for line in str(comment).split("\n"):
            if line.partition(":")[0].strip() in judged:
                holders |= parse_holders(line, where)
            elif line.strip():
                found.skip(where, "a comment that names no holder")
    topics, stances = read_marks(marks, holders, found, where)
    text = example.get("text")
    found.judgements.append(
        Judgement(
            where=where,
            annotator=name,
            named=name not in (_EVERYBODY, OPEN_NAME),
            passage=passage,
            topics=topics,
            stances=stances,
            text=text if isinstance(text, str) else None,
        )
    )


def _read_holders(written: Any, where: str) -> dict[str, str]:
    try:
        holders = json.loads(written) if isinstance(written, str) else {}
    except ValueError:
        raise BadInput(f"expected 'holders' as JSON, found {written[:60]!r}; it must stay as exported", where) from None
    return {target: holder for target, holder in holders.items() if isinstance(holder, str)}
