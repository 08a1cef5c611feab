"""A team: several machines that share `mlflow server` on PostgreSQL, and have nothing else in common.

What a machine is to the others is here a current folder, a folder of published models and a process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pandas as pd
import pyarrow.parquet as pq
import pytest
from mlflow import MlflowClient

from standpoint.artifact import check_manifest, read_metadata
from standpoint.models_folder import read_champion
from standpoint.predictor import load_predictor
from tests.artifacts import LEVY, TREATY, reseal, stance_examples, topic_examples
from tests.team_server import Team, find_postgres, start_team
from tests.training.tracking.conftest import start_python
from tests.training.tracking.stored_runs import CLEAN, make_run
from training.cli import main
from training.tracking import registry
from training.tracking.store import EXPERIMENTS

pytest.importorskip("psycopg", reason="no psycopg here, which the extra `team` brings")
PROGRAMS = find_postgres()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="no PostgreSQL here: no initdb was found")

STANCE, TOPIC = "standpoint-stance", "standpoint-topic"
TEXT = f"The envoy praised {LEVY} and condemned {TREATY}."
RUNS = [("topic", 1), ("topic", 2), ("stance", 1), ("stance", 2)]
# All import first, wait for one another, and only then meet a server that has no experiments yet.
CODE = """
import sys, time
from pathlib import Path
import mlflow
from training.cli import main
from training.tracking.store import open_store
me = Path(sys.argv[0] if sys.argv[0] != "-c" else "{name}")
me.with_suffix(".ready").touch()
while not Path("go").exists():
    time.sleep(0.005)
open_store()
sys.exit(main({arguments}))
"""


@dataclass(frozen=True)
class Trained:
    """What four processes left that trained at once: their current folder, and what each printed."""

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
def trained(team: Team, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Four baselines, trained at once by the first clients that the server has."""
    home = tmp_path_factory.mktemp("trained")
    for task, examples in (("topic", topic_examples()), ("stance", stance_examples())):
        rows = [
            {"text": e.text, "group": e.group, **({"topics": e.topics} if task == "topic" else {"target": e.target, "stance": e.stance})}
            for e in examples.examples
        ]
        (home / f"{task}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    processes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", team.url)
        for task, seed in RUNS:
            arguments = ["train", task, "--data", f"{task}.jsonl", "--seed", str(seed), "--out", f"{task}-{seed}"]
            arguments += ["--set", "min_documents=1", "unrelated=0"]
            processes.append(start_python(CODE.format(name=f"{task}-{seed}", arguments=arguments), home))
    _let_go(home, processes)
    printed = []
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        printed.append(out)
    return Trained(home, tuple(printed))
