"""What `standpoint clean` removes from the store and the published models; what stays answers as before."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from standpoint.artifact import check_manifest
from standpoint.errors import BadInput
from standpoint.models_folder import models_folder, read_champion
from standpoint.predictor import load_predictor
from tests.artifacts import LEVY, TREATY, stance_examples, train_baseline
from tests.training.tracking.stored_runs import CLEAN, STANCE, every_run, home_of, keep_files_here, make_run, verdicts
from training.cli import main
from training.models.train import Trained
from training.tracking import registry
from training.tracking.cleaning import find_store, list_tracked, list_versions
from training.tracking.stored import Store, compact_database
from training.upkeep.item import DAY, Item
from training.upkeep.published import list_published

TEXT = f"The envoy praised {LEVY} and condemned {TREATY}."


@pytest.fixture(autouse=True)
def _files_of_its_own(store: Path, template_store: Path) -> None:
    keep_files_here(store, template_store)


@pytest.fixture(scope="module")
def stances(tmp_path_factory: pytest.TempPathFactory) -> list[Trained]:
    folder = tmp_path_factory.mktemp("three")
    return [train_baseline(stance_examples(), folder / str(seed), seed=seed) for seed in (1, 2, 3)]


def test_the_champion_answers_after_all_the_rest_is_gone(
    store: Path, stances: list[Trained], capsys: pytest.CaptureFixture[str]
) -> None:
    for number, trained in enumerate(stances[:2], start=1):
        registry.register_artifact(trained.folder)
        registry.set_champion(STANCE, str(number), "better")
    with closing(sqlite3.connect("mlruns/mlflow.db")) as database:
        registered = {row[0] for row in database.execute("SELECT source_run_id FROM logged_models")}
    old = make_run("stance", "old", stances[2].folder)
    client = MlflowClient()
    [output] = client.get_run(old).outputs.model_outputs
    places = [client.get_run(old).info.artifact_uri, client.get_logged_model(output.model_id).artifact_location]
    newest = make_run("stance", "newest")
    champion = read_champion(models_folder(), STANCE)
    assert champion is not None
    before = load_predictor(champion.folder).stances([TEXT], [[LEVY, TREATY]])

    assert main(["clean", "--older-than", "0"]) == 0
    shown = capsys.readouterr()
    assert f"{STANCE} {old[:8]} old: finished 0 min ago, and no registered version refers to it" in shown.out
    assert shown.err.endswith("next: standpoint clean --older-than 0 --remove\n")
    assert client.get_run(old).info.lifecycle_stage == "active"  # shown, not removed

    assert main(CLEAN) == 0
    assert "removed 1 of 1" in capsys.readouterr().err
    assert set(every_run()) == {*registered, newest}
    assert [home_of(uri).parent.exists() for uri in places] == [False, False]
    with pytest.raises(MlflowException, match="not found"):
        client.get_logged_model(output.model_id)
    after = load_predictor(champion.folder).stances([TEXT], [[LEVY, TREATY]])
    assert after == before
    model = mlflow.pyfunc.load_model(f"models:/{STANCE}@champion")
    found = model.predict(pd.DataFrame({"text": [TEXT, TEXT], "target": [LEVY, TREATY]}))
    assert list(found["stance"]) == [answer.stance for answer in before[0]]
    registry.set_champion(STANCE, registry.previous_champion(STANCE), "rollback")

    assert main(CLEAN) == 0
    assert "nothing to remove" in capsys.readouterr().err


def log_much(run: str) -> None:
    points = [mlflow.entities.Metric("loss", 0.5, 0, step) for step in range(1000)]
    for _ in range(5):
        MlflowClient().log_batch(run, metrics=points)
        points = [mlflow.entities.Metric("loss", 0.5, 0, m.step + 1000) for m in points]


def remove_runs() -> Store:
    """Remove what may go, and leave the database as large as it was."""
    store = find_store()
    assert store is not None
    for item in list_tracked(store, {}, 0, time.time()):
        if item.remove:
            item.remove()
    return store


def test_the_database_becomes_smaller(store: Path) -> None:
    log_much(make_run(file=False))
    make_run(file=False)
    with closing(sqlite3.connect("mlruns/mlflow.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (store / "mlruns" / "mlflow.db").stat().st_size
    assert main(CLEAN) == 0
    assert (store / "mlruns" / "mlflow.db").stat().st_size < before
    with closing(sqlite3.connect("mlruns/mlflow.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("SELECT count(*) FROM metrics").fetchone() == (1,)


def test_what_could_not_be_made_smaller_is_the_next_time(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log_much(make_run(file=False))
    make_run(file=False)
    opened, database = remove_runs(), store / "mlruns" / "mlflow.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.execute("BEGIN IMMEDIATE")
        assert compact_database(opened, patience=0.1) is None
    before, limits = database.stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before // 4, limits[1]))  # as if the disk were full
    try:
        with pytest.raises(BadInput, match=r"mlflow\.db: could not be made smaller: .+; free some space first"):
            compact_database(opened)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert main(CLEAN) == 0
    assert "nothing to remove" in (shown := capsys.readouterr().err)
    assert "freed in mlflow.db" in shown
    assert database.stat().st_size < before
    assert main(CLEAN) == 0
    assert "freed" not in capsys.readouterr().err


def test_files_of_the_store_that_this_one_was_copied_from_stay(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(name="the original's")
    make_run()
    place = home_of(MlflowClient().get_run(run).info.artifact_uri)
    shutil.copytree(store, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    goes, why = verdicts(0)[run]
    assert not goes
    assert why.endswith("outside of this store: was it moved or copied?")
    assert main(CLEAN) == 0
    assert (place / "validation" / "note.txt").exists()


def test_runs_of_another_store_are_only_marked(
    store: Path,
    stances: list[Trained],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{store}/mlruns/mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "a-colleague")
    theirs = make_run(name="another's")
    monkeypatch.setenv("LOGNAME", "me")
    run, newest = make_run(artifact=stances[0].folder), make_run(file=False)
    assert main(CLEAN) == 0
    shown = capsys.readouterr()
    assert f"{theirs[:8]} another's: a run of a-colleague, not of me" in shown.out
    place = f"on sqlite:///{store}/mlruns/mlflow.db"
    assert f"{place} only runs of me go, whoever works there under this name; they are only marked" in shown.err
    assert "to free their disk, run there: mlflow gc" in shown.err
    client = MlflowClient()
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    assert [client.get_run(key).info.lifecycle_stage for key in (newest, theirs)] == ["active"] * 2
    assert client.search_logged_models([client.get_run(run).info.experiment_id]) == []
    assert list((store / "mlruns" / "artifacts").rglob("linear.*"))  # for its own server to remove
    assert main(CLEAN) == 0
    shown = capsys.readouterr()
    assert "deleted; its server has to purge it: mlflow gc" in shown.out
    assert "nothing to remove" in shown.err


def test_superseded_versions_go_and_the_rollback_stays(store: Path, stances: list[Trained]) -> None:
    for number, trained in enumerate(stances, start=1):
        registry.register_artifact(trained.folder)
        registry.set_champion(STANCE, str(number), "better")
    opened = find_store()
    assert opened is not None
    known = list_versions(opened)
    digests = {str(number): check_manifest(trained.folder) for number, trained in enumerate(stances, start=1)}
    assert known == {STANCE: digests}

    def reasons(found: list[Item]) -> list[tuple[str, bool]]:
        return [(item.why.split(";")[0].split(":")[0], item.remove is not None) for item in found]

    now = time.time()
    assert reasons(list_published(known, now)) == [
        ("the champion changed a short while ago", False),
        ("the champion before, which a rollback goes to", False),
        ("the champion", False),
    ]
    assert reasons(list_published({}, now + DAY))[0] == ("the registry has no such version", False)
    for other in (digests["2"], ""):  # of a registry that was begun anew, or by an older program
        found = list_published({STANCE: {**digests, "1": other}}, now + DAY)
        assert reasons(found)[0] == ("not the artifact that the registry has under this number", False)
    assert reasons(list_published(known, now + DAY))[0] == ("superseded", True)
    os.utime(models_folder() / STANCE / "champion.json", (now - DAY, now - DAY))
    assert main(CLEAN) == 0
    assert sorted(path.name for path in (models_folder() / STANCE).iterdir()) == [
        "2",
        "3",
        "champion.json",
        "history.jsonl",
    ]
    assert registry.previous_champion(STANCE) == "2"
    folder = registry.set_champion(STANCE, "1", "it comes back from the registry")
    assert load_predictor(folder).stances([TEXT], [[LEVY]])


def test_where_nothing_was_made_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(CLEAN) == 0
    assert "nothing to remove" in capsys.readouterr().err
    assert list((tmp_path / "empty").iterdir()) == []


def test_what_cannot_be_removed_is_named_and_the_rest_goes(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = make_run(name="first"), make_run(name="second")
    make_run()
    place = home_of(MlflowClient().get_run(first).info.artifact_uri)
    shutil.rmtree(place)
    place.write_text("a file where a folder was: it cannot be removed as one")
    assert main(CLEAN) == 2
    shown = capsys.readouterr().err
    assert f"standpoint: could not remove {STANCE} {first[:8]} first" in shown
    assert "removed 1 of 2" in shown
    assert second not in every_run()
    place.unlink()
    assert main(CLEAN) == 0  # what was left half done is finished
    assert first not in every_run()


@pytest.mark.parametrize("days", ["-1", "soon", "nan"])
def test_days_are_checked(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["clean", f"--older-than={days}"])
    assert f"expected days, 0 or more, found {days}" in capsys.readouterr().err
