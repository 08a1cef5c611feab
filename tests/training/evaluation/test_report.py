"""The page of an evaluation holds its numbers, its failures with their words, and no markup of its texts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from standpoint.predictor import Predictor
from tests.artifacts import LEVY, TREATY, cut, stance_examples, topic_examples
from training.evaluation.audit import audit_stance
from training.evaluation.evaluator import Evaluation, evaluate_artifact
from training.evaluation.failures import ABSTENTIONS, MISTAKES, list_failures
from training.evaluation.report import write_report
from training.evaluation.targets import list_targets
from training.examples import make_example_set
from training.scoring import Withheld


@pytest.fixture
def evaluation(stance_predictor: Predictor) -> Evaluation:
    """Examples all said to be in favour, so that two thirds of the answers are wrong; some of them withheld."""
    held = [replace(e, text=f"{e.text} <script>x</script>", stance="favor") for e in cut(stance_examples())[1].examples]
    found = evaluate_artifact(stance_predictor, make_example_set("stance", held))
    rows = np.arange(len(held)) % 3 == 0
    return replace(found, predictions=replace(found.predictions, withheld=Withheld(rows, 0.2)))


def test_a_report_is_one_page_with_every_score(
    evaluation: Evaluation, stance_predictor: Predictor, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_report(evaluation, stance_predictor, path, audit_stance(stance_predictor, evaluation.examples, ()))
    page = path.read_text(encoding="utf-8")
    for name, score in evaluation.scores.items():
        assert f'<td>{name}</td><td class="number" data-value="{score.value:.9g}">{score.value:.3f}</td>' in page
    assert page.count("data:image/png;base64,") == 4
    assert "<script>x" not in page
    text = re.sub(r"</?mark[^>]*>", "", page)
    assert "&lt;script&gt;x&lt;/script&gt;" in text
    for heading in ("Does it read the target?", "By target", "Slices", "Counting stances", "most useful abstentions"):
        assert heading in page
    assert '<mark style="--s:0.75"' in page or '<mark class="against" style="--s:0.75"' in page
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_a_report_of_topics(topic_predictor: Predictor, tmp_path: Path) -> None:
    found = evaluate_artifact(topic_predictor, cut(topic_examples())[1])
    write_report(found, topic_predictor, tmp_path / "deep" / "topics.html")
    page = (tmp_path / "deep" / "topics.html").read_text(encoding="utf-8")
    assert "topic.jaccard" in page
    assert "By target" not in page


def test_failures_are_the_surest_wrong_answers(evaluation: Evaluation, stance_predictor: Predictor) -> None:
    mistakes, withheld = list_failures(evaluation, stance_predictor)
    assert 0 < len(mistakes) <= MISTAKES
    assert 0 < len(withheld) <= ABSTENTIONS
    for found in (mistakes, withheld):
        assert all(set(failure.gold) != set(failure.said) for failure in found)
        assert [f.confidence for f in found] == sorted((f.confidence for f in found), reverse=True)
    ids = evaluation.predictions.ids
    hidden = {ids[i] for i in range(0, len(ids), 3)}
    assert {failure.example.id for failure in withheld} <= hidden
    assert not {failure.example.id for failure in mistakes} & hidden
    for failure in mistakes:
        assert failure.words
        for word in failure.words:
            assert failure.text[word.start : word.end] == word.text


def test_targets_by_hand(evaluation: Evaluation) -> None:
    rows = {row.target: row for row in list_targets(evaluation.predictions, evaluation.examples, [LEVY])}
    assert {name: row.seen for name, row in rows.items()} == {LEVY: True, TREATY: False}
    for target, row in rows.items():
        said = [
            answer[0]
            for e, answer in zip(evaluation.examples.examples, evaluation.predictions.decided, strict=True)
            if e.target == target
        ]
        assert row.right == said.count("favor")
        assert row.turned == said.count("against")
        assert row.lost == len(said) - row.right - row.turned
        assert row.invented == 0
        assert row.pairs == len(said)
