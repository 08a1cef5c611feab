"""Answers in the shape of the contracts, for files and for HTTP alike."""

from __future__ import annotations

import pytest

from standpoint.answers import Question, answer_questions, codebook_targets, target_wording
from standpoint.metadata import CodebookReference
from standpoint.predictor import Predictor
from tests import artifacts
from tests.artifacts import LEVY, TREATY

TEXT = f"The envoy praised {LEVY} and condemned {TREATY}."
BOOK = CodebookReference(
    version="1.0.0",
    digest="d",
    topics={"economy": "Economy"},
    targets={"levy": LEVY, "treaty": TREATY, "tower": "the tower"},
)


def with_metadata(predictor: Predictor, **changes: object) -> Predictor:
    return Predictor(predictor.metadata.model_copy(update=changes), predictor._backend, predictor.digest)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """A model that can say `unrelated`: pairs of plain passages with a target they do not hold."""
    from dataclasses import replace

    from training.models.baseline import fit_baseline, write_baseline

    examples = list(artifacts.stance_examples().examples)
    plain = artifacts.topic_examples().examples
    examples += [replace(e, target=(LEVY, TREATY)[i % 2], stance="unrelated", topics=()) for i, e in enumerate(plain)]
    labels, folder = ["favor", "against", "none", "unrelated"], tmp_path_factory.mktemp("finder")
    parts = fit_baseline(examples, "stance", labels, [LEVY, TREATY], artifacts.BASELINE, 1)
    write_baseline(folder, parts)
    metadata = load_metadata(labels)
    from standpoint.backends import load_backend

    return Predictor(metadata, load_backend(folder, metadata))


def load_metadata(labels: list[str]) -> object:
    from standpoint.metadata import Metadata

    return Metadata(
        format=1,
        task="stance",
        model="baseline",
        labels=labels,
        data="d",
        targets=[LEVY, TREATY],
        languages=["en"],
        codebook=BOOK,
    )


def test_named_targets_are_answered_as_they_were_asked(stance_predictor: Predictor) -> None:
    stance = with_metadata(stance_predictor, codebook=BOOK)
    asked = ("levy", f"  {TREATY.upper()} ", "an unseen target")
    [answer] = answer_questions([Question(TEXT, asked, id="7")], None, stance)
    assert list(answer) == ["id", "language", "truncated", "stances"]
    assert answer["id"] == "7"
    assert answer["language"] == "en"
    assert [row["target"] for row in answer["stances"]] == list(asked)
    assert [row["stance"] for row in answer["stances"][:2]] == ["favor", "against"]
    for row in answer["stances"]:
        assert list(row) == ["target", "stance", "probabilities", "abstain"]
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert row["abstain"] is None


def test_an_id_is_its_wording(stance_predictor: Predictor) -> None:
    stance = with_metadata(stance_predictor, codebook=BOOK)
    [answer] = answer_questions([Question(TEXT, ("levy", LEVY))], None, stance)
    assert "id" not in answer
    assert answer["stances"][0]["probabilities"] == answer["stances"][1]["probabilities"]
    assert target_wording("levy", stance_predictor) == "levy"


def test_no_target_named_gives_those_the_passage_refers_to(finder: Predictor) -> None:
    plain = "Visitors leave their coats at the door."
    found = answer_questions([Question(TEXT), Question(plain), Question(plain, (LEVY,))], None, finder)
    assert {row["target"]: row["stance"] for row in found[0]["stances"] if row["target"] != "the tower"} == {
        LEVY: "favor",
        TREATY: "against",
    }
    assert found[1]["stances"] == []
    assert [row["stance"] for row in found[2]["stances"]] == ["unrelated"]


def test_targets_come_from_the_codebook_else_from_training(stance_predictor: Predictor) -> None:
    assert codebook_targets(stance_predictor) == [LEVY, TREATY]
    assert codebook_targets(with_metadata(stance_predictor, codebook=BOOK)) == [LEVY, TREATY, "the tower"]


def test_no_targets_at_all_is_not_none(stance_predictor: Predictor) -> None:
    [answer] = answer_questions([Question(TEXT, ())], None, stance_predictor)
    assert answer["stances"] == []


def test_a_foreign_language_gets_no_labels(stance_predictor: Predictor, topic_predictor: Predictor) -> None:
    text = "Le ministre a salué la taxe portuaire et a condamné le traité fluvial devant les députés."
    named, open_question = answer_questions(
        [Question(text, (LEVY,)), Question(text)], topic_predictor, stance_predictor
    )
    assert named["language"] == "fr"
    [row] = named["stances"]
    assert (row["stance"], row["abstain"]) == (None, "language")
    assert len(row["probabilities"]) == 3
    assert open_question["stances"] == []
    assert not any(row["decided"] for row in named["topics"])
    assert all(0 <= row["probability"] <= 1 for row in named["topics"])


def test_a_language_that_is_given_is_believed(topic_predictor: Predictor) -> None:
    text = "Trade and prices moved after the harbour market opened."
    found = answer_questions(
        [Question(text), Question(text, language="fr"), Question(text, language="und")], topic_predictor, None
    )
    assert [any(row["decided"] for row in answer["topics"]) for answer in found] == [True, False, True]
    assert found[1]["language"] == "fr"
    anywhere = with_metadata(topic_predictor, languages=[])
    [answer] = answer_questions([Question(text, language="fr")], anywhere, None)
    assert any(row["decided"] for row in answer["topics"])


def test_topics_are_all_there_and_ranked(topic_predictor: Predictor) -> None:
    [answer] = answer_questions([Question("Envoys met for talks about the visit.")], topic_predictor, None)
    assert {row["topic"] for row in answer["topics"]} == set(topic_predictor.metadata.labels)
    assert answer["topics"][0]["topic"] == "diplomacy"
    assert [row["topic"] for row in answer["topics"] if row["decided"]] == ["diplomacy"]
    assert "stances" not in answer


def test_cut_for_one_model_is_cut(onnx_predictor: Predictor, topic_predictor: Predictor) -> None:
    long = Question("The envoy spoke of the harbour. " * 50, (LEVY,))
    [answer, whole] = answer_questions([long, Question(TEXT, (LEVY,))], topic_predictor, onnx_predictor)
    assert answer["truncated"] is True
    assert whole["truncated"] is False


def test_nothing_asked_is_nothing_answered(topic_predictor: Predictor, stance_predictor: Predictor) -> None:
    assert answer_questions([], topic_predictor, stance_predictor) == []
