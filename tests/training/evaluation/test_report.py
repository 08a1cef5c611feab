"""The page of an evaluation holds its numbers, and no markup of its texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from standpoint.predictor import Predictor
from tests.artifacts import cut, stance_examples
from training.evaluation.evaluator import evaluate_artifact
from training.evaluation.report import write_report
from training.examples import make_example_set


def test_a_report_is_one_page_with_every_score(stance_predictor: Predictor, tmp_path: Path) -> None:
    held = [replace(e, text=f"{e.text} <script>x</script>", stance="favor") for e in cut(stance_examples())[1].examples]
    evaluation = evaluate_artifact(stance_predictor, make_example_set("stance", held))
    path = tmp_path / "report.html"
    write_report(evaluation, path)
    page = path.read_text(encoding="utf-8")
    for name, score in evaluation.scores.items():
        assert f"<td>{name}</td><td>{score.value:.3f}</td>" in page
    assert page.count("data:image/png;base64,") == 4
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
