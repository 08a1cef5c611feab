"""Marks of what has to be read again: what settles them, and what they withhold until then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from standpoint.errors import BadInput
from tests.training.migrations.folders import (
    judgement,
    make_folder,
    read_jsonl,
    stance,
    write_migration,
)
from training.migrations.folder import migrate_folder
from training.migrations.rereads import find_rereads

SPLIT = {
    "split": {"what": "topic", "from": "rail", "into": [{"id": "rail"}, {"id": "tram", "name": "Tram", "is": "t"}]}
}


def test_marks_are_settled_by_a_new_judgement(tmp_path: Path) -> None:
    lines = [
        judgement(topics=["rail"]),
        judgement(annotator="bea", topics=["water"]),
        judgement(document="d2", topics=["rail"]),
        judgement(document="d2", annotator="adjudicator", topics=["water"], stances=None),
        judgement(document="d3", topics=["rail"]),
        judgement(document="d3", annotator="adjudicator", topics=["rail"], stances=None),
    ]
    folder = make_folder(tmp_path, *lines)
    write_migration(folder, "1.0.0", "2.0.0", SPLIT)
    migrate_folder(folder)
    rereads = find_rereads(folder)
    assert [(m.document, m.annotator) for m in rereads.open] == [("d3", "adjudicator"), ("d1", "ann"), ("d3", "ann")]
    assert rereads.withheld == {(name, 18, 69): frozenset({"topics"}) for name in ("d1", "d3")}
    # bea's label was no case of the split, but the passage waits for ann; what the adjudicator decided on d2 holds.
    path = folder / "annotations/ann.jsonl"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"topics": null', '"topics": ["tram"]', 1), encoding="utf-8"
    )
    assert [m.document for m in find_rereads(folder).open] == ["d3", "d3"]
    write_migration(folder, "2.0.0", "3.0.0", {"rename": {"what": "topic", "from": "tram", "to": "trams"}})
    migrate_folder(folder)  # settled marks go, the others take today's names
    assert [(m["document"], m["labels"]) for m in read_jsonl(folder / "reread.jsonl")] == [
        ("d3", ["rail", "trams"])
    ] * 2


def test_a_default_holds_until_it_is_changed_or_its_mark_is_taken_out(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement(topics=["rail"]), judgement(document="d2", topics=["rail"]))
    write_migration(folder, "1.0.0", "2.0.0", {"split": {**SPLIT["split"], "default": "tram"}})
    report = migrate_folder(folder)
    assert report.tally.kept == 2
    assert "2 topic, 0 stance; 2 hold until then" in "\n".join(report.lines())
    rereads = find_rereads(folder)
    assert (len(rereads.open), dict(rereads.withheld)) == (2, {})
    path = folder / "annotations/ann.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"tram"', '"rail"', 1), encoding="utf-8")
    assert [m.document for m in find_rereads(folder).open] == ["d2"]


def test_targets_that_may_be_meant_are_kept_in_mind(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, judgement(stances=[stance("the-dam"), stance("night-trains")]))
    parts = [{"id": "old-dam", "wording": "the old dam"}, {"id": "new-dam", "wording": "the new dam"}]
    write_migration(folder, "1.0.0", "2.0.0", {"split": {"what": "target", "from": "the-dam", "into": parts}})
    migrate_folder(folder)
    assert find_rereads(folder).meant == {("d1", 18, 69): ("old-dam", "new-dam", "night-trains")}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"task": "tone"}, r"reread\.jsonl:1: expected a task of topic, stance, found \"tone\""),
        ({"labels": "x"}, r"expected a list of texts 'labels', found \"x\""),
        ({"start": "1"}, r"expected a whole number 'start', found \"1\""),
    ],
)
def test_a_broken_mark_is_named(tmp_path: Path, line: dict[str, Any], message: str) -> None:
    folder = make_folder(tmp_path, judgement())
    mark = {
        "document": "d1",
        "start": 0,
        "end": 3,
        "annotator": "ann",
        "task": "topic",
        "why": "x",
        "codebook": "2.0.0",
    }
    (folder / "reread.jsonl").write_text(json.dumps(mark | line) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        find_rereads(folder)
