"""Killed and gone on with: the output has the bytes of a call that was never interrupted."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from standpoint.batch import BatchReport, predict_file
from standpoint.batch.part import part_path, sidecar_path
from standpoint.batch.prediction import CHUNK_ROWS
from standpoint.errors import BadInput
from standpoint.predictor import Predictor
from tests.artifacts import LEVY, TREATY

ROOT = Path(__file__).resolve().parents[3]
ROWS = 4 * CHUNK_ROWS + 30

# Predicts as the command does, tells every commit, and waits to be told to go on.
CHILD = """
import sys
from pathlib import Path
from standpoint.batch import predict_file
from standpoint.predictor import load_predictor

source, out, topic, stance = map(Path, sys.argv[1:])

def tell(done, total):
    print(done, flush=True)
    sys.stdin.readline()

predict_file(source, out, load_predictor(topic), load_predictor(stance), progress=tell)
"""


class Stop(Exception):
    """Raised in the middle of a call, in the test's own process."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows with and without ids and targets, a few of them broken."""
    path = tmp_path_factory.mktemp("input") / "in.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for i in range(ROWS):
            row: dict[str, Any] = {"text": f"The envoy praised {LEVY} and the mayor rejected {TREATY} on day {i}."}
            row |= {"id": f"row-{i % 1000}"} if i % 3 else {}
            row |= {"targets": [TREATY]} if i % 4 == 1 else {}
            file.write("broken\n" if i % 50 == 7 else json.dumps(row) + "\n")
    return path


@pytest.fixture(scope="module")
def whole(
    source: Path, topic: Predictor, stance: Predictor, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, BatchReport]:
    """The output and the report of a call that was never interrupted."""
    out = tmp_path_factory.mktemp("whole") / "out.jsonl"
    report = predict_file(source, out, topic, stance)
    return out.read_bytes(), report


