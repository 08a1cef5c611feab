"""The service without a server: whatever is sent, the documented answer, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from serving import schema
from serving.core import ServiceCore
from serving.failures import Failure
from serving.limits import Limits
from serving.middleware import answer_json
from serving.openapi import describe_api
from tests.serving.questions import AGAINST, ask

API = describe_api(Limits())["paths"]
NEVER = ("404", "405", "408", "415", "500", "503", "504")  # of a route that is there, a body, and models that answer
REFUSED = {
    path: {int(s) for s in API[path]["post"]["responses"]} - {200, *map(int, NEVER)}
    for path in API
    if "v1" in path and "post" in API[path]
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
# Marks that join what stands before them, changes of direction, halves of surrogate pairs, control characters, letters
# that grow under normalisation, and what pages of real newspapers are full of.
UGLY = st.text(
    st.sampled_from("\u0301\u200d\u202e\ufeff\u00ad\u0000\x1f\u2028\ud800\udfffﷺ\u1e9bİßﬁ👩🏽‍⚖️�’…\u00a0 eЖ中ا"),
    max_size=40,
)
TEXT = (
    UGLY
    | st.text(max_size=60)
    | st.builds(lambda ugly, at: AGAINST[:at] + ugly + AGAINST[at:], UGLY, st.integers(0, 60))
)
PASSAGE = st.fixed_dictionaries(
    {"text": TEXT | JSON},
    optional={"id": st.text(max_size=5) | JSON, "targets": st.lists(TEXT | JSON, max_size=4) | JSON},
)
REQUEST = st.fixed_dictionaries(
    {"passages": st.lists(PASSAGE | JSON, max_size=4) | JSON},
    optional={
        "tasks": st.lists(st.sampled_from(["topic", "stance"])) | JSON,
        "explain": st.booleans() | JSON,
    },
)
# What JSON nearly is: cut off, with a byte changed, or in another encoding.
NEARLY = st.builds(
    lambda data, at, byte, cut: data[: at % len(data)] + byte + data[at % len(data) + cut :],
    st.sampled_from([json.dumps({"passages": [{"id": "a", "text": AGAINST, "targets": ["b"]}]}).encode()]),
    st.integers(0, 200),
    st.binary(max_size=2),
    st.integers(0, 200),
) | st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "utf-7"]).map(
    lambda name: '{"passages": [{"text": "ä"}]}'.encode(name)
)

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def check_refusal(failure: Failure, path: str) -> None:
    assert failure.status in REFUSED[path]
    body = answer_json({"error": failure.error}).body
    assert schema.ErrorOut.model_validate_json(body).error.message
    assert set(failure.error) <= {"code", "message", "where"}


def check_any(core: ServiceCore, data: bytes) -> None:
    """Whatever was sent: an answer of the documented shape that can be written as JSON, or a Failure that can."""
    try:
        answer = core.predict(data)
    except Failure as failure:
        check_refusal(failure, "/v1/predict")
        return
    schema.PredictOut.model_validate_json(answer_json(answer).body)
    passages = json.loads(data)["passages"]
    assert len(answer["predictions"]) == len(passages)
    for passage, prediction in zip(passages, answer["predictions"], strict=True):
        if isinstance(passage, dict) and isinstance(passage.get("id"), str) and "error" not in prediction:
            assert prediction["id"] == passage["id"]


@settings(calm, max_examples=200)
@given(request=JSON | REQUEST, ascii_only=st.booleans())
def test_no_json_brings_anything_unexpected(core: ServiceCore, request: Any, ascii_only: bool) -> None:
    check_any(core, json.dumps(request, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))


@settings(calm, max_examples=300)
@given(data=st.binary(max_size=60) | NEARLY)
def test_no_bytes_bring_anything_unexpected(core: ServiceCore, data: bytes) -> None:
    check_any(core, data)


@settings(calm, max_examples=100)
@given(
    data=st.binary(min_size=1, max_size=200) | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")),
    document=st.text(max_size=10),
    targets=st.lists(TEXT, max_size=3),
    charset=st.none()
    | st.sampled_from(["utf-8", "koi8-r", "utf-16", "nonsense", "unicode_escape", "idna", "rot13", "zlib"])
    | st.text(max_size=8),
)
def test_no_page_brings_anything_unexpected(
    core: ServiceCore, data: bytes, document: str, targets: list[str], charset: str | None
) -> None:
    try:
        answer = core.pages(data, document, targets, charset)
    except Failure as failure:
        check_refusal(failure, "/v1/pages")
    else:
        schema.PagesOut.model_validate_json(answer_json(answer).body)


# Among others


def judge_alone(core: ServiceCore, passage: Any) -> dict[str, Any]:
    """Return what stands in the passage's place when it is asked alone, its error included."""
    try:
        [prediction] = ask(core, passage)["predictions"]
    except Failure as failure:
        return {"error": failure.error}
    return dict(prediction)


def check_alike(alone: dict[str, Any], among: dict[str, Any]) -> None:
    if "error" in alone:
        assert among["error"]["code"] == alone["error"]["code"]
        assert among["error"]["message"] == alone["error"]["message"]
        return
    assert {k: v for k, v in among.items() if k not in ("topics", "stances")} == {
        k: v for k, v in alone.items() if k not in ("topics", "stances")
    }
    chances = {row["topic"]: row["probability"] for row in alone["topics"]}
    assert {row["topic"]: row["probability"] for row in among["topics"]} == pytest.approx(chances, abs=1e-4)
    decided = [sorted(row["topic"] for row in answer["topics"] if row["decided"]) for answer in (alone, among)]
    assert decided[0] == decided[1]
    for one, other in zip(alone["stances"], among["stances"], strict=True):
        assert (one["target"], one["stance"], one["abstain"]) == (other["target"], other["stance"], other["abstain"])
        assert other["probabilities"] == pytest.approx(one["probabilities"], abs=1e-4)


@settings(calm, max_examples=100)
@given(passages=st.lists(PASSAGE | JSON, min_size=2, max_size=6), data=st.data())
def test_an_item_is_answered_alike_alone_and_among_good_and_bad_ones(
    core: ServiceCore, passages: list[Any], data: st.DataObject
) -> None:
    """Order and count are kept, and what is wrong with one says nothing of the others."""
    alone = [judge_alone(core, passage) for passage in passages]
    assume(not all("error" in answer for answer in alone))  # that is refused as a whole
    order = data.draw(st.permutations(range(len(passages))))
    among = ask(core, *(passages[row] for row in order))["predictions"]
    assert len(among) == len(passages)
    for row, prediction in zip(order, among, strict=True):
        check_alike(alone[row], prediction)
