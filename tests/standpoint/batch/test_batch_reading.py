"""The three shapes of input: the same rows come out, whatever they were written in; broken files say where."""

from __future__ import annotations

import csv
import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standpoint.batch.record import ROW_LIMIT
from standpoint.batch.source import open_source
from standpoint.errors import BadInput, MissingExtra

CELL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ROWS = st.lists(
    st.fixed_dictionaries({"text": CELL}, optional={"id": CELL, "targets": st.lists(CELL, max_size=3)}),
    min_size=1,
    max_size=8,
)


def write_shape(folder: Path, shape: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / f"rows.{shape}"
    if shape == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    elif shape == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "outlet", "text", "targets"])
            for row in rows:
                targets = json.dumps(row["targets"]) if "targets" in row else ""
                writer.writerow([row.get("id", ""), "Tern Agency", row["text"], targets])
    else:
        columns = {"id": pa.string(), "text": pa.string(), "targets": pa.list_(pa.string())}
        pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(list(columns.items()))), path)
    return path


def contents(path: Path) -> list[Any]:
    return [record.content if record.content is not None else record.problem for record in open_source(path).records()]


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
@pytest.mark.parametrize("shape", ["jsonl", "csv", "parquet"])
def test_rows_come_back_as_written_and_are_counted(shape: str, rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_shape(Path(folder), shape, rows)
        source = open_source(path)
        assert [record.content for record in source.records()] == rows
        assert source.total == len(rows)
        assert source.shape == shape


@pytest.mark.parametrize("shape", ["jsonl", "csv", "parquet"])
def test_shape_is_told_by_content_where_the_suffix_says_nothing(tmp_path: Path, shape: str) -> None:
    rows = [{"text": "The river treaty was signed.", "id": "a"}]
    path = write_shape(tmp_path, shape, rows).rename(tmp_path / "rows.data")
    assert open_source(path).shape == shape
    assert contents(path) == rows


def test_json_lines_keep_their_numbers_over_blank_lines_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    lines = ['\ufeff{"text": "one\u2028two"}', "", "{broken", '{"text": "b", "text": "c"}', '["a"]', '{"text": "last"}']
    path.write_bytes("\n".join(lines).encode() + b"\n" + b'{"text": "\xff"}')
    records = list(open_source(path).records())
    assert [record.where for record in records] == [f"in.jsonl:{number}" for number in (1, 3, 4, 5, 6, 7)]
    assert records[0].content == {"text": "one\u2028two"}
    assert "is not JSON" in records[1].problem
    assert "'text' stands twice" in records[2].problem
    assert "expected a JSON object, found list" in records[3].problem
    assert records[4].content == {"text": "last"}
    assert "is not UTF-8 (byte 11" in records[5].problem


def test_a_line_of_many_megabytes_is_one_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"text": "' + b"a" * (2 * ROW_LIMIT) + b'"}\n{"text": "b"}\n')
    records = list(open_source(path).records())
    assert [record.where for record in records] == ["in.jsonl:1", "in.jsonl:2"]
    assert "is longer than" in records[0].problem
    assert records[1].content == {"text": "b"}


def test_csv_rows_are_named_by_the_line_they_start_on(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    lines = ["id,text", '1,"a\nb"', "2,c,d", '3,"e"f', "", "4", '5,"g ""h"""']
    path.write_bytes("\r\n".join(lines).encode("utf-8-sig") + b"\r\n6,caf\xe9\r\n")
    records = list(open_source(path).records())
    assert [record.where for record in records] == [f"in.csv:{number}" for number in (2, 4, 5, 7, 8, 9)]
    assert records[0].content == {"id": "1", "text": "a\nb"}
    assert "expected 2 cells, found 3" in records[1].problem
    assert "is not CSV" in records[2].problem
    assert "expected 2 cells, found 1" in records[3].problem
    assert records[4].content == {"id": "5", "text": 'g "h"'}
    assert "is not UTF-8" in records[5].problem


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_takes_the_delimiter_that_its_header_shows(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f'"id"{delimiter}"text"\n1{delimiter}a\n', encoding="utf-8-sig")
    assert contents(path) == [{"id": "1", "text": "a"}]


def test_reading_csv_leaves_the_limit_of_cells_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"text\n{'a' * 200_000}\n", encoding="utf-8")
    before = csv.field_size_limit()
    assert len(contents(path)[0]["text"]) == 200_000
    assert csv.field_size_limit() == before


def test_parquet_takes_targets_as_json_and_ids_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    columns = {"text": ["a", None], "id": [1, 2], "targets": ['["the port levy"]', None], "other": [0.5, 0.5]}
    pq.write_table(pa.table(columns), path)
    assert contents(path) == [{"text": "a", "id": 1, "targets": ["the port levy"]}, {"id": 2}]
    assert [record.where for record in open_source(path).records()] == ["in.parquet:1", "in.parquet:2"]


def test_damaged_parquet_names_the_file_and_the_row(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": [f"passage {i} " * 50 for i in range(5000)]}), path, compression="none")
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\xff" * 1996
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"in\.parquet: is damaged after row \d+ .*copy it again"):
        list(open_source(path).records())


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_shape(tmp_path, "parquet", [{"text": "a"}])
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as if it were not installed
    with pytest.raises(MissingExtra, match=r"needs the package 'pyarrow'.*standpoint\[tables\]"):
        open_source(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.jsonl", b"", r"in\.jsonl: is empty"),
        ("in.jsonl", b" \n\n", r"in\.jsonl: is empty"),
        ("in.csv", b"id,text\n", r"in\.csv: holds no rows"),
        ("in.csv", b"id,body\n1,a\n", r"in\.csv:1: expected a column 'text', found the columns 'id', 'body'; rename"),
        ("in.csv", b"text,text\na,b\n", r"in\.csv:1: the column 'text' stands twice"),
        ("in.csv", b'id,text\n1,a\n2,"b\n3,c\n', r"in\.csv:3: a quote is opened and never closed"),
        ("in.json", b'[\n{"text": "a"}]', r"in\.json:1: is one JSON list; expected an object a line"),
        ("in.jsonl", "text".encode("utf-16"), r"in\.jsonl: is UTF-16; save it as UTF-8"),
        ("in.jsonl.gz", gzip.compress(b'{"text": "a"}'), r"in\.jsonl\.gz: is compressed; unpack it first"),
        ("in.xlsx", b"PK\x03\x04....", r"in\.xlsx: is an archive or a spreadsheet"),
        ("in.txt", b"A plain page.\n", r"in\.txt: is neither JSON Lines, CSV with a column 'text', nor Parquet"),
        ("in.parquet", b'{"text": "a"}', r"in\.parquet: is no Parquet file that can be read"),
        ("in.csv", b"PAR1....PAR1", r"in\.csv: is Parquet, its name says \.csv"),
    ],
)
def test_files_that_cannot_be_read_say_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        open_source(path)


def test_parquet_without_text_shows_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"body": ["a"]}), path)
    with pytest.raises(BadInput, match=r"expected a column 'text', found 'body'; rename"):
        open_source(path)


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a plain file, found a folder or a pipe"):
        open_source(tmp_path)
    with pytest.raises(BadInput, match=r"none\.jsonl: no such file"):
        open_source(tmp_path / "none.jsonl")
