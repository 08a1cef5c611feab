"""What is said about agreement: questions, confusions, disputes, and corpora in which nothing can be compared."""

from __future__ import annotations

import json
import math

import pytest

from tests.training.annotations.conftest import MakeCorpus, Said
from training.annotations.agreement import summarise_agreement
from training.annotations.agreement.confusion import ANSWERS, NOT_LISTED, count_stances, count_topics
from training.annotations.agreement.disputes import find_disputes
from training.annotations.agreement.questions import measure_targets, measure_topics
from training.annotations.agreement.table import align, format_summary

SAID: list[Said] = [
    ("d1", "ann", ["water"], {"the-dam": "favor"}),
    ("d1", "bob", ["water"], {"the-dam": "against"}),
    ("d1", "adjudicator", ["water"], {"the-dam": "favor"}),
    ("d2", "ann", ["water", "roads"], {"the-dam": "none", "the-toll": "favor"}),
    ("d2", "bob", ["roads"], {"the-toll": "favor"}),
    ("d3", "ann", ["roads"], {}),
    ("d3", "bob", ["other"], {"the-dam": "against"}),
    ("d4", "ann", ["water"], {"the-dam": "favor"}),
    ("d4", "bob", ["water"], {"the-dam": "favor"}),
    ("d5", "ann", ["water"], {}),
]


def test_topics_and_targets_by_hand(make_corpus: MakeCorpus) -> None:
    corpus = make_corpus(SAID)
    water, roads, other = measure_topics(corpus, draws=20)
    assert (water.units, water.given, water.documents) == (4, 3, 4)
    # water: (1, 1), (1, 0), (0, 0), (1, 1): D_o = 2 / 8; D_e = 2 * 5 * 3 / (8 * 7); alpha = 1 - 14 / 30.
    assert water.alpha == pytest.approx(1 - 14 / 30)
    assert (roads.given, other.given) == (2, 1)
    (dam, dam_listed), (toll, toll_listed) = measure_targets(corpus, draws=20)
    # The dam: (favor, against), (favor, favor): D_o = 2 / 4; D_e = 2 * 3 * 1 / (4 * 3); alpha = 0.
    assert (dam.units, dam.alpha) == (2, pytest.approx(0))
    assert (dam_listed.units, dam_listed.given) == (4, 4)
    assert toll.units == 1
    assert math.isnan(toll.alpha)
    assert toll_listed.alpha == 1
    assert dam.thin
    assert water.thin


def test_a_label_is_thin_below_ten(make_corpus: MakeCorpus) -> None:
    said: list[Said] = []
    for number in range(30):
        for annotator in ("ann", "bob"):
            topics = ["water"] if number < 9 else ["roads"] if number < 19 else ["other"]
            said.append((f"d{number}", annotator, topics, {}))
    water, roads, _ = measure_topics(make_corpus(said), draws=5)
    assert (water.thin, roads.thin) == (True, False)


def test_stances_of_two_annotators(make_corpus: MakeCorpus) -> None:
    [table] = count_stances(make_corpus(SAID))
    assert (table.one, table.other, table.total) == ("ann", "bob", 5)
    counts = {
        (row, column): table.counts[ANSWERS.index(row)][ANSWERS.index(column)] for row in ANSWERS for column in ANSWERS
    }
    assert {pair: count for pair, count in counts.items() if count} == {
        ("favor", "against"): 1,
        ("none", NOT_LISTED): 1,
        ("favor", "favor"): 2,
        (NOT_LISTED, "against"): 1,
    }


def test_topics_in_one_anothers_place(make_corpus: MakeCorpus) -> None:
    found = {(c.mine, c.theirs): c.passages for c in count_topics(make_corpus(SAID))}
    assert found == {("water", ""): 1, ("roads", "other"): 1}


