"""Artifacts of older formats: carried to this one, answering as before, or refused with the way out.

golden/artifacts/first-baseline was written by the code of this project's first day, when `unrelated` was one label of
the same classifier as the others and no floors were kept.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from standpoint.artifact import FORMAT, GOLDEN, check_manifest, describe_training
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.predictor import load_predictor
from tests.artifacts import change_json, reseal
from training.cli import build_parser, main
from training.models.formats import STEPS, find_format, upgrade_artifact
from training.models.settings import BaselineSettings, change_settings
from training.models.train import Trained

FIRST = Path(__file__).resolve().parents[2] / "golden" / "artifacts" / "first-baseline"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A copy of the oldest artifact there is, to be spoilt."""
    return Path(shutil.copytree(FIRST, tmp_path / "first"))


def test_every_format_before_this_one_has_a_step() -> None:
    assert sorted(STEPS) == list(range(FORMAT))


def test_the_refusal_of_the_oldest_artifact_names_the_command_that_carries_it_over(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CorruptArtifact, match=r"linear\.skops is a baseline of the first shape; run: ") as refusal:
        load_predictor(first)
    command = str(refusal.value).split("run: standpoint ")[1].replace("NEW", str(tmp_path / "new"))
    assert main(command.split()) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "new")
    load_predictor(tmp_path / "new")


def test_it_answers_as_it_did(first: Path, tmp_path: Path) -> None:
    digest = check_manifest(first)
    upgrade = upgrade_artifact(first, tmp_path / "new")
    assert (upgrade.found, upgrade.metadata.format) == (0, FORMAT)
    predictor = load_predictor(upgrade.folder)
    assert predictor.metadata.settings["upgraded"] == {"from": 0, "to": FORMAT, "artifact": digest}
    assert predictor.metadata.floors is None  # nobody knows them but the data it was trained on
    lines = (FIRST / GOLDEN).read_text(encoding="utf-8").strip("\n").split("\n")
    records = [json.loads(line) for line in lines]
    answers = predictor.stances([r["text"] for r in records], [[r["target"]] for r in records])
    for record, [answer] in zip(records, answers, strict=True):
        assert list(answer.probabilities.values()) == pytest.approx(record["probabilities"], abs=2e-6)
        best = max(range(4), key=lambda i: record["probabilities"][i])
        assert answer.stance == predictor.metadata.labels[best]  # the first version decided so
    assert check_manifest(first) == digest


def test_a_format_that_the_metadata_names_is_carried_over_too(first: Path, tmp_path: Path) -> None:
    change_json(first / "metadata.json", format=0)
    change_json(first / "manifest.json", format=0)
    reseal(first)
    with pytest.raises(
        CorruptArtifact, match=r"manifest\.json: format is 0.*run: standpoint migrate-artifact \S+ --out"
    ):
        load_predictor(first)
    assert find_format(first) == 0
    assert load_predictor(upgrade_artifact(first, tmp_path / "new").folder).metadata.format == FORMAT


def test_nothing_is_written_where_an_answer_would_change(first: Path, tmp_path: Path) -> None:
    change_json(first / "metadata.json", temperature=3.0)
    reseal(first)
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:\d+: predicted probabilities differ"):
        upgrade_artifact(first, tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first"]


def test_texts_composed_in_another_way_cannot_be_carried_over(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_json(first / "metadata.json", text_format=0)
    reseal(first)
    way_out = (
        r"text_format is 0, this version reads 1; train it again on its data \(83f506f77910\): "
        r"standpoint train stance --model baseline --seed 13 --set features=pair words=1 characters=3 .* --out NEW"
    )
    with pytest.raises(CorruptArtifact, match=way_out):
        upgrade_artifact(first, tmp_path / "new")
    assert main(["migrate-artifact", str(first), "--out", str(tmp_path / "new")]) == 2
    assert re.search(way_out, capsys.readouterr().err)
    assert not (tmp_path / "new").exists()


def test_what_needs_no_step_says_so(trained_topic: Trained, first: Path, tmp_path: Path) -> None:
    assert find_format(trained_topic.folder) == FORMAT
    with pytest.raises(BadInput, match=f"is of format {FORMAT} already"):
        upgrade_artifact(trained_topic.folder, tmp_path / "new")
    with pytest.raises(BadInput, match="--out: names the artifact itself"):
        upgrade_artifact(first, first)


@pytest.mark.parametrize("number", [FORMAT + 1, -1, None, True, "1"])
def test_other_numbers_are_refused(
    trained_topic: Trained, copy_artifact: Callable[[Trained], Path], tmp_path: Path, number: object
) -> None:
    folder = copy_artifact(trained_topic)
    change_json(folder / "metadata.json", format=number)
    reseal(folder)
    with pytest.raises(CorruptArtifact, match=rf"metadata\.json: format is {number!r}, this version reads {FORMAT}; "):
        upgrade_artifact(folder, tmp_path / "new")


def test_a_model_that_answers_otherwise_by_now_says_how_to_train_it_again(
    trained_topic: Trained, copy_artifact: Callable[[Trained], Path]
) -> None:
    folder = copy_artifact(trained_topic)
    change_json(folder / "metadata.json", temperature=9.0)
    reseal(folder)
    with pytest.raises(
        CorruptArtifact, match=r"version changed; train it again .*: standpoint train topic --model base"
    ):
        load_predictor(folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "train the model again"),
        ({"task": "mood"}, "train the model again"),
        ({"task": "topic", "settings": [1], "seed": None}, "train it again: standpoint train topic --out NEW"),
        (
            {"task": "stance", "encoder": "a b", "settings": {"epochs": 2, "upgraded": {"from": 0}}},
            "train it again: standpoint train stance --encoder 'a b' --set epochs=2 --out NEW",
        ),
    ],
)
def test_metadata_that_say_less_name_less(content: dict[str, object], words: str) -> None:
    assert describe_training(content) == words


def test_the_named_command_is_one_that_train_takes(trained_stance: Trained) -> None:
    words = describe_training(trained_stance.metadata.model_dump()).split(": standpoint ")[1]
    options = build_parser().parse_args(shlex.split(words))
    assert (options.task, options.model, options.seed) == ("stance", "baseline", trained_stance.metadata.seed)
    assert asdict(change_settings(BaselineSettings(), options.set)) == trained_stance.metadata.settings
