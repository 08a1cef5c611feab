"""Overlaps between sides and a search that sees too little are refused, faulty gold files too; nothing is written."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from standpoint.errors import BadInput, Refused
from training.dataset.build import build_dataset, write_parts
from training.dataset.certificate import SIDES, certify
from training.dataset.plants import translate
from training.dataset.policy import NearDuplicates
from training.dataset.sketches import sketch_texts
from training.examples import read_examples
from training.manifest import read_manifest
from training.training_data import read_training_data

UNSEEN = ("grain-corridor", "nuclear-ban-treaty")


def _build_small(folder: Path, out: Path) -> dict[str, Any]:
    build_dataset(folder / "gold.jsonl", folder / "splits.yaml", out)
    return read_manifest(out)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


SALT = (
    "the price of salt in the lower harbour has doubled since the toll was raised and nobody will say who gains by it"
)
TEXT = "the ferry to the outer islands will run twice a day until the harbour has been dredged again next spring"
RULE = NearDuplicates()
Passage = tuple[str, str, str]  # side, document, text


def _certify(passages: list[Passage], rule: NearDuplicates = RULE, seed: int = 13) -> dict[str, Any]:
    """Certify passages; one that is in no part has the side «none»."""
    texts = [text for _, _, text in passages]
    names = sorted({document for _, document, _ in passages})
    return certify(
        sketch_texts(texts, rule),
        np.array([SIDES.index(side) if side in SIDES else -1 for side, _, _ in passages], np.int8),
        np.array([names.index(document) for _, document, _ in passages], np.int32),
        lambda place: f"{passages[place][1]}:0-9",
        rule,
        "digest",
        seed,
        texts.__getitem__,
        {"train": {"veto-power": 3}},
    )


@pytest.mark.parametrize(
    ("document", "text", "message"),
    [
        ("a", "something else entirely", r"1 same_document, 0 exact_text, 0 near_duplicate\), first a:0-9 and a:0-9"),
        ("b", TEXT.title(), "0 same_document, 1 exact_text, 0 near_duplicate"),
        ("b", TEXT + " or so", r"0 same_document, 0 exact_text, 1 near_duplicate\), first a:0-9 and b:0-9"),
        ("b", f"{SALT} {TEXT} {SALT[::-1]}", "0 same_document, 0 exact_text, 1 near_duplicate"),
        ("b", f"{TEXT} {translate(TEXT)}", "0 same_document, 0 exact_text, 1 near_duplicate"),
    ],
)
@pytest.mark.parametrize(("one", "other"), [("train", "test"), ("test", "validation"), ("validation", "train")])
def test_overlap_is_refused(document: str, text: str, message: str, one: str, other: str) -> None:
    with pytest.raises(Refused, match=message):
        _certify([(one, "a", TEXT), (other, document, text)])


def test_what_is_in_no_part_or_on_one_side_is_no_overlap() -> None:
    passages = [("test", "a", TEXT), ("test", "a", TEXT), ("test", "b", f"{TEXT} or so"), ("none", "a", SALT)]
    certificate = _certify([*passages, ("train", "c", SALT), ("none", "c", TEXT)])
    assert certificate["overlaps"] == {"same_document": 0, "exact_text": 0, "near_duplicate": 0}
    assert certificate["passages"] == {"train": 1, "validation": 0, "test": 3}
    assert certificate["targets"] == {"train": {"veto-power": 3}}
    assert certificate["verdict"] == "passed"


def _invent_passages(count: int, words: int, side: str = "train") -> list[Passage]:
    draw = random.Random(words)
    vocabulary = [translate(f"w{place}") for place in range(3000)]
    return [(side, f"{side}-{place}", " ".join(draw.choices(vocabulary, k=words))) for place in range(count)]


@pytest.mark.parametrize("words", [12, 20, 60])
def test_power_is_measured_on_planted_copies(words: int) -> None:
    power = _certify([*_invent_passages(250, words), ("test", "a", TEXT)])["power"]
    assert set(power["levels"]) == {"changed_0", "changed_5", "changed_15", "changed_30", "translated", "quoted"}
    for level, measured in power["levels"].items():
        assert measured["planted"] == 200
        assert measured["low"] <= measured["share"] <= measured["high"]
        if level != "changed_30":  # two words of three are left: below the rule
            assert measured["share"] >= 0.99
            assert measured["found_by_grouping"] >= 198
    assert sum(found["planted"] for found in power["changed_15_by_length"].values()) == 200
    assert power["required"]["changed_15"] == 0.95


def test_certificate_depends_on_the_seed_alone() -> None:
    passages = _invent_passages(60, 15)
    assert _certify(passages) == _certify(passages)
    assert _certify(passages)["power"] != _certify(passages, seed=14)["power"]


def test_blind_search_is_refused() -> None:
    """A rule that takes only equal words for a copy finds no changed one: its zero overlaps prove nothing."""
    rule = NearDuplicates(overlap=1, quoted_runs=500)
    with pytest.raises(Refused, match=r"of 200 copies planted as changed_5 it finds \d+, a share of 0.\d\d where 0.95"):
        _certify(_invent_passages(250, 40), rule)


def test_a_sketch_of_other_texts_is_our_bug() -> None:
    sketch = sketch_texts([TEXT, SALT], RULE)
    sides, documents = np.array([0, 2], np.int8), np.array([0, 1], np.int32)
    with pytest.raises(ValueError, match="the sketch does not belong to these texts"):
        certify(sketch, sides, documents, str, RULE, "digest", 13, [SALT, TEXT].__getitem__)
    with pytest.raises(ValueError, match="expected a side for each of 2 passages, found 1"):
        certify(sketch, sides[:1], documents, str, RULE, "digest", 13, [TEXT, SALT].__getitem__)


CERTIFICATE_FAULTS = {
    "missing": (None, "the dataset has no leak certificate"),
    "broken": ("{", "is not JSON"),
    "list": ("[]", "is stale: it is of dataset list"),
    "stale": ({"dataset": "0" * 64}, "is stale: it is of dataset 000000000000, the manifest of"),
    "older": ({"format": 1}, "expected a certificate of format 2, found 1"),
    "failed": ({"verdict": "failed"}, "the certificate failed .verdict 'failed'."),
    "overlap": ({"overlaps": {"exact_text": 1}}, "the certificate failed"),
}


@pytest.mark.parametrize("name", CERTIFICATE_FAULTS)
def test_nothing_is_learnt_without_a_sound_certificate(small: Path, tmp_path: Path, name: str) -> None:
    out, (change, message) = tmp_path / "out", CERTIFICATE_FAULTS[name]
    _build_small(small, out)
    assert len(read_examples(out, "topic", "train")) > 0
    path = out / "certificate.json"
    if change is None:
        path.unlink()
    else:
        path.write_text(change if isinstance(change, str) else json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(Refused, match=f"{message}.*build the dataset again: standpoint dataset") as refused:
        read_training_data("topic", out)
    assert refused.value.exit_code == 3


def test_labelled_lines_need_no_certificate(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps({"text": f"salt {i}", "topics": ["economy"]}) + "\n" for i in range(9)))
    assert len(read_training_data("topic", path).train) > 0


def test_planted_leak_ends_the_command_with_3(small: Path, tmp_path: Path) -> None:
    """A copy of a training passage, four words of it changed, is slipped into a document of the test part."""
    write_parts(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out")
    parts = {
        line["document"]: line["part"] for line in map(json.loads, (small / "parts.jsonl").read_text().splitlines())
    }
    lines = [json.loads(line) for line in (small / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    usable = [line for line in lines if not set(line["mentioned"]) & set(UNSEEN) and len(line["text"].split()) >= 40]
    one = next(line for line in usable if parts[line["document"]] == "train")
    other = next(line for line in usable if parts[line["document"]] == "test")
    words = one["text"].split()
    words[3], words[13], words[22], words[31] = "salt", "ferry", "toll", "harbour"
    other["text"] = " ".join(words)
    (small / "gold.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    names = [f"{line['document']}:{line['start']}-{line['end']}" for line in (one, other)]
    with pytest.raises(Refused, match=r"0 exact_text, 1 near_duplicate\), first .* nothing was written") as refused:
        _build_small(small, tmp_path / "out")
    assert refused.value.exit_code == 3
    assert all(name in str(refused.value) for name in names)
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_refused_build_leaves_the_folder_alone(small: Path, tmp_path: Path) -> None:
    """Two documents that the ledger has on two sides are made alike."""
    out = tmp_path / "out"
    _build_small(small, out)
    write_parts(small / "gold.jsonl", small / "splits.yaml", tmp_path / "elsewhere")
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
