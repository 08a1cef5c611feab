"""Files between stages: JSON Lines read with their line numbers, files written whole or not at all, digests."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from standpoint.errors import BadInput


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank line: `content` holds its object, or is None and `problem` says what is wrong with it.

    `offset` is where it begins in the file, in bytes.
    """

    where: str
    number: int
    content: dict[str, Any] | None
    problem: str = ""
    offset: int = 0


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a JSON Lines file. Only the line feed ends a line, so U+2028 may stand inside a text.

    Broken lines come back with their problem; raises BadInput only where the file itself cannot be read.
    """
    offset = 0
    try:
        with path.open("rb") as handle:
            for number, raw in enumerate(handle, start=1):
                if not raw.isspace():
                    yield parse_line(raw, f"{path}:{number}", number, offset)
                offset += len(raw)
    except FileNotFoundError:
        raise BadInput("no such file", str(path)) from None
    except IsADirectoryError:
        raise BadInput("expected a JSON Lines file, found a folder", str(path)) from None


def parse_line(raw: bytes, where: str, number: int, offset: int = 0) -> Line:
    """Parse one line. What is sound takes the fast reader; the standard one finds the words for what is not.

    Whole numbers beyond 64 bits come as floats.
    """
    try:
        content = orjson.loads(raw)
    except ValueError:
        return _parse_slowly(raw, where, number, offset)
    if not isinstance(content, dict):
        return Line(where, number, None, f"expected a JSON object, found {type(content).__name__}", offset)
    return Line(where, number, content, "", offset)


def _parse_slowly(raw: bytes, where: str, number: int, offset: int) -> Line:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8"
        return Line(where, number, None, problem, offset)
    if text.startswith("\ufeff"):
        problem = "starts with a byte-order mark; save the file as UTF-8 without it"
        return Line(where, number, None, problem, offset)
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Line(where, number, None, "holds half of a surrogate pair; write the whole character", offset)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", type(error).__name__)
        column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return Line(where, number, None, f"is not JSON ({reason}{column}); each line is one object", offset)
    if not isinstance(content, dict):
        return Line(where, number, None, f"expected a JSON object, found {type(content).__name__}", offset)
    return Line(where, number, content, "", offset)


def read_objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (file:line, object) of a JSON Lines file; raises BadInput at the first broken line."""
    for line in read_lines(path):
        if line.content is None:
            raise BadInput(line.problem, line.where)
        yield line.where, line.content


def require_text(content: dict[str, Any], name: str, where: str) -> str:
    """Return the string `name` of an object; raises BadInput where it is missing, empty or of another type."""
    value = content.get(name)
    if isinstance(value, str) and value.strip():
        return value
    raise BadInput(f"expected a text {name!r}, found {describe(content, name)}", where)


def describe(content: dict[str, Any], name: str) -> str:
    """Return what stands in an object's field, short enough for an error message."""
    if name not in content:
        return "no such field"
    text = json.dumps(content[name], ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


@contextmanager
def open_replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file whole or not at all: under a temporary name in the same folder, renamed over `path` at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` over a file, whole or not at all."""
    with open_replacing(path) as handle:
        handle.write(content)


def move_file(path: Path, target: Path) -> None:
    """Move a finished file over `target` on the same disk, its content written through before its name is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
    path.replace(target)


def to_line(content: Any) -> str:
    """Return an object as one line of JSON: keys in the order given, no ASCII escapes."""
    return json.dumps(content, ensure_ascii=False)


def digest_bytes(content: bytes) -> str:
    """Return the sha256 of `content` in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """Return the sha256 of a file's content in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digest_lines(contents: Iterable[Any]) -> str:
    """Return the sha256 over the canonical JSON (sorted keys, no spaces) of each object, a line each."""
    digest = hashlib.sha256()
    for content in contents:
        line = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
