"""Keys: how they are made and read, who gets in with them, and that they come and go while the service runs."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import access
from serving.access import Keys, find_keys
from serving.limits import Limits
from serving.models import ModelStore
from serving.openapi import describe_api
from serving.page import render_page
from standpoint.access_keys import digest_key, make_key, read_keys
from standpoint.errors import BadInput
from tests.serving.application import ONE, check_error, run
from training.cli import main

OPEN = ("/", "/healthz", "/livez", "/readyz", "/metrics", "/openapi.json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.txt"


@pytest.fixture
def key(file: Path) -> str:
    """A key that the file knows, beside another one."""
    key, line = make_key("reader")
    file.write_text(f"# who may ask\n\n{make_key('other')[1]}\n{line}\n")
    return key


@pytest.fixture(autouse=True)
def _looks_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "CHECK_SECONDS", 0.0)


# The file


@given(name=st.from_regex("[A-Za-z0-9._-]{1,64}", fullmatch=True))
def test_a_line_is_read_as_it_was_made(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    key, line = make_key(name)
    file = tmp_path_factory.mktemp("keys") / "keys.txt"
    file.write_text(line, encoding="utf-8")
    assert read_keys(file) == (digest_key(key.encode()),)
    assert key not in line


@pytest.mark.parametrize("name", ["", "a b", "#a", "a\n", "é", "x" * 65])
def test_a_name_that_would_break_its_line_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="NAME: expected 1 to 64 of the characters"):
        make_key(name)


def test_the_digest_is_that_of_sha256sum() -> None:
    assert digest_key(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_no_two_keys_are_alike() -> None:
    assert len({make_key("a")[0] for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "line",
    ["secret", "secret sha256:abc", "secret md5:" + "a" * 64, "a secret sha256:" + "a" * 64, "é sha256:" + "a" * 64],
)
def test_a_broken_line_is_named_and_not_quoted(file: Path, line: str) -> None:
    file.write_text(f"{make_key('reader')[1]}\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"keys\.txt:2: expected NAME sha256:HEX") as caught:
        read_keys(file)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_refused(file: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_keys(file)
    file.write_bytes(b"\xff")
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_keys(file)


# Rotation


def test_keys_come_and_go_without_a_restart(file: Path, key: str) -> None:
    keys = Keys(file)
    assert keys.knows(key.encode())
    newer, line = make_key("reader")
    assert not keys.knows(newer.encode())
    file.write_text(file.read_text() + line)
    assert keys.knows(newer.encode())
    assert keys.knows(key.encode())
    file.write_text(line)
    assert keys.knows(newer.encode())
    assert not keys.knows(key.encode())
    file.write_text("# all are gone\n")
    assert not keys.knows(newer.encode())


@pytest.mark.parametrize("content", [b"broken-secret\n", b"\xff", None])
def test_a_broken_file_keeps_the_keys_and_says_so_once(
    file: Path, key: str, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    keys = Keys(file)
    assert keys.knows(key.encode())
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    for _ in range(3):
        assert keys.knows(key.encode())
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "refused, those read before go on (2)" in record.getMessage()
    assert "broken-secret" not in record.getMessage()


def test_a_file_that_was_never_good_lets_nobody_in(file: Path) -> None:
    keys = Keys(file)
    assert not keys.knows(b"")
    key, line = make_key("reader")
    file.write_text(line)
    assert keys.knows(key.encode())


def test_the_file_is_looked_at_once_in_a_while(file: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys(file)
    assert keys.knows(key.encode())
    monkeypatch.setattr(access, "CHECK_SECONDS", 3600.0)
    file.write_text("")
    assert keys.knows(key.encode())


def test_nobody_is_asked_where_no_file_is_named() -> None:
    assert find_keys({"STANDPOINT_KEYS": ""}) is None
    assert find_keys({}) is None


# Requests


def test_only_what_is_under_v1_wants_a_key(store: ModelStore, file: Path, key: str) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        for path in OPEN:
            assert (await client.get(path)).status_code == 200, path
        for method, path in (
            ("POST", "/v1/predict"),
            ("POST", "/v1/pages"),
            ("GET", "/v1/model"),
            ("DELETE", "/v1/model"),
            ("OPTIONS", "/v1/predict"),
            ("GET", "/v1/nothing"),
        ):
            refused = await client.request(method, path, content=b"A page.")
            check_error(refused, 401, "unauthorized")
            assert refused.headers["www-authenticate"] == "Bearer"
            assert (await client.request(method, path, headers={"X-API-Key": key})).status_code != 401

    run(store, scenario, keys=Keys(file))


def test_a_key_is_taken_from_either_header(store: ModelStore, file: Path, key: str) -> None:
    async def scenario(client: httpx.AsyncClient) -> None:
        for headers, status in (
            ({"Authorization": f"Bearer {key}"}, 200),
            ({"Authorization": f"bearer  {key} "}, 200),
            ({"X-API-Key": key}, 200),
            ({"Authorization": "Basic YTpi", "X-API-Key": key}, 200),
            ({"Authorization": "Bearer", "X-API-Key": key}, 200),
            ({"Authorization": key}, 401),
            ({"Authorization": f"Basic {key}"}, 401),
            ({"Authorization": f"Bearer {key}x"}, 401),
            ({"X-API-Key": key[:-1]}, 401),
            ({"X-API-Key": digest_key(key.encode())}, 401),
            ({"X-API-Key": "é".encode()}, 401),
            ({"X-API-Key": ""}, 401),
        ):
            assert (await client.post("/v1/predict", json=ONE, headers=headers)).status_code == status, headers

    run(store, scenario, keys=Keys(file))


def test_who_has_no_key_takes_no_place(store: ModelStore, file: Path, key: str) -> None:
    """A body is neither waited for nor read before the key was looked at."""

    async def scenario(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/v1/predict", content=b"x" * 2000)

    check_error(run(store, scenario, Limits(body_bytes=1000), keys=Keys(file)), 401, "unauthorized")


# What is said of it


def test_openapi_describes_the_keys_where_they_are_asked_for() -> None:
    plain, guarded = describe_api(Limits()), describe_api(Limits(), with_keys=True)
    assert "401" not in render_page(plain)
    assert "securitySchemes" not in plain["components"]
    assert set(guarded["components"]["securitySchemes"]) == {"bearer", "key"}
    for path, methods in guarded["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) == ("401" in operation["responses"]) == path.startswith("/v1/")
    answer = guarded["paths"]["/v1/predict"]["post"]["responses"]["401"]
    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorOut")
    assert "WWW-Authenticate" in answer["headers"]


def test_a_key_is_shown_once_and_its_line_goes_to_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "reader"]) == 0
    shown = capsys.readouterr()
    name, digest = shown.out.split()
    key = shown.err.splitlines()[0].rpartition(" ")[2]
    assert (name, digest) == ("reader", f"sha256:{digest_key(key.encode())}")


def test_a_name_that_fits_no_line_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "a b"]) == 2
    assert "NAME: expected 1 to 64 of the characters" in capsys.readouterr().err


def test_serving_others_without_keys_ends_with_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STANDPOINT_KEYS", raising=False)
    assert main(["serve", "--host", "0.0.0.0", "--port", "0"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "0.0.0.0 can be reached from other machines" in line
    assert "--open" in line
