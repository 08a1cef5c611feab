"""Nothing is overwritten, half written or let in unchecked; a newcomer's table becomes a corpus that trains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from standpoint.codebook import read_codebook
from standpoint.errors import BadInput
from tests.training.annotations.exchange.conftest import ROOT, read_lines, spans, write_lines
from training.annotations.corpus import check_corpus
from training.annotations.exchange.findings import Findings, Judgement
from training.annotations.exchange.importing import create_corpus, import_annotations
from training.annotations.exchange.mapping import map_table
from training.annotations.exchange.names import name_annotators, name_file
from training.annotations.exchange.newcomers import read_newcomers
from training.annotations.exchange.tables import read_csv
from training.annotations.exchange.tasks import read_tasks


def judge(annotator: str, start: int, end: int, **changes: Any) -> Judgement:
    values: dict[str, Any] = {"topics": ["water"], "stances": [], "named": True}
    where = f"tool: {annotator} {start}"
    return Judgement(where=where, annotator=annotator, passage=("d:1", start, end), **(values | changes))


class TestImport:
    def test_file_that_stands_is_not_overwritten_unasked(self, corpus: Path) -> None:
        before = (corpus / "annotations" / "ann.jsonl").read_bytes()
        found = Findings([judge("ann", *spans()[2])])
        with pytest.raises(BadInput, match=r"ann.jsonl: exists already; add --replace"):
            import_annotations(found, corpus)
        assert (corpus / "annotations" / "ann.jsonl").read_bytes() == before
        import_annotations(found, corpus, replace=True)
        assert len(read_lines(corpus / "annotations" / "ann.jsonl")) == 1

    def test_one_file_may_hold_all(self, corpus: Path, tmp_path: Path) -> None:
        found = Findings([judge("ann", *spans()[0]), judge("cy", *spans()[0])])
        done = import_annotations(found, corpus, out=tmp_path / "elsewhere.jsonl")
        assert (done.files, dict(done.annotators)) == ((tmp_path / "elsewhere.jsonl",), {"ann": 1, "cy": 1})
        assert [line["annotator"] for line in read_lines(tmp_path / "elsewhere.jsonl")] == ["ann", "cy"]
        with pytest.raises(
            BadInput, match=r"tool: ann 0: 'ann' judged the passage .* already \(.*annotations/ann.jsonl:1"
        ):
            import_annotations(found, corpus, out=corpus / "annotations" / "more.jsonl")

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"topics": ["water", "mud"]}, "tool: cy 0: topic 'mud' is not in the codebook"),
            ({"passage": ("d:2", 0, 4)}, "tool: cy 0: the document 'd:2' is not in documents.jsonl"),
            (
                {"passage": ("d:1", 0, 4)},
                r"the span 0:4 overlaps .* \(.*ann.jsonl:1\)|ann.jsonl:1: the span .* overlaps 0:4 \(tool: cy 0\)",
            ),
            ({"stances": [{"target": "the-dam", "stance": "pro", "holder": "a"}]}, "tool: cy 0: expected a stance of"),
            ({"text": "Another."}, "tool: cy 0: is about another text than d:1 0:"),
        ],
    )
    def test_the_checks_of_every_corpus_hold(self, changes: dict[str, Any], message: str, corpus: Path) -> None:
        start, end = spans()[0]
        values: dict[str, Any] = {
            "where": "tool: cy 0",
            "annotator": "cy",
            "named": True,
            "passage": ("d:1", start, end),
        }
        found = Findings([Judgement(**(values | {"topics": ["water"], "stances": []} | changes))])
        with pytest.raises(BadInput, match=message):
            import_annotations(found, corpus)
        assert not (corpus / "annotations" / "cy.jsonl").exists()

    def test_twice_the_same_annotator_is_told_by_both_places(self, corpus: Path) -> None:
        start, end = spans()[2]
        found = Findings([judge("cy", start, end), judge("dee", start, end)])
        with pytest.raises(BadInput, match=f"tool: dee {start}: 'cy' judged .* already .tool: cy {start}"):
            import_annotations(found, corpus, ["dee=cy"])

    def test_several_problems_are_told_at_once(self, corpus: Path) -> None:
        found = Findings([judge("cy", *span, topics=["mud"]) for span in spans()])
        with pytest.raises(BadInput, match=r"mud.*\(and 2 more: tool: cy .*mud.*; tool: cy .*mud"):
            import_annotations(found, corpus)


class TestNames:
    @pytest.mark.parametrize("name", ["../ann", ".hidden", "a/b", "a\\b", "a\0", "", "anna@example.org", "a" * 101])
    def test_no_file_is_written_elsewhere(self, name: str, corpus: Path) -> None:
        with pytest.raises(BadInput, match="cannot be the name of a file"):
            name_file(name)

    def test_names_are_given_or_known(self) -> None:
        users = [judge("ann", 0, 1), judge("7", 0, 1, named=False)]
        assert name_annotators(users, ["ben"]) == {"ann": "ann", "7": "ben"}
        assert name_annotators(users, ["7=ben", "ann=anna"]) == {"ann": "anna", "7": "ben"}
        assert name_annotators(users[:1], ["anna"]) == {"ann": "anna"}
        for names, message in (
            ([], "the file has ann with 1 judgements, 7 with 1 judgements; name them"),
            (["8=ben"], "no judgement is by '8'"),
            (["ben", "cy"], "'ben' can name one annotator"),
        ):
            with pytest.raises(BadInput, match=message):
                name_annotators(users, names)


def create(table: Path, codebook: Path, folder: Path, columns: str | None = None, **options: Any) -> Findings:
    """Make a corpus folder of a CSV file."""
    book, read = read_codebook(codebook), read_csv(table)
    mapped = map_table(read, book, columns, options.get("constants", ()), options.get("labels", ()))
    documents, found = read_newcomers(read, mapped, book)
    create_corpus(documents, found, codebook, folder, options.get("names", ["me"]))
    return found


class TestNewcomers:
    @pytest.fixture
    def table(self, tmp_path: Path) -> Path:
        rows = (
            "body,about,side,day,story",
            '"The dam, he said, must stay.",the Arle dam,PRO,2024-05-01,s1',
            '"The dam, he said, must stay.",the-toll,CON,2024-05-01,s1',
            " Nobody spoke of the toll. 🙂 ,the-toll,NEUTRAL,2024-05-01,s1",
            "A ferry left.,,,,",
            ",,,,",
        )
        (tmp_path / "table.csv").write_text("\n".join(rows), encoding="utf-8-sig")
        return tmp_path / "table.csv"

    def test_table_becomes_a_corpus(self, table: Path, corpus: Path, tmp_path: Path) -> None:
        columns = "text=body,target=about,stance=side,date=day,document=story"
        labels, constants = ("PRO=favor", "CON=against", "NEUTRAL=none"), ("outlet=Arle Courier", "topics=water")
        codebook = corpus / "codebook.yaml"
        found = create(table, codebook, tmp_path / "new", columns, labels=labels, constants=constants)
        assert [(item.where[-5:], item.reason) for item in found.left_out] == [("csv:6", "no label")]
        story, alone = read_lines(tmp_path / "new" / "documents.jsonl")
        assert story["text"] == "The dam, he said, must stay.\n\nNobody spoke of the toll. 🙂"
        assert (story["id"], story["outlet"], story["kind"], story["date"]) == (
            "s1",
            "Arle Courier",
            "unknown",
            "2024-05-01",
        )
        assert len(alone["id"]) == 16
        lines = read_lines(tmp_path / "new" / "annotations" / "me.jsonl")
        by_text = {(line["document"], line["start"]): [s["stance"] for s in line["stances"]] for line in lines}
        assert by_text == {("s1", 0): ["favor", "against"], ("s1", 30): ["none"], (alone["id"], 0): []}
        report = check_corpus(tmp_path / "new")
        assert not report.has_errors
        assert (report.documents, report.passages) == (2, 3)

    def test_names_do_not_change_as_the_table_grows(self, corpus: Path, tmp_path: Path) -> None:
        texts = ["A ferry left.", "The dam stays."]
        for name, kept in (("one", texts[1:]), ("two", texts)):
            (tmp_path / f"{name}.csv").write_text("\n".join(["text,topics", *(f"{text},water" for text in kept)]))
            create(tmp_path / f"{name}.csv", corpus / "codebook.yaml", tmp_path / name)
        [one] = read_lines(tmp_path / "one" / "documents.jsonl")
        assert one in read_lines(tmp_path / "two" / "documents.jsonl")

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            (("body,topics", "a,water"), "no column is 'text'; found 'body', 'topics': map one with --columns text="),
            (("text,kind", "a,b"), "no column holds topics or stances; found 'text', 'kind'"),
            (("text,topics", ",water"), r"t.csv:2: expected a text, found 'None'"),
            (("text,topics", "a,mud"), "t.csv:2: topic 'mud' is not in the codebook"),
            (("text,topics,date", "a,water,May"), "t.csv:2: date 'May' is not a day"),
            (
                ("text,topics,document,date", "a,water,s,2024-05-01", "b,water,s,"),
                "t.csv:3: the document 's' has the date",
            ),
            (("text,topics",), "there is no judgement to import; the file is empty"),
        ],
    )
    def test_faulty_table_makes_no_folder(
        self, rows: tuple[str, ...], message: str, corpus: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "t.csv").write_text("\n".join(rows))
        with pytest.raises(BadInput, match=message):
            create(tmp_path / "t.csv", corpus / "codebook.yaml", tmp_path / "home" / "new")
        assert not (tmp_path / "home").exists() or list((tmp_path / "home").iterdir()) == []

    def test_folder_that_stands_is_left_alone(self, corpus: Path, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("text,topics\na,water")
        with pytest.raises(BadInput, match="is there already and not empty"):
            create(tmp_path / "t.csv", corpus / "codebook.yaml", corpus)


class TestTasks:
    def test_documents_without_annotations_are_cut_by_the_page_reader(self, unjudged: Callable[[Path], Path]) -> None:
        bare = unjudged(ROOT / "data")
        documents = read_lines(bare / "documents.jsonl")[:20]
        write_lines(bare / "documents.jsonl", documents)
        names = {document["id"] for document in documents}
        writer = read_lines(ROOT / "data" / "annotations" / "writer.jsonl")
        judged = {(line["document"], line["start"], line["end"]) for line in writer if line["document"] in names}
        assert {task.passage for task in read_tasks(bare).tasks} == judged

    def test_limit_takes_a_sample_that_does_not_follow_the_order(self, corpus: Path) -> None:
        lines = [
            {"id": f"n{i}", "outlet": "a", "kind": "b", "date": "", "language": "en", "title": "", "text": f"Item {i}."}
            for i in range(40)
        ]
        write_lines(corpus / "documents.jsonl", [*read_lines(corpus / "documents.jsonl"), *lines])
        all_tasks = [task.passage for task in read_tasks(corpus).tasks]
        some = [task.passage for task in read_tasks(corpus, limit=10).tasks]
        assert len(some) == 10
        assert some == [passage for passage in all_tasks if passage in some] != all_tasks[:10]

    def test_unknown_annotator_is_refused(self, corpus: Path) -> None:
        with pytest.raises(BadInput, match="the annotator 'cy' judged no passage"):
            read_tasks(corpus, ["cy"])
