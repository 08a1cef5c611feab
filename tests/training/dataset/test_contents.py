"""The dataset of this repository: ids, labels, sides, unseen parts, balance, and what manifest and datasheet say."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from standpoint.codebook import read_codebook
from standpoint.encoding import normalise
from training.dataset.build import build_dataset, write_parts
from training.dataset.policy import SPLITS as ALL_SPLITS
from training.dataset.policy import UNSEEN_OUTLETS, side_of
from training.examples import ExampleSet, Task, read_examples
from training.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"
BOOK = read_codebook(DATA / "codebook.yaml")
UNSEEN = ("grain-corridor", "nuclear-ban-treaty")
SPLITS = tuple(split for split in ALL_SPLITS if split != UNSEEN_OUTLETS)  # splits.yaml holds no outlet back
TASKS: tuple[Task, ...] = ("topic", "stance")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, whole_gold: Path) -> Path:
    out = tmp_path_factory.mktemp("built") / "build"
    build_dataset(whole_gold, DATA / "splits.yaml", out)
    return out


@pytest.fixture(scope="session")
def sets(built: Path) -> dict[tuple[str, str], ExampleSet]:
    return {(task, split): read_examples(built, task, split) for task in TASKS for split in SPLITS}


def _place(identifier: str) -> tuple[str, int]:
    document, _, span = identifier.partition(":")
    return document, int(span.split("-")[0])


def test_ids_are_unique_and_texts_normalised(sets: dict[tuple[str, str], ExampleSet]) -> None:
    for task in TASKS:
        examples = [e for split in SPLITS for e in sets[task, split].examples]
        assert len({e.id for e in examples}) == len(examples)
        assert all(e.text == normalise(e.text) != "" for e in examples)
        for split in SPLITS:
            places = [_place(e.id) for e in sets[task, split].examples]
            assert places == sorted(places)


def test_labels_are_known_and_targets_mentioned(sets: dict[tuple[str, str], ExampleSet]) -> None:
    wordings = set(BOOK.targets.values())
    for split in SPLITS:
        assert all(set(e.topics) <= set(BOOK.topics.labels) for e in sets["topic", split].examples)
        assert sets["stance", split].labels == ("favor", "against", "none")
        for example in sets["stance", split].examples:
            assert example.target in example.mentioned
            assert set(example.mentioned) <= wordings
            assert example.holder
            assert example.status in ("agreed", "adjudicated", "single")


def test_no_document_group_or_text_is_on_two_sides(sets: dict[tuple[str, str], ExampleSet]) -> None:
    for key in ("document", "group", "text"):
        sides: dict[str, set[str]] = {}
        for (_, split), found in sets.items():
            for example in found.examples:
                sides.setdefault(getattr(example, key), set()).add(side_of(split))
        assert not [value for value, found in sides.items() if len(found) > 1]


def test_unseen_targets_and_kinds_are_never_learnt(sets: dict[tuple[str, str], ExampleSet]) -> None:
    unseen = {BOOK.targets[target] for target in UNSEEN}
    for (task, split), found in sets.items():
        for example in found.examples:
            carries = bool(unseen & set(example.mentioned))
            if split == "test_unseen_kinds":
                assert example.target not in unseen
            else:
                assert carries == (split == "test_unseen_targets"), (task, split, example.id)
            assert (example.kind in ("newsletter", "broadcast-transcript")) == (split == "test_unseen_kinds")
    targets = Counter(e.target for e in sets["stance", "test_unseen_targets"].examples)
    assert set(targets) == unseen
    assert targets.total() >= 100


def test_parts_are_balanced(sets: dict[tuple[str, str], ExampleSet]) -> None:
    parts, shares = ("train", "validation", "test"), {"train": 0.70, "validation": 0.12, "test": 0.18}
    seen = set(BOOK.targets.values()) - {BOOK.targets[target] for target in UNSEEN}
    assert {e.target for e in sets["stance", "train"].examples} == seen
    held = {part: len({e.document for e in sets["topic", part].examples}) for part in parts}
    for part in parts:
        assert held[part] / sum(held.values()) == pytest.approx(shares[part], abs=0.02)
    counts: dict[str, dict[str, int]] = {}
    kinds = {e.kind for e in sets["topic", "train"].examples}
    for part in parts:
        stances, topics = sets["stance", part].examples, sets["topic", part].examples
        keys = [str(e.target) for e in stances] + [f"{e.target}/{e.stance}" for e in stances]
        for key in [*keys, *(topic for e in topics for topic in e.topics), *(e.kind for e in topics)]:
            counts.setdefault(key, dict.fromkeys(parts, 0))[part] += 1
    for key, found in counts.items():
        # Whole documents of about six passages are dealt out: a kind can miss its share by one, a pair by half of one.
        total, slack = sum(found.values()), 6 if key in kinds else 3
        for part in parts:
            assert found[part] / total == pytest.approx(shares[part], abs=0.025 + slack / total), (key, found)
            assert found[part] > 0


def test_ledger_in_the_repository_is_what_the_policy_gives(tmp_path: Path, whole_gold: Path) -> None:
    """Dealt out in two steps, as it was written: the first three waves, then `y`."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("codebook.yaml", "splits.yaml"):
        shutil.copy(DATA / name, folder / name)
    lines = whole_gold.read_text(encoding="utf-8").splitlines(keepends=True)
    early = tmp_path / "early.jsonl"
    early.write_text("".join(line for line in lines if not json.loads(line)["document"].startswith("y")), "utf-8")
    assert write_parts(early, folder / "splits.yaml", tmp_path / "out") == 628
    assert write_parts(whole_gold, folder / "splits.yaml", tmp_path / "out") == 174
    assert (folder / "parts.jsonl").read_bytes() == (DATA / "parts.jsonl").read_bytes()
    assert write_parts(whole_gold, folder / "splits.yaml", tmp_path / "out") == 0


