"""An artifact follows a codebook that only renames, and answers as before; any other change is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from standpoint.artifact import GOLDEN
from standpoint.codebook import Codebook, read_codebook
from standpoint.errors import BadInput, CorruptArtifact, Refused
from standpoint.predictor import load_predictor
from tests.artifacts import (
    LEVY,
    TREATY,
    change_json,
    reseal,
    stance_examples,
    topic_examples,
    train_baseline,
    train_transformer,
)
from training.evaluation.evaluator import evaluate_artifact
from training.migrations.folder import migrate_folder
from training.models.migration import migrate_artifact
from training.models.train import Trained

BOOK = {
    "version": "1.0.0",
    "language": "en",
    "stance": {"labels": {"favor": "for", "against": "not for", "none": "neither"}},
    "topics": {"labels": {n: {"name": n.title(), "is": n} for n in ("economy", "diplomacy", "other")}},
    "targets": {"levy": LEVY, "treaty": TREATY},
}
TRADE = {"rename": {"what": "topic", "from": "economy", "to": "trade", "name": "Trade"}}
DUES = {"rename": {"what": "target", "from": "levy", "to": "port-dues", "wording": LEVY.upper()}}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "migrations").mkdir(parents=True)
    (folder / "annotations").mkdir()
    (folder / "codebook.yaml").write_text(yaml.safe_dump(BOOK, sort_keys=False), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def topic(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    examples = replace(topic_examples(), codebook=Codebook.model_validate(BOOK))
    return train_baseline(examples, tmp_path_factory.mktemp("booked") / "topic")


@pytest.fixture(scope="module")
def stance(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    examples = replace(stance_examples(), codebook=Codebook.model_validate(BOOK))
    return train_baseline(examples, tmp_path_factory.mktemp("booked") / "stance")


def migrate(data: Path, *changes: dict[str, Any], to: str = "2.0.0") -> None:
    content = {"from": "1.0.0", "to": to, "why": "clearer", "changes": list(changes)}
    (data / "migrations" / f"1.0.0-to-{to}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    migrate_folder(data)


def test_topics_are_renamed_and_answered_as_before(data: Path, topic: Trained, tmp_path: Path) -> None:
    migrate(data, TRADE, DUES, {"add": {"what": "topic", "id": "sport", "name": "Sport", "is": "games"}})
    before = load_predictor(topic.folder)
    metadata, renames = migrate_artifact(topic.folder, data, tmp_path / "out")
    after = load_predictor(tmp_path / "out")
    assert after.metadata == metadata
    assert (renames.topics, renames.targets) == ({"economy": "trade"}, {"levy": "port-dues"})
    assert after.metadata.labels == ["trade", "diplomacy", "other"]
    assert set(after.metadata.thresholds) == {"trade", "diplomacy", "other"}
    assert after.digest != before.digest
    book = after.metadata.codebook
    assert book is not None
    assert (book.version, book.topics["trade"], book.targets) == (
        "2.0.0",
        "Trade",
        {"port-dues": LEVY.upper(), "treaty": TREATY},
    )
    assert "sport" not in book.topics  # it was never learnt
    texts = [example.text for example in topic_examples().examples[:9]]
    for old, new in zip(before.topics(texts), after.topics(texts), strict=True):
        names = {"economy": "trade"}
        assert {names.get(t, t): p for t, p in old.probabilities.items()} == new.probabilities
        assert tuple(names.get(t, t) for t in old.decided) == new.decided
    assert (tmp_path / "out" / GOLDEN).read_bytes() == (topic.folder / GOLDEN).read_bytes()
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "- Labels, in order: `trade`, `diplomacy`, `other`\n" in card
    assert "- `economy` is now `trade`" in card
    assert f"weights are those of `{before.digest[:12]}`" in card


def test_a_refused_artifact_is_scored_once_it_is_migrated(data: Path, topic: Trained, tmp_path: Path) -> None:
    migrate(data, TRADE)
    renamed = [
        replace(e, topics=tuple({"economy": "trade"}.get(t, t) for t in e.topics)) for e in topic_examples().examples
    ]
    examples = replace(topic_examples(), examples=tuple(renamed), codebook=read_codebook(data / "codebook.yaml"))
    with pytest.raises(
        Refused, match=r"the artifact knows codebook 1\.0\.0, topic\.jsonl is of 2\.0\.0, another major"
    ):
        evaluate_artifact(load_predictor(topic.folder), examples)
    migrate_artifact(topic.folder, data, tmp_path / "out")
    assert evaluate_artifact(load_predictor(tmp_path / "out"), examples).scores["topic.micro_f1"].value > 0.5


def test_a_stance_model_keeps_its_wordings(data: Path, stance: Trained, tmp_path: Path) -> None:
    migrate(data, DUES)
    migrate_artifact(stance.folder, data, tmp_path / "out")
    before, after = load_predictor(stance.folder), load_predictor(tmp_path / "out")
    text = stance_examples().examples[0].text
    assert before.stances([text], [[LEVY, TREATY]]) == after.stances([text], [[LEVY, TREATY]])
    assert after.metadata.labels == before.metadata.labels
    assert after.metadata.targets == before.metadata.targets


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"merge": {"what": "topic", "from": ["economy", "diplomacy"], "to": "economy"}},
            "topics economy, diplomacy merged",
        ),
        (
            {
                "split": {
                    "what": "topic",
                    "from": "economy",
                    "into": [{"id": "economy"}, {"id": "x", "name": "X", "is": "x"}],
                }
            },
            "economy split into economy, x",
        ),
        ({"remove": {"what": "target", "id": "levy"}}, "target levy removed"),
        ({"reread": {"what": "topic", "why": "clearer"}}, "topics to be read again: clearer"),
        ({"rename": {"what": "target", "from": "levy", "wording": "harbour dues"}}, "levy reworded"),
    ],
)
def test_more_than_a_rename_is_refused(
    data: Path, topic: Trained, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    migrate(data, change)
    with pytest.raises(Refused, match=rf"{words} .*learnt by codebook 1\.0\.0, and cannot answer by 2\.0\.0; train"):
        migrate_artifact(topic.folder, data, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_migrated_says_why(
    data: Path, topic: Trained, trained_topic: Trained, tmp_path: Path, copy_artifact: Callable[[Trained], Path]
) -> None:
    with pytest.raises(BadInput, match=r"knows codebook 1\.0\.0, .* has 1\.0\.0, and no written migrations lead"):
        migrate_artifact(topic.folder, data, tmp_path / "out")
    migrate(data, TRADE)
    with pytest.raises(BadInput, match=r"knows no codebook; its labels are those of its lines"):
        migrate_artifact(trained_topic.folder, data, tmp_path / "out")
    with pytest.raises(BadInput, match=r"--out: names the artifact itself"):
        migrate_artifact(topic.folder, data, topic.folder)
    book = data / "codebook.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace("trade:", "commerce:"), encoding="utf-8")
    with pytest.raises(Refused, match=r"the model has the topic 'trade', codebook 2\.0\.0 has not"):
        migrate_artifact(topic.folder, data, tmp_path / "out")
    spoilt = copy_artifact(topic)
    change_json(spoilt / "metadata.json", temperature=9.0)
    reseal(spoilt)
    with pytest.raises(CorruptArtifact, match=r"golden\.jsonl:\d+: predicted probabilities differ"):
        migrate_artifact(spoilt, data, tmp_path / "out")
    assert json.loads((spoilt / "metadata.json").read_text(encoding="utf-8"))["codebook"]["version"] == "1.0.0"


def test_weights_of_another_codebook_are_no_start(
    trained_transformer: Trained, tmp_path: Path, copy_artifact: Callable[[Trained], Path]
) -> None:
    older = copy_artifact(trained_transformer)
    book = {"version": "0.9.0", "digest": "d", "topics": {}, "targets": {"levy": LEVY}}
    change_json(older / "metadata.json", codebook=book)
    reseal(older)
    examples = replace(stance_examples(), codebook=Codebook.model_validate(BOOK))
    with pytest.raises(Refused, match=r"--init .* knows codebook 0\.9\.0, stance\.jsonl is of 1\.0\.0, another major"):
        train_transformer(examples, tmp_path / "out", Path("no-encoder"), init=older)
