"""The OpenAPI document: whole, true of the real routes, with examples that the real service answers as it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from typing import Any

import httpx
import pytest

from serving import api_examples, schema
from serving.accept import LINES
from serving.failures import Failure
from serving.limits import Limits
from serving.metrics import Metrics
from serving.openapi import describe_api
from serving.page import render_page
from serving.routes import Routes
from standpoint.service_process import ServiceProcess

DOCUMENT = describe_api(Limits())
OPERATIONS = [
    (path, method, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]
MASK = "probabilities", "topics", "labels", "metrics", "targets"  # objects whose keys are names, not fields


def test_it_describes_the_real_routes() -> None:
    described = {(path, method.upper()) for path, method, _ in OPERATIONS}
    real = {(path, method) for path, method, _ in Routes(Limits(), Metrics()).table()}
    assert described == real - {("/", "GET"), ("/healthz", "GET"), ("/openapi.json", "GET")}


def test_it_is_whole() -> None:
    document = describe_api(Limits(passages=7))
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}:
        assert reference in document["components"]["schemas"]
    assert document["components"]["schemas"]["PredictIn"]["properties"]["passages"]["maxItems"] == 7


def test_it_lists_the_statuses_of_each_route() -> None:
    guarded = describe_api(Limits(), with_keys=True)["paths"]
    body = ["200", "400", "401", "408", "413", "415", "422", "500", "503", "504"]
    assert list(guarded["/v1/predict"]["post"]["responses"]) == body
    assert list(guarded["/v1/pages"]["post"]["responses"]) == body
    assert list(guarded["/v1/model"]["get"]["responses"]) == ["200", "401", "500", "503"]
    assert list(guarded["/readyz"]["get"]["responses"]) == ["200", "500", "503"]
    for _, _, operation in OPERATIONS:
        assert "401" not in operation["responses"]
        for status, answer in operation["responses"].items():
            assert ("Retry-After" in answer.get("headers", {})) == (status == "503")


def test_it_says_what_may_change_and_that_all_may_be_repeated() -> None:
    description = DOCUMENT["info"]["description"]
    for word in ("Idempotency-Key", "/v2", "Deprecation (RFC 9745)", "Sunset (RFC 8594)", "180 days"):
        assert word in description
    for path in ("/v1/predict", "/v1/pages"):
        assert "Idempotency-Key" in [row["name"] for row in DOCUMENT["paths"][path]["post"]["parameters"]]


# Examples, asked of the real service


def mask(value: Any, field: str = "") -> Any:
    """Return the shape of an answer: fields as they are, names of labels and all values by their type."""
    if isinstance(value, list):
        return {json.dumps(mask(item), sort_keys=True) for item in value}
    if isinstance(value, dict):
        rows = {("*" if field in MASK else key): mask(part, key) for key, part in value.items()}
        return {key: sorted(row) if isinstance(row, set) else row for key, row in rows.items()}
    return type(value).__name__ if not isinstance(value, float) else "number"


def shape(value: Any) -> str:
    return json.dumps(mask(value), sort_keys=True)


def find_examples(content: dict[str, Any], kind: str = "application/json") -> dict[str, Any]:
    return {name: example["value"] for name, example in content.get(kind, {}).get("examples", {}).items()}


@pytest.mark.parametrize("name", sorted(api_examples.REQUESTS))
def test_an_example_of_predict_is_answered_as_it_says(service: ServiceProcess, name: str) -> None:
    operation = DOCUMENT["paths"]["/v1/predict"]["post"]
    request = find_examples(operation["requestBody"]["content"])[name]
    headers = {"Idempotency-Key": "one-and-the-same"}
    url = f"{service.url}/v1/predict"
    answers = [httpx.post(url, json=request, headers=headers, timeout=60, trust_env=False) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    [(status, documented)] = [
        (status, found[name])
        for status, response in operation["responses"].items()
        if name in (found := find_examples(response["content"]))
    ]
    assert str(answers[0].status_code) == status
    answer = answers[0].json()
    assert shape(answer) == shape(documented)
    # What is wrong is said in the very words; what a model says is its own.
    assert [p.get("error") for p in answer.get("predictions", [])] == [
        p.get("error") for p in documented.get("predictions", [])
    ]
    assert answer.get("error") == documented.get("error")
    (schema.PredictOut if status == "200" else schema.ErrorOut).model_validate(documented)


def test_the_example_of_pages_is_answered_as_it_says(service: ServiceProcess) -> None:
    operation = DOCUMENT["paths"]["/v1/pages"]["post"]
    params = {row["name"]: row["example"] for row in operation["parameters"] if "example" in row}
    page = find_examples(operation["requestBody"]["content"], "text/html")["page"]
    headers = {"Content-Type": "text/html"}
    url = f"{service.url}/v1/pages"
    whole = httpx.post(url, content=page, params=params, headers=headers, timeout=60, trust_env=False)
    documented = operation["responses"]["200"]["content"]
    example = find_examples(documented)["page"]
    assert shape(whole.json()) == shape(example)
    schema.PagesOut.model_validate(example)
    assert whole.json()["dropped"] == example["dropped"]
    spans = [(row["start"], row["end"], row["text"]) for row in whole.json()["passages"]]
    assert spans == [(row["start"], row["end"], row["text"]) for row in example["passages"]]
    accept = {**headers, "Accept": LINES}
    lines = httpx.post(url, content=page, params=params, headers=accept, timeout=60, trust_env=False)
    assert lines.headers["content-type"] == LINES
    told = find_examples(documented, LINES)["page"]
    assert [shape(json.loads(line)) for line in lines.text.splitlines()] == [
        shape(json.loads(line)) for line in told.splitlines()
    ]


@pytest.mark.parametrize("path", ["/readyz", "/livez"])
def test_an_example_of_health_is_answered_as_it_says(service: ServiceProcess, path: str) -> None:
    [example] = find_examples(DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]).values()
    answer = httpx.get(f"{service.url}{path}", trust_env=False)
    assert answer.status_code == 200
    assert shape(answer.json()) == shape(example)


def test_every_error_has_an_example_in_the_one_shape() -> None:
    for _, _, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            content = response["content"].get("application/json", {})
            if status != "200":
                examples = (
                    [content["example"]] if "example" in content else [*find_examples(response["content"]).values()]
                )
                assert examples
                for example in examples:
                    schema.ErrorOut.model_validate(example)
    assert Failure(503, *api_examples.ERRORS["503"]).error["code"] == "overloaded"


# The page for people


def test_the_page_needs_no_network() -> None:
    page = render_page(describe_api(Limits(), with_keys=True))
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page


def test_the_page_shows_every_route_with_its_statuses() -> None:
    page = render_page(DOCUMENT)
    for path, method, operation in OPERATIONS:
        assert f'<code class="{method}">{method.upper()} {path}</code></h2>' in page
        for answer in operation["responses"].values():
            assert answer["description"] in unescape(page)
    assert "STANDPOINT_KEY" not in page
    assert "STANDPOINT_KEY" in render_page(describe_api(Limits(), with_keys=True))


def test_the_commands_of_the_page_run_as_they_stand(service: ServiceProcess) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("the page needs bash and curl")
    page = httpx.get(f"{service.url}/", trust_env=False).text
    commands = [unescape(text) for text in re.findall(r"<pre>(curl .*?)</pre>", page, re.DOTALL)]
    assert len(commands) == len(api_examples.REQUESTS) + 5
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment["STANDPOINT_URL"] = service.url
    for command in commands:
        found = subprocess.run(
            ["bash", "-ceu", command.replace("curl ", "curl --silent --show-error ", 1)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, found.stderr
        if "/metrics" in command:
            assert "standpoint_http_requests_total" in found.stdout
        else:
            assert ("error" in json.loads(found.stdout)) == ('{"id": "p1", "text": " "}' in command)
