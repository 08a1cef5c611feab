"""The checks of one row, and that they are those of the service."""

from __future__ import annotations

import json
from typing import Any

import pytest

from serving.failures import Failure
from serving.limits import Limits
from serving.requests import read_predict
from standpoint.answers import Question
from standpoint.batch import rows
from standpoint.batch.record import Record
from standpoint.batch.rows import read_question
from standpoint.encoding import normalise


def test_limits_are_those_of_the_service() -> None:
    limits = Limits()
    assert limits.passage_characters == rows.TEXT_CHARACTERS
    assert (limits.targets, limits.target_characters) == (rows.TARGETS, rows.TARGET_CHARACTERS)
    assert limits.id_characters == rows.ID_CHARACTERS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "text: expected a text, found no such field"),
        ({"text": None}, "text: expected a text, found null"),
        ({"text": 5}, "text: expected a text, found a number"),
        ({"text": " \u200b\n"}, "text: expected a text, found nothing but space"),
        ({"text": "a" * 20_001}, "text: expected at most 20000 characters, found 20001; cut it into passages"),
        ({"text": "a", "id": 1.5}, "id: expected a text or a whole number, found a number"),
        ({"text": "a", "id": True}, "id: expected a text or a whole number, found a boolean"),
        ({"text": "a", "id": "i" * 201}, "id: expected at most 200 characters, found 201"),
        ({"text": "a", "id": "\ud800"}, "id: holds half of a surrogate pair"),
        ({"text": "a", "targets": "the port levy"}, 'targets: expected a list, as ["the port levy"]; found a text'),
        ({"text": "a", "targets": {"a": 1}}, 'targets: expected a list, as ["the port levy"]; found an object'),
        ({"text": "a", "targets": ["b", 3]}, "targets[1]: expected a text, found a number"),
        ({"text": "a", "targets": ["b"] * 65}, "targets: expected at most 64 targets, found 65"),
        ({"text": "a", "targets": ["b" * 201]}, "targets[0]: expected at most 200 characters, found 201"),
        ({"text": "a", "targets": ["\udc00"]}, "targets[0]: holds half of a surrogate pair"),
        ({"text": "a", "targets": [" '' "]}, "targets[0]: expected the wording of a target or a codebook id"),
    ],
)
def test_a_bad_row_is_answered_with_what_is_wrong_and_refused_by_the_service_too(
    content: dict[str, Any], message: str
) -> None:
    answer = read_question(Record("in.jsonl:7", content), None)
    assert isinstance(answer, dict)
    assert answer["error"]["code"] == "invalid"
    assert answer["error"]["where"] == "in.jsonl:7"
    assert answer["error"]["message"].startswith(message)
    with pytest.raises(Failure, match="invalid"):
        read_predict(json.dumps({"passages": [content]}).encode(), Limits())


def test_an_error_keeps_the_id_and_a_broken_line_has_a_code_of_its_own() -> None:
    answer = read_question(Record("in.csv:2", {"id": "a"}), None)
    assert isinstance(answer, dict)
    assert answer["id"] == "a"
    broken = read_question(Record("in.csv:3", None, "is not CSV"), None)
    assert broken == {"error": {"code": "malformed", "message": "is not CSV", "where": "in.csv:3"}}


def test_targets_of_the_row_go_before_those_of_the_command() -> None:
    asked = ("the river treaty",)
    own = read_question(Record("a:1", {"text": "a", "targets": ["the port levy"]}), asked)
    none = read_question(Record("a:1", {"text": "a", "targets": []}), asked)
    without = read_question(Record("a:1", {"text": "a", "targets": None}), asked)
    found = [item.targets for item in (own, none, without) if isinstance(item, Question)]
    assert found == [("the port levy",), (), asked]


def test_numbers_are_ids_as_text_and_half_pairs_in_a_text_are_repaired() -> None:
    question = read_question(Record("a:1", {"text": "a\ud800  b", "id": 12}), None)
    assert question == Question(normalise("a\ud800 b"), None, "12")
