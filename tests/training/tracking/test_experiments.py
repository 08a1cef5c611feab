"""Runs of whole trainings: seeds in a group with mean and spread, a retrained model beside the champion."""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from standpoint.errors import BadInput
from standpoint.models_folder import models_folder, publish_artifact
from tests.artifacts import BASELINE, make_request, stance_examples
from training.cli import main
from training.compared_runs import compare_runs
from training.examples import make_example_set
from training.experiment import run_experiment
from training.files import to_line
from training.tracking.lookup import find_tracked, list_runs
from training.tracking.registry import register_artifact, set_champion


def test_seeds_make_a_group(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"text": e.text, "target": e.target, "stance": e.stance, "group": e.group} for e in stance_examples().examples
    ]
    Path("town.jsonl").write_text("".join(to_line(row) + "\n" for row in rows), encoding="utf-8")
    done = ["train", "stance", "--data", "town.jsonl", "--out", "town", "--set", "unrelated=0", "--seeds", "3", "4"]
    assert main(done) == 0
    captured = capsys.readouterr()
    assert captured.out == "town/seed-3\ntown/seed-4\n"
    assert "validation stance.macro_f1 " in captured.err
    assert " ± " in captured.err
    [group] = [run for run in list_runs() if "seeds" in run.tags]
    below = [run for run in list_runs() if run.tags.get("mlflow.parentRunId") == group.id]
    assert sorted(run.parameters["seed"] for run in below) == ["3", "4"]
    values = [run.metrics["validation.stance.macro_f1"] for run in below]
    assert group.metrics["validation.stance.macro_f1"] == pytest.approx(statistics.mean(values))
    assert group.metrics["validation.stance.macro_f1.spread"] == pytest.approx(statistics.stdev(values))
    assert group.name.startswith("baseline · 2 seeds · stance")
    assert "seed" not in group.parameters
    with pytest.raises(BadInput, match="stands for several seeds"):
        compare_runs([group.id, below[0].id])
    assert main(["runs"]) == 0
    assert " ± " in capsys.readouterr().out
    for wrong in (["--seeds", "3"], ["--seeds", "3", "3"], ["--seeds", "3", "4", "--resume"]):
        assert main([*done[:-3], *wrong]) == 2


def test_a_champions_run_says_so_and_until_when(store: Path) -> None:
    trained = [run_experiment(make_request(stance_examples(), seed=seed), store / f"c{seed}") for seed in (1, 2)]
    one, two = (register_artifact(each.folder) for each in trained)
    first, second = (str(each.metadata.run) for each in trained)
    set_champion(one.name, one.version, "the first")
    assert find_tracked(first).tags["champion"] == f"{one.name} {one.version}"
    assert "champion" not in find_tracked(second).tags
    set_champion(two.name, two.version, "a better one")
    assert find_tracked(first).tags["champion"] == f"{one.name} {one.version}, until {two.version}"
    assert find_tracked(second).tags["champion"] == f"{two.name} {two.version}"


def test_a_retrained_model_is_compared_with_the_champion(store: Path) -> None:
    request = make_request(stance_examples(480))
    first = run_experiment(request, store / "first")
    tracked = find_tracked(str(first.metadata.run))
    assert "champion.verdict" not in tracked.tags
    score = tracked.metrics["validation.stance.macro_f1"]
    assert tracked.name.startswith(f"baseline {score:.3f} · seed 1 · stance · data "), "what a table shows first"
    publish_artifact(first.folder, "standpoint-stance", "1", {}, models_folder())
    turned = {"favor": "against", "against": "none", "none": "favor"}
    wrong = [replace(e, stance=turned[str(e.stance)]) for e in request.train.examples]
    second = run_experiment(replace(request, train=replace(request.train, examples=tuple(wrong))), store / "second")
    run = find_tracked(str(second.metadata.run))
    assert (run.tags["champion.verdict"], run.tags["champion.compared"]) == ("worse", "1")
    assert run.metrics["lead_over_champion.stance.macro_f1.high"] < 0
    assert "Against the champion, on validation: this model is worse than version 1" in run.tags["mlflow.note.content"]
    redrawn = replace(request, train=make_example_set("stance", request.train.examples[:-2]))
    third = run_experiment(redrawn, store / "third")
    # Of other lines: what the champion learned from may be among those that this one was judged on.
    assert "champion.verdict" not in find_tracked(str(third.metadata.run)).tags
    floor = run_experiment(replace(request, settings=replace(BASELINE, features="text")), store / "floor")
    assert "champion.verdict" not in find_tracked(str(floor.metadata.run)).tags
