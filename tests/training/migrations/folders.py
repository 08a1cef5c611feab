"""A small corpus folder of invented documents, and migrations written into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

BOOK = """\
# Rules of an invented newsroom.
version: 1.0.0
language: en
stance:
  labels:
    favor: "for it"
    against: "against it"
    none: "neither"
topics:
  rules:
    - "A ferry is `water`, not `roads`."
  labels:   # what a passage is about
    water: {name: "Water", is: "dams and rivers"}
    # Streets too.
    roads:
      name: "Roads"
      is: >-
        roads and
        bridges
    # Trains.
    rail:  {name: Rail, is: 'railways'}   # thin
    other: {name: "Other", is: "the rest"}

targets:
  # Above the town.
  the-dam: "the Arle dam"
  the-toll: the bridge toll
  night-trains: 'night trains'
"""
SPLITS = "seed: 13\nunseen_targets:\n  - the-toll   # thin\n  - night-trains\nunseen_kinds: [letter]\n"
TEXT = "The council met.\n\nMinister Orla Venn praised the dam. Others did not."


def stance(target: str, side: str = "favor") -> dict[str, str]:
    return {"target": target, "stance": side, "holder": "author"}


def judgement(**changes: Any) -> dict[str, Any]:
    content = {"document": "d1", "start": 18, "end": 69, "annotator": "ann", "topics": ["water"], "stances": []}
    return content | changes


def write_migration(folder: Path, start: str, to: str, *changes: dict[str, Any], **more: Any) -> Path:
    """Write a migration file; changes are written as {kind: fields}."""
    path = folder / "migrations" / f"{start}-to-{to}.yaml"
    path.parent.mkdir(exist_ok=True)
    content = {"from": start, "to": to, "why": "a reason", "changes": list(changes), **more}
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def make_folder(parent: Path, *judgements: dict[str, Any], book: str = BOOK, splits: str = "") -> Path:
    """Write a corpus folder of four documents; each annotator gets a file."""
    folder = parent / "corpus"
    (folder / "annotations").mkdir(parents=True)
    (folder / "codebook.yaml").write_bytes(book.encode())
    if splits:
        (folder / "splits.yaml").write_text(splits, encoding="utf-8")
    document = {"outlet": "Arle Courier", "kind": "report", "date": "", "language": "en", "title": "", "text": TEXT}
    lines = [json.dumps({"id": f"d{number}", **document}) + "\n" for number in range(1, 5)]
    (folder / "documents.jsonl").write_text("".join(lines), encoding="utf-8")
    by_annotator: dict[str, list[str]] = {}
    for content in judgements:
        by_annotator.setdefault(content["annotator"], []).append(json.dumps(content) + "\n")
    for name, found in by_annotator.items():
        (folder / "annotations" / f"{name}.jsonl").write_text("".join(found), encoding="utf-8")
    return folder


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
