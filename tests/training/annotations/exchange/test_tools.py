"""Exports of the real tools, Label Studio 1.23.2 and doccano 1.8.4, and what they would make of ours."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from standpoint.codebook import read_codebook
from standpoint.errors import BadInput
from tests.training.annotations.exchange.conftest import ROOT, key_annotations, read_lines, suggest, write_lines
from training.annotations.exchange.doccano import read_doccano, write_doccano
from training.annotations.exchange.importing import import_annotations
from training.annotations.exchange.label_config import make_label_config
from training.annotations.exchange.label_studio import read_label_studio, write_label_studio
from training.annotations.exchange.tasks import read_tasks
from training.annotations.records import StanceLabel

GOLDEN = ROOT / "tests" / "golden" / "exchange"


def change(path: Path, edit: Callable[[Any], None]) -> Path:
    """Edit a JSON file in place."""
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


class TestLabelStudio:
    """The golden file was exported after people's clicks in the real interface and calls of its API:
    1 submitted a suggestion as it was (task 1), made another of one (2), judged topics only (4), changed what `writer`
    had (7); 2 judged task 8; task 3 was skipped, 5 copied from its prediction in bulk, 6 has a draft only.
    """

    def test_export_of_the_real_tool_is_read(self, unjudged: Callable[[Path], Path]) -> None:
        found = read_label_studio(GOLDEN / "label-studio.json")
        assert found.problems == []
        assert Counter(j.annotator for j in found.judgements) == {"reader": 5, "writer": 4, "1": 4, "2": 1}
        assert {j.annotator for j in found.judgements if j.named} == {"reader", "writer"}
        assert [j.where.split(": ")[1] for j in found.judgements if j.unchanged] == ["task 1, annotation 10"]
        left = {item.where.split(": ")[1].split(",")[0]: item.reason for item in found.left_out}
        assert left["task 3"] == "skipped by its annotator"
        assert left["task 5"] == "copied from a prediction in bulk, seen by nobody"
        assert Counter(item.where.split(": ")[1] for item in found.left_out)["task 6, draft 3"] == 1
        bare = unjudged(ROOT / "data")
        import_annotations(found, bare, ["1=anna", "2=ben"])
        anna = {line["document"]: line for line in read_lines(bare / "annotations" / "anna.jsonl")}
        assert anna["x4-031"]["stances"] is None
        holder = 'the "ferrymen", of course 🙂'
        assert anna["x1-014"]["stances"] == [{"target": "aid-to-ukraine", "stance": "favor", "holder": holder}]
        assert {line["codebook"] for line in anna.values()} == {"1.2.0"}

    def test_what_the_real_tool_kept_of_the_reader_is_what_the_corpus_has(
        self, unjudged: Callable[[Path], Path]
    ) -> None:
        bare = unjudged(ROOT / "data")
        import_annotations(read_label_studio(GOLDEN / "label-studio.json"), bare, ["1=anna", "2=ben"])
        corpus = {(a["document"], a["start"]): a for a in read_lines(ROOT / "data" / "annotations" / "reader.jsonl")}
        found = read_lines(bare / "annotations" / "reader.jsonl")
        assert found == [corpus[a["document"], a["start"]] for a in found]

    def test_configuration_has_a_control_for_every_label(self) -> None:
        codebook = read_codebook(ROOT / "data" / "codebook.yaml")
        root = ElementTree.fromstring(make_label_config(codebook))
        controls = {item.get("name"): item for item in root.iter() if item.tag in ("Choices", "TextArea")}
        assert {choice.get("value") for choice in controls["topics"]} == set(codebook.topics.labels)
        assert {choice.get("value") for choice in controls["targets"]} == set(codebook.targets)
        for target in codebook.targets:
            choices = controls[f"stance-{target}"]
            assert [choice.get("value") for choice in choices] == ["favor", "against", "none"]
            assert (choices.get("choice"), choices.get("whenChoiceValue")) == ("single", target)
            assert f"holder-{target}" in controls
        assert {item.get("value") for item in root.iter("Text")} == {"$text"}  # judged by its own words

    def test_predictions_are_no_annotations(self, corpus: Path, tmp_path: Path) -> None:
        write_label_studio(suggest(corpus), tmp_path / "out")
        tasks = json.loads((tmp_path / "out" / "tasks.json").read_text(encoding="utf-8"))
        [prediction] = tasks[0]["predictions"]
        assert (prediction["model_version"], prediction["score"]) == ("topic-1+stance-2", 0.6)
        assert "annotations" not in tasks[0]
        found = read_label_studio(tmp_path / "out")
        assert found.judgements == []
        assert len(found.left_out) == len(tasks) == 3
        with pytest.raises(BadInput, match="no judgement to import; left out, not annotated: 3"):
            import_annotations(found, corpus)

    def test_users_are_known_by_address_where_the_export_has_it(self, corpus: Path, tmp_path: Path) -> None:
        write_label_studio(suggest(corpus), tmp_path / "out")

        def submit(tasks: Any) -> None:
            user = {"id": 3, "email": "cy@example.org"}
            result = tasks[0]["predictions"][0]["result"]
            tasks[0]["annotations"] = [{"id": 1, "completed_by": user, "result": result, "lead_time": 2.0}]

        change(tmp_path / "out" / "tasks.json", submit)
        found = read_label_studio(tmp_path / "out")
        [judged] = found.judgements
        assert (judged.annotator, judged.named, found.without_holder) == ("cy@example.org", False, 1)
        with pytest.raises(
            BadInput, match=r"the file has cy@example\.org with 1 judgements; name them with --annotator"
        ):
            import_annotations(found, corpus)

    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda r: r.pop(0), "has no topic; choose one in Label Studio"),
            (lambda r: r.pop(2), "ticks the target 'the-toll' without a stance"),
            (lambda r: r.pop(1), "has a stance toward 'the-toll', which is not ticked"),
            (lambda r: r.append(r[0]), "'topics' has more than one value"),
            (
                lambda r: r[0].update(from_name="mood"),
                "has a result of 'mood'; expected controls of the exported labels.xml",
            ),
            (lambda r: r[0].update(value={"choices": [1]}), "expected a list of texts as the value of 'topics'"),
            (
                lambda r: r[0].update(value={"choices": ["road"]}),
                "topic 'road' is not in the codebook; did you mean 'roads'",
            ),
        ],
    )
    def test_faulty_annotation_is_named(
        self, spoil: Callable[[Any], None], message: str, corpus: Path, tmp_path: Path
    ) -> None:
        write_label_studio(suggest(corpus), tmp_path / "out")

        def submit(tasks: Any) -> None:
            spoil(tasks[0]["predictions"][0]["result"])
            tasks[0]["annotations"] = [{"id": 9, "completed_by": 1, "result": tasks[0]["predictions"][0]["result"]}]

        change(tmp_path / "out" / "tasks.json", submit)
        with pytest.raises(BadInput, match=f"tasks.json: task number 1, annotation 9: .*{message}"):
            import_annotations(read_label_studio(tmp_path / "out"), corpus, ["cy"])
        assert not (corpus / "annotations" / "cy.jsonl").exists()

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"[{]", "is no JSON"),
            (b"{}", "expected a list of tasks"),
            (
                b'[{"text": "a", "topics": "water", "annotator": 1}]',
                "export as JSON from Label Studio, not as JSON-MIN",
            ),
        ],
    )
    def test_file_of_another_kind_is_refused(self, content: bytes, message: str, tmp_path: Path) -> None:
        (tmp_path / "export.json").write_bytes(content)
        with pytest.raises(BadInput, match=message):
            read_label_studio(tmp_path / "export.json")

    def test_task_of_another_project_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "export.json").write_text('[{"id": 4, "data": {"image": "a.png"}, "annotations": []}]')
        [problem] = read_label_studio(tmp_path / "export.json").problems
        assert str(problem).endswith(
            "export.json: task 4: expected data with document, start and end, as exported, found image; "
            "import the tasks of standpoint export"
        )


class TestDoccano:
    """The golden files went through doccano's own import and export; in between, an open example got a topic, two
    stances, a comment that names a holder and one that does not."""

    def test_export_of_the_real_tool_is_read(self, unjudged: Callable[[Path], Path], tmp_path: Path) -> None:
        archive = shutil.make_archive(str(tmp_path / "export"), "zip", GOLDEN / "doccano")
        for source in (Path(archive), GOLDEN / "doccano"):
            found = read_doccano(source)
            assert found.problems == []
            assert Counter(j.annotator for j in found.judgements) == {"reader": 11, "adjudicator": 3}
            assert Counter(item.reason for item in found.left_out)["a comment that names no holder"] == 1
            assert found.without_holder == 1
        bare = unjudged(ROOT / "data")
        import_annotations(found, bare)
        came, kept = key_annotations(bare, "reader"), key_annotations(ROOT / "data", "reader")
        [new] = came.keys() - kept.keys()
        assert {key: kept[key] for key in came if key != new} == {key: came[key] for key in came if key != new}
        assert came[new].topics == ("economy",)
        assert came[new].stances == (
            StanceLabel("brics-enlargement", "favor", "the trade envoy"),
            StanceLabel("peace-talks", "none", "author"),
        )

    def test_files_are_ascii_and_label_types_are_complete(self, corpus: Path, tmp_path: Path) -> None:
        files = write_doccano(read_tasks(corpus, ["ann"]), tmp_path / "out")
        assert sorted(file.name for file in files) == ["ann.jsonl", "labels.json"]
        assert all(file.read_bytes().isascii() for file in files)
        types = {item["text"] for item in json.loads(files[0].read_text())}
        used = {mark for line in read_lines(tmp_path / "out" / "ann.jsonl") for mark in line["label"]}
        assert used < types
        assert len(types) == 3 + 2 * 3 + 2

    def test_shared_annotations_need_a_name(self, corpus: Path, tmp_path: Path) -> None:
        write_doccano(read_tasks(corpus, ["ann"]), tmp_path)
        (tmp_path / "ann.jsonl").rename(tmp_path / "all.jsonl")
        found = read_doccano(tmp_path / "all.jsonl")
        with pytest.raises(BadInput, match="the file has all with 2 judgements; name them"):
            import_annotations(found, corpus)
        import_annotations(found, corpus, ["cy"])
        assert len(read_lines(corpus / "annotations" / "cy.jsonl")) == 2

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"label": ["happy"]}, "expected labels such as topic:NAME or stance:TARGET:STANCE, found 'happy'"),
            ({"label": "topic:water"}, "expected 'label' and 'Comments' as lists"),
            ({"label": ["topic:water", "not-judged:topics"]}, "has topics and the mark not-judged:topics"),
            ({"passage": "d:1"}, "expected a passage as DOCUMENT:START:END, found the passage 'd:1'"),
            ({"holders": "{"}, "expected 'holders' as JSON"),
        ],
    )
    def test_faulty_example_is_named(self, changes: dict[str, Any], message: str, tmp_path: Path) -> None:
        line = {"text": "a", "passage": "d:1:0:1", "holders": "{}", "label": ["topic:water"], "Comments": []}
        write_lines(tmp_path / "ann.jsonl", [line | changes])
        [problem] = read_doccano(tmp_path / "ann.jsonl").problems
        assert problem.where.endswith("ann.jsonl:1")
        assert message in problem.message

    def test_folder_without_examples_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r"holds no .jsonl file"):
            read_doccano(tmp_path)
