"""The two commands, from a corpus to a tool and back."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from standpoint.codebook import read_codebook
from standpoint.errors import BadInput
from standpoint.predictor import Predictor, load_predictor
from tests import artifacts
from tests.artifacts import LEVY, TREATY
from tests.training.annotations.exchange.conftest import CODEBOOK, ROOT, read_lines
from training.annotations.exchange.formats import TABLES, TOOLS
from training.annotations.exchange.suggestions import suggest_labels
from training.annotations.exchange.tasks import TaskSet, read_tasks
from training.cli import main
from training.commands import exchange
from training.examples import Example, make_example_set
from training.models.train import Trained


@pytest.fixture
def levied(corpus: Path) -> Path:
    """The small corpus, its codebook about what the tests' models know."""
    codebook = CODEBOOK | {"targets": {"levy": LEVY, "treaty": TREATY}}
    labels = {name: {"name": name.title(), "is": name} for name in ("economy", "diplomacy", "other")}
    codebook["topics"] = {"labels": labels}
    (corpus / "codebook.yaml").write_text(json.dumps(codebook), encoding="utf-8")
    for path in (corpus / "annotations").iterdir():
        path.unlink()
    return corpus


def test_names_of_the_command_line_are_the_formats() -> None:
    assert (tuple(TOOLS), tuple(TABLES)) == (exchange.TOOLS, exchange.TABLES)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A stance model that can say that a passage does not refer to a target."""
    codebook = read_codebook(
        ROOT / "data" / "codebook.yaml"
    )  # what a built dataset brings, and only such has negatives
    sides = (("praised", "favor"), ("condemned", "against"), ("described", "none"))
    alone = [
        Example(f"{i}", f"Delegate {i} {verb} {target}.", target, stance=stance, mentioned=(target,), group=f"{i}")
        for i in range(120)
        for target, (verb, stance) in [((LEVY, TREATY)[i % 2], sides[i // 2 % 3])]
    ]
    examples = replace(make_example_set("stance", alone), codebook=codebook)
    settings = replace(artifacts.BASELINE, unrelated=1)
    folder = tmp_path_factory.mktemp("finder") / "stance"
    return artifacts.train_baseline(examples, folder, settings=settings)


def test_pre_annotated_tasks_go_out_and_nothing_comes_back_unasked(
    levied: Path, tmp_path: Path, trained_topic: Trained, finder: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    models = ["--topic", str(trained_topic.folder), "--stance", str(finder.folder)]
    out = str(tmp_path / "out")
    assert main(["export", "label-studio", "--data", str(levied), "--out", out, *models]) == 0
    written, told = capsys.readouterr()
    assert [Path(line).name for line in written.splitlines()] == ["labels.xml", "tasks.json"]
    assert "3 with a model's suggestion" in told
    tasks = json.loads((tmp_path / "out" / "tasks.json").read_text(encoding="utf-8"))
    for task in tasks:
        [prediction] = task["predictions"]
        assert prediction["model_version"].count("-") == 2
        assert 0 < prediction["score"] <= 1
    assert main(["import", "label-studio", out, "--data", str(levied), "--annotator", "me"]) == 2
    assert "there is no judgement to import; left out, not annotated: 3" in capsys.readouterr().err


def test_suggestions_are_the_predictors_answers(
    levied: Path, topic_predictor: Predictor, stance_predictor: Predictor, finder: Trained
) -> None:
    tasks = read_tasks(levied)
    found = load_predictor(finder.folder)
    suggested = suggest_labels(tasks, topic_predictor, found)
    texts = [task.text for task in tasks.tasks]
    topics = topic_predictor.topics(texts)
    sides = found.stances(texts, [[LEVY, TREATY]] * len(texts), named=False)
    for task, about, (levy, treaty) in zip(suggested.tasks, topics, sides, strict=True):
        assert task.suggestion is not None
        assert set(task.suggestion.topics) == set(about.decided)
        answers = {"levy": levy.stance, "treaty": treaty.stance}
        expected = {target: stance for target, stance in answers.items() if stance not in (None, "unrelated")}
        assert {target: stance for target, (stance, _) in task.suggestion.stances.items()} == expected
    with pytest.raises(BadInput, match="the stance model has no label 'unrelated'"):
        suggest_labels(tasks, None, stance_predictor)
    foreign = read_codebook(levied / "codebook.yaml").model_copy(
        update={"topics": read_tasks(levied).codebook.topics.model_copy(update={"labels": {}})}
    )
    with pytest.raises(BadInput, match="the codebook has none of them"):
        suggest_labels(TaskSet(foreign, tasks.tasks), topic_predictor, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export", "doccano", "--predict", "--out", "o"], "doccano cannot tell predictions from annotations"),
        (["export", "csv", "--predict", "--out", "o"], "export to label-studio, prodigy"),
        (["export", "prodigy", "--rows", "pairs", "--out", "o"], "prodigy has tasks, not rows"),
        (["import", "prodigy", "x", "--columns", "a=b"], "--columns: is for tables"),
        (["import", "csv", "x", "--codebook", "c"], "--codebook: is for a new corpus folder"),
        (["import", "csv", "x", "--new", "n"], "--codebook: a new corpus folder needs a codebook"),
        (["import", "csv", "nowhere.csv"], "nowhere.csv: cannot be read"),
        (["import", "label-studio", "nowhere.json"], "nowhere.json: cannot be read"),
        (["import", "doccano", "nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["import", "prodigy", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
    ],
)
def test_what_does_not_fit_ends_with_2_in_one_line(
    arguments: list[str],
    message: str,
    corpus: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(corpus.parent)
    assert main([*arguments, "--data", str(corpus)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert message in line


def test_export_does_not_overwrite_unasked(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["export", "csv", "--data", str(corpus), "--out", str(tmp_path / "a.csv"), "--annotator", "ann"]
    assert main(command) == 0
    assert main(command) == 2
    assert "a.csv: exists already" in capsys.readouterr().err
    assert main([*command, "--replace", "--open"]) == 0
    assert "3 passages: 2 with 2 annotations, 1 open" in capsys.readouterr().err


def test_newcomers_table_becomes_a_dataset(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sides = ("favor", "against", "none")
    words = random.Random(3).choices([a + b for a in "bdfgklmnprst" for b in ("alo", "eni", "uro", "ith")], k=36 * 12)
    texts = [" ".join(words[i * 12 : i * 12 + 12]) for i in range(36)]  # no two alike, so that none is a near-duplicate
    rows = [f"{texts[i]},{'water' if i % 2 else 'roads'},the-dam,{sides[i % 3]}" for i in range(36)]
    (tmp_path / "t.csv").write_text("\n".join(["body,topics,target,stance", *rows]))
    command = ["import", "csv", str(tmp_path / "t.csv"), "--new", str(tmp_path / "new"), "--columns", "text=body"]
    assert main([*command, "--codebook", str(corpus / "codebook.yaml"), "--annotator", "me"]) == 0
    assert main(["check", str(tmp_path / "new")]) == 0
    assert main(["dataset", "--data", str(tmp_path / "new"), "--out", str(tmp_path / "built")]) == 0
    assert (tmp_path / "built" / "manifest.json").is_file()
    assert len(read_lines(tmp_path / "new" / "annotations" / "me.jsonl")) == 36
    assert "next: standpoint check" in capsys.readouterr().err
