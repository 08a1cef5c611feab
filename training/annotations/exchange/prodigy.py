"""Prodigy: tasks for a block of choices and a text field out, `db-out` in.

    prodigy mark NAME tasks.jsonl --view-id blocks       beside the prodigy.json that is written here

Options and answers are the marks of marks.py; the text field takes a line `TARGET: HOLDER` for each holder that is not
the author. A suggestion is ticked beforehand and counts once somebody accepts the task.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.annotations.exchange.findings import Findings, Judgement
from training.annotations.exchange.marks import format_holders, list_marks, make_marks, parse_holders, read_marks
from training.annotations.exchange.tasks import Suggestion, Task, TaskSet, parse_reference
from training.annotations.records import Annotation
from training.files import open_replacing, read_lines, replace_file, to_line

TASKS_FILE, SETTINGS_FILE = "tasks.jsonl", "prodigy.json"
_SETTINGS = {
    "choice_style": "multiple",
    "blocks": [
        {"view_id": "choice"},
        {
            "view_id": "text_input",
            "field_id": "holders",
            "field_label": "Holders other than the author: TARGET: HOLDER",
            "field_rows": 3,
        },
    ],
}
_CONTEXT = ("outlet", "kind", "date", "language", "title")
_DECLINED = {"reject": "rejected", "ignore": "ignored"}


def write_prodigy(tasks: TaskSet, out: Path) -> list[Path]:
    """Write settings and tasks, a line for each annotation of a passage, into the folder `out`; returns the files."""
    options = [{"id": mark, "text": wording} for mark, wording in list_marks(tasks.codebook).items()]
    replace_file(out / SETTINGS_FILE, json.dumps(_SETTINGS, indent=1).encode() + b"\n")
    with open_replacing(out / TASKS_FILE) as file:
        for task in tasks.tasks:
            for annotation in task.annotations or (None,):
                file.write(to_line(_make_line(task, annotation, options, tasks.codebook.version)).encode() + b"\n")
    return [out / SETTINGS_FILE, out / TASKS_FILE]


def _make_line(task: Task, annotation: Annotation | None, options: list[Any], version: str) -> dict[str, Any]:
    line: dict[str, Any] = {
        "text": task.text,
        "meta": {"passage": task.reference},  # all that the interface shows beside the text
        "context": {name: getattr(task.document, name) for name in _CONTEXT} | {"codebook": version},
        "options": options,
    }
    if annotation:
        holders = format_holders(annotation)
        return line | {
            "accept": make_marks(annotation),
            "holders": holders,
            "answer": "accept",
            "_annotator_id": annotation.annotator,
            "standpoint": "annotation",
        }
    if task.suggestion:
        marks = _mark_suggestion(task.suggestion)
        said = {"accept": marks, "model": task.suggestion.model, "score": task.suggestion.score}
        return line | {"accept": marks, "suggested": said}
    return line


def _mark_suggestion(suggestion: Suggestion) -> list[str]:
    topics = [f"topic:{topic}" for topic in suggestion.topics]
    return topics + [f"stance:{target}:{stance}" for target, (stance, _) in suggestion.stances.items()]


def read_prodigy(source: Path) -> Findings:
    """Read the lines of `prodigy db-out`, or the folder that `write_prodigy` wrote."""
    path = source / TASKS_FILE if source.is_dir() else source
    found = Findings()
    for line in read_lines(path):
        with found.collect():
            if line.content is None:
                raise BadInput(line.problem, line.where)
            _read_line(line.content, line.where, found)
    return found


def _read_line(line: dict[str, Any], where: str, found: Findings) -> None:
    answer = line.get("answer")
    if answer != "accept":
        found.skip(where, _DECLINED.get(str(answer), "not answered"))
        return
    meta, marks, written = line.get("meta"), line.get("accept"), line.get("holders", "")
    passage = parse_reference(meta.get("passage") if isinstance(meta, dict) else None, where)
    if not isinstance(marks, list) or not isinstance(written, str):
        raise BadInput("expected 'accept' as a list and 'holders' as a text", where)
    if not marks:
        raise BadInput("is accepted without a label; choose a topic, or mark the task as not judged", where)
    topics, stances = read_marks(marks, parse_holders(written, where), found, where)
    text, context, suggested = line.get("text"), line.get("context"), line.get("suggested")
    annotator = line.get("_annotator_id") or line.get("_session_id") or ""
    ours = line.get("standpoint") == "annotation"
    version = context.get("codebook") if isinstance(context, dict) and not ours else None
    found.judgements.append(
        Judgement(
            where=where,
            annotator=str(annotator),
            named=bool(annotator),
            passage=passage,
            topics=topics,
            stances=stances,
            text=text if isinstance(text, str) else None,
            codebook=version if isinstance(version, str) else None,
            unchanged=isinstance(suggested, dict) and suggested.get("accept") == marks,
        )
    )
