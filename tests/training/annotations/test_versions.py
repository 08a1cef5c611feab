"""Annotations of several codebook versions in one folder: read, warned of or refused, never misread."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from standpoint.errors import BadInput
from tests.training.migrations.folders import BOOK, judgement, make_folder, read_jsonl, stance, write_migration
from training.annotations.adjudication import adjudicate, write_gold
from training.annotations.corpus import check_corpus
from training.annotations.reading import read_corpus
from training.cli import main

BOOK_2 = BOOK.replace("version: 1.0.0", "version: 2.3.0")
RENAME = {"rename": {"what": "topic", "from": "rail", "to": "trains"}}
SPLIT = {
    "split": {"what": "topic", "from": "rail", "into": [{"id": "rail"}, {"id": "tram", "name": "Tram", "is": "t"}]}
}


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (
            "1.9.0",
            r"jsonl:1: was annotated by codebook 1\.9\.0, the folder has 2\.3\.0, another major version; no migration",
        ),
        (
            "3.0.0",
            r"by codebook 3\.0\.0, the folder has 2\.3\.0, another major version; bring its codebook",
        ),
        ("2", r"expected a version 'codebook' such as 1\.0\.0, found \"2\""),
        (2, r"expected a version 'codebook' such as 1\.0\.0, found 2"),
    ],
)
def test_another_major_version_is_an_error(tmp_path: Path, version: Any, message: str) -> None:
    folder = make_folder(tmp_path, judgement(codebook=version), judgement(annotator="bea"), book=BOOK_2)
    with pytest.raises(BadInput, match=message):
        read_corpus(folder)
    report = check_corpus(folder)
    assert (len(report.errors), report.annotators) == (1, {"bea": 1})  # its labels are not counted


def test_another_minor_version_is_a_warning_with_the_way_out(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement(codebook="2.0.0"), judgement(document="d2", codebook="2.3.0"), book=BOOK_2)
    (warning,) = [p for p in check_corpus(folder).warnings if p.kind == "codebook version"]
    assert warning.message == "was annotated by codebook 2.0.0, the folder has 2.3.0"
    write_migration(folder, "2.1.0", "2.3.0", {"reread": {"what": "topic", "label": "rail", "why": "clearer"}})
    (warning,) = [p for p in check_corpus(folder).warnings if p.kind == "codebook version"]
    assert warning.message.endswith(f"; run: standpoint migrate {folder}")
    assert len(read_corpus(folder).annotations) == 2


def test_a_migration_that_waits_is_told(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement())
    write_migration(folder, "1.0.0", "2.0.0", RENAME)
    (warning,) = [p for p in check_corpus(folder).warnings if p.kind == "migration"]
    assert str(warning).endswith(
        f"1.0.0-to-2.0.0.yaml: leads on from codebook 1.0.0, which the folder has; run: standpoint migrate {folder}"
    )
    assert main(["migrate", str(folder)]) == 0
    assert not [p for p in check_corpus(folder).warnings if p.kind == "migration"]
    (folder / "migrations" / "x.yaml").write_text("[", encoding="utf-8")
    with pytest.raises(BadInput, match=r"x\.yaml:1: is not valid YAML"):
        read_corpus(folder)


def test_a_folder_in_the_middle_of_a_migration_is_not_read(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement())
    (folder / "migration-journal.json").write_text('{"files": []}', encoding="utf-8")
    with pytest.raises(BadInput, match=r"a migration was interrupted; run: standpoint migrate .*, which finishes it"):
        read_corpus(folder)
    assert main(["migrate", str(folder)]) == 0
    assert read_corpus(folder).annotations


def test_marked_passages_are_left_out_of_gold_for_that_task(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_folder(
        tmp_path,
        judgement(topics=["rail"], stances=[stance("the-dam")]),
        judgement(annotator="bea", topics=["water"], stances=[stance("the-dam")]),
        judgement(document="d2", topics=["water"]),
    )
    write_migration(folder, "1.0.0", "2.0.0", SPLIT)
    assert main(["migrate", str(folder)]) == 0
    capsys.readouterr()
    report = check_corpus(folder)
    assert [p.kind for p in report.warnings if p.kind != "unannotated"] == ["to be read again"]
    assert any(
        "reread.jsonl:1: to be read again, topic: topic rail is now one of rail, tram" in line
        for line in report.lines()
    )
    assert (report.topics["water"], report.topics["rail"]) == (1, 0)
    found = write_gold(folder, tmp_path / "gold.jsonl")
    assert found.reread == {"topics": 1}
    assert "left out until they are read again: 1 topics" in found.lines()
    first, second = read_jsonl(tmp_path / "gold.jsonl")
    assert (first["topics"], [label["status"] for label in first["stances"]]) == (None, ["agreed"])
    assert second["topics"] == ["water"]
    path = folder / "annotations/ann.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"topics": null', '"topics": ["water"]'), encoding="utf-8")
    assert [g.topics for g in adjudicate(read_corpus(folder))[0]] == [("water",), ("water",)]
    assert not [p for p in check_corpus(folder).warnings if p.kind == "to be read again"]


def test_targets_of_a_marked_passage_are_still_mentioned(tmp_path: Path) -> None:
    """Else the passage would be taken as one that says nothing of them, and be learnt from as unrelated."""
    folder = make_folder(
        tmp_path,
        judgement(stances=[stance("the-dam"), stance("the-toll", "against")]),
        judgement(annotator="bea", stances=[stance("night-trains")]),
    )
    merge = {"merge": {"what": "target", "from": ["the-dam", "the-toll"], "to": "works", "wording": "public works"}}
    write_migration(folder, "1.0.0", "2.0.0", merge)
    assert main(["migrate", str(folder)]) == 0
    (gold,), report = adjudicate(read_corpus(folder))
    assert (gold.topics, gold.stances, gold.mentioned) == (("water",), (), ("works", "night-trains"))
    assert report.reread == {"stances": 1}


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_folder(tmp_path, judgement(topics=["rail"]))
    write_migration(folder, "1.0.0", "1.1.0", RENAME)
    assert main(["migrate", str(folder)]) == 2
    assert "that is a major one, so `to` should be 2.0.0" in capsys.readouterr().err
    (folder / "migrations" / "1.0.0-to-1.1.0.yaml").unlink()
    write_migration(folder, "1.0.0", "2.0.0", RENAME)
    assert main(["migrate", str(folder), "--dry-run"]) == 0
    said = capsys.readouterr()
    assert "would write codebook.yaml, annotations/ann.jsonl" in said.out
    assert f"next: standpoint migrate {folder}\n" in said.err
    assert json.loads((folder / "annotations/ann.jsonl").read_text(encoding="utf-8"))["topics"] == ["rail"]
    assert main(["migrate", str(folder)]) == 0
    assert f"next: standpoint check {folder}\n" in capsys.readouterr().err