def test_the_most_disputed_comes_first(make_corpus: MakeCorpus) -> None:
    first, second, third = find_disputes(make_corpus(SAID))
    assert (first.document, first.topics, first.stances, first.distance) == ("d3", 1, 1, 1)
    # d2: {water, roads} against {roads} is 1 - 1/2 * 2/3; one of two targets differs.
    assert (second.document, second.topics, second.stances) == ("d2", pytest.approx(2 / 3), 0.5)
    assert second.decision is None
    assert (third.document, third.topics, third.stances, third.distance) == ("d1", 0, 1, 0.5)
    assert third.decision is not None
    assert third.decision.stances == (("the-dam", "favor"),)


def test_a_task_that_one_alone_judged_does_not_count(make_corpus: MakeCorpus) -> None:
    [dispute] = find_disputes(make_corpus([("d1", "ann", ["water"], None), ("d1", "bob", ["roads"], {})]))
    assert dispute.stances is None
    assert dispute.distance == 1


def test_three_annotators_are_measured_in_pairs(make_corpus: MakeCorpus) -> None:
    more: list[Said] = [("d1", "cy", ["roads"], {"the-dam": "none"}), ("d4", "cy", ["water"], {"the-dam": "favor"})]
    summary = summarise_agreement(make_corpus([*SAID, *more]), draws=20)
    pairs = [a.annotators for a in summary.questions if a.question == "topics"]
    assert pairs == [("ann", "bob", "cy"), ("ann", "bob"), ("ann", "cy"), ("bob", "cy")]
    assert [(c.one, c.other) for c in summary.stance_confusions] == [("ann", "bob"), ("ann", "cy"), ("bob", "cy")]
    assert any("ann and cy" in line for line in format_summary(summary))


def test_the_adjudicator_never_counts(make_corpus: MakeCorpus) -> None:
    plain = summarise_agreement(make_corpus([row for row in SAID if row[1] != "adjudicator"]), draws=20)
    summary = summarise_agreement(make_corpus(SAID), draws=20)
    assert summary.questions == plain.questions
    assert summary.topic_confusions == plain.topic_confusions
    assert (summary.adjudicated, plain.adjudicated) == (1, 0)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("d1", "ann", ["water"], {})], "one independent annotator only (ann)"),
        ([("d1", "ann", ["water"], {}), ("d1", "adjudicator", ["water"], {})], "one independent annotator only (ann)"),
        ([("d1", "adjudicator", ["water"], {})], "no independent annotator"),
        ([("d1", "ann", ["water"], {}), ("d2", "bob", ["water"], {})], "ann, bob judged no passage in common"),
    ],
)
def test_nothing_to_compare_is_said(make_corpus: MakeCorpus, said: list[Said], expected: str) -> None:
    summary = summarise_agreement(make_corpus(said))
    assert summary.missing.startswith(expected)
    assert len(list(format_summary(summary))) == 2
    assert json.loads(json.dumps(summary.as_dict()))["questions"] == []


def test_the_table_and_json_hold_everything(make_corpus: MakeCorpus) -> None:
    summary = summarise_agreement(make_corpus(SAID), draws=20, worst=2)
    text = "\n".join(format_summary(summary))
    for expected in ("the-toll", "~", "ann in rows, bob in columns", "not adjudicated"):
        assert expected in text
    assert "most disputed, 2 of 3 passages that differ" in text
    content = json.loads(json.dumps(summary.as_dict(), allow_nan=False))
    toll = next(row for row in content["targets"] if row["label"] == "the-toll" and row["question"] == "stance")
    assert (toll["alpha"], toll["thin"]) == (None, True)
    assert content["disputes"][0]["judgements"][0] == {"annotator": "ann", "topics": ["roads"], "stances": {}}
    assert content["shared"] == 4


def test_columns_are_aligned() -> None:
    assert align(("name", "count"), [("a", "7"), ("longer", "1234")]) == [
        "name    count",
        "a           7",
        "longer   1234",
    ]
