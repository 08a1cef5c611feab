"""A small corpus, and the one of the checkout without its annotations, for what goes out and comes back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from training.annotations.exchange.tasks import Suggestion, Task, TaskSet, read_tasks
from training.annotations.reading import read_corpus
from training.annotations.records import Annotation, Passage

ROOT = Path(__file__).resolve().parents[4]
TEXTS = (
    "Minister Orla Venn praised the dam, “at last”. 🙂",
    "Carters say the toll,\nalas, must go.",
    "Ferries leave at ten.",
)
CODEBOOK: dict[str, Any] = {
    "version": "1.0.0",
    "language": "en",
    "stance": {"labels": {"favor": "for", "against": "not for", "none": "neither"}},
    "topics": {
        "labels": {
            "water": {"name": "Water, dams & <rivers>", "is": "dams and rivers"},
            "roads": {"name": "Roads", "is": "roads"},
            "other": {"name": "Other", "is": "the rest"},
        }
    },
    "targets": {"the-dam": "the Arle dam", "the-toll": 'the "bridge" toll <&\'>'},
}


def judgement(start: int, end: int, annotator: str, **changes: Any) -> dict[str, Any]:
    """Return a judgement of a passage of the only document."""
    labels = {"topics": ["water"], "stances": [{"target": "the-dam", "stance": "favor", "holder": "Orla Venn"}]}
    return {"document": "d:1", "start": start, "end": end, "annotator": annotator} | labels | changes


def spans() -> list[tuple[int, int]]:
    """Return where each of TEXTS stands in the document."""
    ends = [sum(len(text) + 2 for text in TEXTS[: number + 1]) - 2 for number in range(len(TEXTS))]
    return [(end - len(text), end) for text, end in zip(TEXTS, ends, strict=True)]


def write_lines(path: Path, lines: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").strip("\n").split("\n")]


def key_annotations(folder: Path, *annotators: str) -> dict[tuple[Passage, str], Annotation]:
    """Return the annotations of a corpus folder without their places in its files."""
    found = [a for a in read_corpus(folder).annotations if a.annotator in annotators]
    return {(a.passage, a.annotator): replace(a, where="") for a in found}


SUGGESTION = Suggestion({"roads": 0.7}, {"the-toll": ("against", 0.6)}, 0.6, "topic-1+stance-2")


def suggest(folder: Path) -> TaskSet:
    """Return the open tasks of a corpus, each with the same suggestion."""
    tasks = read_tasks(folder)
    return TaskSet(tasks.codebook, tuple(Task(t.document, t.start, t.end, (), SUGGESTION) for t in tasks.tasks))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of one document with three passages; `ann` judged two of them, `ben` one."""
    folder = tmp_path / "corpus"
    document = {"id": "d:1", "outlet": "Arle Courier", "kind": "report", "date": "2024-05-01", "language": "en"}
    write_lines(folder / "documents.jsonl", [document | {"title": "", "text": "\n\n".join(TEXTS)}])
    (folder / "codebook.yaml").write_text(yaml.safe_dump(CODEBOOK, sort_keys=False), encoding="utf-8")
    first, second, _ = spans()
    holders = ("the carters, a guild", 'a "guild"\nof carters')
    pair = [
        {"target": target, "stance": stance, "holder": holder}
        for target, stance, holder in zip(("the-toll", "the-dam"), ("against", "none"), holders, strict=True)
    ]
    ann = [judgement(*first, "ann", stances=None), judgement(*second, "ann", topics=["water", "roads"], stances=pair)]
    write_lines(folder / "annotations" / "ann.jsonl", ann)
    write_lines(folder / "annotations" / "ben.jsonl", [judgement(*first, "ben", topics=None, stances=[])])
    return folder


@pytest.fixture
def unjudged(tmp_path: Path) -> Callable[[Path], Path]:
    """Return a function that copies a corpus folder without its annotations."""

    def copy(folder: Path) -> Path:
        bare = tmp_path / "bare"
        (bare / "annotations").mkdir(parents=True)
        for name in ("codebook.yaml", "documents.jsonl"):
            shutil.copyfile(folder / name, bare / name)
        return bare

    return copy
