"""Building: the same every time, never stale, and no interruption spoils what was there."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from standpoint.errors import BadInput
from training.dataset import build
from training.dataset.build import build_dataset, write_parts
from training.dataset.gold import index_gold
from training.dataset.policy import read_ledger
from training.examples import Task, read_examples
from training.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"
UNSEEN = ("grain-corridor", "nuclear-ban-treaty")
TASKS: tuple[Task, ...] = ("topic", "stance")


def _build_small(folder: Path, out: Path) -> dict[str, Any]:
    build_dataset(folder / "gold.jsonl", folder / "splits.yaml", out)
    return read_manifest(out)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _change_stance(folder: Path) -> tuple[str, str]:
    """Turn the first stance of a small corpus round; return its passage's document and new stance."""
    path = folder / "gold.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    line = next(line for line in lines if line["stances"] and not set(line["mentioned"]) & set(UNSEEN))
    label = line["stances"][0]
    label["stance"] = "against" if label["stance"] == "favor" else "favor"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return f"{line['document']}:{line['start']}-{line['end']}#{label['target']}", label["stance"]


def test_same_input_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    first = _build_small(small, tmp_path / "one")
    _build_small(small, tmp_path / "deep" / "two")
    assert _files(tmp_path / "one") == _files(tmp_path / "deep" / "two")
    lines = (small / "gold.jsonl").read_bytes().splitlines()
    (small / "gold.jsonl").write_bytes(b"\n".join([b"", *(line.replace(b":", b": ", 1) for line in lines)]))
    assert _build_small(small, tmp_path / "three")["digest"] == first["digest"]
    for part in first["configurations"]["stance"].values():
        assert (tmp_path / "one" / part["file"]).read_bytes() == (tmp_path / "three" / part["file"]).read_bytes()


