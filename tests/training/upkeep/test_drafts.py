"""What killed processes leave: told from what living ones write, and from what is the only copy."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.artifact import MANIFEST, new_artifact
from training.files import open_replacing
from training.upkeep.drafts import find_draft, is_alive, remove_path
from training.upkeep.item import DAY, HOUR, list_items, measure

NOW = time.time()


@pytest.fixture(scope="module")
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def make(path: Path, folder: bool = False) -> Path:
    if folder:
        path.mkdir()
        (path / "linear.safetensors").write_bytes(b"x" * 1000)
    else:
        path.write_bytes(b"x" * 1000)
    return path


def test_a_draft_of_a_process_that_is_gone_goes(tmp_path: Path, gone: int) -> None:
    path = make(tmp_path / f".mine.{gone}.abcd_123.tmp", folder=True)
    item = find_draft(path, NOW + 2 * HOUR)
    assert item is not None
    assert (item.size, item.why) == (1000, f"left by a killed process (process {gone} is gone)")
    assert item.remove is not None
    item.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_process_of_another_machine_has_an_hour(tmp_path: Path, gone: int) -> None:
    item = find_draft(make(tmp_path / f".a.npz.{gone}.tmp"), NOW + HOUR / 2)
    assert item is not None
    assert item.remove is None


def test_drafts_of_the_living_stay(tmp_path: Path) -> None:
    """The names are those that the writers give."""
    with new_artifact(tmp_path / "mine") as draft, open_replacing(tmp_path / "file.json"):
        found = [find_draft(path, NOW + 100 * DAY) for path in sorted(tmp_path.iterdir())]
        assert [item and item.why for item in found] == [f"process {os.getpid()}, which writes it, is alive"] * 2
        assert [item.remove for item in found if item] == [None, None]
        (draft / "metadata.json").write_text("{}")


@pytest.mark.parametrize("name", [".mine.abcd_123.tmp", "report.html.tmp", ".mine.abcd_123.old"])
def test_a_draft_that_names_no_process_has_a_day(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine").mkdir()
    path = make(tmp_path / name, folder=name.startswith("."))
    young, old = find_draft(path, NOW + 0.9 * DAY), find_draft(path, NOW + 1.1 * DAY)
    assert young is not None
    assert old is not None
    assert (young.remove is None, old.remove is None) == (True, False)


def test_a_long_training_shows_by_its_checkpoint_that_it_lives(tmp_path: Path) -> None:
    draft = make(tmp_path / ".mine.abcd_123.tmp", folder=True)
    checkpoint = make(tmp_path / ".mine.checkpoint")
    os.utime(checkpoint, (NOW + 5 * DAY, NOW + 5 * DAY))
    item = find_draft(draft, NOW + 5.5 * DAY)
    assert item is not None
    assert item.remove is None


@pytest.mark.parametrize("kind", ["old", "tmp"])
def test_the_only_copy_of_an_artifact_stays(tmp_path: Path, kind: str) -> None:
    """The process was killed between the two renames that replace an artifact."""
    draft = make(tmp_path / f".mine.abcd_123.{kind}", folder=True)
    (draft / MANIFEST).write_text("{}")
    item = find_draft(draft, NOW + 100 * DAY)
    assert item is not None
    assert item.remove is None
    assert item.why.endswith("mine is gone: rename it to that, or delete it by hand")
    (tmp_path / "mine").mkdir()
    item = find_draft(draft, NOW + 100 * DAY)
    assert item is not None
    assert item.remove is not None


@pytest.mark.parametrize("name", ["metadata.json", "notes.old", "tmp", ".checkpoint", "a.tmp.json", ".mine.checkpoint"])
def test_other_names_are_no_drafts(tmp_path: Path, name: str) -> None:
    assert find_draft(make(tmp_path / name), NOW + 100 * DAY) is None


@pytest.mark.parametrize("name", ["mine.tmp", "mine.old", ".mine.tmp", "mine.previous.old", "mine.4194999.tmp"])
@pytest.mark.parametrize("beside", [True, False])
def test_folders_that_a_person_named_are_no_drafts(tmp_path: Path, name: str, beside: bool) -> None:
    if beside:
        (tmp_path / "mine").mkdir()
    assert find_draft(make(tmp_path / name, folder=True), NOW + 100 * DAY) is None
    (tmp_path / "link.tmp").symlink_to(tmp_path / name)
    assert find_draft(tmp_path / "link.tmp", NOW + 100 * DAY) is None


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,20}", fullmatch=True).filter(lambda name: name[-1] != "."))
def test_a_draft_of_this_process_is_never_removed(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("drafts")
    with new_artifact(folder / name):
        [path] = folder.iterdir()
        item = find_draft(path, NOW + 1000 * DAY)
        assert item is not None
        assert item.remove is None
        (path / "metadata.json").write_text("{}")


def test_the_living_are_known() -> None:
    assert is_alive(os.getpid())
    assert is_alive(1)
    assert not is_alive(2**40)


def test_links_are_neither_measured_nor_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    make(tmp_path / "far" / "big")
    near = tmp_path / "near"
    near.mkdir()
    (near / "link").symlink_to(tmp_path / "far")
    assert measure(near).size < 1000
    remove_path(near / "link")
    assert (tmp_path / "far" / "big").exists()


def test_the_table_says_what_goes_first_and_folds_what_stays(tmp_path: Path, gone: int) -> None:
    paths = [
        make(tmp_path / f".{name}.{pid}.tmp") for name, pid in (("a", gone), ("b", os.getpid()), ("c", os.getpid()))
    ]
    items = [item for path in paths if (item := find_draft(path, NOW + 3 * HOUR))]
    head, first, second = list_items(items)
    assert head.split() == ["what", "size", "age", "where:", "why"]
    assert first.startswith("goes   draft                 1.0 kB    3 h  ")
    assert first.endswith(f"a.{gone}.tmp: left by a killed process (process {gone} is gone)")
    assert second.startswith("stays  draft                 2.0 kB ")
    assert f".b.{os.getpid()}.tmp and 1 more: process" in second
