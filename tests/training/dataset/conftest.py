"""A corpus folder and its gold, whole and cut down to 60 documents."""

import json
import shutil
from pathlib import Path

import pytest

from training.annotations.adjudication import write_gold

DATA = Path(__file__).resolve().parents[3] / "data"


@pytest.fixture(scope="session")
def whole_gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    write_gold(DATA, path)
    return path


@pytest.fixture
def small(tmp_path: Path, whole_gold: Path) -> Path:
    """A folder with gold.jsonl of every tenth document, codebook.yaml and splits.yaml, without a ledger."""
    folder = tmp_path / "small"
    folder.mkdir()
    for name in ("codebook.yaml", "splits.yaml"):
        shutil.copy(DATA / name, folder / name)
    lines = whole_gold.read_text(encoding="utf-8").splitlines(keepends=True)
    documents = sorted({json.loads(line)["document"] for line in lines})[::10]
    kept = [line for line in lines if json.loads(line)["document"] in documents]
    (folder / "gold.jsonl").write_text("".join(kept), encoding="utf-8")
    return folder
