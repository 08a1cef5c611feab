"""benchmarks/few_labels.py refuses, in one line and before it trains, what would make its numbers mean nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from training.annotations.adjudication import write_gold
from training.dataset.build import build_dataset
from training.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    write_gold(DATA, folder / "gold.jsonl")
    build_dataset(folder / "gold.jsonl", DATA / "splits.yaml", folder / "build")
    return folder / "build"


def refuse(cwd: Path, *options: str) -> str:
    """Return the one line with which the script, started elsewhere than in the checkout, ends."""
    command = [sys.executable, str(ROOT / "benchmarks" / "few_labels.py"), "--no-write", *options]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    return line


def test_a_dataset_that_is_missing_ends_in_one_line(tmp_path: Path) -> None:
    line = refuse(tmp_path, "--data", "nowhere")
    assert line == f"{tmp_path / 'nowhere'}: no such file or folder; a dataset is built with: standpoint dataset"


def test_a_target_with_too_few_pairs_is_refused(built: Path, tmp_path: Path) -> None:
    target = read_manifest(built)["targets"]["grain-corridor"]  # never learnt from
    line = refuse(tmp_path, "--data", str(built), "--targets", target)
    assert line.startswith(f"--targets: {target!r} has 0 pairs in train and validation of {built}; 100 to learn")


def test_a_folder_keeps_to_what_its_answers_depend_on(built: Path, tmp_path: Path) -> None:
    options = ("--data", str(built), "--base", "missing", "--folder", "kept/here")
    assert refuse(tmp_path, *options).startswith(f"{tmp_path / 'missing'} is no folder; expected an artifact")
    key = json.loads((tmp_path / "kept" / "here" / "key.json").read_text())
    assert (key["quick"], key["set"], len(key["targets"])) == (False, [], 2)
    line = refuse(tmp_path, *options, "--quick", "--set", "max_steps=4")
    end = "holds answers with another quick, set, targets; name another folder"
    assert line == f"--folder: {tmp_path / 'kept' / 'here'} {end}"
    (tmp_path / "kept" / "here" / "key.json").rename(tmp_path / "kept" / "here" / "other.json")
    assert "is not empty and has no key.json; name another folder" in refuse(tmp_path, *options)
