"""From a file of passages to a file of predictions."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from standpoint.answers import Question, answer_questions
from standpoint.batch import load_champions, predict_file
from standpoint.batch.prediction import CHUNK_CHARACTERS, CHUNK_ROWS
from standpoint.errors import BadInput, CorruptArtifact
from standpoint.metadata import Task
from standpoint.models_folder import CHAMPION, NAMES, publish_artifact
from standpoint.predictor import Predictor
from tests.artifacts import LEVY, TREATY, change_json

PRAISE = f"The envoy praised {LEVY} and welcomed it in the harbour on the first day."
GERMAN = "Der Bürgermeister lobte die Abgabe und wünschte sich, dass sie noch viele Jahre erhoben wird."


def write_lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")]


def test_rows_are_answered_in_order_as_answer_questions_does(
    tmp_path: Path, topic: Predictor, stance: Predictor
) -> None:
    rows = [{"text": PRAISE, "id": "a"}, {"text": f"The mayor rejected {TREATY}.", "targets": [TREATY]}, {"text": "Hm"}]
    source, out = write_lines(tmp_path / "in.jsonl", rows), tmp_path / "new" / "out.jsonl"
    report = predict_file(source, out, topic, stance, [LEVY])
    asked = [Question(PRAISE, (LEVY,), "a"), Question(rows[1]["text"], (TREATY,)), Question("Hm", (LEVY,))]
    assert read_lines(out) == answer_questions(asked, topic, stance)
    assert (report.rows, report.errors, report.resumed_at) == (3, 0, 0)
    assert sorted(path.name for path in out.parent.iterdir()) == ["out.jsonl"]


def test_one_model_gives_its_own_part(tmp_path: Path, topic: Predictor, stance: Predictor) -> None:
    source = write_lines(tmp_path / "in.jsonl", [{"text": PRAISE, "targets": [LEVY]}])
    report = predict_file(source, tmp_path / "topic.jsonl", topic, None)
    assert set(read_lines(tmp_path / "topic.jsonl")[0]) == {"language", "truncated", "topics"}
    assert report.unasked == 1
    assert "1 rows name targets and have no stances; name a model with --stance" in report.lines()
    assert predict_file(source, tmp_path / "stance.jsonl", None, stance).unasked == 0
    assert set(read_lines(tmp_path / "stance.jsonl")[0]) == {"language", "truncated", "stances"}


def test_all_shapes_give_the_same_predictions(tmp_path: Path, topic: Predictor, stance: Predictor) -> None:
    rows = [
        {"id": "1", "text": PRAISE, "targets": [LEVY]},
        {"id": "2", "text": f"A delegate, at noon,\nread {TREATY}."},
    ]
    write_lines(tmp_path / "in.jsonl", rows)
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["targets", "text", "id"], [json.dumps([LEVY]), PRAISE, 1], ["", rows[1]["text"], 2]])
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    outputs = set()
    for shape in ("jsonl", "csv", "parquet"):
        predict_file(tmp_path / f"in.{shape}", tmp_path / f"{shape}.jsonl", topic, stance)
        outputs.add((tmp_path / f"{shape}.jsonl").read_bytes())
    assert len(outputs) == 1


def test_bad_rows_get_their_error_in_their_place(tmp_path: Path, topic: Predictor) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = json.dumps({"text": PRAISE})
    source.write_text(f'{good}\n{{"id": "b"}}\n\nnonsense\n{good}\n', encoding="utf-8")
    report = predict_file(source, out, topic, None)
    answers = read_lines(out)
    assert ["error" in answer for answer in answers] == [False, True, True, False]
    assert answers[1]["id"] == "b"
    assert [answer["error"]["where"] for answer in answers[1:3]] == ["in.jsonl:2", "in.jsonl:4"]
    assert report.errors == 2
    assert report.examples[0] == "in.jsonl:2: text: expected a text, found no such field"
    assert "2 rows hold an error in the place of a prediction; the first:" in report.lines()


def test_no_good_row_at_all_is_bad_input_and_leaves_the_old_output(tmp_path: Path, topic: Predictor) -> None:
    source, out = write_lines(tmp_path / "in.jsonl", [{"body": PRAISE}] * 3), tmp_path / "out.jsonl"
    out.write_text("before", encoding="utf-8")
    with pytest.raises(BadInput, match=r"none of 3 rows can be predicted; the first: in\.jsonl:1: text: expected"):
        predict_file(source, out, topic, None)
    assert out.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_report_counts_languages_abstentions_and_repeated_ids(
    tmp_path: Path, topic: Predictor, stance: Predictor
) -> None:
    rows = [{"id": "a", "text": PRAISE}, {"id": "b", "text": GERMAN}, {"text": "Hm"}, {"id": "b", "text": PRAISE}]
    source = write_lines(tmp_path / "in.jsonl", [*rows, {"id": "a", "text": GERMAN}])
    report = predict_file(source, tmp_path / "out.jsonl", topic, stance)
    assert report.languages == {"en": 2, "de": 2, "und": 1}
    assert report.abstentions["language"] == 2
    assert (report.duplicates, report.first_duplicate) == (2, 4)
    lines = report.lines()
    assert "2 rows repeat an earlier id, first row 4" in lines
    assert lines[-1] == f"wrote 5 lines to {tmp_path / 'out.jsonl'}"


def test_limit_takes_the_first_rows_and_progress_tells_all_of_them(tmp_path: Path, topic: Predictor) -> None:
    source = write_lines(tmp_path / "in.jsonl", [{"text": f"{PRAISE} {i}"} for i in range(CHUNK_ROWS + 40)])
    seen: list[tuple[int, int | None]] = []
    predict_file(source, tmp_path / "all.jsonl", topic, None, progress=lambda *step: seen.append(step))
    total = CHUNK_ROWS + 40
    assert seen == [(0, total), (CHUNK_ROWS, total), (total, total)]
    report = predict_file(source, tmp_path / "some.jsonl", topic, None, limit=5)
    assert report.rows == 5
    assert read_lines(tmp_path / "some.jsonl") == read_lines(tmp_path / "all.jsonl")[:5]


def test_long_passages_make_small_chunks(tmp_path: Path, topic: Predictor, stance: Predictor) -> None:
    text = "The envoy spoke. " * 1000
    targets = [LEVY, TREATY]
    source = write_lines(tmp_path / "in.jsonl", [{"text": text, "targets": targets}] * 25)
    seen: list[int] = []
    predict_file(source, tmp_path / "out.jsonl", topic, stance, progress=lambda done, _total: seen.append(done))
    fits = CHUNK_CHARACTERS // (len(text.strip()) * (1 + len(targets)))
    assert seen == [0, fits, 2 * fits, 25]


def test_options_that_do_not_fit_are_refused(tmp_path: Path, topic: Predictor, stance: Predictor) -> None:
    source, out = write_lines(tmp_path / "in.jsonl", [{"text": PRAISE}]), tmp_path / "out.jsonl"
    with pytest.raises(BadInput, match="no model to predict with; name --topic or --stance"):
        predict_file(source, out, None, None)
    with pytest.raises(BadInput, match="--topic: expected a topic model, found a stance model"):
        predict_file(source, out, stance, None)
    with pytest.raises(BadInput, match="--targets: targets ask for stances, and no stance model"):
        predict_file(source, out, topic, None, [LEVY])
    with pytest.raises(BadInput, match=r"--targets\[1\]: expected the wording of a target"):
        predict_file(source, out, topic, stance, [LEVY, " "])
    with pytest.raises(BadInput, match="--limit: expected a positive number of rows, found 0"):
        predict_file(source, out, topic, None, limit=0)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_outputs_that_do_not_fit_are_refused(tmp_path: Path, topic: Predictor) -> None:
    source = write_lines(tmp_path / "in.jsonl", [{"text": PRAISE}])
    (tmp_path / "folder.jsonl").mkdir()
    for name, message in (
        ("out.csv", r"predictions are JSON Lines; name a file that ends in \.jsonl"),
        ("folder.jsonl", "expected a file, found a folder"),
        ("in.jsonl", "would be written over the input"),
    ):
        with pytest.raises(BadInput, match=message):
            predict_file(source, tmp_path / name, topic, None)
    part = source.rename(tmp_path / "out.jsonl.part")
    with pytest.raises(BadInput, match="would be written over the input"):
        predict_file(part, tmp_path / "out.jsonl", topic, None)
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        predict_file(part, tmp_path / "file" / "out.jsonl", topic, None)


@pytest.fixture
def published(tmp_path: Path, folders: dict[Task, Path]) -> Path:
    root = tmp_path / "models"
    for task, folder in folders.items():
        publish_artifact(folder, NAMES[task], "1", {}, root)
    return root


def test_champions_are_loaded_with_the_digest_that_was_promised(
    published: Path, topic: Predictor, stance: Predictor
) -> None:
    found = load_champions(published)
    assert [model and model.digest for model in found] == [topic.digest, stance.digest]
    (published / NAMES["topic"] / CHAMPION).unlink()
    assert load_champions(published)[0] is None
    change_json(published / NAMES["stance"] / CHAMPION, digest="0" * 64)
    with pytest.raises(CorruptArtifact, match=r"champion\.json promises stance and 0{12}; promote the model again"):
        load_champions(published)


def test_no_champion_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no model was published; run: standpoint run, or name --topic or --stance"):
        load_champions(tmp_path)
