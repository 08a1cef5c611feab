"""What lies in runs/ and in the data folder."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from standpoint.artifact import new_artifact
from training.dataset.work import WorkFolder
from training.models.train import Trained
from training.upkeep.folders import find_needed_runs, list_data_folder, list_runs_folder
from training.upkeep.item import DAY, Item

NOW = time.time()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("runs").mkdir()
    return tmp_path


def by_place(items: list[Item]) -> dict[str, Item]:
    return {item.where: item for item in items}


def save_checkpoint(path: Path, run: str, age: float = 0) -> None:
    save_file({"weight:a": np.zeros(1000, np.float32)}, path, {"state": json.dumps({"key": "k", "run": run})})
    os.utime(path, (NOW - age, NOW - age))


def test_runs_are_told_apart(trained_topic: Trained) -> None:
    shutil.copytree(trained_topic.folder, "runs/quick/topic")
    shutil.copytree(trained_topic.folder, "runs/topic.previous.old")
    Path("runs/tried/trial").mkdir(parents=True)
    Path("runs/tried/study.db").write_text("a search looks after its own")
    Path("runs/tried/.x.abcd_123.tmp").write_text("of a trial")
    Path("runs/tune-notes.tmp").mkdir()
    Path("runs/tune-notes.tmp/notes.txt").write_bytes(b"x" * 30)
    Path("runs/vectors").mkdir()
    Path("runs/vectors/e.npz").write_bytes(b"x" * 500)
    Path("runs/report.html").write_bytes(b"x" * 70)
    found = by_place(list_runs_folder(NOW, 30))
    assert {place: item.what for place, item in found.items()} == {
        "runs": "other files",
        "runs/quick/topic": "artifact",
        "runs/topic.previous.old": "artifact",
        "runs/tried": "search",
        "runs/vectors": "cache",
    }
    assert [item.remove for item in found.values()] == [None] * 5
    assert (found["runs"].size, found["runs/vectors"].size) == (100, 500)
    later = by_place(list_runs_folder(NOW + 40 * DAY, 30))
    assert [place for place, item in later.items() if item.remove] == ["runs/vectors"]


def test_a_checkpoint_stays_while_somebody_may_go_on_with_it() -> None:
    save_checkpoint(Path("runs/.mine.checkpoint"), "abc", age=10 * DAY)
    [item] = list_runs_folder(NOW, 30)
    assert item.remove is None
    assert "--resume goes on with it" in item.why
    [item] = list_runs_folder(NOW, 9)
    assert item.remove is not None
    item.remove()
    assert list_runs_folder(NOW, 9) == []


def test_a_checkpoint_of_a_finished_training_goes(trained_topic: Trained) -> None:
    save_checkpoint(Path("runs/.mine.checkpoint"), "abc")
    shutil.copytree(trained_topic.folder, "runs/mine")
    os.utime("runs/mine/manifest.json", (NOW + 5, NOW + 5))
    item = by_place(list_runs_folder(NOW + 10, 30))["runs/.mine.checkpoint"]
    assert item.remove is not None
    assert item.why == "runs/mine was finished after it"
    os.utime("runs/mine/manifest.json", (NOW - 5, NOW - 5))
    assert by_place(list_runs_folder(NOW + 10, 30))["runs/.mine.checkpoint"].remove is None


def test_the_state_of_a_training_that_runs_stays() -> None:
    with new_artifact(Path("runs/mine")) as draft:
        save_checkpoint(Path("runs/.mine.checkpoint"), "abc", age=10 * DAY)
        item = by_place(list_runs_folder(NOW, 0))["runs/.mine.checkpoint"]
        assert item.remove is None
        assert item.why == f"process {os.getpid()}, which trains runs/mine, is alive"
        (draft / "metadata.json").write_text("{}")
    shutil.rmtree("runs/mine")
    [item] = list_runs_folder(NOW, 0)
    assert item.remove is not None


def test_of_what_was_written_within_a_day_a_process_may_be_at_work() -> None:
    """Even where a person asks for `--older-than 0`."""
    save_checkpoint(Path("runs/.mine.checkpoint"), "abc")
    Path("runs/vectors").mkdir()
    Path("runs/vectors/e.npz").write_bytes(b"x" * 500)
    with WorkFolder(Path("data/build"), "build", "0123456789abcdef").open():
        pass

    def goes(days: float) -> list[bool]:
        now = NOW + days * DAY
        return [item.remove is not None for item in (*list_runs_folder(now, 0), *list_data_folder(now, 0))]

    assert (goes(0.9), goes(1.1)) == ([False] * 3, [True] * 3)


def test_work_of_a_killed_build_is_given_up_after_a_while() -> None:
    work = WorkFolder(Path("data/build"), "build", "0123456789abcdef")
    with work.open():
        (work.path / "sketch").write_bytes(b"x" * 300)
    [item] = list_data_folder(NOW, 30)
    assert (item.what, item.where, item.size, item.remove) == ("unfinished build", str(work.path), 300, None)
    [item] = list_data_folder(NOW + 31 * DAY, 30)
    assert item.remove is not None
    item.remove()
    assert not work.path.parent.exists()


def test_of_the_corpus_only_drafts_go() -> None:
    Path("data/annotations").mkdir(parents=True)
    for name in ("documents.jsonl", "annotations/a.jsonl", "annotations/.a.jsonl.4194999.tmp", "notes.tmp"):
        Path("data", name).write_text("x")
    items = list_data_folder(NOW + 2 * DAY, 30)
    assert [(item.where, item.remove is None) for item in items] == [("data/annotations/.a.jsonl.4194999.tmp", False)]


def test_runs_of_what_lies_here_are_needed(trained_topic: Trained) -> None:
    shutil.copytree(trained_topic.folder, "runs/mine")
    content = json.loads(Path("runs/mine/metadata.json").read_text())
    Path("runs/mine/metadata.json").write_text(json.dumps({**content, "run": "1" * 32}))
    save_checkpoint(Path("runs/.other.checkpoint"), "2" * 32)
    Path("runs/tune-topic").mkdir()
    Path("runs/tune-topic/study.db").touch()
    shutil.copytree("runs/mine", "runs/tune-topic/best")
    Path("runs/tune-topic/best/metadata.json").write_text(json.dumps({**content, "run": "3" * 32}))
    save_checkpoint(Path("runs/tune-topic/.trial.checkpoint"), "4" * 32)
    Path("runs/.spoilt.checkpoint").write_text("no tensors")
    Path("runs/no-json").mkdir()
    for name in ("metadata.json", "manifest.json"):
        Path("runs/no-json", name).write_text("{")
    found = find_needed_runs(Path("runs"), Path("nowhere"))
    assert found == {
        "1" * 32: "runs/mine is of it",
        "2" * 32: "runs/.other.checkpoint goes on with it",
        "3" * 32: "runs/tune-topic/best is of it",
        "4" * 32: "runs/tune-topic/.trial.checkpoint goes on with it",
    }


def test_where_nothing_was_made_there_is_nothing(home: Path) -> None:
    assert list_runs_folder(NOW, 0) == list_data_folder(NOW, 0) == []
    assert [path.name for path in home.iterdir()] == ["runs"]
