"""Tables as spreadsheets and other programs leave them: columns, encodings, separators, half-filled rows, splits."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from standpoint.codebook import read_codebook
from standpoint.errors import BadInput
from tests.training.annotations.exchange.conftest import read_lines, spans, write_lines
from training.annotations.exchange.findings import Findings
from training.annotations.exchange.formats import TABLES
from training.annotations.exchange.importing import import_annotations
from training.annotations.exchange.mapping import map_table
from training.annotations.exchange.rows import read_judgements
from training.annotations.exchange.tables import write_csv
from training.annotations.exchange.tasks import read_tasks

FIRST = spans()[0]
HEADER = "document,start,end,topics,target,stance,holder"


def find(source: Path, corpus: Path, columns: str | None = None, labels: tuple[str, ...] = ()) -> Findings:
    """Read a table by the ending of its name."""
    table = TABLES[source.suffix[1:]].read(str(source), None)
    return read_judgements(table, map_table(table, read_codebook(corpus / "codebook.yaml"), columns, (), labels))


def write(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(rows) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_spreadsheets_of_any_separator_are_read(separator: str, encoding: str, corpus: Path, tmp_path: Path) -> None:
    rows = (HEADER, "d:1,{},{},water|roads,the Arle dam,favor,Ørsted".format(*FIRST))
    path = write(tmp_path / "a.csv", *(row.replace(",", separator) for row in rows), encoding=encoding)
    import_annotations(find(path, corpus), corpus, ["cy"])
    [line] = read_lines(corpus / "annotations" / "cy.jsonl")
    assert line["topics"] == ["water", "roads"]
    assert line["stances"] == [{"target": "the Arle dam", "stance": "favor", "holder": "Ørsted"}]


def test_open_rows_filled_in_by_hand_are_judgements(corpus: Path, tmp_path: Path) -> None:
    write_csv(read_tasks(corpus), tmp_path / "open.csv", "pairs")
    assert [item.reason for item in find(tmp_path / "open.csv", corpus).left_out] == ["no label"] * 3
    with (tmp_path / "open.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"topics": "Water, dams & <rivers>"}
    rows[2] |= {"topics": "roads;water", "target": "the-toll", "stance": "none"}
    with (tmp_path / "filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows([*rows, rows[2] | {"target": "the-dam", "stance": "favor", "holder": "Ben"}])
    found = find(tmp_path / "filled.csv", corpus)
    assert (len(found.left_out), found.without_holder) == (1, 1)
    import_annotations(found, corpus, ["cy"])
    first, third = read_lines(corpus / "annotations" / "cy.jsonl")
    assert (first["topics"], first["stances"]) == (["water"], [])
    assert [(s["target"], s["holder"]) for s in third["stances"]] == [("the-toll", "author"), ("the-dam", "Ben")]


def test_columns_and_labels_of_other_names_are_mapped(corpus: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "doc,from,to,who,about,side", "d:1,{}.0,{}.0,cy,the-dam,PRO".format(*FIRST))
    columns = "document=doc, start=from, end=to, annotator=who, target=about, stance=side"
    import_annotations(find(path, corpus, columns, ("PRO=favor",)), corpus)
    [line] = read_lines(corpus / "annotations" / "cy.jsonl")
    assert (line["topics"], line["stances"][0]["stance"]) == (None, "favor")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("text=body", r"--columns: text=body: .*a.csv has the columns 'document', 'start', 'end', 'topics', 'target'"),
        ("side=stance", "there is no field 'side'; known are document, start, end, annotator, topics"),
        ("text", "expected NAME=VALUE, found 'text'"),
        ("start=", "no column is 'start'; found 'document', .*make a new corpus of the table with --new"),
        ("topics=,stance=", "no column holds topics or stances; found 'document'"),
    ],
)
def test_wrong_mapping_lists_the_columns_found(columns: str, message: str, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        find(write(tmp_path / "a.csv", HEADER), corpus, columns)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("topics,text\nwater,é".encode("latin-1"), r"a.csv:2: is not UTF-8 \(byte 19 of the file\); save it as UTF-8"),
        ("topics,text\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (b"", "is empty; expected a header"),
        (b'document,start,end,topics\n"d:1,0', "a.csv:2: is not CSV"),
        (b"document,start,end,topics\nd:1,0,1,water,2", "a.csv:2: expected 4 cells, found 5; quote a text"),
        (b"document,start,end,topics,topics\n", "the column 'topics' stands twice"),
    ],
)
def test_faulty_file_is_named(content: bytes, message: str, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        find(tmp_path / "a.csv", corpus)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("d:1,x,9,water,,,", "expected a whole number 'start', found 'x'"),
        (",0,9,water,,,", "has no document"),
        ("d:1,0,9,water,the-dam,,", "has the target 'the-dam' without a stance"),
        ("d:1,0,9,water,,favor,", "has a stance without a target"),
        ("d:1,0,9,[water,,,", "expected a JSON list, found '\\[water'"),
    ],
)
def test_faulty_row_is_named(row: str, message: str, corpus: Path, tmp_path: Path) -> None:
    found = find(write(tmp_path / "a.csv", HEADER, row), corpus)
    with pytest.raises(BadInput, match=f"a.csv:2: {message}"):
        import_annotations(found, corpus, ["cy"])


def test_rows_of_a_passage_must_agree(corpus: Path, tmp_path: Path) -> None:
    place = "d:1,{},{}".format(*FIRST)
    rows = (f"{place},water,the-dam,favor,", f"{place},roads,the-toll,none,", f"{place},water,,,")
    found = find(write(tmp_path / "a.csv", HEADER, *rows), corpus)
    first, second = found.problems
    assert (first.where[-7:], second.where[-7:]) == ("a.csv:3", "a.csv:4")
    assert "has the topics ['roads'], the first row of this passage" in first.message
    assert "without another target; remove it" in second.message


def test_parquet_of_pandas_is_read(corpus: Path, tmp_path: Path) -> None:
    columns = {"document": ["d:1"], "start": [float(FIRST[0])], "end": [float(FIRST[1])], "topics": [["roads"]]}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    import_annotations(find(tmp_path / "a.parquet", corpus), corpus, ["cy"])
    [line] = read_lines(corpus / "annotations" / "cy.jsonl")
    assert (line["topics"], line["stances"]) == (["roads"], None)


def test_damaged_parquet_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no Parquet file that can be read"):
        find(write(tmp_path / "a.parquet", "PAR1"), corpus)


def test_broken_line_is_named(corpus: Path, tmp_path: Path) -> None:
    line = json.dumps({"document": "d:1", "start": 0, "end": FIRST[1], "topics": ["water"]})
    with pytest.raises(BadInput, match=r"a.jsonl:2: is not JSON"):
        find(write(tmp_path / "a.jsonl", line, "{"), corpus)


def test_stances_may_be_a_list_in_a_line(corpus: Path, tmp_path: Path) -> None:
    place = {"document": "d:1", "start": FIRST[0], "end": FIRST[1], "annotator": "cy"}
    write_lines(tmp_path / "a.jsonl", [place | {"topics": None, "stances": []}])
    import_annotations(find(tmp_path / "a.jsonl", corpus), corpus)
    [line] = read_lines(corpus / "annotations" / "cy.jsonl")
    assert (line["topics"], line["stances"]) == (None, [])


@pytest.fixture
def classes() -> datasets.Dataset:
    """A dataset that numbers its classes, as those of the hub do."""
    features = datasets.Features(
        {
            "document": datasets.Value("string"),
            "start": datasets.Value("int64"),
            "end": datasets.Value("int64"),
            "topics": datasets.List(datasets.ClassLabel(names=["roads", "water"])),
            "target": datasets.Value("string"),
            "stance": datasets.ClassLabel(names=["against", "favor"]),
        }
    )
    row: dict[str, Any] = {"document": "d:1", "start": FIRST[0], "end": FIRST[1], "topics": [1]}
    return datasets.Dataset.from_list([row | {"target": "the-dam", "stance": 1}], features=features)


@pytest.mark.parametrize("way", ["disk", "parts on disk", "files"])
def test_datasets_in_folders_are_read_by_class_names(
    way: str, classes: datasets.Dataset, corpus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    save: dict[str, Callable[[], object]] = {
        "disk": lambda: classes.save_to_disk(str(folder)),
        "parts on disk": lambda: datasets.DatasetDict({"test": classes}).save_to_disk(str(folder)),
        "files": lambda: (folder.mkdir(), classes.to_parquet(str(folder / "test-00000-of-00001.parquet"))),
    }
    save[way]()
    table = TABLES["datasets"].read(str(folder), None)
    found = read_judgements(table, map_table(table, read_codebook(corpus / "codebook.yaml"), None, (), ()))
    [judged] = found.judgements
    assert judged.topics == ["water"]
    assert judged.stances == [{"target": "the-dam", "stance": "favor", "holder": "author"}]


def test_split_is_chosen_where_there_are_several(classes: datasets.Dataset, tmp_path: Path) -> None:
    datasets.DatasetDict({"train": classes, "test": classes}).save_to_disk(str(tmp_path / "d"))
    with pytest.raises(BadInput, match="has the splits train, test; choose one with --split"):
        TABLES["datasets"].read(str(tmp_path / "d"), None)
    with pytest.raises(BadInput, match="has no split 'dev'; it has train, test"):
        TABLES["datasets"].read(str(tmp_path / "d"), "dev")
    [(where, row)] = TABLES["datasets"].read(str(tmp_path / "d"), "test").rows
    assert (where.endswith("#test: row 1"), row["stance"]) == (True, "favor")
    with pytest.raises(BadInput, match="only a dataset has splits"):
        TABLES["csv"].read(str(tmp_path / "a.csv"), "test")


def test_missing_dataset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="cannot be read as a dataset"):
        TABLES["datasets"].read(str(tmp_path / "empty"), None)
    write(tmp_path / "a.csv", HEADER)
    with pytest.raises(BadInput, match="expected a folder or a name on the hub, found a file"):
        TABLES["datasets"].read(str(tmp_path / "a.csv"), None)
