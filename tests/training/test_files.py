"""Lines of JSON: what the fast reader takes is what the standard one reads; files are written whole or not at all."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from training.files import Line, _parse_slowly, open_replacing, parse_line, read_lines
from training.workers import run_chunks

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def _read(raw: bytes) -> tuple[Line, Line]:
    return parse_line(raw, "a.jsonl:1", 1), _parse_slowly(raw, "a.jsonl:1", 1, 0)


@given(VALUES, st.booleans())
def test_both_readers_agree_on_json(value: object, ascii: bool) -> None:
    fast, slow = _read(json.dumps(value, ensure_ascii=ascii).encode("utf-8", "replace"))
    assert fast == slow


@given(st.binary(max_size=30) | st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=300)
def test_both_readers_agree_on_rubbish(raw: bytes) -> None:
    assume(not re.search(rb"\d{19}", raw))  # beyond 64 bits the fast reader sees a float
    fast, slow = _read(raw)
    assert fast == slow


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
        (b'{"\\udc00": 1}', "half of a surrogate pair"),
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        (b'{"a": "\xed\xa0\x80"}', "is not UTF-8"),
        (b'{"a": "\n"}', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"7", "expected a JSON object, found int"),
    ],
)
def test_broken_lines_say_what_is_wrong(raw: bytes, problem: str) -> None:
    assert problem in parse_line(raw, "a.jsonl:1", 1).problem


def test_lines_know_where_they_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"a": "é"}\n\n \n{"b": 1}\r\nx'.encode())
    content = path.read_bytes()
    found = list(read_lines(path))
    assert [line.number for line in found] == [1, 4, 5]
    for line in found:
        assert parse_line(content[line.offset :].split(b"\n")[0], line.where, line.number, line.offset) == line


def _write_half(path: Path) -> None:
    with open_replacing(path) as handle:
        handle.write(b"two")
        raise OSError("the disk is full")


def test_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    with open_replacing(path) as handle:
        handle.write(b"one")
    with pytest.raises(OSError, match="the disk is full"):
        _write_half(path)
    assert path.read_bytes() == b"one"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("workers", [1, 2])
def test_chunks_come_back_in_order(workers: int) -> None:
    assert list(run_chunks(str, range(23), workers)) == [str(number) for number in range(23)]


@pytest.mark.parametrize("workers", [1, 2])
def test_error_in_a_chunk_ends_the_run(workers: int) -> None:
    found = run_chunks(int, [*map(str, range(8)), "x", "9"], workers)
    assert [next(found) for _ in range(8)] == list(range(8))
    with pytest.raises(ValueError, match="invalid literal"):
        next(found)
