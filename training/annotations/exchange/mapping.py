"""Which columns of a table are ours: names given, names alike, constants, and labels under other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from standpoint.codebook import Codebook
from standpoint.errors import BadInput

Shape = Literal["pairs", "annotations"]
Row = dict[str, Any]

CONTEXT = ("outlet", "kind", "date", "language", "title")
PLACE = ("document", "start", "end")
PAIR = ("target", "stance", "holder")
COLUMNS: Mapping[Shape, tuple[str, ...]] = {
    "pairs": (*PLACE, "annotator", "topics", *PAIR, "not_judged", "text", *CONTEXT),
    "annotations": (*PLACE, "annotator", "topics", "stances", "text", *CONTEXT),
}
FIELDS = tuple(dict.fromkeys((*COLUMNS["pairs"], *COLUMNS["annotations"])))
_CONSTANT = ("topics", *PAIR, *CONTEXT)  # what may be the same in every row


@dataclass(frozen=True)
class Table:
    """A table being read: its columns, and its rows with their places. An empty text and None are no value."""

    source: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[str, Row]]


@dataclass(frozen=True)
class Mapped:
    """How a table's columns, or constants, stand for our fields, and how its labels are renamed."""

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)  # names for display, folded -> topic


def map_table(
    table: Table, codebook: Codebook, columns: str | None, constants: Sequence[str], labels: Sequence[str]
) -> Mapped:
    """Return the mapping of `ours=theirs,...` for columns, `ours=value` for constants, `theirs=ours` for labels.

    Raises BadInput, with the columns found where it is about them.
    """
    given = dict(_split(pair, "--columns") for pair in columns.split(",")) if columns else {}
    fixed = dict(_split(pair, "--set") for pair in constants)
    if unknown := [name for name in fixed if name not in _CONSTANT]:
        raise BadInput(f"{unknown[0]!r} cannot be set; expected one of {', '.join(_CONSTANT)}", "--set")
    topics = {name.casefold(): topic for topic, name in codebook.topic_names.items()}
    return Mapped(map_columns(table, given), fixed, dict(_split(pair, "--rename") for pair in labels), topics)


def _split(pair: str, option: str) -> tuple[str, str]:
    name, mark, value = pair.partition("=")
    if not mark or not name.strip():
        raise BadInput(f"expected NAME=VALUE, found {pair!r}", option)
    return name.strip(), value.strip()


def map_columns(table: Table, given: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each of our fields: the one that `given` names, else that of the same name.

    A field that `given` leaves empty is not read. Raises BadInput that lists the columns found.
    """
    for name, column in given.items():
        if name not in FIELDS:
            raise BadInput(f"there is no field {name!r}; known are {', '.join(FIELDS)}", "--columns")
        if column and column not in table.columns:
            raise BadInput(f"{name}={column}: {table.source} has the columns {list_columns(table)}", "--columns")
    if twice := [name for name in (*FIELDS, *given.values()) if table.columns.count(name) > 1]:
        raise BadInput(f"the column {twice[0]!r} stands twice; rename one of them", table.source)
    mapped = {name: given.get(name, name) for name in FIELDS}
    return {name: column for name, column in mapped.items() if column in table.columns}


def list_columns(table: Table) -> str:
    """Return the names of a table's columns for an error message."""
    return ", ".join(repr(name[:40]) for name in table.columns[:30]) or "none"


def need_columns(table: Table, mapped: Mapped, needed: Sequence[str], advice: str) -> None:
    """Raise BadInput, which lists the columns found, where one of `needed` is not mapped, or no label is."""
    if missing := [name for name in needed if name not in mapped.columns]:
        raise BadInput(f"no column is {missing[0]!r}; found {list_columns(table)}: {advice}", table.source)
    if not {"topics", "stance", "stances"} & set(mapped.columns):
        advice = "map one with --columns topics=...,stance=..."
        raise BadInput(f"no column holds topics or stances; found {list_columns(table)}: {advice}", table.source)


def read_fields(table: Table, mapped: Mapped) -> Iterator[tuple[str, Row]]:
    """Yield (where, our fields) of each row; fields without a value are left out, and a blank row stays blank."""
    for where, row in table.rows:
        values = {name: row.get(column) for name, column in mapped.columns.items()}
        fields = {name: value for name, value in values.items() if value is not None and value != ""}
        yield where, {**mapped.constants, **fields} if fields else {}
