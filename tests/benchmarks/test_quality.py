"""The benchmark of quality, on a small invented set in the place of a public one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.artifacts import cut, stance_examples
from training.examples import ExampleSet

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "benchmarks" / "quality.py"


def write_lines(path: Path, examples: ExampleSet) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"text": e.text, "target": e.target, "stance": e.stance} for e in examples.examples]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    train, validation = cut(stance_examples(96))
    write_lines(folder / "benchmarks" / "semeval2016" / "train.jsonl", train)
    write_lines(folder / "benchmarks" / "semeval2016" / "validation.jsonl", validation)
    return folder


def run(shared: Path, kept: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--quick", "--folder", str(kept), *arguments]
    environment = {**os.environ, "STANDPOINT_SHARED": str(shared)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def measured(shared: Path, kept: Path) -> str:
    done = run(shared, kept, "--sets", "semeval2016", "newsmtsc")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_model_and_floor_has_a_column(measured: str) -> None:
    assert "| metric | transformer | linear | text-only | majority | target_only |" in measured
    row = next(line for line in measured.splitlines() if line.startswith("| stance.f_avg |"))
    assert row.count("**") == 6
    assert "TimeLMs-2021 72.9" in measured
    assert "### newsmtsc\n\nNot here, not measured." in measured


def test_results_are_not_touched_by_a_quick_run(measured: str) -> None:
    text = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    assert "72 training examples" not in text


def test_what_is_kept_is_not_trained_again_nor_taken_for_other_data(
    measured: str, shared: Path, kept: Path, tmp_path: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    again = run(shared, kept, "--sets", "semeval2016")
    assert again.returncode == 0, again.stderr
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == before
    write_lines(tmp_path / "benchmarks" / "semeval2016" / "train.jsonl", stance_examples(120))
    write_lines(tmp_path / "benchmarks" / "semeval2016" / "validation.jsonl", stance_examples(24))
    refused = run(tmp_path, kept, "--sets", "semeval2016")
    assert refused.returncode == 1
    assert "has learned from other data; name another folder" in refused.stderr
