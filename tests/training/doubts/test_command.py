"""`standpoint doubts` from its command line: lines, page and file, and the planting experiment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import artifacts
from training.cli import main


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    lines = [
        json.dumps({"id": e.id, "text": e.text, "target": e.target, "stance": e.stance, "group": e.group})
        for e in artifacts.stance_examples(60).examples
    ]
    (tmp_path / "stance.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "stance.jsonl"


def test_doubts_are_shown_and_written(
    labelled: Path, tiny_encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = labelled.read_bytes()
    out, page = tmp_path / "doubts.jsonl", tmp_path / "doubts.html"
    options = ["--data", str(labelled), "--top", "7", "--encoder", str(tiny_encoder), "--out", str(out)]
    assert main(["doubts", "stance", *options, "--html", str(page)]) == 0
    shown = capsys.readouterr().out
    assert "stance: 60 labelled examples" in shown
    assert "these 7 are doubted most" in shown
    assert [json.loads(line)["rank"] for line in out.read_text(encoding="utf-8").splitlines()] == list(range(1, 8))
    assert page.read_text(encoding="utf-8").count("<article") == 7
    assert labelled.read_bytes() == before


def test_planting_prints_what_was_found(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doubts", "stance", "--data", str(labelled), "--encoder", "none", "--plant", "0.1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["seed", "13", "14", "15", "mean", "chance"]
    assert lines[5].split()[1:3] == ["6", "0.100"]


def test_a_share_must_plant_something(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doubts", "stance", "--data", str(labelled), "--encoder", "none", "--plant", "2"]) == 2
    assert "--plant: a share of 2 of 60 examples" in capsys.readouterr().err
