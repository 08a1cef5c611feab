"""`standpoint run --quick` from end to end, once: what it leaves, and what runs again after which change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import mlflow
import pytest

from training import job as jobs
from training import stages
from training.job import Job
from training.stages import run_stage
from training.tracking.store import open_store

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "training.cli", "run", "--quick", "--pages", "page.txt"]
JOB = Job(quick=True, pages=[Path("page.txt")])
TRAINING = [
    *("train-topic-baseline", "train-topic-transformer"),
    *("train-stance-baseline", "train-stance-transformer", "train-stance-text-only"),
]
NAMES = [
    *("check", "gold", "parts", "dataset"),
    *(*TRAINING[:2], "champion-topic", "test-topic"),
    *(*TRAINING[2:], "champion-stance", "test-stance"),
    *("service", "pages"),
]
PAGE = """Quay Letter
Home
World

Ministers split over the price of grain

By Our Correspondent

The minister welcomed the sanctions on Russia, and asked for more of them before the winter.

A deputy answered that sanctions on Russia have done nothing but raise the price of bread.

Share  Print
"""


@dataclass(frozen=True)
class Finished:
    """A folder where the job ran, and what it printed."""

    home: Path
    out: str
    err: str


def run_quick(home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STANDPOINT_SHARED": str(home / "nothing")}
    environment.pop("OMP_NUM_THREADS")
    return subprocess.run(COMMAND, cwd=home, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Run the job in a folder with nothing but the corpus and a page. It takes minutes."""
    home = tmp_path_factory.mktemp("quick")
    shutil.copytree(ROOT / "data", home / "data", ignore=shutil.ignore_patterns("build"))
    (home / "page.txt").write_text(PAGE, encoding="utf-8")
    done = run_quick(home)
    assert done.returncode == 0, done.stderr[-5000:]
    return Finished(home, done.stdout, done.stderr)