@pytest.mark.parametrize(("size", "workers"), [(7, 1), (40, 2)])
def test_chunks_and_processes_do_not_show(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, workers: int
) -> None:
    """The same bytes, however gold is cut and whoever sketches it."""
    _build_small(small, tmp_path / "one")
    monkeypatch.setattr(build, "index_gold", partial(index_gold, size=size))
    build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "two", workers=workers)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_unsorted_gold_is_refused(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (small / "gold.jsonl").read_bytes().splitlines(keepends=True)
    (small / "gold.jsonl").write_bytes(b"".join([*lines[:8], lines[9], lines[8], *lines[10:]]))
    for size in (4096, 3):  # within a chunk, and where one begins
        monkeypatch.setattr(build, "index_gold", partial(index_gold, size=size))
        with pytest.raises(BadInput, match=r"gold.jsonl:10: the passage .* stands after .*; expected passages sorted"):
            _build_small(small, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_seed_and_labels_change_the_digest(small: Path, tmp_path: Path) -> None:
    first = _build_small(small, tmp_path / "one")
    policy = (small / "splits.yaml").read_text()
    (small / "splits.yaml").write_text(policy.replace("seed: 13", "seed: 15"))
    assert _build_small(small, tmp_path / "two")["digest"] != first["digest"]
    (small / "splits.yaml").write_text(policy)
    identifier, stance = _change_stance(small)
    changed = _build_small(small, tmp_path / "three")
    assert changed["digest"] != first["digest"]
    found = [
        e
        for split in changed["configurations"]["stance"]
        for e in read_examples(tmp_path / "three", "stance", split).examples
    ]
    assert next(e.stance for e in found if e.id == identifier) == stance


def test_rebuild_removes_only_what_is_its_own(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = _build_small(small, out)
    (out / "notes.md").write_text("mine")
    (out / "stance" / "extra.parquet").write_text("mine")
    (out / "stance" / ".train-0123456789ab.parquet.77.tmp").write_text("left by a killed build")
    _change_stance(small)
    after = _build_small(small, out)
    old = {part["file"] for part in before["configurations"]["stance"].values()}
    new = {part["file"] for part in after["configurations"]["stance"].values()}
    assert old - new
    files = set(_files(out))
    assert {"notes.md", "stance/extra.parquet", *new} <= files
    assert not files & (old - new)
    assert not [name for name in files if name.endswith(".tmp")]


_LOAD = """
import sys, datasets
for folder in sys.argv[1:]:
    for split, rows in datasets.load_dataset(folder, "stance").items():
        assert rows.features["label"].dtype == "string"
        for row in rows: print(folder, split, row["id"], row["label"], sep="\\t")
"""


def _load_with_datasets(cache: Path, *folders: Path) -> set[tuple[str, ...]]:
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(cache), "HF_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, *map(str, folders)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {tuple(line.split("\t")) for line in done.stdout.splitlines()}


def _expected(folder: Path) -> set[tuple[str, ...]]:
    splits = read_manifest(folder)["configurations"]["stance"]
    return {
        (str(folder), split, e.id, str(e.stance))
        for split in splits
        for e in read_examples(folder, "stance", split).examples
    }


def test_datasets_never_reads_stale_or_foreign_rows(small: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "x" / "build", tmp_path / "y" / "build"
    _build_small(small, one)
    first = _expected(one)
    assert _load_with_datasets(tmp_path / "cache", one) == first
    _change_stance(small)
    _build_small(small, one)
    shutil.copytree(one, two)
    _change_stance(small)
    _build_small(small, two)
    assert _load_with_datasets(tmp_path / "cache", one, two) == _expected(one) | _expected(two)
    assert _expected(one) != first
    assert {row[1:] for row in _expected(two)} != {row[1:] for row in _expected(one)}


_KILLED = """
import os, sys
from pathlib import Path
from training.dataset.build import build_dataset
folder, out, left = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
def count(event, arguments):
    global left
    if event in ("os.rename", "os.remove") and str(arguments[0]).startswith(str(out)):
        left -= 1
        if left < 0: os._exit(9)
sys.addaudithook(count)
build_dataset(folder / "gold.jsonl", folder / "splits.yaml", out)
"""


def test_killed_build_leaves_a_readable_dataset(small: Path, tmp_path: Path) -> None:
    """Kill the build before one of its renames and removals after the other: what the manifest names stays whole."""
    before = _build_small(small, tmp_path / "old")
    (small / "codebook.yaml").write_text(
        (small / "codebook.yaml").read_text(encoding="utf-8").replace("version: 1.2.0", "version: 1.3.0"),
        encoding="utf-8",
    )
    (small / "splits.yaml").write_text((small / "splits.yaml").read_text().replace("seed: 13", "seed: 14"))
    after = _build_small(small, tmp_path / "new")
    found, finished = set(), False
    for step in range(0, 210, 7):
        out = tmp_path / f"killed-{step}"
        shutil.copytree(tmp_path / "old", out)
        command = [sys.executable, "-c", _KILLED, str(small), str(out), str(step)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 9), done.stderr
        manifest = read_manifest(out)
        assert manifest in (before, after)
        found.add(manifest["digest"])
        for task in TASKS:
            for split in manifest["configurations"][task]:
                assert read_examples(out, task, split).codebook is not None
        if done.returncode == 0:
            finished = True
            break
        _build_small(small, out)
        assert _files(out) == _files(tmp_path / "new")
    assert finished
    assert found == {before["digest"], after["digest"]}


def test_limit_keeps_every_split(small: Path, tmp_path: Path) -> None:
    report = build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out", limit=40)
    whole = build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "whole")
    assert report.rows["topic"].keys() == whole.rows["topic"].keys()
    assert 35 <= sum(report.rows["topic"].values()) <= 60
    with pytest.raises(BadInput, match="limit: expected a limit of 1 or more, found 0"):
        build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out", limit=0)


def test_report_names_what_was_left_out(small: Path, tmp_path: Path) -> None:
    report = build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out")
    text = "\n".join(report.lines())
    assert f"{sum(report.documents.values())} documents have no line in the ledger" in text
    assert all(f"{reason} {count}" in text for reason, count in report.dropped.items())
    assert report.dropped


def test_label_without_a_row_is_a_warning(small: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in (small / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["topics"] = ["society"] if line["topics"] == ["arms-control"] else line["topics"]
        line["topics"] = [topic for topic in line["topics"] if topic != "arms-control"] or ["society"]
    (small / "gold.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    report = build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out")
    for split in ("train", "validation", "test"):
        assert "arms-control" in report.missing["topic"][split]
        [warning] = [line for line in report.lines() if line.startswith("warning:") and f"row in {split}:" in line]
        assert f"{len(report.missing['topic'][split])} topic labels without a row" in warning
        assert "annotate more such passages" in warning
    assert read_manifest(tmp_path / "out")["missing_labels"] == report.missing
    assert (
        "arms-control" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8").split("Labels without a row")[1]
    )


def test_ledger_is_the_same_in_one_go_and_beforehand(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "other")
    report = build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "one", settle=True)
    other = tmp_path / "other"
    assert write_parts(other / "gold.jsonl", other / "splits.yaml", tmp_path / "two") == report.newcomers > 0
    assert list((tmp_path / "two" / ".work").iterdir())  # what was found waits for the build
    _build_small(other, tmp_path / "two")
    assert (small / "parts.jsonl").read_bytes() == (other / "parts.jsonl").read_bytes()
    assert _files(tmp_path / "one") == _files(tmp_path / "two")
    assert len(read_ledger(small / "parts.jsonl").parts) == report.newcomers
    again = build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "one", settle=True)
    assert (again.newcomers, again.digest) == (0, report.digest)
