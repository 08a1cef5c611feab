"""The real service, as a process of its own: every route, what it refuses, and that it goes on answering."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving import schema
from standpoint.models_folder import NAMES
from standpoint.service_process import ServiceProcess

MARKER = "quokka-parliament"  # stands in every text, name and number that these tests send
PASSAGE = {"id": f"id-{MARKER}", "text": f"Shipowners condemned the port levy before the {MARKER}."}
STANCE = NAMES["stance"]


@pytest.fixture
def client(service: ServiceProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=60, trust_env=False) as client:
        yield client


def check_answers(client: httpx.Client) -> dict[str, Any]:
    response = client.post("/v1/predict", json={"passages": [{**PASSAGE, "targets": ["the port levy", MARKER]}]})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    schema.PredictOut.model_validate(answer)
    assert answer["predictions"][0]["stances"][0]["stance"] == "against"
    return answer


def test_every_route_answers(client: httpx.Client) -> None:
    check_answers(client)
    schema.ModelOut.model_validate(client.get("/v1/model").json())
    schema.ReadyOut.model_validate(client.get("/readyz").json())
    for path in ("/livez", "/healthz"):
        assert client.get(path).json() == {"live": True}
    assert "/v1/predict" in client.get("/openapi.json").json()["paths"]
    assert "POST /v1/predict" in client.get("/").text
    assert client.head("/livez").status_code == 200
    metrics = client.get("/metrics").text
    assert 'standpoint_http_requests_total{method="POST",route="/v1/predict",status="200"}' in metrics
    assert MARKER not in metrics


def test_an_answer_says_which_words_drove_it(client: httpx.Client) -> None:
    body = {"passages": [{**PASSAGE, "targets": ["the port levy", MARKER]}], "tasks": ["stance"], "explain": True}
    response = client.post("/v1/predict", json=body)
    assert response.status_code == 200
    answer = schema.PredictOut.model_validate(response.json())
    assert isinstance(answer.predictions[0], schema.Prediction)
    for stance in answer.predictions[0].stances or []:
        assert stance.words
        assert all(str(PASSAGE["text"])[word.start : word.end] == word.text for word in stance.words)
    levy = response.json()["predictions"][0]["stances"][0]
    assert {word["text"]: word["weight"] for word in levy["words"]}["condemned"] > 0


def test_a_page_is_cut_and_judged(client: httpx.Client) -> None:
    page = f"{PASSAGE['text']}\r\n\r\nДелегации приветствовали договор о реке и {MARKER}.\r\n"
    response = client.post(
        "/v1/pages",
        content=page.encode("koi8-r"),
        params={"target": ["the port levy", MARKER], "document": f"{MARKER}.txt"},
        headers={"Content-Type": "text/plain; charset=koi8-r"},
    )
    assert response.status_code == 200
    answer = schema.PagesOut.model_validate(response.json())
    assert answer.passages[0].text == PASSAGE["text"]
    assert answer.passages[0].document == f"{MARKER}.txt"
    assert [row.target for row in answer.passages[0].stances or []] == ["the port levy", MARKER]
    assert answer.passages[1].encoding == "koi8-r"
    assert "Делегации" in answer.passages[1].text


TWO_MEGABYTES = f"{MARKER} ".encode() * (2_000_000 // (len(MARKER) + 1) + 1)
JSON = {"Content-Type": "application/json"}
REFUSALS: list[tuple[str, dict[str, Any], int, str]] = [
    ("/v1/predict", {"content": b"", "headers": JSON}, 400, "empty_body"),
    ("/v1/predict", {"content": b'{"' + MARKER.encode(), "headers": JSON}, 400, "malformed_json"),
    (
        "/v1/predict",
        {"content": b'{"passages": [{"text": "' + b"\xff" + MARKER.encode(), "headers": JSON},
        400,
        "not_utf8",
    ),
    ("/v1/predict", {"content": b"[" * 50_000, "headers": JSON}, 400, "malformed_json"),
    ("/v1/predict", {"json": {"passages": MARKER}}, 422, "invalid"),
    ("/v1/predict", {"json": {"passages": []}}, 422, "invalid"),
    ("/v1/predict", {"json": {"passages": [{"text": [MARKER]}]}}, 422, "invalid"),
    ("/v1/predict", {"json": {"passages": [{**PASSAGE, MARKER: 1}]}}, 422, "invalid"),
    ("/v1/predict", {"json": {"passages": [PASSAGE], MARKER: 1}}, 422, "unknown_field"),
    ("/v1/predict", {"json": {"passages": [PASSAGE], "tasks": [MARKER]}}, 422, "invalid"),
    ("/v1/predict", {"json": {"passages": [PASSAGE], "explain": MARKER}}, 422, "invalid"),
    ("/v1/predict", {"json": {"passages": [PASSAGE] * 100, "explain": True}}, 413, "too_many_explanations"),
    ("/v1/predict", {"json": {"passages": [PASSAGE] * 10_000}}, 413, "too_many_passages"),
    ("/v1/predict", {"json": {"passages": [{"text": TWO_MEGABYTES.decode()}]}}, 413, "too_large"),
    ("/v1/predict", {"json": {"passages": [{"text": MARKER * 2_000}]}}, 422, "invalid"),
    ("/v1/predict", {"data": {"passages": MARKER}}, 400, "malformed_json"),
    ("/v1/predict", {"content": b"x", "headers": {**JSON, "Content-Encoding": "gzip"}}, 415, "unsupported_encoding"),
    ("/v1/pages", {"content": b""}, 400, "empty_body"),
    ("/v1/pages", {"content": TWO_MEGABYTES}, 413, "too_large"),
    ("/v1/pages", {"content": b"A page.", "params": {"target": " "}}, 422, "invalid"),
    ("/v1/pages", {"content": b"A page.", "params": {MARKER: "a"}}, 422, "unknown_field"),
    (f"/v1/{MARKER}", {"content": b"x"}, 404, "not_found"),
    ("/v1/predict/", {"json": {"passages": [PASSAGE]}}, 404, "not_found"),
    ("/schema.json", {"content": b"x"}, 404, "not_found"),
    ("/v1/model", {"content": MARKER.encode()}, 405, "method_not_allowed"),
    ("/readyz", {"content": MARKER.encode()}, 405, "method_not_allowed"),
]


@pytest.mark.parametrize(("path", "request_", "status", "code"), REFUSALS)
def test_a_refusal_has_the_one_shape_and_the_service_goes_on(
    client: httpx.Client, path: str, request_: dict[str, Any], status: int, code: str
) -> None:
    response = client.post(path, **request_)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    schema.ErrorOut.model_validate(response.json())
    assert response.headers["content-type"] == "application/json"
    assert "Traceback" not in response.text
    if status == 405:
        assert response.headers["allow"] == "GET, HEAD"
    check_answers(client)


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/pages"])
def test_two_megabytes_in_chunks_are_refused(client: httpx.Client, path: str) -> None:
    parts = (TWO_MEGABYTES[start : start + 65_536] for start in range(0, len(TWO_MEGABYTES), 65_536))
    response = client.post(path, content=parts, headers=JSON)
    assert response.status_code == 413
    check_answers(client)


def test_a_client_that_sends_all_before_it_listens_gets_its_answer(service: ServiceProcess) -> None:
    connection = http.client.HTTPConnection(service.host, service.port, timeout=60)
    connection.request("POST", "/v1/predict", body=TWO_MEGABYTES, headers=JSON)
    assert connection.getresponse().status == 413
    connection.close()


def test_some_invalid_passages_are_answered_in_their_place(client: httpx.Client) -> None:
    response = client.post("/v1/predict", json={"passages": [PASSAGE, {"text": ""}, PASSAGE]})
    assert response.status_code == 200
    assert response.json()["predictions"][1]["error"]["where"] == "passages[1].text"


def test_nothing_of_a_request_is_in_the_log(client: httpx.Client, service_log: Path) -> None:
    """Every kind of request once more, whatever ran before, and then a look into the log."""
    check_answers(client)
    for path, request, _, _ in REFUSALS:
        client.post(path, **request)
    client.get(f"/{MARKER}", params={MARKER: MARKER}, headers={"X-Note": MARKER, "User-Agent": MARKER})
    log = service_log.read_text()
    assert "POST /v1/predict 200" in log  # the log is kept, and this is it
    assert MARKER not in log
    assert "Traceback" not in log
