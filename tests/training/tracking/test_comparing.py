"""Runs compared in a real store: what is refused, a better model, a tie, seeds of one, what the reviewer finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from standpoint.artifact import read_metadata
from standpoint.errors import BadInput, Refused
from tests.artifacts import BASELINE, stance_examples
from tests.training.tracking.conftest import store_in
from training.cli import main
from training.compared_runs import compare_runs
from training.examples import Example, ExampleSet, make_example_set, read_examples
from training.experiment import run_experiment
from training.files import to_line
from training.models.request import Request
from training.tracking.lookup import find_tracked, list_runs
from training.tracking.registry import register_artifact
from training.tracking.runs import open_run


def write_lines(examples: ExampleSet, path: Path) -> None:
    rows = [
        {"id": e.id, "text": e.text, "target": e.target, "stance": e.stance, "group": e.group}
        for e in examples.examples
    ]
    path.write_text("".join(to_line(row) + "\n" for row in rows), encoding="utf-8")


def spoil(examples: ExampleSet) -> ExampleSet:
    """The same passages with their labels shuffled, under the digest of the right ones."""
    stances = [e.stance for e in examples.examples]
    random.Random(3).shuffle(stances)
    found = tuple(replace(e, stance=s) for e, s in zip(examples.examples, stances, strict=True))
    return replace(examples, examples=found)


@pytest.fixture(scope="module")
def store(template_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One store for all tests here, since the runs in it take seconds."""
    with store_in(tmp_path_factory.mktemp("comparing"), template_store) as home:
        yield home


@pytest.fixture(scope="module")
def parts(store: Path) -> tuple[ExampleSet, ExampleSet]:
    """Examples to learn from and to be scored on, as they are read from files in the current folder."""
    found = [replace(e, text=f"{e.text} Item {e.group}.") for e in stance_examples(480).examples]
    for name, examples in (("train.jsonl", found[:240]), ("held.jsonl", found[240:])):
        write_lines(make_example_set("stance", examples), Path(name))
    return read_examples(Path("train.jsonl"), "stance"), read_examples(Path("held.jsonl"), "stance")


@pytest.fixture(scope="module")
def runs(store: Path, parts: tuple[ExampleSet, ExampleSet]) -> dict[str, str]:
    """Three runs on the same data: as it is, another seed, and one that has learned from shuffled labels."""
    train, held = parts
    ids = {}
    for name, learned, seed in (("good", train, 13), ("twin", train, 14), ("bad", spoil(train), 13)):
        trained = run_experiment(Request(learned, held, BASELINE, seed), store / name)
        ids[name] = str(trained.metadata.run)
    return ids


def test_a_better_model_is_called_better(runs: dict[str, str], store: Path) -> None:
    comparison = compare_runs([runs["good"], runs["bad"][:10]])
    [duel] = comparison.duels
    assert duel.verdict == "better"
    assert "is better than" in duel.sentence(comparison.names)
    assert duel.main.low > 0
    assert duel.mcnemar < 0.05
    assert sum(flip.first_right for flip in duel.flips) > len(duel.flips) / 2
    for flip in duel.flips:
        example = comparison.examples.examples[flip.row]
        assert flip.gold == (example.stance,)
        assert (flip.first == flip.gold) == flip.first_right
    [back] = compare_runs([runs["bad"], runs["good"]]).duels
    assert back.verdict == "worse"


def test_a_tie_is_called_a_tie(runs: dict[str, str]) -> None:
    comparison = compare_runs([runs["good"], runs["twin"]])
    [duel] = comparison.duels
    assert duel.verdict == "too close to call"
    assert duel.sentence(comparison.names).startswith(f"{comparison.names[0]} and {comparison.names[1]} ")
    assert comparison.differing == {"seed": ("13", "14")}


def test_of_three_every_pair_is_compared(runs: dict[str, str]) -> None:
    comparison = compare_runs([runs["good"], runs["twin"], runs["bad"]])
    assert [(d.first, d.second) for d in comparison.duels] == [(0, 1), (0, 2), (1, 2)]
    alone = compare_runs([runs["good"], runs["bad"]]).duels[0]
    assert comparison.duels[1].p >= alone.p
    assert comparison.duels[1].main == alone.main


