"""The service without a server: what it refuses, and how it says so."""

from pathlib import Path
from typing import Any

import pytest

from serving.core import ServiceCore
from serving.failures import Failure
from serving.limits import Limits
from serving.models import ModelStore
from tests.serving.questions import ask, refuse


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "empty_body"),
        (b" \n", 400, "empty_body"),
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe{}", 400, "not_utf8"),
        (b'{"passages": [{"text": "\xe9"}]}', 400, "not_utf8"),
        (b'{"passages": [{"text": NaN}]}', 400, "malformed_json"),
        (b'{"passages": [{"text": "a", "text": "b"}]}', 400, "malformed_json"),
        (b'{"passages": [' + b"9" * 5000 + b"]}", 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (b'{"a":' * 100_000, 400, "malformed_json"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"passages": []}', 422, "invalid"),
        (b'{"passages": {}}', 422, "invalid"),
        (b'{"passages": ["a"]}', 422, "invalid"),
        (b'{"passages": [{"text": 3}]}', 422, "invalid"),
        (b'{"passages": [{"id": 3, "text": "a"}]}', 422, "invalid"),
        (b'{"passages": [{"text": "a", "targets": "b"}]}', 422, "invalid"),
        (b'{"passages": [{"text": "a", "targets": [3]}]}', 422, "invalid"),
        (b'{"passages": [{"text": "a", "targets": [" "]}]}', 422, "invalid"),
        (b'{"passages": [{"text": "a", "targets": ["\\ud800"]}]}', 422, "invalid"),
        (b'{"passages": [{"text": "a", "id": "\\ud800"}]}', 422, "invalid"),
        (b'{"passages": [{"text": "a", "title": "b"}]}', 422, "invalid"),
        (b'{"passages": [{"text": "a"}], "task": ["topic"]}', 422, "unknown_field"),
        (b'{"passages": [{"text": "a"}], "tasks": []}', 422, "invalid"),
        (b'{"passages": [{"text": "a"}], "tasks": "topic"}', 422, "invalid"),
        (b'{"passages": [{"text": "a"}], "tasks": ["mood"]}', 422, "invalid"),
        (b'{"passages": [{"text": "a"}], "tasks": [["topic"]]}', 422, "invalid"),
        (b'{"passages": [{"text": "a"}], "explain": "yes"}', 422, "invalid"),
        (b'{"passages": [{"text": "a"}], "explain": 1}', 422, "invalid"),
        (b'{"passages": [{"text": "a", "explain": true}]}', 422, "invalid"),
    ],
)
def test_a_bad_request_is_refused(core: ServiceCore, data: bytes, status: int, code: str) -> None:
    failure = refuse(core, data)
    assert (failure.status, failure.error["code"]) == (status, code)


@pytest.mark.parametrize(
    ("passage", "where", "message"),
    [
        ({"text": 3}, "passages[0].text", "expected a string, found a number"),
        ({}, "passages[0].text", "expected a string, found no such field"),
        ({"text": None}, "passages[0].text", "expected a string, found null"),
        ({"text": "a", "targets": [True]}, "passages[0].targets[0]", "expected a string, found a boolean"),
        ({"text": "a", "targets": {}}, "passages[0].targets", "expected a list of strings, found an object"),
        ({"text": "a", "txt": "b"}, "passages[0].txt", "unknown field; expected id, text, targets"),
        ({"text": "a", "id": []}, "passages[0].id", "expected a string, found a list"),
    ],
)
def test_a_wrong_field_is_named(core: ServiceCore, passage: dict[str, Any], where: str, message: str) -> None:
    error = refuse(core, {"passages": [passage]}).error
    assert (error["where"], error["message"]) == (where, message)


def test_limits_are_kept(store: ModelStore) -> None:
    core = ServiceCore(store, Limits(passages=2, passage_characters=5, targets=1, target_characters=4, id_characters=3))
    ask(core, {"text": "abcde", "id": "abc", "targets": ["abcd"]}, {"text": "a"})
    assert refuse(core, {"passages": [{"text": "a"}] * 3}).status == 413
    for passage in (
        {"text": "abcdef"},
        {"text": "a", "id": "abcd"},
        {"text": "a", "targets": ["b", "c"]},
        {"text": "a", "targets": ["abcde"]},
    ):
        failure = refuse(core, {"passages": [passage]})
        assert failure.status == 422
        assert "expected at most" in failure.error["message"]


def test_ten_thousand_passages_are_refused(core: ServiceCore) -> None:
    failure = refuse(core, {"passages": [{"text": "a"}] * 10_000})
    assert failure.status == 413
    assert failure.error["message"] == "expected at most 1000 passages, found 10000; send them in parts"


def test_a_task_without_model_is_refused(stance_artifact: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path, {"stance": stance_artifact})
    store.poll()
    core = ServiceCore(store, Limits())
    failure = refuse(core, {"passages": [{"text": "a"}], "tasks": ["topic"]})
    assert (failure.status, failure.error["code"]) == (503, "model_not_loaded")
    assert failure.headers["Retry-After"] == "10"
    assert "topics" not in ask(core, {"text": "a"})["predictions"][0]


def test_named_targets_without_stance_model_are_refused(topic_artifact: Path, tmp_path: Path) -> None:
    store = ModelStore(tmp_path, {"topic": topic_artifact})
    store.poll()
    core = ServiceCore(store, Limits())
    assert refuse(core, {"passages": [{"text": "a", "targets": ["b"]}]}).error["code"] == "model_not_loaded"
    assert set(ask(core, {"text": "a"})["model"]) == {"topic"}


def test_a_request_that_takes_too_long_is_ended(store: ModelStore) -> None:
    failure = refuse(ServiceCore(store, Limits(request_seconds=0)), {"passages": [{"text": "a"}]})
    assert (failure.status, failure.error["code"]) == (504, "timeout")


def test_a_page_with_too_many_passages_is_refused(store: ModelStore) -> None:
    page = "\n\n".join(f"Envoy number {n} defended the river treaty before the full council." for n in range(9))
    with pytest.raises(Failure, match="too_many_passages"):
        ServiceCore(store, Limits(passages=3)).pages(page.encode())


def test_an_empty_page_is_refused(core: ServiceCore) -> None:
    with pytest.raises(Failure, match="empty_body"):
        core.pages(b"")
