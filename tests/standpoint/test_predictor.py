"""From a loaded artifact to labels: decisions, calibrated probabilities, and no influence of the neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standpoint.backends import load_backend
from standpoint.encoding import compose
from standpoint.metadata import Abstention, Metadata
from standpoint.predictor import (
    Predictor,
    decide_stance,
    decide_topics,
    load_predictor,
    stance_confidence,
    to_probabilities,
    withholds_stance,
)
from tests import artifacts
from tests.artifacts import LEVY, TREATY
from training.models.golden import UGLY
from training.models.train import Trained

ENGINES = ["stance_predictor", "onnx_predictor"]
TEXTS = st.lists(
    st.sampled_from([*UGLY, "The envoy praised the port levy."]) | st.text(max_size=80), min_size=1, max_size=8
)
BOTH = f"The envoy praised {LEVY} and condemned {TREATY}."


@pytest.fixture(params=ENGINES)
def stance(request: pytest.FixtureRequest) -> Predictor:
    found: Predictor = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("probabilities", "thresholds", "expected"),
    [
        ({"a": 0.6, "b": 0.7, "c": 0.1}, {}, ("b", "a")),
        ({"a": 0.6, "b": 0.7}, {"a": 0.65, "b": 0.65}, ("b",)),
        ({"a": 0.5, "b": 0.2}, {"a": 0.5}, ("a",)),
        ({"a": 0.2, "b": 0.3}, {}, ("b",)),
        ({"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}, {}, ("a", "b", "c")),
        ({"a": 0.6, "other": 0.9}, {}, ("other",)),
        ({"a": 0.9, "other": 0.6}, {}, ("a",)),
        ({"a": 0.9, "b": 0.8, "other": 0.7, "c": 0.6}, {}, ("a", "b", "c")),
        ({"a": 0.2, "other": 0.3}, {}, ("other",)),
        ({"a": 0.2, "other": 0.3}, {"a": 0.1}, ("a",)),
    ],
)
def test_topics_are_decided_by_the_rules(
    probabilities: dict[str, float], thresholds: dict[str, float], expected: tuple[str, ...]
) -> None:
    assert decide_topics(probabilities, thresholds) == expected


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "other"]), st.floats(0, 1), min_size=1),
    st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "other"]), st.floats(0, 1)),
)
def test_decisions_keep_the_rules(probabilities: dict[str, float], thresholds: dict[str, float]) -> None:
    decided = decide_topics(probabilities, thresholds)
    assert 1 <= len(decided) <= 3
    assert decided == ("other",) or "other" not in decided
    assert list(decided) == sorted(decided, key=lambda topic: -probabilities[topic])
    passing = {topic for topic, p in probabilities.items() if p >= thresholds.get(topic, 0.5)}
    assert set(decided) <= passing or (not passing and len(decided) == 1)


THRESHOLDS = {"unrelated": 0.8, "unrelated_unnamed": 0.3}


@pytest.mark.parametrize(
    ("probabilities", "thresholds", "named", "tried"),
    [
        ((0.2, 0.3, 0.5), {}, "unrelated", "unrelated"),
        ((0.2, 0.3, 0.5), THRESHOLDS, "against", "unrelated"),
        ((0.1, 0.1, 0.8), THRESHOLDS, "unrelated", "unrelated"),
        ((0.6, 0.2, 0.2), THRESHOLDS, "favor", "favor"),
        ((0.6, 0.1, 0.3), THRESHOLDS, "favor", "unrelated"),
        ((0.2, 0.3, 0.5), {"unrelated": 0.8}, "against", "unrelated"),
    ],
)
def test_unrelated_is_decided_by_its_thresholds(
    probabilities: tuple[float, ...], thresholds: dict[str, float], named: str, tried: str
) -> None:
    ranked = dict(zip(("favor", "against", "unrelated"), probabilities, strict=True))
    assert decide_stance(ranked, thresholds) == named
    assert decide_stance(ranked, thresholds, named=False) == tried


def test_models_without_the_label_ignore_its_thresholds() -> None:
    assert decide_stance({"favor": 0.4, "none": 0.6}, {"unrelated": 0.1}) == "none"


@pytest.mark.parametrize("size", [3e2, 1.0, 0.0])
@pytest.mark.parametrize("temperature", [0.05, 1.0, 20.0])
def test_probabilities_are_probabilities(size: float, temperature: float) -> None:
    logits = np.random.default_rng(1).normal(size=(50, 4)) * size
    metadata = Metadata(
        format=1, task="stance", model="baseline", labels=list("abcd"), data="d", temperature=temperature
    )
    stances = to_probabilities(logits, metadata)
    assert stances.sum(axis=1) == pytest.approx(1)
    assert (stances.argmax(axis=1) == logits.argmax(axis=1)).all()
    topics = to_probabilities(logits, metadata.model_copy(update={"task": "topic"}))
    assert ((topics >= 0) & (topics <= 1)).all()
    assert to_probabilities(np.zeros((1, 4)), metadata.model_copy(update={"task": "topic"})).tolist() == [[0.5] * 4]


def test_a_temperature_flattens() -> None:
    metadata = Metadata(format=1, task="stance", model="baseline", labels=["a", "b"], data="d", temperature=2.0)
    assert to_probabilities(np.array([[2.0, 0.0]]), metadata)[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    texts=TEXTS, targets=st.lists(st.sampled_from([LEVY, TREATY, "", "an unseen target", "🌊"]), min_size=1, max_size=3)
)
def test_an_answer_does_not_depend_on_its_neighbours(stance: Predictor, texts: list[str], targets: list[str]) -> None:
    together = stance.stances(texts, [targets] * len(texts))
    for text, answers in zip(texts, together, strict=True):
        for target, answer in zip(targets, answers, strict=True):
            [[alone]] = stance.stances([text], [[target]])
            assert answer.probabilities == pytest.approx(alone.probabilities, abs=1e-4)
            assert answer.truncated == alone.truncated
            assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-9)


@settings(max_examples=30)
@given(texts=TEXTS)
def test_topics_do_not_depend_on_their_neighbours(topic_predictor: Predictor, texts: list[str]) -> None:
    for text, answer in zip(texts, topic_predictor.topics(texts), strict=True):
        [alone] = topic_predictor.topics([text])
        assert answer.probabilities == pytest.approx(alone.probabilities, abs=1e-4)
        assert list(answer.probabilities.values()) == sorted(answer.probabilities.values(), reverse=True)
        assert set(answer.decided) <= set(answer.probabilities)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\u200b",
        "a" * 10_000,
        "The envoy spoke. " * 600,
        "🕊️👩\u200d👧",
        "制裁必须解除",
        "Мир",
        "السلام",
        "\ud800",
    ],
)
def test_any_text_has_an_answer(stance: Predictor, topic_predictor: Predictor, text: str) -> None:
    [[answer]] = stance.stances([text], [[LEVY]])
    assert answer.stance in stance.metadata.labels
    assert topic_predictor.topics([text])[0].decided


def test_what_does_not_fit_is_flagged(onnx_predictor: Predictor, stance_predictor: Predictor) -> None:
    texts = ["The envoy spoke.", "The envoy spoke. " * 600]
    assert [a.truncated for [a] in onnx_predictor.stances(texts, [[LEVY]] * 2)] == [False, True]
    assert [a.truncated for [a] in stance_predictor.stances(texts, [[LEVY]] * 2)] == [False, False]


def test_swapping_the_target_changes_the_answer(stance_predictor: Predictor) -> None:
    """Minimum functionality: what is praised and what is condemned in one sentence, both ways round."""
    turned = f"The envoy condemned {LEVY} and praised {TREATY}."
    [first, second] = stance_predictor.stances([BOTH, turned], [[LEVY, TREATY]] * 2)
    assert [answer.stance for answer in first] == ["favor", "against"]
    assert [answer.stance for answer in second] == ["against", "favor"]


def test_a_target_is_known_by_its_normalised_wording(stance_predictor: Predictor) -> None:
    [[plain, loud]] = stance_predictor.stances([BOTH], [[LEVY, "The\u00a0 PORT levy\u200b"]])
    assert plain.probabilities == pytest.approx(loud.probabilities)
    assert loud.target == "The PORT levy"


def test_an_unseen_target_is_answered(stance: Predictor) -> None:
    [[answer]] = stance.stances([BOTH], [["a bridge over the sound"]])
    assert answer.stance in stance.metadata.labels


def test_answers_are_in_the_order_asked(stance: Predictor) -> None:
    found = stance.stances(["one", "two", "three"], [[TREATY, LEVY], [], [LEVY]])
    assert [[answer.target for answer in answers] for answers in found] == [[TREATY, LEVY], [], [LEVY]]
    assert stance.stances([], []) == []
    with pytest.raises(ValueError, match="zip"):
        stance.stances(["one"], [])


def test_no_topics_of_no_passages(topic_predictor: Predictor) -> None:
    assert topic_predictor.topics([]) == []


def test_a_stance_is_withheld_below_the_bound(trained_transformer: Trained) -> None:
    metadata, folder = trained_transformer.metadata, trained_transformer.folder
    texts = [e.text for e in artifacts.stance_examples().examples] + list(UGLY)
    inputs = [compose(text, LEVY) for text in texts]
    plain = Predictor(metadata, load_backend(folder, metadata)).stances_of(inputs)
    bound = float(np.median([max(answer.probabilities.values()) for answer in plain]))
    careful = metadata.model_copy(update={"abstain": Abstention(low_confidence=bound)})
    answers = Predictor(careful, load_backend(folder, careful)).stances_of(inputs)
    assert {answer.abstain for answer in answers} == {None, "low_confidence"}
    for answer, without in zip(answers, plain, strict=True):
        assert answer.probabilities == without.probabilities
        unsure = max(answer.probabilities.values()) < bound
        assert answer.stance == (None if unsure else without.stance)
        assert answer.abstain == ("low_confidence" if unsure else None)


def test_confidence_is_the_share_of_what_unrelated_leaves() -> None:
    doubtful = {"favor": 0.36, "against": 0.02, "none": 0.02, "unrelated": 0.6}
    assert stance_confidence(doubtful, "favor") == pytest.approx(0.9)
    assert stance_confidence(doubtful, "unrelated") == 0.6
    assert stance_confidence({"favor": 0.7, "against": 0.3}, "favor") == pytest.approx(0.7)
    assert stance_confidence({"favor": 0.0, "against": 0.0, "unrelated": 1.0}, "favor") == 0.0


def test_only_sides_are_withheld() -> None:
    """Where no target is named, the many that are `unrelated`, though by little, must not come back as withheld."""
    careful = Abstention(low_confidence=0.8)
    row = {"favor": 0.5, "against": 0.1, "none": 0.1, "unrelated": 0.3}
    assert withholds_stance(row, "favor", careful)
    assert not withholds_stance(row, "unrelated", careful)
    assert not withholds_stance(row, "favor", Abstention(low_confidence=0.7))
    assert not withholds_stance(row, "favor", Abstention())
    certain = {"favor": 1.0, "against": 0.0}
    assert withholds_stance(certain, "favor", Abstention(low_confidence=1.0)), "1 withholds whatever is asked"


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_change_nothing(trained_transformer: Trained, onnx_predictor: Predictor, threads: int) -> None:
    inputs = [compose(text, LEVY) for text in UGLY]
    found, _ = load_predictor(trained_transformer.folder, threads=threads).probabilities(inputs)
    assert np.allclose(found, onnx_predictor.probabilities(inputs)[0], atol=1e-4)


def test_whether_a_model_finds_targets_is_its_label_set(stance_predictor: Predictor) -> None:
    assert not stance_predictor.finds_targets
    labels = [*stance_predictor.metadata.labels, "unrelated"]
    metadata = stance_predictor.metadata.model_copy(update={"labels": labels})
    assert Predictor(metadata, stance_predictor._backend).finds_targets
