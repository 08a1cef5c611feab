"""A team: machines that share `mlflow server` on PostgreSQL, and nothing else.

What is a machine to the others is here a current folder with a folder of published models.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from standpoint.artifact import check_manifest, read_metadata
from standpoint.models_folder import read_champion
from standpoint.predictor import load_predictor
from tests.artifacts import LEVY, TREATY, reseal, stance_examples, topic_examples, train_baseline
from tests.team_server import Team, find_postgres, start_team
from tests.training.tracking.conftest import start_python
from tests.training.tracking.stored_runs import CLEAN, make_run
from training.cli import main
from training.tracking import registry
from training.tracking.runs import attach_dataset, open_run
from training.tracking.store import EXPERIMENTS, open_store

pytest.importorskip("psycopg", reason="no psycopg here: it is in the extra `team`")
PROGRAMS = find_postgres()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="no PostgreSQL here: its program initdb was not found")

STANCE, TOPIC = "standpoint-stance", "standpoint-topic"
TEXT = f"The envoy praised {LEVY} and condemned {TREATY}."
TRAININGS = [("topic", 1), ("topic", 2), ("stance", 1), ("stance", 2)]
# Each has everything imported when it meets the server, so that all four find it without experiments.
CODE = """
import sys, time
from pathlib import Path
import mlflow
from training.cli import main
from training.tracking.runs import attach_dataset, open_run
from training.tracking.store import open_store
Path("{out}.ready").touch()
while not Path("go").exists():
    time.sleep(0.002)
