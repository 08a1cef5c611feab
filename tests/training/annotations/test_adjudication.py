"""Which labels hold, task by task."""

import json
from pathlib import Path

import pytest

from standpoint.codebook import read_codebook
from standpoint.encoding import normalise
from standpoint.errors import BadInput
from training.annotations.adjudication import adjudicate, write_gold
from training.annotations.reading import read_corpus
from training.annotations.records import Annotation, Corpus, Document, StanceLabel

DATA = Path(__file__).resolve().parents[3] / "data"
BOOK = read_codebook(DATA / "codebook.yaml")
TEXT = "One  line about aid."


def _corpus(*judgements: tuple[str, tuple[str, ...] | None, dict[str, tuple[str, str]] | None]) -> Corpus:
    annotations = tuple(
        Annotation(
            "d1",
            0,
            len(TEXT),
            who,
            topics,
            None if stances is None else tuple(StanceLabel(t, *label) for t, label in stances.items()),
            f"a.jsonl:{line}",
        )
        for line, (who, topics, stances) in enumerate(judgements, start=1)
    )
    document = Document("d1", "Arle Courier", "report", "2024-05-01", "en", "", TEXT)
    return Corpus(Path("c"), BOOK, {"d1": document}, annotations)


def test_agreed_single_and_dropped() -> None:
    one = ("ann", ("economy",), {"veto-power": ("favor", "author"), "peace-talks": ("none", "author")})
    two = ("bea", ("economy",), {"veto-power": ("favor", "the envoy"), "peace-talks": ("favor", "author")})
    [gold], report = adjudicate(_corpus(one, two))
    assert (gold.topics, gold.topic_status) == (("economy",), "agreed")
    assert [(s.target, s.stance, s.holder, s.status) for s in gold.stances] == [
        ("veto-power", "favor", "author", "agreed")
    ]
    assert gold.mentioned == ("veto-power", "peace-talks")
    assert report.dropped == {"stance": 1}

    [gold], report = adjudicate(_corpus(one))
    assert (gold.topic_status, {s.status for s in gold.stances}) == ("single", {"single"})
    assert report.stances == {"single": 2}


def test_target_that_one_did_not_see_is_dropped_and_stays_mentioned() -> None:
    one = ("ann", ("economy",), {"veto-power": ("favor", "author")})
    [gold], report = adjudicate(_corpus(one, ("bea", ("economy", "diplomacy"), {})))
    assert (gold.topics, gold.stances, gold.mentioned) == (None, (), ("veto-power",))
    assert report.dropped == {"mention": 1, "topics": 1}


def test_adjudicator_decides_task_by_task() -> None:
    one = ("ann", ("economy",), {"veto-power": ("favor", "author")})
    judge = ("adjudicator", None, {"peace-talks": ("against", "author")})
    [gold], report = adjudicate(_corpus(one, ("bea", ("economy",), {"veto-power": ("favor", "x")}), judge))
    assert (gold.topics, gold.topic_status) == (("economy",), "agreed")
    assert [(s.target, s.stance, s.status) for s in gold.stances] == [("peace-talks", "against", "adjudicated")]
    assert gold.mentioned == ("veto-power", "peace-talks")
    assert report.dropped == {}


def test_task_that_one_annotator_left_out_is_single() -> None:
    one = ("ann", None, {"veto-power": ("favor", "author")})
    [gold], _ = adjudicate(_corpus(one, ("bea", ("economy",), None)))
    assert (gold.topic_status, gold.stances[0].status) == ("single", "single")
    [gold], _ = adjudicate(_corpus(one))
    assert (gold.topics, gold.topic_status) == (None, None)


def test_three_annotators_all_count() -> None:
    stances = {"veto-power": ("none", "author")}
    [gold], report = adjudicate(
        _corpus(("ann", ("economy",), stances), ("bea", ("economy",), stances), ("cyd", ("economy",), {}))
    )
    assert (gold.topic_status, gold.stances, report.dropped) == ("agreed", (), {"mention": 1})


def test_gold_file_of_our_corpus(tmp_path: Path) -> None:
    report = write_gold(DATA, tmp_path / "new" / "gold.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "new" / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == report.passages == 4952
    assert report.topics == {"adjudicated": 2189, "agreed": 2644, "single": 119}
    assert report.stances == {"adjudicated": 2986, "agreed": 3334, "single": 145}
    assert report.dropped == {}
    assert report.lines()[-1] == "dropped for want of agreement: none"
    documents = read_corpus(DATA).documents
    for row in rows:
        assert {label["target"] for label in row["stances"]} <= set(row["mentioned"]) <= set(BOOK.targets)
        span = documents[row["document"]].text[row["start"] : row["end"]]
        assert row["text"] == normalise(span)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["gold.jsonl"]


def test_broken_corpus_leaves_the_old_gold(tmp_path: Path) -> None:
    out = tmp_path / "gold.jsonl"
    out.write_text("old")
    with pytest.raises(BadInput, match=r"codebook.yaml: no such file"):
        write_gold(tmp_path / "nowhere", out)
    assert out.read_text() == "old"
