"""Reading by document: the same in any order of lines and files; any broken line is named, nothing else breaks."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standpoint.errors import BadInput
from training.annotations.adjudication import adjudicate, write_gold
from training.annotations.corpus import check_corpus
from training.annotations.index import index_corpus
from training.annotations.reading import read_corpus, read_judged
from training.annotations.records import Problem

CODEBOOK = {
    "version": "1.0.0",
    "language": "en",
    "stance": {"labels": {"favor": "for", "against": "not for", "none": "neither"}},
    "topics": {"labels": {"water": {"name": "Water", "is": "dams"}, "roads": {"name": "Roads", "is": "roads"}}},
    "targets": {"the-dam": "the Arle dam", "the-toll": "the bridge toll"},
}
TEXTS = ["The council met late.", "Orla Venn praised the dam — twice.", "Nobody paid the toll."]


def _documents(count: int) -> list[dict[str, Any]]:
    origin = {"outlet": "Arle Courier", "kind": "report", "date": "2024-05-01", "language": "en", "title": ""}
    return [{"id": f"d{number}", **origin, "text": "\n\n".join(TEXTS)} for number in range(count)]


def _judgements(count: int) -> list[dict[str, Any]]:
    found, start = [], 0
    for text in TEXTS:
        for number in range(count):
            for annotator in ("ann", "bea"):
                label = {"target": "the-dam", "stance": "favor", "holder": "author"}
                place = {"document": f"d{number}", "start": start, "end": start + len(text), "annotator": annotator}
                found.append({**place, "topics": ["water"], "stances": [label]})
        start += len(text) + 2
    return found


def _write(folder: Path, documents: list[Any], *files: list[Any]) -> Path:
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "codebook.yaml").write_text(yaml.safe_dump(CODEBOOK, sort_keys=False), encoding="utf-8")
    names = ["documents.jsonl", *(f"annotations/{number}.jsonl" for number in range(len(files)))]
    for name, lines in zip(names, (documents, *files), strict=True):
        content = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        (folder / name).write_bytes(b"".join(line + b"\n" for line in content))
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_gold_does_not_depend_on_the_order_of_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    documents, judgements = _documents(9), _judgements(9)
    write_gold(_write(tmp_path / "one", documents, judgements), tmp_path / "one.jsonl")
    draw = random.Random(3)
    draw.shuffle(documents)
    draw.shuffle(judgements)
    monkeypatch.setattr("training.annotations.adjudication.PART", 4)
    folder = _write(tmp_path / "two", documents, judgements[:20], [b"", *judgements[20:]])
    report = write_gold(folder, tmp_path / "two.jsonl", workers)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert (report.documents, report.passages, report.topics, report.dropped) == (9, 27, {"agreed": 27}, {})


def test_gold_of_a_file_is_that_of_the_corpus_in_memory(tmp_path: Path) -> None:
    folder = _write(tmp_path, _documents(3), _judgements(3))
    in_file = write_gold(folder, tmp_path / "gold.jsonl")
    gold, in_memory = adjudicate(read_corpus(folder))
    assert in_file == in_memory
    rows = [json.loads(line) for line in (tmp_path / "gold.jsonl").read_bytes().splitlines()]
    assert [(row["document"], row["start"], row["end"]) for row in rows] == [passage.passage for passage in gold]
    assert all(row["text"] == TEXTS[place % 3] for place, row in enumerate(rows))


@given(most=st.integers(1, 20), count=st.integers(1, 6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_of_an_index_hold_every_document_once(tmp_path: Path, most: int, count: int) -> None:
    problems: list[Problem] = []
    index = index_corpus(_write(tmp_path, _documents(count), _judgements(count)), problems)
    assert index is not None
    judged = [found for part in index.cut(most) for found in read_judged(part, problems)]
    assert [found.document.id for found in judged] == sorted(f"d{number}" for number in range(count))
    assert judged == list(read_judged(index, problems))
    assert problems == []


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.text(max_size=5) | st.sampled_from(["ann", "d0", "favor"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
PLACES: list[tuple[str | int, ...]] = [
    *[(name,) for name in ("document", "start", "end", "annotator", "topics", "stances")],
    *[("stances", 0, name) for name in ("target", "stance", "holder")],
    ("stances", 0),
    ("topics", 0),
]


@given(place=st.sampled_from(PLACES), value=ANY_JSON, line=st.integers(0, 11))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_anywhere_is_read_or_named(tmp_path: Path, place: tuple[Any, ...], value: Any, line: int) -> None:
    """One field of one judgement gets any value: the corpus is sound, or every error names a line."""
    judgements = copy.deepcopy(_judgements(2))
    inside: Any = judgements[line]
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    folder = _write(tmp_path, _documents(2), judgements)
    (tmp_path / "gold.jsonl").unlink(missing_ok=True)
    report = check_corpus(folder)
    for problem in report.errors:
        assert problem.where.startswith(f"{folder}/annotations/0.jsonl:")
    if report.errors:
        with pytest.raises(BadInput, match=r"annotations/0\.jsonl:\d+: "):
            write_gold(folder, tmp_path / "gold.jsonl")
        assert not (tmp_path / "gold.jsonl").exists()
    else:
        assert write_gold(folder, tmp_path / "gold.jsonl").passages in (6, 7)


@given(name=st.sampled_from(sorted(_documents(1)[0])), value=ANY_JSON)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_in_a_document_is_read_or_named(tmp_path: Path, name: str, value: Any) -> None:
    documents = _documents(2)
    documents[1][name] = value
    report = check_corpus(_write(tmp_path, documents, _judgements(2)))
    assert all(problem.where.rsplit(":", 1)[1].isdecimal() for problem in (*report.errors, *report.warnings))
    if report.errors:
        assert report.errors[0].where.rsplit("/", 1)[1] in ("documents.jsonl:2", "0.jsonl:3")


@given(cut=st.integers(1, 120), line=st.integers(0, 11))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_torn_line_is_named(tmp_path: Path, cut: int, line: int) -> None:
    judgements: list[Any] = _judgements(2)
    judgements[line] = json.dumps(judgements[line]).encode()[:cut]
    folder = _write(tmp_path, _documents(2), judgements)
    with pytest.raises(BadInput, match=rf"annotations/0\.jsonl:{line + 1}: is not JSON .*; each line is one object"):
        read_corpus(folder)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1", "utf-8-sig", "cp037"])
def test_other_encodings_are_named(tmp_path: Path, encoding: str) -> None:
    folder = _write(tmp_path, _documents(1), _judgements(1))
    path = folder / "documents.jsonl"
    line = json.dumps({**_documents(1)[0], "outlet": "Café Courier"}, ensure_ascii=False)
    path.write_bytes(f"{line}\n".encode(encoding, "replace"))
    with pytest.raises(BadInput, match=r"documents.jsonl:1: (is not UTF-8|starts with a byte-order mark|is not JSON)"):
        read_corpus(folder)


def test_unhashable_labels_and_odd_dates_are_refused(tmp_path: Path) -> None:
    judgements = _judgements(1)
    judgements[0]["topics"] = [["water"]]
    with pytest.raises(BadInput, match=r"0.jsonl:1: topic \['water'\] is not in the codebook"):
        read_corpus(_write(tmp_path, _documents(1), judgements))
    documents = _documents(1)
    documents[0]["date"] = "20240501"
    with pytest.raises(BadInput, match=r"documents.jsonl:1: date '20240501' is not a day as YYYY-MM-DD"):
        read_corpus(_write(tmp_path, documents, _judgements(1)))


def test_document_without_annotation_is_a_warning_with_its_line(tmp_path: Path) -> None:
    report = check_corpus(_write(tmp_path, _documents(3), _judgements(2)))
    assert [str(problem) for problem in report.warnings] == [
        f"{tmp_path}/documents.jsonl:3: document 'd2' has no annotation"
    ]
    assert not report.has_errors


def test_corpus_that_changes_under_the_reader_is_refused(tmp_path: Path) -> None:
    problems: list[Problem] = []
    folder = _write(tmp_path, _documents(1), _judgements(1))
    index = index_corpus(folder, problems)
    assert index is not None
    content = (folder / "annotations" / "0.jsonl").read_bytes()
    (folder / "annotations" / "0.jsonl").write_bytes(content[:-9])
    with pytest.raises(BadInput, match=r"0.jsonl:6: changed while it was read \(is not JSON"):
        list(read_judged(index, problems))


def test_overlaps_in_a_crowded_document_are_all_found(tmp_path: Path) -> None:
    judgements = [{**_judgements(1)[0], "start": 0, "end": end} for end in range(3, 17) if end not in (4, 12)]
    report = check_corpus(_write(tmp_path, _documents(1), judgements))
    assert len(report.errors) == len(judgements) - 1
    assert all("overlaps 0:" in str(problem) or "white space" in str(problem) for problem in report.errors)
