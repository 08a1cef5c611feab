"""What is fitted on validation, and what that is worth on groups that it was not fitted on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from standpoint.codebook import UNRELATED
from standpoint.metadata import Abstention, Metadata
from tests.artifacts import stance_examples, topic_examples
from training.examples import Example, make_example_set
from training.models.fitting import Fitting, describe_fit
from training.models.train import Trained

LABELS = ["favor", "against", "none", UNRELATED]


@pytest.fixture
def draft(trained_stance: Trained) -> Metadata:
    changes: dict[str, Any] = {"labels": LABELS, "abstain": Abstention(), "thresholds": {}, "temperature": 1.0}
    return trained_stance.metadata.model_copy(update=changes)


def noisy_fitting(draft: Metadata, error: float = 0.2, seed: int = 3) -> tuple[Fitting, np.ndarray]:
    """Return a fitting on 144 pairs and as many unrelated ones, and logits that are right of each about as they say."""
    validation = stance_examples()
    sampled = tuple(replace(e, id=f"{e.id}#u", stance=UNRELATED) for e in validation.examples)
    generator = np.random.default_rng(seed)
    gold = [LABELS.index(str(e.stance)) for e in (*validation.examples, *sampled)]
    logits = generator.normal(size=(len(gold), 4))
    logits[np.arange(len(gold)), gold] += 2.5
    return Fitting(draft, validation, sampled, 1000.0, error), logits


def test_the_temperature_is_not_moved_by_unrelated(draft: Metadata) -> None:
    fitting, logits = noisy_fitting(draft)
    doubtful = logits.copy()
    doubtful[: len(fitting.validation), -1] += 3  # as sure between the sides, less sure that there is one
    assert fitting.fit(doubtful)["temperature"] == fitting.fit(logits)["temperature"]


def test_what_is_withheld_is_found_again_in_the_predictions(draft: Metadata) -> None:
    fitting, logits = noisy_fitting(draft)
    abstain = fitting.fit(logits)["abstain"]
    assert abstain.error == 0.2
    assert abstain.certainty == 0.9
    found = fitting._predict(logits, fitting.fit(logits))
    assert found.withheld is not None
    assert found.withheld.error == 0.2
    given = ~found.withheld.rows & np.array([answer != (UNRELATED,) for answer in found.decided])
    wrong = [e.stance != said for e, (said,) in zip(fitting.validation.examples, found.decided, strict=True)]
    assert abstain.coverage == pytest.approx(given.mean())
    assert abstain.error_found == pytest.approx(np.array(wrong)[given].mean())
    assert abstain.error_found < 0.2
    assert 0.2 < abstain.coverage < 1


def test_zero_never_abstains(draft: Metadata) -> None:
    fitting, logits = noisy_fitting(draft, error=0.0)
    assert fitting.fit(logits)["abstain"] == Abstention()
    crossed = fitting.cross_fit(logits)
    assert crossed is not None
    assert crossed.withheld is None


def test_a_fold_is_judged_by_what_the_other_groups_fitted(draft: Metadata) -> None:
    """Logits of one group that shout a wrong answer change what is fitted for all others, and not for its own."""
    fitting, logits = noisy_fitting(draft)
    first = fitting.cross_fit(logits)
    assert first is not None
    assert first.ids == tuple(e.id for e in fitting.validation.examples)
    group = fitting.validation.examples[0].group
    changed = logits.copy()
    rows = [i for i, e in enumerate(fitting.validation.examples) if e.group == group]
    changed[rows] *= -30
    second = fitting.cross_fit(changed)
    assert second is not None
    others = [i for i, e in enumerate(fitting.validation.examples) if e.group != group]
    assert (first.probabilities[others] != second.probabilities[others]).any()
    # Its own temperature is that of before: probabilities of the changed logits over it.
    scaled = np.log(first.probabilities[rows])
    temperature = np.ptp(logits[rows], axis=1) / np.ptp(scaled, axis=1)
    after = np.ptp(changed[rows], axis=1) / np.ptp(np.log(np.maximum(second.probabilities[rows], 1e-300)), axis=1)
    assert after == pytest.approx(temperature, rel=1e-6)


def test_one_group_cannot_be_judged_by_others(draft: Metadata, trained_topic: Trained) -> None:
    fitting, logits = noisy_fitting(draft)
    pairs = [replace(e, group="one") for e in fitting.validation.examples]
    alone = replace(fitting, validation=make_example_set("stance", pairs), sampled=())
    assert alone.cross_fit(logits[: len(pairs)]) is None
    topics = topic_examples()
    passages = Fitting(trained_topic.metadata, topics, (), 0.0, 0.2)
    crossed = passages.cross_fit(np.random.default_rng(1).normal(size=(len(topics), 3)))
    assert crossed is not None
    assert crossed.withheld is None
    assert all(crossed.decided)


def test_the_fit_is_told(draft: Metadata) -> None:
    asked = Abstention(low_confidence=0.7, error=0.2, certainty=0.9, coverage=0.58, error_found=0.143)
    silent = draft.model_copy(update={"settings": {"abstain_error": 0.0}})
    assert describe_fit(silent) == []
    [small] = describe_fit(draft)
    assert "too small to promise an error of 20%: nothing is withheld" in small
    [line] = describe_fit(draft.model_copy(update={"abstain": asked}))
    assert line == (
        "at most 20% of the stances given wrong, with 90% certainty: 58% of the validation pairs get one, "
        "14.3% of them wrong"
    )
    nothing = asked.model_copy(update={"low_confidence": 1.0, "coverage": 0.0, "error_found": None})
    [line] = describe_fit(draft.model_copy(update={"abstain": nothing}))
    assert line.startswith("every stance will be withheld: validation does not show at most 20%")
    [line] = describe_fit(silent.model_copy(update={"temperature": 10.0}))
    assert line.startswith("the temperature ended at 10, the edge of what is tried (0.25 to 10)")


def test_too_few_pairs_promise_nothing(draft: Metadata) -> None:
    pairs = [Example(str(i), f"Text {i}.", "a levy", stance="favor", group=str(i)) for i in range(8)]
    fitting = Fitting(draft, make_example_set("stance", pairs), (), 0.0, 0.2)
    abstain = fitting.fit(np.tile([3.0, 0.0, 0.0, 0.0], (8, 1)))["abstain"]
    assert abstain == Abstention()
    assert not abstain.withholds(0.1)


def test_pairs_that_are_often_wrong_promise_nothing_and_are_withheld(draft: Metadata) -> None:
    pairs = [Example(str(i), f"Text {i}.", "a levy", stance="against", group=str(i)) for i in range(30)]
    fitting = Fitting(draft, make_example_set("stance", pairs), (), 0.0, 0.2)
    abstain = fitting.fit(np.tile([3.0, 0.0, 0.0, 0.0], (30, 1)))["abstain"]
    assert (abstain.low_confidence, abstain.coverage, abstain.error_found) == (1.0, 0.0, None)
    assert abstain.withholds(1.0)
