"""The inputs that every artifact is asked again: ordinary, ugly, and writable."""

from __future__ import annotations

import json

from tests import artifacts
from training.models.golden import UGLY, USUAL, golden_inputs


def test_golden_inputs_are_the_same_for_the_same_examples() -> None:
    examples = artifacts.stance_examples(200).examples
    found = golden_inputs(examples, [artifacts.LEVY, artifacts.TREATY], "stance")
    assert found == golden_inputs(examples[::-1], [artifacts.LEVY, artifacts.TREATY], "stance")
    assert len(found) == len(UGLY) + USUAL
    assert {item["target"] for item in found} == {
        artifacts.LEVY,
        artifacts.TREATY,
        "a target that nobody has asked about",
    }
    json.dumps(found, ensure_ascii=False).encode()


def test_few_examples_give_few_inputs_and_topics_no_target() -> None:
    found = golden_inputs(artifacts.topic_examples().examples[:3], [], "topic")
    assert len(found) == len(UGLY) + 3
    assert all(list(item) == ["text"] for item in found)
