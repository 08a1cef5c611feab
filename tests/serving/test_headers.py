"""What stands in the head of every answer: ids, and what browsers are told."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import httpx
import pytest

from serving.access import Keys
from serving.models import ModelStore
from serving.settings import read_origins
from standpoint.access_keys import make_key
from standpoint.errors import BadInput
from tests.serving.application import ONE, check_error, run

APP, STRANGER = "https://app.example.org", "https://elsewhere.example.org"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


def test_every_answer_has_the_headers(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        for method, path, status in (
            ("GET", "/", 200),
            ("GET", "/livez", 200),
            ("GET", "/metrics", 200),
            ("GET", "/v1/model", 200),
            ("GET", "/nothing", 404),
            ("GET", "/v1/predict", 405),
            ("POST", "/v1/predict", 400),
        ):
            answer = await client.request(method, path)
            assert answer.status_code == status
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers.get("cache-control") == ("no-store" if path.startswith("/v1/") else None)
            assert ("content-security-policy" in answer.headers) == (path == "/")
            assert "access-control-allow-origin" not in answer.headers

    run(store, scenario)


def test_the_page_keeps_to_its_own_policy(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/")

    page = run(store, scenario)
    [style] = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not re.search(r"\sstyle=|<script|<img|<link|\ssrc=", page.text)  # the policy would stop them


# Request ids


@pytest.mark.parametrize("given", ["a", "3f-2._B", "x" * 64])
def test_a_request_keeps_its_id(store: ModelStore, given: str) -> None:
    async def scenario(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/nothing", headers={"X-Request-ID": given})

    assert run(store, scenario).headers["x-request-id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", "a\nb", "é", "a;b"])
def test_a_request_without_a_good_id_gets_one(store: ModelStore, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given.encode()}

    async def scenario(client: httpx.AsyncClient) -> list[str]:
        return [(await client.get("/livez", headers=headers)).headers["x-request-id"] for _ in range(2)]

    first, second = run(store, scenario)
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


# Other origins


def test_a_preflight_is_answered_without_a_key(store: ModelStore, tmp_path: Path) -> None:
    key, line = make_key("reader")
    (tmp_path / "keys.txt").write_text(line)

    async def scenario(client: httpx.AsyncClient) -> None:
        asked = await client.options("/v1/predict", headers={**PREFLIGHT, "Origin": APP})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == APP
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert "access-control-allow-credentials" not in asked.headers
        refused = await client.post("/v1/predict", json=ONE, headers={"Origin": APP})
        check_error(refused, 401, "unauthorized")
        assert refused.headers["access-control-allow-origin"] == APP  # else the page could not read why
        headers = {"Origin": APP, "Authorization": f"Bearer {key}"}
        answered = await client.post("/v1/predict", json=ONE, headers=headers)
        assert answered.status_code == 200
        assert answered.headers["access-control-allow-origin"] == APP
        assert "X-Request-ID" in answered.headers["access-control-expose-headers"]
        for header in ("idempotency-key", "traceparent", "tracestate", "x-api-key", "x-request-id"):
            asked = {**PREFLIGHT, "Origin": APP, "Access-Control-Request-Headers": header}
            assert (await client.options("/v1/pages", headers=asked)).status_code == 200

    run(store, scenario, keys=Keys(tmp_path / "keys.txt"), origins=(APP,))


def test_another_origin_is_refused_in_our_shape(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        for headers in (
            {**PREFLIGHT, "Origin": STRANGER},
            {**PREFLIGHT, "Origin": APP, "Access-Control-Request-Method": "DELETE"},
            {**PREFLIGHT, "Origin": APP, "Access-Control-Request-Headers": "x-zeppelin"},
        ):
            refused = await client.options("/v1/predict", headers=headers)
            check_error(refused, 400, "cors_refused")
            assert refused.headers["x-content-type-options"] == "nosniff"
            assert "zeppelin" not in refused.text
        answered = await client.post("/v1/predict", json=ONE, headers={"Origin": STRANGER})
        assert "access-control-allow-origin" not in answered.headers
        elsewhere = await client.get("/readyz", headers={"Origin": APP})
        assert "access-control-allow-origin" not in elsewhere.headers

    run(store, scenario, origins=(APP,))


def test_without_a_list_nothing_changes(store: ModelStore) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        asked = await client.options("/v1/predict", headers={**PREFLIGHT, "Origin": APP})
        check_error(asked, 405, "method_not_allowed")
        assert "vary" not in asked.headers

    run(store, scenario)


def test_origins_are_read_from_a_list() -> None:
    assert read_origins({}) == read_origins({"STANDPOINT_CORS": " ,"}) == ()
    listed = f"{APP}, http://127.0.0.1:8080,http://[::1]:80"
    assert read_origins({"STANDPOINT_CORS": listed}) == (APP, "http://127.0.0.1:8080", "http://[::1]:80")


@pytest.mark.parametrize("origin", ["*", "null", "app.example.org", f"{APP}/", "https://App.example.org", "ftp://a"])
def test_what_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(BadInput, match=r"STANDPOINT_CORS: expected origins as https://app\.example\.org"):
        read_origins({"STANDPOINT_CORS": f"{APP},{origin}"})