def start_child(source: Path, out: Path, folders: dict[str, Path]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(source), str(out), str(folders["topic"]), str(folders["stance"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def kill_after(child: subprocess.Popen[str], commits: int) -> int:
    """Let the child make its commits, kill it at work on the next chunk, return the rows it said were done."""
    assert child.stdin
    assert child.stdout
    with child:
        done = int(child.stdout.readline())
        for _ in range(commits):
            child.stdin.write("\n")
            child.stdin.flush()
            done = int(child.stdout.readline())
        child.stdin.write("\n")
        child.stdin.flush()
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    return done


def stop_at(rows: int) -> Any:
    def progress(done: int, _total: int | None) -> None:
        if done >= rows:
            raise Stop(f"after {done} rows")

    return progress


def test_killed_twice_and_gone_on_with_gives_the_same_bytes(
    source: Path,
    whole: tuple[bytes, BatchReport],
    folders: dict[str, Path],
    topic: Predictor,
    stance: Predictor,
    tmp_path: Path,
) -> None:
    out = tmp_path / "out.jsonl"
    first = kill_after(start_child(source, out, folders), commits=1)
    assert first == CHUNK_ROWS
    assert not out.exists()
    second = kill_after(start_child(source, out, folders), commits=1)
    assert second > first
    assert not out.exists()
    report = predict_file(source, out, topic, stance)
    expected, uninterrupted = whole
    assert out.read_bytes() == expected
    assert second <= report.resumed_at < ROWS
    assert f"went on after {report.resumed_at:,} rows that an interrupted call had written" in report.lines()
    counts = ("rows", "errors", "languages", "abstentions", "duplicates", "first_duplicate", "examples")
    assert [getattr(report, name) for name in counts] == [getattr(uninterrupted, name) for name in counts]
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.fixture
def interrupted(source: Path, topic: Predictor, stance: Predictor, tmp_path: Path) -> Path:
    """The output's name of a call that was stopped after two commits."""
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stop, match="after 512 rows"):
        predict_file(source, out, topic, stance, progress=stop_at(2 * CHUNK_ROWS))
    return out


@pytest.mark.parametrize("tail", [b'{"id": "row', b'{"id": "lost"}\n' * 3, b"\x00" * 5000])
def test_what_stands_after_the_last_commit_is_cut_off(
    interrupted: Path, source: Path, whole: tuple[bytes, BatchReport], topic: Predictor, stance: Predictor, tail: bytes
) -> None:
    with part_path(interrupted).open("ab") as file:
        file.write(tail)
    assert predict_file(source, interrupted, topic, stance).resumed_at == 2 * CHUNK_ROWS
    assert interrupted.read_bytes() == whole[0]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"job": {}, "bytes": 3, "tally": {}}'])
def test_a_sidecar_that_cannot_be_read_starts_over(
    interrupted: Path,
    source: Path,
    whole: tuple[bytes, BatchReport],
    topic: Predictor,
    stance: Predictor,
    content: bytes,
) -> None:
    sidecar_path(interrupted).write_bytes(content)
    report = predict_file(source, interrupted, topic, stance)
    assert report.resumed_at == 0
    assert f"started over: {sidecar_path(interrupted)} cannot be read" in report.lines()
    assert interrupted.read_bytes() == whole[0]


def test_a_part_that_lost_lines_or_is_gone_starts_over(
    interrupted: Path, source: Path, whole: tuple[bytes, BatchReport], topic: Predictor, stance: Predictor
) -> None:
    part_path(interrupted).unlink()
    report = predict_file(source, interrupted, topic, stance)
    assert report.resumed_at == 0
    assert report.restarted == f"{part_path(interrupted)} is shorter than what was committed"
    assert interrupted.read_bytes() == whole[0]


def test_another_job_starts_over_and_says_why(
    interrupted: Path, source: Path, topic: Predictor, stance: Predictor, tmp_path: Path
) -> None:
    jobs: list[tuple[str, dict[str, Any]]] = [
        ("--targets", {"targets": [LEVY]}),
        ("--limit", {"limit": 3 * CHUNK_ROWS}),
        ("the topic model", {"topic": None}),
        ("the stance model", {"stance": None}),
    ]
    kept = {path: path.read_bytes() for path in (part_path(interrupted), sidecar_path(interrupted))}
    for what, changes in jobs:
        for path, content in kept.items():
            path.write_bytes(content)
        fresh = tmp_path / "fresh.jsonl"
        options: dict[str, Any] = {"topic": topic, "stance": stance, **changes}
        report = predict_file(source, interrupted, **options)
        assert report.restarted == f"{what} changed since the interrupted call"
        predict_file(source, fresh, **options)
        assert interrupted.read_bytes() == fresh.read_bytes()


def test_a_changed_input_starts_over(interrupted: Path, source: Path, topic: Predictor, stance: Predictor) -> None:
    changed = interrupted.parent / source.name
    changed.write_bytes(source.read_bytes() + b'{"text": "One more."}\n')
    report = predict_file(changed, interrupted, topic, stance)
    assert report.restarted == "the input's content changed since the interrupted call"
    assert (report.resumed_at, report.rows) == (0, ROWS + 1)


def test_input_that_changes_meanwhile_is_refused_and_no_output_appears(
    source: Path, topic: Predictor, stance: Predictor, tmp_path: Path
) -> None:
    changing, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    changing.write_bytes(source.read_bytes())

    def append(done: int, _total: int | None) -> None:
        if done == CHUNK_ROWS:
            with changing.open("ab") as file:
                file.write(b'{"text": "One more."}\n')

    with pytest.raises(BadInput, match=r"in\.jsonl: changed while it was read; run the command again"):
        predict_file(changing, out, topic, stance, progress=append)
    assert not out.exists()


def test_two_calls_never_write_one_output(source: Path, topic: Predictor, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with part_path(out).open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BadInput, match="another call is writing this output; wait for it, or name another --out"):
            predict_file(source, out, topic, None)


def test_a_finished_output_is_made_again_and_replaced_whole(
    source: Path, whole: tuple[bytes, BatchReport], topic: Predictor, stance: Predictor, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(b"an older output\n")

    def see(_done: int, _total: int | None) -> None:
        assert out.read_bytes() == b"an older output\n"

    predict_file(source, out, topic, stance, progress=see)
    assert out.read_bytes() == whole[0]
