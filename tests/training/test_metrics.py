"""Every metric against numbers worked out by hand or published, and the bootstrap's properties."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, jaccard_score

from standpoint.codebook import STANCES
from training import metrics

# Gold labels of the official test set of SemEval-2016 Task 6 A (Mohammad et al. 2016): favor, against, none.
SEMEVAL = {
    "Atheism": (32, 160, 28),
    "Climate Change": (123, 11, 35),
    "Feminist Movement": (58, 183, 44),
    "Hillary Clinton": (45, 172, 78),
    "Legalization of Abortion": (46, 189, 45),
}
LABEL = st.sampled_from(STANCES)
PAIRS = st.lists(st.tuples(LABEL, LABEL), min_size=1, max_size=40)


def stance_scores(
    gold: Sequence[str], said: Sequence[str], targets: Sequence[str], groups: Sequence[str], seed: int = 0
) -> dict[str, metrics.Score]:
    return {name: t.score(seed) for name, t in metrics.stance_tallies(gold, said, targets, groups).items()}


def topic_scores(
    gold: Sequence[Sequence[str]], said: Sequence[Sequence[str]], labels: Sequence[str], groups: Sequence[str]
) -> dict[str, metrics.Score]:
    return {name: t.score() for name, t in metrics.topic_tallies(gold, said, labels, groups).items()}


def stance(gold: list[str], predicted: list[str], targets: list[str] | None = None) -> dict[str, float]:
    groups = [str(i) for i in range(len(gold))]
    scores = stance_scores(gold, predicted, targets or ["dam"] * len(gold), groups)
    return {name: score.value for name, score in scores.items()}


def test_majority_per_target_on_semeval_gives_the_published_number() -> None:
    gold, predicted, targets = [], [], []
    for target, counts in SEMEVAL.items():
        gold += [label for label, count in zip(STANCES, counts, strict=True) for _ in range(count)]
        predicted += [STANCES[int(np.argmax(counts))]] * sum(counts)
        targets += [target] * sum(counts)
    assert len(gold) == 1249
    found = stance(gold, predicted, targets)
    assert round(100 * found["stance.f_avg"], 2) == 65.22
    assert round(100 * found["stance.f_avg_per_target"], 2) == 40.09
    assert round(100 * found["stance.macro_f1"], 2) == 43.48


def test_stance_metrics_by_hand() -> None:
    gold = ["favor", "favor", "against", "against", "none", "none"]
    said = ["favor", "against", "against", "unrelated", "none", "favor"]
    found = stance(gold, said)
    # favor: 1 hit, 2 gold, 2 said: 1/2. against: 1, 2, 2: 1/2. none: 1, 2, 1: 2/3. `unrelated` is a miss.
    assert found["stance.f_avg"] == pytest.approx(1 / 2)
    assert found["stance.macro_f1"] == pytest.approx((1 / 2 + 1 / 2 + 2 / 3) / 3)
    assert found["stance.accuracy"] == pytest.approx(3 / 6)
    assert found["stance.f_avg_per_target"] == pytest.approx(1 / 2)


def test_f_avg_per_target_by_hand() -> None:
    gold = ["favor", "against", "favor", "favor"]
    said = ["favor", "against", "favor", "against"]
    # dam: both F1 are 1. road: favor 1 hit, 2 gold, 1 said: 2/3; against 0 of 0 gold and 1 said: 0.
    found = stance(gold, said, ["dam", "dam", "road", "road"])
    assert found["stance.f_avg_per_target"] == pytest.approx((1 + (2 / 3 + 0) / 2) / 2)
    # pooled: favor 2, 3, 2: 4/5; against 1, 1, 2: 2/3.
    assert found["stance.f_avg"] == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_an_absent_label_never_changes_the_definition() -> None:
    found = stance(["favor", "favor"], ["favor", "favor"])
    assert found["stance.macro_f1"] == pytest.approx(1 / 3)
    assert found["stance.f_avg"] == pytest.approx(1 / 2)
    topics = topic_scores([["a"]], [["a"]], ["a", "b", "c"], ["g"])
    assert topics["topic.macro_f1"].value == pytest.approx(1 / 3)
    assert topics["topic.micro_f1"].value == 1
    assert metrics.two_label_tally(["favor"], ["favor"], ["g"]).score().value == pytest.approx(1 / 2)


def test_two_labels_by_hand() -> None:
    gold = ["favor", "favor", "favor", "against"]
    said = ["favor", "favor", "against", "against"]
    # favor: 2, 3, 2: 4/5. against: 1, 1, 2: 2/3.
    score = metrics.two_label_tally(gold, said, list("abcd")).score()
    assert score.value == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert score.count == 4


def test_contrast_by_hand() -> None:
    passages = ["one", "one", "two", "two", "three", "four", "four"]
    gold = ["favor", "against", "none", "none", "favor", "against", "none"]
    rows = metrics.contrast_rows(passages, gold)
    assert rows == [0, 1, 5, 6]
    said = ["favor", "favor", "against", "none"]
    score = metrics.contrast_tally([gold[i] for i in rows], said, [passages[i] for i in rows]).score()
    assert score.value == pytest.approx(3 / 4)
    assert score.count == 4
    assert metrics.contrast_rows([], []) == []


def test_topics_by_hand() -> None:
    gold = [["a"], ["a", "b"], ["c"], ["b"]]
    said = [["a"], ["a"], ["b", "c"], ["a"]]
    found = topic_scores(gold, said, ["a", "b", "c"], list("wxyz"))
    # hits: a 2, b 0, c 1; gold: 2, 2, 1; said: 3, 1, 1.
    assert found["topic.micro_f1"].value == pytest.approx(2 * 3 / (5 + 5))
    assert found["topic.macro_f1"].value == pytest.approx((4 / 5 + 0 + 1) / 3)
    assert found["topic.jaccard"].value == pytest.approx((1 + 1 / 2 + 1 / 2 + 0) / 4)


def test_detection_by_hand() -> None:
    gold = [{("dam", "favor"), ("road", "none")}, {("dam", "against")}, set()]
    found = [{("dam", "favor"), ("road", "unrelated")}, {("dam", "favor"), ("road", "against")}, {("dam", "none")}]
    # `none` and `unrelated` count nowhere: 1 hit, 2 gold, 3 found.
    assert metrics.detection_score(gold, found, list("abc")).value == pytest.approx(2 * 1 / (2 + 3))
    assert metrics.detection_score([set()], [set()], ["a"]).value == 0


def test_no_examples_score_nothing() -> None:
    zero = metrics.Score(0, 0, 0, 0)
    assert set(stance_scores([], [], [], []).values()) == {zero}
    assert set(topic_scores([], [], ["a", "b"], []).values()) == {zero}
    assert metrics.two_label_tally([], [], []).score() == metrics.detection_score([], [], []) == zero


@given(PAIRS)
def test_stance_metrics_agree_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    gold, said = [g for g, _ in pairs], [s for _, s in pairs]
    found = stance(gold, said)
    options = {"average": "macro", "zero_division": 0.0}
    assert found["stance.macro_f1"] == pytest.approx(f1_score(gold, said, labels=STANCES, **options))
    assert found["stance.f_avg"] == pytest.approx(f1_score(gold, said, labels=STANCES[:2], **options))
    assert found["stance.accuracy"] == pytest.approx(accuracy_score(gold, said))
    assert found["stance.f_avg_per_target"] == pytest.approx(found["stance.f_avg"])


@given(st.lists(st.tuples(*[st.sets(st.sampled_from("abcd"), min_size=1)] * 2), min_size=1, max_size=30))
def test_topic_metrics_agree_with_scikit_learn(rows: list[tuple[set[str], set[str]]]) -> None:
    truth = np.array([[label in gold for label in "abcd"] for gold, _ in rows])
    said = np.array([[label in found for label in "abcd"] for _, found in rows])
    gold, found = [sorted(g) for g, _ in rows], [sorted(f) for _, f in rows]
    scores = topic_scores(gold, found, "abcd", [str(i) for i in range(len(rows))])
    options = {"zero_division": 0.0}
    assert scores["topic.micro_f1"].value == pytest.approx(f1_score(truth, said, average="micro", **options))
    assert scores["topic.macro_f1"].value == pytest.approx(f1_score(truth, said, average="macro", **options))
    assert scores["topic.jaccard"].value == pytest.approx(jaccard_score(truth, said, average="samples", **options))


@given(pairs=PAIRS, seed=st.integers(0, 99), size=st.integers(1, 5))
def test_bounds_are_ordered_and_inside_the_scale(pairs: list[tuple[str, str]], seed: int, size: int) -> None:
    groups = [str(i // size) for i in range(len(pairs))]
    gold, said = [g for g, _ in pairs], [s for _, s in pairs]
    for score in stance_scores(gold, said, ["dam"] * len(gold), groups, seed).values():
        assert 0 <= score.low <= score.high <= 1
        assert score.count == len(pairs)


def test_groups_are_resampled_whole() -> None:
    generator = np.random.default_rng(5)
    gold = np.repeat(generator.choice(STANCES, 40), 10).tolist()
    said = np.repeat(generator.choice(STANCES, 40), 10).tolist()
    targets = ["dam"] * 400
    apart = stance_scores(gold, said, targets, [str(i) for i in range(400)])
    together = stance_scores(gold, said, targets, [str(i // 10) for i in range(400)])
    for name, alone in apart.items():
        grouped = together[name]
        assert grouped.value == alone.value
        # Ten equal rows a group hold the information of one: the interval is about the square root of ten wider.
        assert 2.4 < (grouped.high - grouped.low) / (alone.high - alone.low) < 4.2
        assert grouped.low < grouped.value < grouped.high


def test_one_group_has_no_width() -> None:
    score = metrics.two_label_tally(["favor", "against"], ["favor", "favor"], ["g", "g"]).score()
    assert score.low == score.value == score.high


def test_the_interval_is_the_seeds() -> None:
    gold, said = ["favor", "against", "none"] * 20, ["favor", "none", "against", "none"] * 15
    groups = [str(i) for i in range(60)]

    def interval(seed: int) -> dict[str, metrics.Score]:
        return stance_scores(gold, said, ["dam"] * 60, groups, seed)

    assert interval(1) == interval(1)
    assert interval(1) != interval(2)
    assert interval(1)["stance.macro_f1"].value == interval(2)["stance.macro_f1"].value


def test_the_interval_is_that_of_a_share() -> None:
    """Accuracy of 70 right in 100 independent rows: the normal approximation gives 0.61 to 0.79."""
    score = metrics.contrast_tally(
        ["favor"] * 100, ["favor"] * 70 + ["none"] * 30, [str(i) for i in range(100)]
    ).score()
    assert score.value == pytest.approx(0.7)
    assert score.low == pytest.approx(0.61, abs=0.02)
    assert score.high == pytest.approx(0.79, abs=0.02)
    assert set(score.as_dict()) == {"value", "low", "high"}
