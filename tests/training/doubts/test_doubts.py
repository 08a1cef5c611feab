"""Doubts: folds that keep groups whole, rankings, planted errors, and what is written to be judged again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from standpoint.errors import BadInput
from tests import artifacts
from training.doubts.data import find_corpus, read_labelled, read_votes
from training.doubts.folds import cross_validate, deal_folds
from training.doubts.planting import Planting, format_plantings, measure_search, plant_errors
from training.doubts.ranking import Search, measure_confidence, search_labels
from training.doubts.report import find_passage, format_doubts, to_record, write_doubts, write_doubts_page
from training.doubts.vectors import read_vectors
from training.examples import Example, ExampleSet, make_example_set, read_examples

ROOT = Path(__file__).resolve().parents[3]


def _mislabel(examples: ExampleSet, wrong: dict[str, str]) -> ExampleSet:
    """Return the set with other stances for the ids given."""
    changed = [replace(e, stance=wrong.get(e.id, e.stance)) for e in examples.examples]
    return make_example_set("stance", changed, like=examples)


def test_folds_keep_groups_whole() -> None:
    examples = artifacts.stance_examples()
    folds = deal_folds(examples, seed=1)
    found: dict[str, set[int]] = {}
    for example, fold in zip(examples.examples, folds, strict=True):
        found.setdefault(example.group, set()).add(int(fold))
    assert set(folds.tolist()) == {0, 1, 2, 3, 4}
    assert all(len(parts) == 1 for parts in found.values())
    assert (deal_folds(examples, seed=2) != folds).any()


def test_one_group_cannot_be_searched() -> None:
    examples = make_example_set("stance", [replace(e, group="1") for e in artifacts.stance_examples(12).examples])
    with pytest.raises(BadInput, match="all examples are of one group"):
        deal_folds(examples, seed=1)


def test_one_label_cannot_be_searched() -> None:
    examples = make_example_set("stance", [replace(e, stance="none") for e in artifacts.stance_examples(12).examples])
    with pytest.raises(BadInput, match="expected at least two labels to tell apart, found none"):
        cross_validate(examples, None, seed=1)


def test_a_label_of_one_group_cannot_be_searched() -> None:
    examples = artifacts.stance_examples(60, ("favor", "against"))
    first = examples.examples[0]
    with pytest.raises(BadInput, match="the label 'none' occurs in too few groups"):
        cross_validate(_mislabel(examples, {first.id: "none"}), None, seed=1)


def test_a_planted_stance_is_doubted_first() -> None:
    examples = artifacts.stance_examples()
    honest = examples.examples[10]
    wrong = "against" if honest.stance != "against" else "favor"
    search = search_labels(_mislabel(examples, {honest.id: wrong}), None, seed=3)
    [doubt] = search.doubts(1)
    assert (doubt.rank, doubt.example.id, doubt.given) == (1, honest.id, (wrong,))
    assert doubt.suggested == (honest.stance,)
    assert doubt.confidence == pytest.approx(doubt.probabilities[wrong])
    assert [d.confidence for d in search.doubts(20)] == sorted(d.confidence for d in search.doubts(20))


def test_a_planted_topic_is_doubted_first() -> None:
    examples = artifacts.topic_examples()
    changed = [replace(e, topics=("other",)) if e.id == examples.examples[3].id else e for e in examples.examples]
    assert examples.examples[3].topics == ("economy",)
    [doubt] = search_labels(make_example_set("topic", changed, like=examples), None, seed=3).doubts(1)
    assert (doubt.example.id, doubt.given, doubt.suggested) == (examples.examples[3].id, ("other",), ("economy",))


def test_vectors_are_kept_and_speak(tiny_encoder: Path, tmp_path: Path) -> None:
    examples = artifacts.stance_examples(60)
    texts = [example.text for example in examples.examples]
    vectors = read_vectors(texts, str(tiny_encoder), tmp_path)
    assert vectors.shape[0] == 60
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    [kept] = tmp_path.iterdir()
    stamp = kept.stat().st_mtime_ns
    again = read_vectors([*texts[::-1], texts[0]], str(tiny_encoder), tmp_path)
    np.testing.assert_array_equal(again[:60], vectors[::-1])
    assert kept.stat().st_mtime_ns == stamp
    assert not np.allclose(cross_validate(examples, vectors, 1), cross_validate(examples, None, 1))
    whole = kept.read_bytes()
    for broken in (b"half", whole[:-200], b""):
        kept.write_bytes(broken)
        with pytest.raises(BadInput, match="delete it, it is made again"):
            read_vectors(texts, str(tiny_encoder), tmp_path)


def test_an_encoder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="name a local folder, or `none`"):
        read_vectors(["a text"], str(tmp_path / "nowhere"), tmp_path)


@given(arrays(np.float64, (6, 3), elements=st.floats(0.01, 1)), st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_confidence_in_stances_is_cleanlabs(raw: np.ndarray, given_labels: list[int]) -> None:
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    gold = np.eye(3, dtype=bool)[given_labels]
    expected = get_label_quality_scores(np.array(given_labels), probabilities, method="self_confidence")
    np.testing.assert_allclose(measure_confidence(probabilities, gold, "stance"), expected)


def test_confidence_in_topics_by_hand() -> None:
    """Weakest given 0.5, strongest missing 0.8: 0.5 * 0.2; nothing missing: 0.5 alone."""
    probabilities = np.array([[0.9, 0.5, 0.8], [0.9, 0.5, 0.8]])
    gold = np.array([[True, True, False], [True, True, True]])
    np.testing.assert_allclose(measure_confidence(probabilities, gold, "topic"), [0.1, 0.5])


@given(st.integers(0, 999), st.floats(0.05, 0.5), st.booleans())
def test_planting_changes_what_it_says(seed: int, share: float, stance: bool) -> None:
    examples = artifacts.stance_examples(40) if stance else artifacts.topic_examples(40)
    planted, wrong = plant_errors(examples, share, seed)
    changed = [a.labels != b.labels for a, b in zip(examples.examples, planted.examples, strict=True)]
    assert changed == wrong.tolist()
    assert wrong.sum() == round(share * len(examples))
    for before, after in zip(examples.examples, planted.examples, strict=True):
        assert (before.id, before.text, before.target) == (after.id, after.text, after.target)
        # Two topics of three: only `other` is free, which stands alone, so one topic is left out.
        assert len(after.labels) == 1 if before.labels != after.labels else before == after
        assert len(after.topics) < 2 or "other" not in after.topics or "other" in before.topics


def test_planting_follows_the_seed() -> None:
    examples = artifacts.stance_examples(40)
    assert plant_errors(examples, 0.1, 1)[0] == plant_errors(examples, 0.1, 1)[0]
    assert plant_errors(examples, 0.1, 1)[0] != plant_errors(examples, 0.1, 2)[0]


@pytest.mark.parametrize("share", [0.0, 0.001, 1.0, -1.0])
def test_a_share_that_plants_nothing(share: float) -> None:
    with pytest.raises(BadInput, match="--plant: a share of"):
        plant_errors(artifacts.stance_examples(40), share, 1)


def test_the_search_finds_more_than_chance() -> None:
    examples = artifacts.stance_examples()
    rows = list(measure_search(examples, None, 0.05, seed=1, seeds=2))
    assert [row.seed for row in rows] == [1, 2]
    for row in rows:
        assert (row.examples, row.planted) == (144, 7)
        assert row.first / row.planted > 5 * row.floor
        assert row.found <= min(row.flagged, row.planted)


def test_plantings_as_a_table() -> None:
    rows = [Planting(1, 100, 10, 4, 20, 6), Planting(2, 100, 10, 6, 30, 9)]
    lines = [line.split() for line in format_plantings(rows)]
    assert lines[1] == ["1", "10", "0.400", "20", "0.300", "0.600"]
    assert lines[3] == ["mean", "10", "0.500", "25", "0.300", "0.750"]
    assert lines[4] == ["chance", "10", "0.100", "25", "0.100", "0.250"]


def _search() -> Search:
    text = "The envoy praised the port levy & <b>more</b>."
    examples: Sequence[Example] = [
        Example("d:0-9#levy", text, "the port levy", stance="favor", document="d", group="d"),
        Example("2", text, "the river treaty", (4, 9), stance="none", group="e"),
    ]
    probabilities = np.array([[0.2, 0.8], [0.7, 0.3]])
    return Search(make_example_set("stance", examples), np.array([0.2, 0.3]), 1, probabilities)


def test_doubts_come_back_as_labelled_lines(tmp_path: Path) -> None:
    doubts = _search().doubts(2)
    votes = {"d:0-9#levy": {"ann": ("none",), "bob": ("favor",)}}
    write_doubts(doubts, votes, tmp_path / "doubts.jsonl")
    first, second = (json.loads(line) for line in (tmp_path / "doubts.jsonl").read_text().splitlines())
    assert first["suggested"] == "none"
    assert first["votes"] == {"ann": ["none"], "bob": ["favor"]}
    assert (first["passage"], first["rank"], first["flagged"]) == ("d:0:9", 1, True)
    assert "passage" not in second
    assert (second["start"], second["end"], second["flagged"]) == (4, 9, False)
    again = read_examples(tmp_path / "doubts.jsonl", "stance").examples
    assert [(e.id, e.text, e.target, e.stance, e.mention, e.group) for e in again] == [
        (d.example.id, d.example.text, d.example.target, d.example.stance, d.example.mention, d.example.group)
        for d in doubts
    ]


def test_doubted_topics_are_lists() -> None:
    search = search_labels(artifacts.topic_examples(), None, seed=3)
    record = to_record(search.doubts(1)[0], {})
    assert isinstance(record["topics"], list)
    assert isinstance(record["suggested"], list)
    assert "votes" not in record


@pytest.mark.parametrize(
    ("identifier", "document", "expected"),
    [
        ("d:1-20#x", "d", "d:1:20"),
        ("d:e:1-20", "d:e", "d:e:1:20"),
        ("17", "d", None),
        ("1-20", "", None),
        ("d:1-x", "d", None),
    ],
)
def test_the_place_of_a_passage(identifier: str, document: str, expected: str | None) -> None:
    assert find_passage(identifier, document) == expected


def test_the_page_and_the_lines_escape_and_tell(tmp_path: Path) -> None:
    doubts = _search().doubts(2)
    votes = {"d:0-9#levy": {"<i>ann": ("none",)}}
    write_doubts_page(doubts, votes, ["2 examples."], tmp_path / "doubts.html")
    page = (tmp_path / "doubts.html").read_text(encoding="utf-8")
    assert page.count('<article class="card">') == 2
    assert "&amp; &lt;b&gt;more&lt;/b&gt;" in page
    assert "<i>ann" not in page
    lines = list(format_doubts(doubts, votes))
    assert lines[0] == "   1  0.200  d:0-9#levy: favor toward the port levy; suggested none"
    assert lines[2] == "      <i>ann: none"
    assert lines[3].endswith("(not flagged)")


def test_votes_are_those_of_the_corpus() -> None:
    example = Example("w1-001:23-308#nato-enlargement", "text", "NATO enlargement", stance="against")
    missing = replace(example, id="w1-001:23-308#veto-power", target="the veto in the UN Security Council")
    unknown = replace(example, id="7", target="the port levy")
    votes = read_votes(ROOT / "data", make_example_set("stance", [example, missing, unknown]))
    assert votes[example.id]["reader"] == ("against",)
    assert votes[missing.id]["reader"] == ("not listed",)
    assert votes["7"] == {}
    topic = Example("w1-001:23-308", "text", topics=("diplomacy",))
    assert votes.keys() == {example.id, missing.id, "7"}
    assert read_votes(ROOT / "data", make_example_set("topic", [topic]))[topic.id]["reader"] == (
        "military-cooperation",
    )


def test_where_a_corpus_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "build").mkdir()
    assert find_corpus(tmp_path / "build") == tmp_path
    assert find_corpus(tmp_path / "labelled.jsonl") is None
    assert find_corpus(tmp_path) is None


def test_labelled_lines_are_read_whole_or_in_part(tmp_path: Path) -> None:
    path = tmp_path / "stance.jsonl"
    lines = [
        json.dumps({"id": e.id, "text": e.text, "target": e.target, "stance": e.stance, "group": e.group})
        for e in artifacts.stance_examples(40).examples
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert len(read_labelled("stance", path)) == 40
    assert len(read_labelled("stance", path, limit=9)) == 9
