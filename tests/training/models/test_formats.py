"""Artifacts of older formats: carried to this one, answering as before, or refused with the way out.

golden/artifacts/first-baseline was written by the code of this project's first day, when `unrelated` was one label of
the same classifier as the others and no floors were kept; golden/artifacts/second-baseline by the last version that
kept linear models in scikit-learn's objects.
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

from standpoint.artifact import FORMAT, GOLDEN, check_manifest, describe_training, write_metadata
from standpoint.backends import load_backend
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.golden import write_golden
from standpoint.metadata import Stack
from standpoint.predictor import Predictor, load_predictor
from tests.artifacts import BASELINE, LEVY, TREATY, change_json, reseal, stance_examples
from training.cli import build_parser, main
from training.models.baseline import fit_baseline, write_baseline
from training.models.formats import STEPS, find_format, upgrade_artifact
from training.models.settings import BaselineSettings, change_settings
from training.models.skops_parts import MODEL, load_parts, write_parts
from training.models.train import Trained

ARTIFACTS = Path(__file__).resolve().parents[2] / "golden" / "artifacts"
FIRST, SECOND = ARTIFACTS / "first-baseline", ARTIFACTS / "second-baseline"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A copy of the oldest artifact there is, to be spoilt."""
    return Path(shutil.copytree(FIRST, tmp_path / "first"))


def test_every_format_before_this_one_has_a_step() -> None:
    assert sorted(STEPS) == list(range(FORMAT))


def test_the_refusal_of_the_oldest_artifact_names_the_command_that_carries_it_over(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CorruptArtifact, match=rf"format is 1, this version reads {FORMAT}; run: standpoint") as refusal:
        load_predictor(first)
    command = str(refusal.value).split("run: standpoint ")[1].split(";")[0].replace("NEW", str(tmp_path / "new"))
    assert main(command.split()) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "new")
    load_predictor(tmp_path / "new")


def check_upgrade(folder: Path, out: Path, found: int) -> Predictor:
    """Carry an artifact over: the new one answers its golden inputs as the old one did, which is untouched."""
    digest = check_manifest(folder, oldest=0)
    upgrade = upgrade_artifact(folder, out)
    assert (upgrade.found, upgrade.metadata.format) == (found, FORMAT)
    predictor = load_predictor(upgrade.folder)
    assert predictor.metadata.settings["upgraded"] == {"from": found, "to": FORMAT, "artifact": digest}
    assert sorted(path.name for path in out.glob("linear.*")) == ["linear.json", "linear.safetensors"]
    lines = (folder / GOLDEN).read_text(encoding="utf-8").strip("\n").split("\n")
    records = [json.loads(line) for line in lines]
    answers = predictor.stances([r["text"] for r in records], [[r["target"]] for r in records])
    for record, [answer] in zip(records, answers, strict=True):
        assert list(answer.probabilities.values()) == pytest.approx(record["probabilities"], abs=2e-6)
    assert check_manifest(folder, oldest=0) == digest
    return predictor


def test_the_first_answers_as_it_did(tmp_path: Path) -> None:
    predictor = check_upgrade(FIRST, tmp_path / "new", 0)
    assert predictor.metadata.floors is None  # nobody knows them but the data it was trained on


def test_the_second_answers_as_it_did(tmp_path: Path) -> None:
    predictor = check_upgrade(SECOND, tmp_path / "new", 1)
    assert predictor.metadata.floors is not None
    assert predictor.stances(["The envoy praised the port levy."], [["the port levy"]])[0][0].stance == "favor"


def test_a_transformers_companion_is_carried_over_too(
    trained_transformer: Trained, copy_artifact: Callable[[Trained], Path], tmp_path: Path
) -> None:
    """An artifact of two models as format 1 had it: scikit-learn's objects beside the transformer's files."""
    folder, labels = copy_artifact(trained_transformer), trained_transformer.metadata.labels
    parts = fit_baseline(stance_examples().examples, "stance", labels, [LEVY, TREATY], BASELINE, 1)
    metadata = trained_transformer.metadata.model_copy(update={"stack": Stack(targets=[LEVY, TREATY]), "variants": {}})
    write_baseline(folder, parts)
    inputs = [{"text": e.text, "target": e.target} for e in stance_examples(8).examples]
    write_golden(folder, Predictor(metadata, load_backend(folder, metadata, 1)), inputs)
    write_metadata(folder, metadata.model_copy(update={"format": 1}))
    write_parts(folder / MODEL, parts)
    for name in ("linear.json", "linear.safetensors"):
        (folder / name).unlink()
    change_json(folder / "manifest.json", format=1)
    reseal(folder)
    with pytest.raises(CorruptArtifact, match=r"format is 1.*run: standpoint migrate-artifact \S+ --out NEW; where it"):
        load_predictor(folder)
    check_upgrade(folder, tmp_path / "new", 1)


def test_a_linear_model_that_we_did_not_fit_is_left(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SECOND, tmp_path / "second"))
    parts = load_parts(folder / MODEL)
    parts["words"].norm = "l1"
    write_parts(folder / MODEL, parts)
    reseal(folder)
    with pytest.raises(CorruptArtifact, match="words was fitted with norm 'l1', expected 'l2'; train the model again"):
        upgrade_artifact(folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


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
