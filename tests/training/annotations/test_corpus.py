"""Reading and checking a corpus folder: every kind of fault is named with its file and line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from standpoint.errors import BadInput
from training.annotations.corpus import check_corpus, read_corpus

ROOT = Path(__file__).resolve().parents[3]
TEXT = "The council met.\n\nMinister Orla Venn praised the dam. Others did not."
CODEBOOK = {
    "version": "1.0.0",
    "language": "en",
    "stance": {"labels": {"favor": "for", "against": "not for", "none": "neither"}},
    "topics": {
        "labels": {
            "water": {"name": "Water", "is": "dams and rivers"},
            "roads": {"name": "Roads", "is": "roads"},
            "rail": {"name": "Rail", "is": "rail"},
            "air": {"name": "Air", "is": "airports"},
            "other": {"name": "Other", "is": "the rest"},
        }
    },
    "targets": {"the-dam": "the Arle dam", "the-toll": "the bridge toll"},
}


def _document(**changes: Any) -> dict[str, Any]:
    content = {
        "id": "d1",
        "outlet": "Arle Courier",
        "kind": "report",
        "date": "2024-05-01",
        "language": "en",
        "title": "",
        "text": TEXT,
    }
    return content | changes


def _judgement(**changes: Any) -> dict[str, Any]:
    content = {
        "document": "d1",
        "start": 18,
        "end": 69,
        "annotator": "ann",
        "topics": ["water"],
        "stances": [{"target": "the-dam", "stance": "favor", "holder": "Orla Venn"}],
    }
    return content | changes


@pytest.fixture
def write_corpus(tmp_path: Path) -> Callable[..., Path]:
    def write(documents: list[Any], annotations: list[Any]) -> Path:
        (tmp_path / "annotations").mkdir(exist_ok=True)
        (tmp_path / "codebook.yaml").write_text(yaml.safe_dump(CODEBOOK, sort_keys=False), encoding="utf-8")
        for name, lines in (("documents.jsonl", documents), ("annotations/ann.jsonl", annotations)):
            content = b"".join(
                (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines
            )
            (tmp_path / name).write_bytes(content)
        return tmp_path

    return write


def test_sound_corpus_is_read(write_corpus: Callable[..., Path]) -> None:
    folder = write_corpus([_document()], [_judgement(), _judgement(start=0, end=16, stances=[], topics=None)])
    corpus = read_corpus(folder)
    assert list(corpus.passages()) == [("d1", 0, 16), ("d1", 18, 69)]
    assert corpus.annotations[0].where == f"{folder}/annotations/ann.jsonl:1"
    assert corpus.annotations[1].topics is None
    assert not check_corpus(folder).has_errors


def test_target_may_be_given_by_its_wording(write_corpus: Callable[..., Path]) -> None:
    label = {"target": "The Arle  DAM", "stance": "favor", "holder": "author"}
    corpus = read_corpus(write_corpus([_document()], [_judgement(stances=[label])]))
    assert corpus.annotations[0].stances is not None
    assert corpus.annotations[0].stances[0].target == "the-dam"


def _stances(**changes: Any) -> dict[str, Any]:
    return {"stances": [{"target": "the-dam", "stance": "favor", "holder": "author"} | changes]}


FAULTY_ANNOTATIONS = {
    "outside": (_judgement(end=999), r"ann.jsonl:1: the span 18:999 is outside the document's text of 69 characters"),
    "backward": (_judgement(start=20, end=18), "the span 20:18 is outside"),
    "negative": (_judgement(start=-1), "the span -1:69 is outside"),
    "loose": (_judgement(start=16), "begins or ends with white space; the tight one is 18:69"),
    "blank": (_judgement(start=16, end=18), "white space; it holds nothing else"),
    "topic": (_judgement(topics=["watr"]), "topic 'watr' is not in the codebook; did you mean 'water'"),
    "target": (_judgement(**_stances(target="the-damn")), "target 'the-damn' is not in the codebook; did you mean"),
    "stance": (_judgement(**_stances(stance="neutral")), 'a stance of favor, against, none, found "neutral"'),
    "holder": (_judgement(stances=[{"target": "the-dam", "stance": "none"}]), "'holder', found no such field"),
    "other": (_judgement(topics=["other", "water"]), "'other' stands alone"),
    "four topics": (_judgement(topics=["water", "roads", "rail", "air"]), "expected one to 3 topics, found 4"),
    "no topic": (_judgement(topics=[]), "expected one to 3 topics, found 0"),
    "topic twice": (_judgement(topics=["water", "water"]), "a topic stands twice"),
    "target twice": (_judgement(stances=_stances()["stances"] * 2), "target 'the-dam' stands twice"),
    "no start": ({k: v for k, v in _judgement().items() if k != "start"}, "whole number 'start', found no such field"),
    "start is text": (_judgement(start="18"), "expected a whole number 'start', found \"18\""),
    "start is true": (_judgement(start=True), "expected a whole number 'start', found true"),
    "no topics": ({k: v for k, v in _judgement().items() if k != "topics"}, "expected a list 'topics'"),
    "no document": (_judgement(document="d9"), "document 'd9' is not in documents.jsonl"),
    "no annotator": (_judgement(annotator=" "), "expected a text 'annotator'"),
    "broken": (b'{"document": "d1", ', "ann.jsonl:1: is not JSON"),
    "list": (b"[1]", "expected a JSON object, found list"),
    "latin": (b'{"document": "caf\xe9"}', "is not UTF-8"),
    "mark": (b"\xef\xbb\xbf{}", "starts with a byte-order mark"),
    "surrogate": (b'{"document": "\\ud800"}', "half of a surrogate pair"),
}


@pytest.mark.parametrize("name", FAULTY_ANNOTATIONS)
def test_faulty_annotation_is_refused(write_corpus: Callable[..., Path], name: str) -> None:
    line, message = FAULTY_ANNOTATIONS[name]
    with pytest.raises(BadInput, match=message):
        read_corpus(write_corpus([_document()], [line]))


FAULTY_DOCUMENTS = {
    "no text": (_document(text=""), r"documents.jsonl:1: expected a text 'text', found \"\""),
    "date": (_document(date="1 May"), "date '1 May' is not a day"),
    "title": (_document(title=None), "expected a text 'title', found null"),
}


@pytest.mark.parametrize("name", FAULTY_DOCUMENTS)
def test_faulty_document_is_refused(write_corpus: Callable[..., Path], name: str) -> None:
    line, message = FAULTY_DOCUMENTS[name]
    with pytest.raises(BadInput, match=message):
        read_corpus(write_corpus([line], [_judgement()]))


def test_repeated_document_is_refused(write_corpus: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match=r"documents.jsonl:2: the document id 'd1' is taken by .*documents.jsonl:1"):
        read_corpus(write_corpus([_document(), _document()], [_judgement()]))


def test_same_annotator_twice_is_refused(write_corpus: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match=r"ann.jsonl:2: 'ann' judged the passage 18:69 already \(.*ann.jsonl:1\)"):
        read_corpus(write_corpus([_document()], [_judgement(), _judgement(topics=["roads"])]))


@pytest.mark.parametrize("span", [(0, 30), (20, 40), (60, 69)])
def test_overlapping_spans_are_refused(write_corpus: Callable[..., Path], span: tuple[int, int]) -> None:
    other = _judgement(start=span[0], end=TEXT[: span[1]].rstrip().__len__(), annotator="bea")
    other["start"] = span[0] + (TEXT[span[0]].isspace())
    with pytest.raises(BadInput, match=r"ann.jsonl:2: the span .* overlaps 18:69 \(.*ann.jsonl:1\)"):
        read_corpus(write_corpus([_document()], [_judgement(), other]))


def test_empty_corpus_is_refused(write_corpus: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match=r"documents.jsonl: holds no document"):
        read_corpus(write_corpus([], []))
    with pytest.raises(BadInput, match=r"annotations: holds no annotation"):
        read_corpus(write_corpus([_document()], []))


def test_missing_files_are_named(tmp_path: Path, write_corpus: Callable[..., Path]) -> None:
    with pytest.raises(BadInput, match=r"codebook.yaml: no such file"):
        read_corpus(tmp_path / "nowhere")
    folder = write_corpus([_document()], [_judgement()])
    (folder / "documents.jsonl").unlink()
    with pytest.raises(BadInput, match=r"documents.jsonl: no such file"):
        read_corpus(folder)


def test_check_collects_every_problem(write_corpus: Callable[..., Path]) -> None:
    folder = write_corpus(
        [_document(note="x"), _document(id="d2", note="y", language="fr")],
        [_judgement(), _judgement(), b"{", _judgement(start=0, end=99), _judgement(start=0, end=16, codebook="1.0.1")],
    )
    report = check_corpus(folder)
    assert report.has_errors
    assert [problem.where.rsplit(":", 1)[1] for problem in report.errors] == ["2", "3", "4"]
    assert sorted({problem.kind for problem in report.warnings}) == [
        "codebook version",
        "language",
        "unannotated",
        "unused field note",
    ]
    lines = report.lines()
    assert any("the field 'note' is not used (and 1 more)" in line for line in lines)
    assert lines[-1].startswith("3 errors, 5 warnings")
    with pytest.raises(BadInput, match=r"ann.jsonl:2: 'ann' judged .*\(and 2 more; `standpoint check"):
        read_corpus(folder)


def test_check_says_what_is_too_thin(write_corpus: Callable[..., Path]) -> None:
    report = check_corpus(write_corpus([_document()], [_judgement()]))
    assert report.topics["water"] == 1
    assert report.stances["the-dam"] == {"favor": 1, "against": 0, "none": 0}
    assert any(line.startswith("topic roads: 0 passages, fewer than 50; annotate more") for line in report.thin)
    assert any("target the-toll: favor 0, against 0, none 0, fewer than 10" in line for line in report.thin)


def test_check_survives_a_broken_codebook(write_corpus: Callable[..., Path]) -> None:
    folder = write_corpus([_document()], [_judgement()])
    (folder / "codebook.yaml").write_text("version: [", encoding="utf-8")
    report = check_corpus(folder)
    assert report.has_errors
    assert "codebook.yaml" in report.errors[0].where


def test_our_corpus_is_sound() -> None:
    report = check_corpus(ROOT / "data")
    assert (report.errors, report.warnings, report.thin) == ((), (), ())
    assert (report.documents, report.passages) == (802, 4952)
    corpus = read_corpus(ROOT / "data")
    for annotation in corpus.annotations:
        span = corpus.documents[annotation.document].text[annotation.start : annotation.end]
        assert span == span.strip() != ""
