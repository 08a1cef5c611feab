"""Texts that are not ours to store: found by name and sha256, decoded as pages are, counted and named where missing."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.encoding import normalise
from standpoint.errors import BadInput
from tests.training.migrations.folders import judgement, make_folder, read_jsonl
from training.annotations.adjudication import write_gold
from training.annotations.corpus import check_corpus
from training.annotations.documents import VARIABLE, Absent, DocumentFinder, list_corpus_files, with_text
from training.annotations.reading import read_corpus
from training.cli import main

TEXT = "The council met.\r\n\r\nMinister Orla Venn praised the dam.\r\nThe café 🕊 closed."
START = TEXT.index("Minister")


def reference(identifier: str, data: bytes, **more: Any) -> dict[str, Any]:
    fields = {"outlet": "Arle Courier", "kind": "report", "date": "", "language": "en", "title": ""}
    return {"id": identifier, **fields, "sha256": sha256(data).hexdigest(), **more}


def make_corpus(tmp_path: Path, *documents: dict[str, Any], shift: int = 0) -> Path:
    names = [document["id"] for document in documents]
    span = {"start": START + shift, "end": len(TEXT) + shift}
    folder = make_folder(tmp_path, *(judgement(document=name, **span) for name in names))
    lines = "".join(json.dumps(document) + "\n" for document in documents)
    (folder / "documents.jsonl").write_text(lines, encoding="utf-8")
    return folder


def keep(path: Path, data: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data


def test_texts_are_found_by_path_by_name_and_by_content(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    documents = [
        reference("d1", keep(two / "2024" / "page.txt", (TEXT + "1").encode()), path="2024/page.txt"),
        reference("d2", keep(one / "deep" / "d2.html", (TEXT + "2").encode())),
        reference("d3", keep(two / "of another name", (TEXT + "3").encode()), path="where/it/was"),
        reference("d4", b"", sha256=sha256((TEXT + "1").encode()).hexdigest()),  # the same file for two
    ]
    corpus = read_corpus(make_corpus(tmp_path, *documents), [one, two])
    assert [corpus.documents[f"d{n}"].text[len(TEXT) :] for n in (1, 2, 3, 4)] == ["1", "2", "3", "1"]


def test_offsets_count_code_points_of_the_file(tmp_path: Path) -> None:
    files = tmp_path / "files"
    marked = keep(files / "d1", b"\xef\xbb\xbf" + TEXT.encode())
    corpus = read_corpus(make_corpus(tmp_path, reference("d1", marked), shift=1), [files])
    assert corpus.documents["d1"].text == "\ufeff" + TEXT  # the mark is a character, the line breaks are two


@given(st.text(alphabet="ab é\r\n\ufeff🕊", min_size=1, max_size=30), st.sampled_from(["utf-8", "utf-16-le", None]))
def test_a_stored_text_and_its_file_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str | None
) -> None:
    data = text.encode(encoding or "utf-8")
    path = tmp_path_factory.mktemp("files") / "d1.txt"
    path.write_bytes(data)
    line = reference("d1", data, **({"encoding": encoding} if encoding else {}))
    found = DocumentFinder([path.parent]).find_file(line, "documents.jsonl:1")
    assert found == path
    content = with_text(line, path, "documents.jsonl:1")
    assert content["text"] == text
    assert not {"sha256", "encoding", "path"} & set(content)


def test_missing_and_changed_documents_are_counted_and_named(tmp_path: Path) -> None:
    files = tmp_path / "files"
    documents = [
        reference("d1", keep(files / "d1.txt", TEXT.encode())),
        reference("d2", b"nobody has it"),
        reference("d3", b"as it was"),
        reference("d4", b"nor this one"),
    ]
    keep(files / "d3.txt", b"as it is now")
    folder = make_corpus(tmp_path, *documents)
    report = check_corpus(folder, [files])
    assert [problem.kind for problem in report.warnings] == ["missing documents", "changed documents"]
    missing, changed = (str(problem) for problem in report.warnings)
    assert "texts of 2 documents were not found, and their 2 annotations are left out: d2, d4; name their" in missing
    assert (
        f"another sha256, which were changed, and their 1 annotations are left out: d3 ({files / 'd3.txt'})" in changed
    )
    assert (report.documents, report.passages, report.has_errors) == (1, 1, False)
    gold = write_gold(folder, tmp_path / "gold.jsonl", documents=[files])
    assert gold.absent == {"annotations": 3, "documents": 3}
    assert "left out for want of their text: 3 annotations, 3 documents" in gold.lines()
    (line,) = read_jsonl(tmp_path / "gold.jsonl")
    assert line["text"] == normalise(TEXT[START:])


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    folder = make_corpus(tmp_path, reference("d1", b"x"))
    assert [p.message for p in check_corpus(folder).errors] == [
        "no text of any document was found; name their folders by --documents"
    ]
    with pytest.raises(BadInput, match=r"documents\.jsonl: no text of any document was found"):
        write_gold(folder, tmp_path / "gold.jsonl")


def test_many_missing_documents_are_named_up_to_a_limit(tmp_path: Path) -> None:
    files = tmp_path / "files"
    documents = [reference(f"m{n}", str(n).encode()) for n in range(30)]
    folder = make_corpus(tmp_path, reference("d1", keep(files / "d1", TEXT.encode())), *documents)
    (warning,) = check_corpus(folder, [files]).warnings
    assert "m0, m1," in warning.message
    assert "m19 and 10 more; name" in warning.message


def test_the_environment_names_folders_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    data = keep(two / "d1", TEXT.encode())
    folder = make_corpus(tmp_path, reference("d1", data))
    assert main(["check", str(folder)]) == 2
    assert main(["check", str(folder), "--documents", str(two)]) == 0
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(one), str(two)]))
    assert main(["check", str(folder)]) == 0
    assert list_corpus_files(folder)[-2:] == [one, two]
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    capsys.readouterr()
    assert main(["check", str(folder)]) == 2
    assert "nowhere: expected a folder with documents (--documents or STANDPOINT_DOCUMENTS)" in capsys.readouterr().out


def test_folders_do_not_matter_where_all_texts_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    folder = make_folder(tmp_path, judgement())
    assert len(read_corpus(folder).documents) == 4
    assert tmp_path / "nowhere" not in list_corpus_files(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "abc"}, r"documents\.jsonl:1: expected the sha256 .* in 64 hex digits, found \"abc\""),
        ({"sha256": None}, r"in 64 hex digits, found null"),
        ({"text": "x"}, r"has a text and a sha256; keep the text, or the sha256"),
        ({"path": "../d1"}, r"expected a path inside a folder of documents, found \"\.\./d1\""),
        ({"path": "/etc/d1"}, r"expected a path inside a folder of documents"),
        ({"path": 5}, r"expected a text 'path', found 5"),
        ({"encoding": "klingon"}, r"'klingon' is no character set that is known here"),
        ({"encoding": "idna"}, r"'idna' is no character set that is known here"),
        ({"encoding": "rot13"}, r"'rot13' is no character set that is known here"),
        ({"encoding": "ascii"}, r"the document's file is not ascii \(byte \d+\); name the encoding"),
        ({"outlet": ""}, r"expected a text 'outlet'"),
        ({"id": 5}, r"expected a text 'id', found 5"),
    ],
)
def test_faulty_references_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    files = tmp_path / "files"
    line = reference("d1", keep(files / "d1", TEXT.encode()))
    folder = make_corpus(tmp_path, line)
    (folder / "documents.jsonl").write_text(json.dumps(line | changes) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        read_corpus(folder, [files])


def test_an_id_is_unique_with_a_text_or_without(tmp_path: Path) -> None:
    files = tmp_path / "files"
    found = reference("d1", keep(files / "d1", TEXT.encode()))
    missing = reference("d2", b"x")
    folder = make_corpus(tmp_path, found, missing)
    lines = "".join(json.dumps(line) + "\n" for line in (found, missing, missing, found))
    (folder / "documents.jsonl").write_text(lines, encoding="utf-8")
    messages = [str(problem) for problem in check_corpus(folder, [files]).errors]
    assert [message.partition("documents.jsonl:")[2][0] for message in messages] == ["3", "4"]
    assert "'d2' is taken by " in messages[0]
    assert messages[0].endswith("documents.jsonl:2; ids are unique")
    assert messages[1].endswith("documents.jsonl:1; ids are unique")


def test_spans_are_checked_against_the_file(tmp_path: Path) -> None:
    files = tmp_path / "files"
    folder = make_corpus(tmp_path, reference("d1", keep(files / "d1", TEXT[:-1].encode())))
    with pytest.raises(BadInput, match=rf"the span {START}:{len(TEXT)} is outside the document's text of"):
        read_corpus(folder, [files])


def test_a_file_that_changes_under_the_reader_is_refused(tmp_path: Path) -> None:
    data = keep(tmp_path / "d1", b"then")
    (tmp_path / "d1").write_bytes(b"now")
    with pytest.raises(BadInput, match=r"documents\.jsonl:1: .*d1 changed while it was read; start again"):
        with_text(reference("d1", data), tmp_path / "d1", "documents.jsonl:1")
    assert DocumentFinder([tmp_path]).find_file(reference("d1", data), "x") == Absent("d1", tmp_path / "d1")


def test_pipes_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "d1")
    assert DocumentFinder([tmp_path]).find_file(reference("d1", b"x"), "x") == Absent("d1")
