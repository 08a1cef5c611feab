"""Overlaps between sides are refused, and faulty gold files too: nothing is written then."""

import json
from pathlib import Path
from typing import Any

import pytest

from standpoint.errors import BadInput, Refused
from training.dataset.build import build_dataset, write_parts
from training.dataset.certificate import certify
from training.dataset.policy import NearDuplicates
from training.dataset.rows import Row
from training.manifest import read_manifest

UNSEEN = ("grain-corridor", "nuclear-ban-treaty")


def _build_small(folder: Path, out: Path) -> dict[str, Any]:
    build_dataset(folder / "gold.jsonl", folder / "splits.yaml", out)
    return read_manifest(out)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _row(document: str, text: str) -> Row:
    return {"id": f"{document}:0-9", "document": document, "text": text}


TEXT = "the ferry to the outer islands will run twice a day until the harbour has been dredged again next spring"


@pytest.mark.parametrize(
    ("held", "message"),
    [
        (_row("a", "something else entirely"), "1 same_document, 0 exact_text, 0 near_duplicate"),
        (_row("b", TEXT.title()), "0 same_document, 1 exact_text, 0 near_duplicate"),
        (_row("b", TEXT + " or so"), r"0 same_document, 0 exact_text, 1 near_duplicate\), first a:0-9 and b:0-9"),
    ],
)
@pytest.mark.parametrize(
    ("one", "other"), [("train", "test_unseen_kinds"), ("validation", "test"), ("train", "validation")]
)
def test_overlap_is_refused(held: Row, message: str, one: str, other: str) -> None:
    with pytest.raises(Refused, match=message):
        certify({"topic": {one: [_row("a", TEXT)], other: [held]}}, NearDuplicates(), "digest")


def test_tests_may_share_a_document() -> None:
    parts = {"topic": {"test": [_row("a", TEXT)], "test_unseen_targets": [_row("a", TEXT)]}}
    assert certify(parts, NearDuplicates(), "digest")["overlaps"]["same_document"] == 0


def test_refused_build_leaves_the_folder_alone(small: Path, tmp_path: Path) -> None:
    """Two documents that the ledger has on two sides are made alike."""
    out = tmp_path / "out"
    _build_small(small, out)
    write_parts(small / "gold.jsonl", small / "splits.yaml")
    before = _files(out)
    parts = [json.loads(line) for line in (small / "parts.jsonl").read_text().splitlines()]
    one, other = (next(line["document"] for line in parts if line["part"] == part) for part in ("train", "test"))
    lines = [json.loads(line) for line in (small / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    text = next(line["text"] for line in lines if line["document"] == one and not set(line["mentioned"]) & set(UNSEEN))
    for line in lines:
        line["text"] = text if line["document"] == other else line["text"]
    (small / "gold.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.raises(Refused, match=r"parts overlap .* nothing was written"):
        _build_small(small, out)
    assert _files(out) == before


GOLD_FAULTS = {
    "topic": ({"topics": ["tax"]}, "gold.jsonl:1: topic 'tax' is not in the codebook"),
    "target": ({"mentioned": ["tax"]}, "target 'tax' is not in the codebook"),
    "stance": ({"stances": [{"target": "veto-power", "stance": "pro"}]}, "a stance of favor, against, none"),
    "start": ({"start": None}, "expected a whole number 'start', found null"),
    "text": ({"text": "two  spaces"}, "the text is not normalised"),
}


@pytest.mark.parametrize("name", GOLD_FAULTS)
def test_faulty_gold_is_refused(small: Path, tmp_path: Path, name: str) -> None:
    changes, message = GOLD_FAULTS[name]
    line = json.loads((small / "gold.jsonl").read_text(encoding="utf-8").splitlines()[0]) | changes
    (small / "gold.jsonl").write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        _build_small(small, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_gold_must_be_there_once(small: Path, tmp_path: Path) -> None:
    line = (small / "gold.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (small / "gold.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"gold.jsonl:2: the passage .* stands twice"):
        _build_small(small, tmp_path / "out")
    (small / "gold.jsonl").write_text("\n")
    with pytest.raises(BadInput, match=r"gold.jsonl: is empty"):
        _build_small(small, tmp_path / "out")
    (small / "splits.yaml").write_text("unseen_targets: [salt]")
    with pytest.raises(BadInput, match="'salt' is not a target of the codebook"):
        _build_small(small, tmp_path / "out")
