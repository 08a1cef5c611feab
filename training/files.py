"""Files between stages: JSON Lines read with their line numbers, files written whole or not at all, digests."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput


@dataclass(frozen=True, slots=True)
class Line:
    """One non-blank line: `content` holds its object, or is None and `problem` says what is wrong with it."""

    where: str
    number: int
    content: dict[str, Any] | None
    problem: str = ""


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a JSON Lines file. Only the line feed ends a line, so U+2028 may stand inside a text.

    Broken lines come back with their problem; raises BadInput only where the file itself cannot be read.
    """
    try:
        with path.open("rb") as handle:
            for number, raw in enumerate(handle, start=1):
                if raw.strip():
                    yield _parse_line(raw, f"{path}:{number}", number)
    except FileNotFoundError:
        raise BadInput("no such file", str(path)) from None
    except IsADirectoryError:
        raise BadInput("expected a JSON Lines file, found a folder", str(path)) from None


def _parse_line(raw: bytes, where: str, number: int) -> Line:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Line(where, number, None, f"is not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8")
    if text.startswith("\ufeff"):
        return Line(where, number, None, "starts with a byte-order mark; save the file as UTF-8 without it")
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Line(where, number, None, "holds half of a surrogate pair; write the whole character")
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", type(error).__name__)
        column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return Line(where, number, None, f"is not JSON ({reason}{column}); each line is one object")
    if not isinstance(content, dict):
        return Line(where, number, None, f"expected a JSON object, found {type(content).__name__}")
    return Line(where, number, content)


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


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: under a temporary name in the same folder, then renamed over `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def to_line(content: Any) -> str:
    """Return an object as one line of JSON: keys in the order given, no ASCII escapes."""
    return json.dumps(content, ensure_ascii=False)


def digest_bytes(content: bytes) -> str:
    """Return the sha256 of `content` in hex."""
    return hashlib.sha256(content).hexdigest()


def digest_lines(contents: Iterable[Any]) -> str:
    """Return the sha256 over the canonical JSON (sorted keys, no spaces) of each object, a line each."""
    digest = hashlib.sha256()
    for content in contents:
        line = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
