"""Files in Prodigy's documented format: the program itself is not free, so none of them was made by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from standpoint.errors import BadInput
from tests.training.annotations.exchange.conftest import TEXTS, read_lines, spans, suggest, write_lines
from training.annotations.exchange.importing import import_annotations
from training.annotations.exchange.prodigy import read_prodigy, write_prodigy


class TestProdigy:
    """Lines as `prodigy db-out` documents them: the task with `accept`, `answer`, `_annotator_id` and hashes."""

    @staticmethod
    def answer(line: dict[str, Any], **changes: Any) -> dict[str, Any]:
        ours = {"_input_hash": 1, "_task_hash": 2, "_view_id": "blocks", "_timestamp": 1700000000}
        return line | ours | {"answer": "accept", "_annotator_id": "anna", "_session_id": "s-anna"} | changes

    @pytest.fixture
    def lines(self, corpus: Path, tmp_path: Path) -> list[dict[str, Any]]:
        write_prodigy(suggest(corpus), tmp_path / "tasks")
        return read_lines(tmp_path / "tasks" / "tasks.jsonl")

    def test_accepted_tasks_are_judgements_and_the_others_are_named(
        self, lines: list[dict[str, Any]], corpus: Path, tmp_path: Path
    ) -> None:
        first, second, third = lines
        marks = ["topic:water", "stance:the-dam:favor", "stance:the-toll:none"]
        answers = [
            self.answer(first),
            self.answer(second, accept=marks, holders='the-dam: Orla: "Venn"\n', _annotator_id="ben"),
            self.answer(third, answer="reject"),
            self.answer(third, answer="ignore"),
        ]
        write_lines(tmp_path / "out.jsonl", answers)
        found = read_prodigy(tmp_path / "out.jsonl")
        assert [judgement.unchanged for judgement in found.judgements] == [True, False]
        assert [item.reason for item in found.left_out] == ["rejected", "ignored"]
        assert found.without_holder == 2
        import_annotations(found, corpus, ["ben=benno"])
        [benno] = read_lines(corpus / "annotations" / "benno.jsonl")
        assert [(s["stance"], s["holder"]) for s in benno["stances"]] == [("favor", 'Orla: "Venn"'), ("none", "author")]
        assert benno["codebook"] == "1.0.0"

    def test_suggestions_alone_are_no_judgements(self, lines: list[dict[str, Any]], tmp_path: Path) -> None:
        assert lines[0]["accept"] == lines[0]["suggested"]["accept"] == ["topic:roads", "stance:the-toll:against"]
        found = read_prodigy(tmp_path / "tasks")
        assert found.judgements == []
        assert {item.reason for item in found.left_out} == {"not answered"}

    def test_every_mark_is_an_option_and_only_the_place_is_shown(self, lines: list[dict[str, Any]]) -> None:
        assert {option["id"] for option in lines[0]["options"]} >= {"topic:other", "stance:the-dam:none"}
        assert lines[0]["meta"] == {"passage": f"d:1:0:{len(TEXTS[0])}"}

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"accept": []}, "is accepted without a label"),
            ({"accept": "topic:water"}, "expected 'accept' as a list"),
            ({"meta": {}}, "found no passage; export the tasks again"),
            ({"holders": "Orla Venn"}, "expected holders as lines TARGET: HOLDER"),
            ({"holders": "the-dam: a\nthe-dam: b"}, "the target 'the-dam' has two holders"),
            (
                {"accept": ["topic:water", "stance:the-dam:favor", "stance:the-dam:none"]},
                "the target 'the-dam' stands twice",
            ),
            ({"text": "Another text."}, f"is about another text than d:1 0:{spans()[0][1]}"),
        ],
    )
    def test_faulty_line_is_named(
        self, changes: dict[str, Any], message: str, lines: list[dict[str, Any]], corpus: Path, tmp_path: Path
    ) -> None:
        write_lines(tmp_path / "out.jsonl", [self.answer(lines[0], **changes)])
        with pytest.raises(BadInput, match=f"out.jsonl:1: .*{message}"):
            import_annotations(read_prodigy(tmp_path / "out.jsonl"), corpus)
