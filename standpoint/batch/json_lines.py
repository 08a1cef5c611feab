"""Rows of a JSON Lines file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from standpoint.batch.record import ROW_LIMIT, Record, name_place

_MARK = b"\xef\xbb\xbf"  # Windows editors put it at the start of UTF-8


def read_json_lines(path: Path) -> Iterator[Record]:
    """Yield the lines that are not blank. Only the line feed ends a line, so U+2028 may stand inside a text."""
    for number, line, whole in _iterate_lines(path):
        where = name_place(path, number)
        if whole:
            yield _parse_line(line, where)
        else:
            yield Record(where, None, f"is longer than {ROW_LIMIT:,} bytes; each line is one passage")


def count_lines(path: Path) -> int:
    """Return how many rows `read_json_lines` yields."""
    return sum(1 for _ in _iterate_lines(path))


def _iterate_lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (number, line, whether it is whole) of every line that is not blank."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(ROW_LIMIT):
            number += 1
            whole = line.endswith(b"\n") or len(line) < ROW_LIMIT
            if not whole:
                _skip_line(file)
            if number == 1:
                line = line.removeprefix(_MARK)
            if line.strip():
                yield number, line, whole


def _skip_line(file: IO[bytes]) -> None:
    while (piece := file.readline(ROW_LIMIT)) and not piece.endswith(b"\n"):
        continue


def _parse_line(line: bytes, where: str) -> Record:
    try:
        content = json.loads(line.decode("utf-8"), object_pairs_hook=_refuse_twins)
    except UnicodeDecodeError as error:
        return Record(where, None, f"is not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8")
    except json.JSONDecodeError as error:
        return Record(where, None, f"is not JSON ({error.msg}, column {error.colno}); each line is one object")
    except _Twins as error:
        return Record(where, None, f"the field {error} stands twice in one object")
    except (ValueError, RecursionError):
        return Record(where, None, "holds a number too long or is nested too deep; each line is one flat object")
    if not isinstance(content, dict):
        return Record(where, None, f"expected a JSON object, found {type(content).__name__}")
    return Record(where, content)


class _Twins(Exception):
    pass


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twins(repr(next(name for name in names if names.count(name) > 1))[:60])
    return content
