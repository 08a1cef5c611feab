"""Which runs and models of the store may go, and which stay, and why."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from mlflow import MlflowClient
from mlflow.cli import cli

from tests.training.tracking.stored_runs import CLEAN, STANCE, every_run, home_of, keep_files_here, make_run, verdicts
from training.cli import main
from training.models.train import Trained
from training.tracking.cleaning import find_store, list_tracked
from training.tracking.runs import open_run
from training.tracking.searches import open_search, open_trial
from training.tracking.store import open_store
from training.tracking.stored import MARK
from training.upkeep.folders import find_needed_runs
from training.upkeep.item import DAY


@pytest.fixture(autouse=True)
def _files_of_its_own(store: Path, template_store: Path) -> None:
    keep_files_here(store, template_store)


def test_a_removal_that_was_interrupted_is_finished(store: Path, trained_stance: Trained) -> None:
    run = make_run("topic", "half gone", trained_stance.folder)
    client = MlflowClient()
    info = client.get_run(run).info
    [output] = client.get_run(run).outputs.model_outputs
    client.set_tag(run, MARK, "removal begun")
    client.delete_run(run)
    client.delete_logged_model(output.model_id)
    shutil.rmtree(home_of(info.artifact_uri))
    assert verdicts()[run] == (True, "deleted, and never purged")
    assert main(["clean", "--remove"]) == 0  # what we deleted waits for no age
    assert every_run() == []
    assert not list((store / "mlruns" / "artifacts").rglob("linear.*"))
    assert [name for name, (goes, _) in verdicts().items() if goes] == []


def test_what_a_person_deleted_can_be_restored_for_a_while(store: Path) -> None:
    run = make_run(name="old")
    make_run()
    MlflowClient().delete_run(run)
    assert verdicts(later=29)[run] == (False, "deleted less than 30 d ago: until then it can be restored")
    assert verdicts(later=31)[run] == (True, "deleted, and never purged")
    kept = verdicts(later=31, needed={run: "runs/mine is of it"})[run]
    assert kept == (False, "deleted, but runs/mine is of it: restore it, or delete that")
    assert main(["clean", "--remove"]) == 0
    MlflowClient().restore_run(run)
    assert verdicts()[run][0] is False


def test_what_somebody_else_removed_meanwhile_is_done(store: Path, trained_stance: Trained) -> None:
    run, other = make_run(artifact=trained_stance.folder), make_run(artifact=trained_stance.folder)
    make_run()
    opened = find_store()
    assert opened is not None
    removals = {i.where.split()[1]: i.remove for i in list_tracked(opened, {}, 0, time.time()) if i.remove}
    [output] = MlflowClient().get_run(other).outputs.model_outputs
    opened.backend()._hard_delete_run(run)
    MlflowClient().delete_logged_model(output.model_id)
    opened.backend()._hard_delete_logged_model(output.model_id)
    removals[run[:8]]()
    removals[other[:8]]()
    assert len(every_run()) == 1


def test_an_error_of_mlflow_ends_one_removal(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [make_run(name=name) for name in ("one", "two", "three")]
    make_run()
    with closing(sqlite3.connect("mlruns/mlflow.db")) as database:
        database.execute(
            f"CREATE TRIGGER refuse BEFORE DELETE ON runs WHEN OLD.run_uuid = '{runs[1]}' "
            "BEGIN SELECT RAISE(ABORT, 'on purpose'); END"
        )
    assert main(CLEAN) == 2
    shown = capsys.readouterr().err
    assert "removed 2 of 3" in shown
    assert (
        f"could not remove {STANCE} {runs[1][:8]} two ({runs[1]}: MLflow: (sqlite3.IntegrityError) on purpose" in shown
    )
    assert set(runs) & set(every_run()) == {runs[1]}
    with closing(sqlite3.connect("mlruns/mlflow.db")) as database:
        database.execute("DROP TRIGGER refuse")
    assert main(["clean", "--remove"]) == 0  # what we began to remove waits for no age
    assert runs[1] not in every_run()


def test_a_model_that_mlflow_gc_left_behind_goes(store: Path, trained_stance: Trained) -> None:
    run = make_run("topic", "purged by hand", trained_stance.folder)
    MlflowClient().delete_run(run)
    opened = find_store()
    assert opened is not None
    opened.backend()._hard_delete_run(run)
    [(name, (goes, why))] = [(n, v) for n, v in verdicts(later=1).items() if n.startswith("m-")]
    assert (goes, why) == (True, "its run is gone, and no registered version refers to it")
    [item] = [i for i in list_tracked(opened, {}, 30, time.time() + DAY) if i.where == name]
    assert item.remove is not None
    item.remove()
    assert not list((store / "mlruns" / "artifacts").rglob("linear.*"))


def test_age_and_outcome_decide(store: Path) -> None:
    old, newest = make_run(name="old"), make_run(name="newest")
    with pytest.raises(ValueError, match="on purpose"), open_run("stance", "broken", {}, {}) as broken:
        raise ValueError("on purpose")
    assert verdicts(later=29)[old] == (False, "finished less than 30 d ago")
    found = verdicts(later=31)
    assert found[old] == (True, "finished 31 d ago, and no registered version refers to it")
    assert found[newest] == found[broken.id] == (False, f"the newest of {STANCE}")
    again = make_run(name="newer still")
    found = verdicts(later=31)
    assert found[broken.id] == (True, "failed 31 d ago, and no registered version refers to it")
    assert found[again] == (False, f"the newest of {STANCE}")
    assert verdicts(later=31, needed={old: "runs/mine is of it"})[old] == (False, "runs/mine is of it")


def test_what_runs_or_says_so_is_never_removed(store: Path) -> None:
    make_run()
    client = MlflowClient()
    experiment = client.get_experiment_by_name(STANCE).experiment_id
    run = client.create_run(experiment, start_time=int((time.time() - 90 * DAY) * 1000)).info.run_id
    goes, why = verdicts(0)[run]
    assert not goes
    assert why.startswith("says RUNNING, silent for 90 d: if its process is dead, delete it in the UI, or run MLFLOW_")
    client.log_metric(run, "loss", 0.1)
    assert verdicts(0)[run] == (False, "running, last heard of 0 min ago")
    client.set_terminated(run, "FAILED")
    assert verdicts(0)[run][0]


def test_the_way_out_of_a_run_that_never_ends_works(store: Path) -> None:
    make_run()
    client = MlflowClient()
    experiment = client.get_experiment_by_name(STANCE).experiment_id
    run = client.create_run(experiment, start_time=int((time.time() - 90 * DAY) * 1000)).info.run_id
    setting, program, *words = shlex.split(verdicts(0)[run][1].split(" or run ")[1])
    assert program == "mlflow"
    before = dict(os.environ)
    try:
        done = CliRunner().invoke(cli, words, env=dict([setting.split("=", 1)]))
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert done.exit_code == 0, done.output
    assert verdicts(later=31)[run] == (True, "deleted, and never purged")


def test_a_search_stays_with_its_best_trial(store: Path, trained_stance: Trained) -> None:
    with open_search("a" * 32, "stance", "a search", {}, {}) as search:
        runs = []
        for number in (1, 2):
            with open_trial(search, number, f"trial {number}", {}, {}) as trial:
                runs.append(trial.id)
    make_run()
    Path("runs/tune-mine").mkdir(parents=True)
    Path("runs/tune-mine/study.db").touch()
    best = Path(shutil.copytree(trained_stance.folder, "runs/tune-mine/best"))
    content = json.loads((best / "metadata.json").read_text())
    (best / "metadata.json").write_text(json.dumps({**content, "run": runs[0]}))
    found = verdicts(0, needed=find_needed_runs(Path("runs")))
    assert found[runs[0]] == (False, "runs/tune-mine/best is of it")
    assert found[search.id] == (False, f"run {runs[0][:8]} below it stays")
    assert found[runs[1]][0]


def test_a_parent_stays_with_its_children(store: Path) -> None:
    top, middle, leaf, other = (make_run(name=name, file=False) for name in ("top", "middle", "leaf", "other"))
    client = MlflowClient()
    client.set_tag(leaf, "mlflow.parentRunId", middle)
    client.set_tag(middle, "mlflow.parentRunId", top)
    newest = make_run(file=False)
    assert all(verdicts(0)[run][0] for run in (top, middle, leaf, other))
    found = verdicts(0, needed={leaf: "a file is of it"})
    assert found[middle] == (False, f"run {leaf[:8]} below it stays")
    assert found[top] == (False, f"run {middle[:8]} below it stays")
    assert (found[leaf][0], found[other][0], found[newest][0]) == (False, True, False)
    client.set_tag(top, "mlflow.parentRunId", leaf)  # a circle, which a hand can make
    assert all(verdicts(0)[run][0] for run in (top, middle, leaf))


def test_trials_stay_while_their_search_runs(store: Path) -> None:
    search, trial = make_run(name="search", file=False), make_run(name="trial", file=False)
    make_run(file=False)
    client = MlflowClient()
    client.set_tag(trial, "mlflow.parentRunId", search)
    assert verdicts(0)[trial][0]
    client.update_run(search, status="RUNNING")
    assert verdicts(0)[trial] == (False, f"run {search[:8]} above it has not ended")


def test_a_deleted_run_of_a_registered_version_stays(store: Path, trained_stance: Trained) -> None:
    run = make_run("stance", "chosen", trained_stance.folder)
    opened = find_store()
    assert opened is not None
    # The one to be removed is registered between the table and its removal.
    make_run()
    [item] = [i for i in list_tracked(opened, {}, 0, time.time()) if i.remove]
    [output] = MlflowClient().get_run(run).outputs.model_outputs
    MlflowClient().create_registered_model(STANCE)
    MlflowClient().create_model_version(STANCE, f"models:/{output.model_id}", model_id=output.model_id)
    assert item.remove is not None
    with pytest.raises(Exception, match=f"{STANCE} 1 was registered meanwhile, and stays"):
        item.remove()
    MlflowClient().set_registered_model_alias(STANCE, "challenger", "1")
    MlflowClient().delete_run(run)
    goes, why = verdicts(0)[run]
    assert (goes, why) == (
        False,
        f"deleted, but {STANCE} 1 (challenger) is of it: restore it, or delete the version",
    )


def test_other_experiments_are_not_ours(store: Path) -> None:
    open_store()
    client = MlflowClient()
    own = client.create_experiment("standpoint-my-own", str(store / "mlruns" / "artifacts" / "my-own"))
    foreign = [client.create_run(experiment, start_time=0).info.run_id for experiment in ("0", own, own)]
    for run in foreign[:2]:
        client.delete_run(run)
    client.set_terminated(foreign[2])
    client.create_run(own)
    assert not verdicts(0, later=100).keys() & set(foreign)
    assert main(CLEAN) == 0
    assert set(foreign) < set(every_run())