@pytest.fixture
def corpus(finished: Finished, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Stand where the job ran, with a corpus to change; what is changed or made from it is put back at the end."""
    monkeypatch.chdir(finished.home)
    kept = ("data", "runs/quick/stages", "runs/quick/gold.jsonl")
    for name in kept:
        copy = shutil.copytree if Path(name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        copy(name, tmp_path / name)
    yield Path("data")
    for name in kept:
        if Path(name).is_dir():
            shutil.rmtree(name)
            shutil.copytree(tmp_path / name, name)
        else:
            shutil.copy(tmp_path / name, name)


def find_stale(job: Job = JOB) -> dict[str, str]:
    """Return the stages that would run now, and why. Those after them may follow, once they have run."""
    stale = {}
    for stage in jobs.list_stages(job):
        stamp = stages._read_stamp(job.runs / "stages" / f"{stage.name}.json")
        because = stages._why(stamp, stages._stage_key(stage), stage)
        if because:
            stale[stage.name] = because
    return stale


def change_line(path: Path, old: str, new: str, needed: str = "") -> None:
    """Replace `old` by `new` in the first line that has it, and `needed`."""
    lines = path.read_text(encoding="utf-8").split("\n")
    place = next(number for number, line in enumerate(lines) if old in line and needed in line)
    lines[place] = lines[place].replace(old, new)
    path.write_text("\n".join(lines), encoding="utf-8")


def test_it_ends_with_a_table_of_every_model(finished: Finished) -> None:
    lines = finished.out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("task "))
    rows = [line.split() for line in lines[place + 1 : lines.index("", place)]]
    validation = [(row[0], row[1]) for row in rows if row[2] == "validation"]
    assert validation == [
        *(("topic", "baseline"), ("topic", "transformer")),
        *(("stance", "baseline"), ("stance", "transformer"), ("stance", "text-only")),
    ]
    tested = [line for line in lines[place:] if "(version 1)" in line]
    for part in ("test ", "test_unseen_targets ", "test_unseen_kinds "):
        for task in ("topic", "stance"):
            assert [line for line in tested if line.startswith(task) and part in line and "majority" in line]
    assert f"ran now: {', '.join(NAMES)}" in lines
    assert "  standpoint serve" in finished.out


def test_it_shows_the_service_and_the_page(finished: Finished) -> None:
    assert "on POST /v1/predict:" in finished.out
    assert "on POST /v1/pages: " in finished.out
    assert "== page.txt: " in finished.out
    assert "The minister welcomed the sanctions on Russia" in finished.out


def test_it_publishes_champions(finished: Finished) -> None:
    for name in ("standpoint-topic", "standpoint-stance"):
        folder = finished.home / "mlruns" / "serving" / name
        champion = json.loads((folder / "champion.json").read_text())
        assert (champion["name"], champion["version"]) == (name, "1")
        assert (folder / "1" / "manifest.json").is_file()
        assert len((folder / "history.jsonl").read_text().splitlines()) == 1


def count_in_mlflow() -> tuple[int, dict[str, int]]:
    """Return the number of runs, and of versions of each model."""
    open_store()
    try:
        runs = mlflow.search_runs(search_all_experiments=True, max_results=100)
        assert set(runs["status"]) == {"FINISHED"}
        assert set(runs["tags.quick"]) == {"true"}
        versions = mlflow.MlflowClient().search_model_versions(max_results=100)
        names = [version.name for version in versions]
        return len(runs), {name: names.count(name) for name in names}
    finally:
        mlflow.set_tracking_uri(None)


def test_it_runs_nothing_a_second_time(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(finished.home)
    expected = (len(TRAINING), {"standpoint-topic": 1, "standpoint-stance": 1})
    assert count_in_mlflow() == expected
    again = run_quick(finished.home)
    assert again.returncode == 0, again.stderr
    assert "ran now: nothing, all stages were up to date" in again.stdout
    assert "» " not in again.stderr
    assert count_in_mlflow() == expected

    def table(out: str) -> list[str]:
        return [line for line in out.splitlines() if line.startswith(("topic ", "stance "))]

    assert table(again.stdout) == table(finished.out) != []


def test_the_stages_are_those_that_ran(corpus: Path) -> None:
    assert [stage.name for stage in jobs.list_stages(JOB)] == NAMES
    assert {path.stem for path in (JOB.runs / "stages").glob("*.json")} == set(NAMES)
    assert find_stale() == {}


@pytest.mark.parametrize(
    ("job", "names"),
    [
        (replace(JOB, seed=14), TRAINING),
        (replace(JOB, limit=200), [*TRAINING, "test-topic", "test-stance"]),
        (replace(JOB, pages=[Path("data/README.md")]), ["pages"]),
    ],
    ids=["seed", "limit", "pages"],
)
def test_another_option_concerns_the_stages_that_read_it(job: Job, names: list[str], corpus: Path) -> None:
    assert sorted(find_stale(job)) == sorted(names)


def test_a_changed_codebook_is_checked_and_built_again(corpus: Path) -> None:
    change_line(corpus / "codebook.yaml", '"sanctions on Russia"', '"the sanctions on Russia"')
    assert find_stale() == dict.fromkeys(["check", "gold", "parts", "dataset"], "inputs changed")


def test_a_changed_label_is_learned_and_a_label_that_was_overruled_is_not(corpus: Path) -> None:
    first_four = {stage.name: stage for stage in jobs.list_stages(JOB)[:4]}
    stamps = JOB.runs / "stages"
    # Where the adjudicator has decided, the writer's topics are not what counts.
    decided = json.loads(next((corpus / "annotations" / "adjudicator.jsonl").open(encoding="utf-8")))
    span = f'"document": "{decided["document"]}", "start": {decided["start"]}, '
    writer = corpus / "annotations" / "writer.jsonl"
    line = next(json.loads(text) for text in writer.open(encoding="utf-8") if span in text)
    before = f'"topics": {json.dumps(line["topics"])}'
    change_line(writer, before, f'"topics": {json.dumps(["society", *line["topics"]][:2])}', needed=span)
    assert find_stale() == dict.fromkeys(["check", "gold"], "inputs changed")
    for name in ("check", "gold"):
        run_stage(first_four[name], stamps)
    assert find_stale() == {}

    change_line(corpus / "annotations" / "adjudicator.jsonl", '"topics": ["economy"]', '"topics": ["society"]')
    assert find_stale() == dict.fromkeys(["check", "gold"], "inputs changed")
    for stage in first_four.values():
        assert run_stage(stage, stamps).because == "inputs changed"
    # Champions and what answers with them follow only if another model comes out of the training.
    expected = [*TRAINING, "test-topic", "test-stance"]
    assert sorted(find_stale()) == sorted(expected)
