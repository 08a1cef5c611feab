"""Where the store is, and that several processes may create it at once."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from standpoint.errors import BadInput
from tests.training.tracking.conftest import start_python
from training.tracking.store import EXPERIMENTS, open_store


def test_three_processes_at_once_make_one_sound_store(template_store: Path) -> None:
    """The fixture started them; here is what they left."""
    with closing(sqlite3.connect(template_store / "mlruns" / "mlflow.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        rows = database.execute("SELECT name, artifact_location FROM experiments ORDER BY experiment_id").fetchall()
        assert len(database.execute("SELECT * FROM alembic_version").fetchall()) == 1
    found = dict(rows)
    assert len(rows) == len(found)
    assert set(EXPERIMENTS) < set(found)
    for name in EXPERIMENTS:
        assert found[name] == f"file://{template_store}/mlruns/artifacts/{name}"


def test_a_store_is_opened_again_unchanged(store: Path) -> None:
    first = open_store()
    assert first == f"sqlite:///{store}/mlruns/mlflow.db" == open_store()
    names = [experiment.name for experiment in MlflowClient().search_experiments()]
    assert sorted(names) == sorted({*EXPERIMENTS, "Default"})


def test_an_experiment_says_what_it_is_for_and_keeps_what_others_say(store: Path) -> None:
    open_store()
    client = MlflowClient()
    topic = client.get_experiment_by_name("standpoint-topic")
    assert topic.tags["mlflow.experimentKind"] == "custom_model_development"
    client.set_experiment_tag(topic.experiment_id, "mlflow.note.content", "ours")
    client.delete_experiment_tag(topic.experiment_id, "mlflow.experimentKind")
    open_store()
    assert client.get_experiment(topic.experiment_id).tags == {**topic.tags, "mlflow.note.content": "ours"}


def test_the_environment_names_another_store(
    store: Path, template_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.db"
    other.write_bytes((template_store / "mlruns" / "mlflow.db").read_bytes())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{other}")
    monkeypatch.chdir(tmp_path)
    assert open_store() == f"sqlite:///{other}"
    assert not (tmp_path / "mlruns").exists()
    # A folder that is named goes before the environment.
    assert open_store(store / "mlruns") == f"sqlite:///{store}/mlruns/mlflow.db"


def test_importing_touches_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, training.tracking.store, training.tracking.runs, training.tracking.registry;"
        "assert 'mlflow' not in sys.modules, 'mlflow was imported'"
    )
    process = start_python(code, tmp_path)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert list(tmp_path.iterdir()) == []


def test_another_current_folder_is_another_store(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What MLflow remembers of the first one is not taken for the user's word."""
    open_store()
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(store, elsewhere)
    monkeypatch.chdir(elsewhere)
    assert open_store() == f"sqlite:///{elsewhere}/mlruns/mlflow.db"


def test_a_server_that_does_not_answer_is_given_up_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two more tries, unless the environment asks for more; MLflow's own number is seven."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        calls: list[None] = []
        threading.Thread(target=_hang_up, args=(listening, calls), daemon=True).start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        with pytest.raises(BadInput, match=f"^{address}: no MLflow store answers: .*; start the server or mend its"):
            open_store()
        assert len(calls) == 3
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "4")
        with pytest.raises(BadInput, match="no MLflow store answers"):
            open_store()
        assert len(calls) == 3 + 5
    assert list(tmp_path.iterdir()) == []


def _hang_up(listening: socket.socket, calls: list[None]) -> None:
    """Accept connections, and close each without a word."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # the test is over
            return
        calls.append(None)
        connection.close()
