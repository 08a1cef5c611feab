"""`standpoint agreement` from its command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from training.cli import main

CODEBOOK = {
    "version": "1.0.0",
    "language": "en",
    "stance": {"labels": {"favor": "for", "against": "against", "none": "no side"}},
    "topics": {"labels": {"water": {"name": "Water", "is": "rivers"}, "other": {"name": "Other", "is": "the rest"}}},
    "targets": {"the-dam": "the Arle dam"},
}
DOCUMENT = {
    "id": "d1",
    "outlet": "Arle Courier",
    "kind": "news",
    "date": "2024-05-01",
    "language": "en",
    "title": "The dam",
    "text": "The council welcomed the dam.",
}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "codebook.yaml").write_text(yaml.safe_dump(CODEBOOK, sort_keys=False), encoding="utf-8")
    (tmp_path / "documents.jsonl").write_text(json.dumps(DOCUMENT) + "\n", encoding="utf-8")
    return tmp_path


def _annotate(town: Path, **stances: str) -> None:
    for name, stance in stances.items():
        label = {"target": "the-dam", "stance": stance, "holder": "author"}
        line = {"document": "d1", "start": 0, "end": 29, "annotator": name, "topics": ["water"], "stances": [label]}
        (town / "annotations" / f"{name}.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")


def test_table_page_and_numbers(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _annotate(town, ann="favor", bob="against", adjudicator="favor")
    page, numbers = town / "agreement.html", town / "agreement.json"
    assert main(["agreement", str(town), "--html", str(page), "--json", str(numbers), "--draws", "20"]) == 0
    shown = capsys.readouterr().out
    assert "passages judged by ann (1), bob (1); by two or more: 1" in shown
    assert "d1:0-29" in shown
    assert "The council welcomed the dam." in page.read_text(encoding="utf-8")
    content = json.loads(numbers.read_text(encoding="utf-8"))
    assert content["disputes"][0]["decision"]["stances"] == {"the-dam": "favor"}
    assert content["draws"] == 20


def test_one_annotator_is_no_failure(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _annotate(town, ann="favor", adjudicator="favor")
    assert main(["agreement", str(town)]) == 0
    assert "one independent annotator only (ann); agreement needs two" in capsys.readouterr().out