open_store()
sys.exit(main({arguments}))
"""


@dataclass(frozen=True)
class Together:
    """What four processes left that trained at once: where, and what each printed."""

    home: Path
    printed: tuple[str, ...]

    def artifact(self, task: str, seed: int) -> Path:
        return self.home / f"{task}-{seed}"

    def run(self, task: str, seed: int) -> str:
        return str(read_metadata(self.artifact(task, seed)).run)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    assert PROGRAMS is not None
    with start_team(tmp_path_factory.mktemp("team"), PROGRAMS) as started:
        yield started


@pytest.fixture(scope="module")
def together(team: Team, tmp_path_factory: pytest.TempPathFactory) -> Together:
    """Four baselines, trained at once by the first clients that the server has."""
    home = tmp_path_factory.mktemp("together")
    _write_lines(home)
    with pytest.MonkeyPatch.context() as patch:
        _name_server(team, patch)
        processes = [_start_training(home, task, seed) for task, seed in TRAININGS]
    while len(list(home.glob("*.ready"))) < len(processes) and not any(process.poll() for process in processes):
        time.sleep(0.05)
    (home / "go").touch()
    printed = []
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        printed.append(out)
    return Together(home, tuple(printed))


def _name_server(team: Team, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("MLFLOW_TRACKING_URI", team.url)
    patch.setenv("NO_PROXY", "127.0.0.1")


def _write_lines(home: Path) -> None:
    topics = [{"text": e.text, "group": e.group, "topics": e.topics} for e in topic_examples().examples]
    stances = [
        {"text": e.text, "group": e.group, "target": e.target, "stance": e.stance} for e in stance_examples().examples
    ]
    for task, rows in (("topic", topics), ("stance", stances)):
        cut = len(rows) * 3 // 4 // 2 * 2  # pairs of one passage stay together
        for name, part in ((f"{task}.jsonl", rows[:cut]), (f"{task}-held.jsonl", rows[cut:])):
            (home / name).write_text("".join(json.dumps(row) + "\n" for row in part))


def _start_training(home: Path, task: str, seed: int) -> subprocess.Popen[str]:
    out = f"{task}-{seed}"
    arguments = ["train", task, "--data", f"{task}.jsonl", "--validation", f"{task}-held.jsonl"]
    arguments += ["--seed", str(seed), "--out", out]
    arguments += ["--set", "min_documents=1", "unrelated=0"]
    return start_python(CODE.format(out=out, arguments=arguments), home)


Move = Callable[[str], Path]


@pytest.fixture
def move_to(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    """A function that goes to the machine of a name and returns its folder; the test begins on `first`."""
    _name_server(team, monkeypatch)

    def move(name: str) -> Path:
        here = tmp_path / name
        here.mkdir(exist_ok=True)
        monkeypatch.chdir(here)
        monkeypatch.setenv("STANDPOINT_MODELS", str(here / "models"))
        return here

    move("first")
    open_store()
    yield move
    assert find_local_stores(tmp_path) == []
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)


def find_local_stores(folder: Path) -> list[Path]:
    """Return what MLflow leaves where it takes a folder of this machine for its store."""
    return [path for path in folder.rglob("*") if path.name in ("mlruns", "mlartifacts", "mlflow.db")]


def call(*arguments: str) -> None:
    assert main(arguments) == 0, arguments


def register(together: Together, task: str, seeds: Sequence[int] = (1, 2)) -> list[str]:
    """Register artifacts one after the other, and return their versions."""
    return [registry.register_artifact(together.artifact(task, seed)).version for seed in seeds]


def test_first_clients_at_once_make_each_experiment_once(together: Together, move_to: Move) -> None:
    experiments = MlflowClient().search_experiments()
    assert sorted(e.name for e in experiments) == sorted([*EXPERIMENTS, "Default"])
    assert all(e.artifact_location.startswith("mlflow-artifacts:/") for e in experiments)


def test_runs_logged_at_once_end_with_their_own_scores(together: Together, move_to: Move) -> None:
    for (task, seed), printed in zip(TRAININGS, together.printed, strict=True):
        assert printed == f"{task}-{seed}\n"
        metadata = read_metadata(together.artifact(task, seed))
        run = MlflowClient().get_run(str(metadata.run))
        assert (run.info.status, run.data.params["seed"]) == ("FINISHED", str(seed))
        logged = {name: run.data.metrics[f"validation.{name}"] for name in metadata.metrics}
        sealed = {name: score["value"] for name, score in metadata.metrics.items()}
        assert logged == pytest.approx(sealed, abs=1e-6)  # an artifact has six digits of each
    assert len({together.run(task, seed) for task, seed in TRAININGS}) == len(TRAININGS)
    assert find_local_stores(together.home) == []


def test_files_and_models_come_back_through_the_server(
    team: Team, together: Together, move_to: Move, tmp_path: Path
) -> None:
    run = together.run("stance", 1)
    file = mlflow.artifacts.download_artifacts(f"runs:/{run}/validation/predictions.parquet", dst_path=str(tmp_path))
    predictions = pd.read_parquet(file)
    assert len(predictions) == int(MlflowClient().get_run(run).data.tags["data.validation.rows"])
    [version] = register(together, "stance", [1])
    fetched = registry.fetch_artifact(STANCE, version, tmp_path / "fetched")
    assert check_manifest(fetched) == check_manifest(together.artifact("stance", 1))
    assert len(MlflowClient().get_run(run).outputs.model_outputs) == 1
    model = mlflow.pyfunc.load_model(f"models:/{STANCE}/{version}")
    found = model.predict(pd.DataFrame({"text": [TEXT, TEXT], "target": [LEVY, TREATY]}))
    [expected] = load_predictor(fetched).stances([TEXT], [[LEVY, TREATY]])
    assert [found["favor"][i] for i in range(2)] == pytest.approx([e.probabilities["favor"] for e in expected])
    assert list(team.files.rglob(f"{run}/**/predictions.parquet")), "with the server, who told no client where"


def test_one_machine_promotes_and_another_publishes_and_goes_back(
    together: Together, move_to: Move, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (1, 2):
        call("register", str(together.artifact("stance", seed)))
    one, two = register(together, "stance")
    capsys.readouterr()
    call("promote", STANCE, one, "--force", "--reason", "the first")
    call("promote", STANCE, two, "--force", "--reason", "a better one")

    there = move_to("second")
    capsys.readouterr()
    call("publish")
    assert capsys.readouterr().out == f"{there}/models/{STANCE}/{two}\n"
    call("publish")
    assert capsys.readouterr().out == ""  # nothing has changed
    call("rollback", STANCE, "--reason", "a drill")
    champion = read_champion(there / "models", STANCE)
    assert champion is not None
    assert (champion.version, champion.digest) == (one, check_manifest(together.artifact("stance", 1)))

    move_to("first")
    assert registry.find_champion(STANCE) == one
    capsys.readouterr()
    call("history", STANCE)
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert [(line[1], line[3]) for line in lines] == [
        (f"- -> {one}", "the first (forced)"),
        (f"{one} -> {two}", "a better one (forced)"),
        (f"{two} -> {one}", "a drill (forced)"),
    ]


def test_runs_that_bring_the_same_data_at_once_all_keep_it(together: Together, move_to: Move) -> None:
    """MLflow writes a dataset down once an experiment, and lets PostgreSQL refuse it to whoever comes second."""
    meet = Barrier(4)

    def bring(number: int) -> str:
        with open_run("compare", f"bringing {number}", {}, {}) as run:
            for k in range(5):
                meet.wait(20)
                attach_dataset(f"{k}" * 64, "data/build#train", "stance-train", "training")
        return run.id

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(bring, range(4)))
    for run in runs:
        found = MlflowClient().get_run(run)
        assert found.info.status == "FINISHED"
        assert sorted(item.dataset.digest for item in found.inputs.dataset_inputs) == [f"{k}" * 12 for k in range(5)]


def test_two_that_register_at_once_make_one_model(together: Together, move_to: Move) -> None:
    meet = Barrier(2)

    def add(seed: int) -> str:
        meet.wait(20)
        return register(together, "topic", [seed])[0]

    with ThreadPoolExecutor(2) as pool:
        versions = list(pool.map(add, (1, 2)))
    assert sorted(versions) == ["1", "2"]
    for seed, version in zip((1, 2), versions, strict=True):
        tags = registry.describe_version(TOPIC, version)
        assert (tags["digest"], tags["seed"]) == (check_manifest(together.artifact("topic", seed)), str(seed))


def test_runs_of_two_machines_are_compared(
    together: Together, move_to: Move, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(together.home)  # where the examples lie
    one, two = (together.run("stance", seed) for seed in (1, 2))
    capsys.readouterr()
    call("compare", one, two)
    captured = capsys.readouterr()
    assert f"({one[:8]})" in captured.out
    assert f"({two[:8]})" in captured.out
    logged = captured.err.split("logged as run ")[1].split()[0]
    tags = MlflowClient().get_run(logged).data.tags
    assert (tags["compared.1"], tags["compared.2"]) == (one, two)
    assert [file.path for file in MlflowClient().list_artifacts(logged)] == ["comparison.html"]
    assert main(["compare", one, together.run("topic", 1)]) == 3
    assert find_local_stores(together.home) == []


def test_a_long_card_is_cut_to_what_the_database_takes(together: Together, move_to: Move, tmp_path: Path) -> None:
    artifact = train_baseline(topic_examples(), tmp_path / "wordy", seed=3).folder
    card = artifact / "README.md"
    card.write_text(card.read_text(encoding="utf-8") + "ß" * 6000, encoding="utf-8")
    reseal(artifact)
    version = registry.register_artifact(artifact)
    shown = MlflowClient().get_model_version(TOPIC, version.version).description
    assert shown == card.read_text(encoding="utf-8")[:5000]


def test_cleaning_marks_runs_of_the_own_name_alone(
    team: Team, together: Together, move_to: Move, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOGNAME", "a-third")
    old, newest = make_run("stance"), make_run("stance")
    capsys.readouterr()
    call(*CLEAN)
    shown = capsys.readouterr()
    assert f"on {team.url} only runs of a-third go" in shown.err
    stages = {run: MlflowClient().get_run(run).info.lifecycle_stage for run in (old, newest, together.run("stance", 1))}
    assert list(stages.values()) == ["deleted", "active", "active"]
