"""What goes out comes back the same: in every format, on the whole corpus and on odd texts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standpoint.codebook import STANCES, read_codebook
from standpoint.encoding import normalise
from tests.training.annotations.exchange.conftest import CODEBOOK, ROOT, key_annotations, write_lines
from training.annotations.exchange.findings import Findings
from training.annotations.exchange.formats import TABLES, TOOLS
from training.annotations.exchange.importing import import_annotations
from training.annotations.exchange.mapping import Shape, map_table
from training.annotations.exchange.rows import read_judgements
from training.annotations.exchange.tasks import TaskSet, read_tasks

WAYS: list[tuple[str, Shape | None]] = [
    *((name, None) for name in TOOLS),
    *((name, shape) for name in TABLES for shape in ("pairs", "annotations")),
]


def send(tasks: TaskSet, name: str, shape: Shape | None, place: Path) -> Findings:
    """Write tasks in a format and read them again."""
    if shape is None:
        TOOLS[name].write(tasks, place)
        return TOOLS[name].read(place)
    TABLES[name].write(tasks, place, shape)
    table = TABLES[name].read(str(place), None)
    return read_judgements(table, map_table(table, tasks.codebook, None, (), ()))


@pytest.mark.parametrize(("name", "shape"), WAYS)
def test_the_corpus_comes_back(
    name: str, shape: Shape | None, unjudged: Callable[[Path], Path], tmp_path: Path
) -> None:
    bare = unjudged(ROOT / "data")
    tasks = read_tasks(ROOT / "data", ["writer"], open_too=False)
    assert len(tasks.tasks) == 4952
    found = send(tasks, name, shape, tmp_path / "out")
    assert (found.left_out, found.problems, found.without_holder) == ([], [], 0)
    done = import_annotations(found, bare)
    assert done.annotators == {"writer": 4952}
    assert key_annotations(bare, "writer") == key_annotations(ROOT / "data", "writer")


@pytest.mark.parametrize(("name", "shape"), WAYS)
def test_annotators_and_open_tasks_are_told_apart(
    name: str, shape: Shape | None, corpus: Path, unjudged: Callable[[Path], Path], tmp_path: Path
) -> None:
    tasks = read_tasks(corpus, ["ann", "ben"])
    assert len(tasks.tasks) == 3
    bare = unjudged(corpus)
    found = send(tasks, name, shape, tmp_path / "out")
    import_annotations(found, bare)
    assert {path.name for path in (bare / "annotations").iterdir()} == {"ann.jsonl", "ben.jsonl"}
    assert key_annotations(bare, "ann", "ben") == key_annotations(corpus, "ann", "ben")
    assert len(found.left_out) == (2 if name == "doccano" else 1)  # which has a file for each annotator


# Everything but halves of surrogate pairs, which no file may hold.
ODD = "ab \n\r\t\"'\\,;|:#[]{}<>&=\u2028\u0085\ufeff\x00🙂🇺🇳é"
characters = st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"])
texts = st.text(characters, min_size=1, max_size=40).map(str.strip).filter(normalise)
holders = st.text(characters, min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
sides = st.dictionaries(st.sampled_from(list(CODEBOOK["targets"])), st.tuples(st.sampled_from(STANCES), holders))
topics = st.sampled_from([None, ["water"], ["water", "roads"], ["other"]])


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a document and the judgements of some of its passages."""
    name, passages = draw(texts), draw(st.lists(texts, min_size=1, max_size=3))
    text, judgements = "", []
    for passage in passages:
        text += "\n\n" if text else ""
        place = {"document": name, "start": len(text), "end": len(text) + len(passage)}
        text += passage
        for annotator in draw(st.sets(st.sampled_from(["anna", "Ben C.", "łucja-2"]))):
            found = draw(st.none() | sides)
            pairs = [{"target": t, "stance": s, "holder": h} for t, (s, h) in (found or {}).items()]
            labels = {"topics": draw(topics), "stances": None if found is None else pairs}
            judgements.append(place | {"annotator": annotator} | labels)
    context = {"outlet": draw(texts), "kind": "note", "date": "", "language": "en", "title": draw(texts)}
    return {"id": name, **context, "text": text}, judgements


@pytest.mark.parametrize(("name", "shape"), [way for way in WAYS if way[0] != "datasets"])  # which is Parquet inside
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(content=documents().filter(lambda content: bool(content[1])))
def test_odd_texts_come_back(
    name: str, shape: Shape | None, content: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    document, judgements = content
    with tempfile.TemporaryDirectory() as scratch:
        folder, bare = Path(scratch, "corpus"), Path(scratch, "bare")
        for home in (folder, bare):
            write_lines(home / "documents.jsonl", [document])
            (home / "codebook.yaml").write_text(yaml.safe_dump(CODEBOOK, sort_keys=False), encoding="utf-8")
        write_lines(folder / "annotations" / "all.jsonl", judgements)
        annotators = sorted({item["annotator"] for item in judgements})
        found = send(read_tasks(folder, annotators, open_too=False), name, shape, Path(scratch, "out"))
        assert found.left_out == []
        assert read_codebook(folder / "codebook.yaml").version == "1.0.0"
        import_annotations(found, bare)
        assert key_annotations(bare, *annotators) == key_annotations(folder, *annotators)
