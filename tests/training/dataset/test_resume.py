"""`standpoint dataset` killed (SIGKILL) at any moment: the dataset that stood there still reads, and the next run goes
on from what was finished and ends with the same bytes as one that nobody disturbed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training.dataset import dealing
from training.dataset.build import build_dataset
from training.examples import read_examples
from training.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"
# The command as it is, but for small chunks: a build of thousands of passages then takes many steps.
COMMAND = """
import sys
from functools import partial
from training import cli
from training.annotations import adjudication
from training.dataset import build, gold
if __name__ in ("__main__", "__mp_main__"):
    adjudication.PART = 100
    build.index_gold = partial(gold.index_gold, size=100)
if __name__ == "__main__":
    sys.exit(cli.main(["dataset", "--data", sys.argv[1], "--out", sys.argv[2], "--workers", "2"]))
"""


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _make_corpus(folder: Path, step: int) -> Path:
    """Return a copy of every so many documents of our corpus, without a ledger."""
    (folder / "annotations").mkdir(parents=True)
    for name in ("codebook.yaml", "splits.yaml"):
        shutil.copy(DATA / name, folder / name)
    documents = [json.loads(line) for line in (DATA / "documents.jsonl").read_bytes().splitlines()][::step]
    kept = {document["id"] for document in documents}
    with (folder / "documents.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(document) + "\n" for document in documents)
    for path in sorted((DATA / "annotations").glob("*.jsonl")):
        lines = [
            line for line in path.read_text(encoding="utf-8").splitlines(True) if json.loads(line)["document"] in kept
        ]
        (folder / "annotations" / path.name).write_text("".join(lines), encoding="utf-8")
    return folder


def _start(script: Path, corpus: Path, out: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(script), str(corpus), str(out)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _finish(script: Path, corpus: Path, out: Path) -> float:
    started = time.monotonic()
    process = _start(script, corpus, out)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    return time.monotonic() - started


def _workers_of(group: int) -> list[str]:
    """Return the processes that are left of a session."""
    done = subprocess.run(["ps", "-s", str(group), "-o", "pid=,stat="], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if "Z" not in line.split()[1]]


def test_killed_command_goes_on_and_ends_alike(tmp_path: Path) -> None:
    script, out = tmp_path / "build.py", tmp_path / "out"
    script.write_text(COMMAND, encoding="utf-8")
    old, new = _make_corpus(tmp_path / "old", 9), _make_corpus(tmp_path / "new", 2)
    _finish(script, old, out)
    standing = read_manifest(out)
    ledger = tmp_path / "undisturbed"
    shutil.copytree(new, ledger)
    took = _finish(script, ledger, tmp_path / "expected")
    draw = random.Random(11)
    killed = 0
    for share in sorted(draw.uniform(0.1, 1.0) for _ in range(5)):
        process = _start(script, new, out)
        try:
            process.wait(share * took)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
        manifest = read_manifest(out)
        for task in ("topic", "stance"):
            for split in manifest["configurations"][task]:
                assert len(read_examples(out, task, split)) == manifest["configurations"][task][split]["rows"]
        if process.returncode == 0:
            break
        assert manifest == standing or manifest == read_manifest(tmp_path / "expected")
    assert killed
    deadline = time.monotonic() + 60
    while _workers_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _workers_of(process.pid) == []  # nobody works on for a command that is gone
    _finish(script, new, out)
    assert _files(out) == _files(tmp_path / "expected")
    assert (new / "parts.jsonl").read_bytes() == (ledger / "parts.jsonl").read_bytes()


def test_finished_chunks_are_not_made_again(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that stops after the first pass leaves its chunks; the next one takes them; others' work is removed."""
    made: list[int] = []
    sketch = dealing.sketch_texts

    def count(texts: list[str], rule: object) -> object:
        made.append(len(texts))
        return sketch(texts, rule)  # type: ignore[arg-type]

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dealing, "sketch_texts", count)
    with monkeypatch.context() as patch:
        patch.setattr("training.dataset.build.write_rows", stop)
        with pytest.raises(KeyboardInterrupt):
            build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out")
    assert len(made) == 1
    stale = tmp_path / "out" / ".work" / "build-0123456789abcdef"
    stale.mkdir()
    build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out")
    assert len(made) == 1
    assert not (tmp_path / "out" / ".work").exists()
    (small / "splits.yaml").write_text((small / "splits.yaml").read_text().replace("seed: 13", "seed: 14"))
    build_dataset(small / "gold.jsonl", small / "splits.yaml", tmp_path / "out")
    assert len(made) == 2