def test_the_command_shows_writes_and_logs(
    runs: dict[str, str], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", runs["good"], runs["bad"], "--html", "out.html", "--flips", "1"]) == 0
    captured = capsys.readouterr()
    assert "is better than" in captured.out
    assert "stance.contrast_accuracy" in captured.out
    assert "only the first is right:" in captured.out
    page = (store / "out.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", "")
    assert "Who wins where" in page
    [logged] = [run for run in list_runs() if run.experiment == "standpoint-compare"]
    assert f"logged as run {logged.id}" in captured.err
    assert {logged.tags["compared.1"], logged.tags["compared.2"]} == {runs["good"], runs["bad"]}
    assert logged.tags["verdict"] == "better"
    assert logged.metrics["difference.stance.macro_f1"] > 0
    assert logged.metrics["difference.stance.macro_f1.low"] > 0
    note = logged.tags["mlflow.note.content"]
    assert f"/runs/{runs['good']})" in note
    client = MlflowClient()
    assert [entry.path for entry in client.list_artifacts(logged.id)] == ["comparison.html"]
    inputs = client.get_run(logged.id).inputs.model_inputs
    assert {entry.model_id for entry in inputs} == {
        m for key in ("good", "bad") for m in find_tracked(runs[key]).models
    }


def test_unlike_runs_are_refused(
    runs: dict[str, str], store: Path, parts: tuple[ExampleSet, ExampleSet], capsys: pytest.CaptureFixture[str]
) -> None:
    train, held = parts
    fewer = make_example_set("stance", held.examples[:100], like=held)
    other = run_experiment(Request(train, fewer, BASELINE, 13), store / "other").metadata.run
    more = make_example_set("stance", train.examples[:200], like=train)
    elsewhere = run_experiment(Request(more, held, BASELINE, 13), store / "elsewhere").metadata.run
    with pytest.raises(Refused, match=f"differ in validation examples.*{held.digest[:12]}.*{fewer.digest[:12]}"):
        compare_runs([runs["good"], str(other)])
    with pytest.raises(Refused, match=r"differ in data"):
        compare_runs([runs["good"], str(elsewhere)])
    assert main(["compare", runs["good"], str(elsewhere)]) == 3
    assert capsys.readouterr().err.count("\n") == 1
    MlflowClient().set_tag(str(other), "codebook", "9.0.0")
    with pytest.raises(Refused, match=r"differ in codebook version.*none.*9\.0\.0"):
        compare_runs([runs["good"], str(other)])


def test_changed_examples_are_refused(runs: dict[str, str], store: Path) -> None:
    lines = (store / "held.jsonl").read_text(encoding="utf-8").split("\n")
    (store / "held.jsonl").write_text("\n".join(lines[2:]), encoding="utf-8")
    with pytest.raises(Refused, match="it has changed since"):
        compare_runs([runs["good"], runs["bad"]])
    (store / "held.jsonl").rename(store / "moved.jsonl")
    with pytest.raises(BadInput, match="name the examples with --data"):
        compare_runs([runs["good"], runs["bad"]])
    (store / "held.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert compare_runs([runs["good"], runs["bad"]]).duels


def test_a_part_that_was_not_scored_is_named(runs: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="was not scored on test"):
        compare_runs([runs["good"], runs["bad"]], split="test")
    with pytest.raises(BadInput, match="named twice"):
        compare_runs([runs["good"], runs["good"]])


def test_a_part_scored_later_is_compared(runs: dict[str, str], store: Path) -> None:
    examples: list[Example] = [replace(e, id=f"t{e.id}") for e in stance_examples(60).examples]
    write_lines(make_example_set("stance", examples), store / "later.jsonl")
    for name in ("good", "bad"):
        assert main(["evaluate", name, "--data", "later.jsonl", "--log"]) == 0
    comparison = compare_runs([runs["good"], runs["bad"]], split="later")
    assert len(comparison.examples) == 60


def test_runs_are_found_by_what_people_call_them(runs: dict[str, str], store: Path) -> None:
    registered = register_artifact(store / "good")
    good = runs["good"]
    client = MlflowClient()
    client.set_registered_model_alias(registered.name, "champion", registered.version)
    for reference in (good, good[:12], f"models:/{registered.name}@champion", f"models:/{registered.name}/1"):
        assert find_tracked(reference).id == good
    client.set_tag(good, "mlflow.runName", "the good one")
    assert find_tracked("the good one").id == good
    for key in ("twin", "bad"):
        client.set_tag(runs[key], "mlflow.runName", "one of two")
    with pytest.raises(BadInput, match="2 runs are called so"):
        find_tracked("one of two")
    with pytest.raises(BadInput, match="no run of this store is called so"):
        find_tracked("nobody")
    with pytest.raises(BadInput, match="no such registered version"):
        find_tracked("models:/standpoint-stance@challenger9")
    with pytest.raises(BadInput, match="expected models:/NAME@ALIAS"):
        find_tracked("models:/standpoint-stance")


def test_lines_that_were_held_back_are_found_again(runs: dict[str, str], store: Path) -> None:
    """Without --validation a share of the file is scored: compare finds it by the ids in the predictions."""
    one, two = (
        [
            "train",
            "stance",
            "--data",
            "train.jsonl",
            "--out",
            f"share-{words}",
            "--set",
            "unrelated=0",
            f"words={words}",
        ]
        for words in (1, 2)
    )
    for command in (one, two):
        assert main(command) == 0
    found = [str(read_metadata(store / f"share-{words}").run) for words in (1, 2)]
    comparison = compare_runs(found)
    assert 0 < len(comparison.examples) < 240
    assert comparison.differing == {"words": ("1", "2")}


def test_a_run_without_a_model_is_no_contender(runs: dict[str, str], store: Path) -> None:
    with open_run("stance", "half way", {}, {"task": "stance"}) as half:
        half.log_data("validation", "0" * 64, "held.jsonl", 1)
    with pytest.raises(BadInput, match="has no model of its own"):
        compare_runs([runs["good"], half.id])


def test_scores_of_other_examples_do_not_take_the_place_of_a_runs(
    runs: dict[str, str], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = find_tracked(runs["good"]).tags["data.validation"]
    (store / "validation.jsonl").write_bytes((store / "train.jsonl").read_bytes())
    assert main(["evaluate", "good", "--data", "validation.jsonl", "--log"]) == 2
    assert "the run has scores of another validation" in capsys.readouterr().err
    assert main(["evaluate", "good", "--data", "held.jsonl", "--limit", "20", "--log"]) == 2
    (store / "held (1).jsonl").write_bytes((store / "held.jsonl").read_bytes())
    assert main(["evaluate", "good", "--data", "held (1).jsonl", "--log"]) == 0
    tags = find_tracked(runs["good"]).tags
    assert tags["data.validation"] == before
    assert tags["data.held-1-"] == before


def test_one_run_is_no_comparison(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "abcd1234"]) == 2
    assert "two runs or more" in capsys.readouterr().err