def test_datasheet_states_what_is_built(sets: dict[tuple[str, str], ExampleSet]) -> None:
    sheet = (DATA / "README.md").read_text(encoding="utf-8")
    for split in SPLITS:
        topic, stance = sets["topic", split], sets["stance", split]
        documents = len({e.document for e in (*topic.examples, *stance.examples)})
        found = Counter(e.stance for e in stance.examples)
        labels = " | ".join(str(found[label]) for label in ("favor", "against", "none"))
        assert f"| `{split}` | {documents} | {len(topic)} | {len(stance)} | {labels} |" in sheet


def test_manifest_says_what_is_there(built: Path, whole_gold: Path) -> None:
    manifest = read_manifest(built)
    named = {part["file"] for parts in manifest["configurations"].values() for part in parts.values()}
    others = {manifest["codebook"]["file"], "codebook.yaml", "README.md", "certificate.json", "manifest.json"}
    assert {path.relative_to(built).as_posix() for path in built.rglob("*.*")} == named | others
    assert all(re.fullmatch(r"(topic|stance)/\w+-[0-9a-f]{12}\.parquet", name) for name in named)
    assert manifest["codebook"]["digest"] == BOOK.digest
    assert manifest["unseen_targets"] == list(UNSEEN)
    assert set(manifest["sources"]) == {"gold", "codebook", "splits", "parts"}
    part = manifest["configurations"]["stance"]["train"]
    assert part["rows"] == sum(part["labels"].values()) == pq.read_metadata(built / part["file"]).num_rows
    certificate = json.loads((built / "certificate.json").read_text())
    assert certificate["dataset"] == manifest["digest"]
    assert set(certificate["overlaps"].values()) == {0}
    assert not re.search(r'"/|\d\d:\d\d:\d\d', (built / "manifest.json").read_text())


def test_every_pair_is_in_a_part_or_counted(built: Path, whole_gold: Path) -> None:
    gold = [json.loads(line) for line in whole_gold.read_text(encoding="utf-8").splitlines()]
    manifest = read_manifest(built)
    rows = {name: sum(part["rows"] for part in parts.values()) for name, parts in manifest["configurations"].items()}
    dropped = Counter(manifest["dropped"])
    withheld = ("pairs_with_unseen_target", "pairs_of_unseen_kind_and_target", "seen_pairs_beside_unseen_target")
    assert rows["stance"] + sum(dropped[key] for key in withheld) == sum(len(line["stances"]) for line in gold)
    assert rows["topic"] + dropped["passages_with_unseen_target"] == len(gold)
