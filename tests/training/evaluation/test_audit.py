"""The audit tells a model that reads the target from one that does not, and our probes are sound and even-handed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from standpoint.codebook import read_codebook
from standpoint.encoding import ModelInput
from standpoint.errors import BadInput
from standpoint.metadata import CodebookReference, Metadata
from standpoint.predictor import Predictor
from tests.artifacts import LEVY, TREATY, stance_examples
from training.evaluation.audit import (
    BLIND,
    KINDS,
    PROBES,
    Probe,
    audit_stance,
    count_false_sides,
    read_probes,
    score_probes,
)
from training.examples import Example

DATA = Path(__file__).resolve().parents[3] / "data"
LABELS = ["favor", "against", "none", "unrelated"]
OTHERS = ["the sea wall", "the night train", "the grain tax"]


class Rule:
    """An engine that answers by a rule over (text, target)."""

    def __init__(self, rule: Callable[[str, str], str], width: int) -> None:
        self.rule, self.width = rule, width

    def logits(self, inputs: list[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        said = [LABELS.index(self.rule(item.text, str(item.target))) for item in inputs]
        return (np.eye(len(LABELS))[said] * 9)[:, : self.width], np.zeros(len(inputs), dtype=bool)


def model(rule: Callable[[str, str], str], labels: list[str] = LABELS) -> Predictor:
    book = CodebookReference(version="1.0.0", digest="d", topics={}, targets={"levy": LEVY})
    metadata = Metadata(format=1, task="stance", model="baseline", labels=labels, data="d", codebook=book)
    return Predictor(metadata.model_copy(update={"targets": [LEVY, TREATY, *OTHERS]}), Rule(rule, len(labels)))


def gold_rule(text: str, target: str) -> str:
    answers = {(e.text, e.target): str(e.stance) for e in stance_examples().examples}
    return answers.get((text, target), "unrelated")


def first_rule(text: str, target: str) -> str:
    """Answer what the passage says first, whatever the target."""
    return gold_rule(text, LEVY)


def test_a_model_that_reads_the_target_passes():
    audit = audit_stance(model(gold_rule), stance_examples())
    assert audit.contrast is not None
    assert (audit.contrast.value, audit.contrast.low) == (1.0, 1.0)
    assert not audit.target_blind
    assert {score.value for score in audit.false_sides.values()} == {0.0}


def test_a_model_that_answers_by_the_passage_is_blind():
    audit = audit_stance(model(first_rule), stance_examples())
    assert audit.contrast is not None
    assert audit.contrast.value == 0.5
    assert audit.contrast.low < BLIND
    assert audit.target_blind
    assert "target_blind" in audit.lines()[0]


def test_false_sides_grow_with_the_targets_tried():
    """A model that gives every target a side gives as many as are tried; three targets are free in each passage."""
    found = count_false_sides(model(lambda text, target: "favor"), stance_examples().examples)
    assert {tried: score.value for tried, score in found.items()} == {1: 1.0, 2: 2.0}


def test_targets_that_an_annotator_saw_are_not_tried():
    pairs = [Example("1", "A text.", LEVY, stance="none", mentioned=(LEVY, TREATY, *OTHERS[:2]))]
    asked = []
    count_false_sides(model(lambda text, target: asked.append(target) or "none"), pairs)
    assert set(asked) == {OTHERS[2]}


def test_a_probe_counts_only_where_both_answers_are_right():
    probes = [
        Probe("a", "swap", ("It.", "levy", "favor"), ("It.", TREATY, "against")),
        Probe("b", "swap", ("It.", "levy", "favor"), ("It.", TREATY, "favor")),
        Probe("c", "swap", ("It.", "levy", "none"), ("It.", TREATY, "none")),
    ]
    always_favor = score_probes(model(lambda text, target: "favor"), probes)
    assert always_favor.value == pytest.approx(1 / 3)
    by_target = score_probes(model(lambda text, target: "favor" if target == LEVY else "against"), probes)
    assert by_target.value == pytest.approx(1 / 3)
    assert by_target.count == 3


def test_the_audit_is_the_same_for_a_seed_and_differs_for_another():
    seen: dict[int, list[str]] = {}
    for seed in (1, 1, 2):
        asked: list[str] = []
        count_false_sides(model(lambda text, target, a=asked: a.append(text + target) or "none"), _many(), seed)
        assert seen.setdefault(seed, asked) == asked
    assert seen[1] != seen[2]


def _many() -> list[Example]:
    return [Example(str(i), f"Text {i}.", LEVY, stance="none", mentioned=(LEVY,)) for i in range(300)]


def test_a_model_without_unrelated_has_no_curve():
    audit = audit_stance(model(gold_rule, LABELS[:3]), stance_examples(2))
    assert audit.false_sides == {}


@pytest.mark.parametrize(
    ("line", "match"),
    [
        (
            '{"id": "1", "kind": "irony", "text": "T.", "target": "t", "stance": "favor", "other": {}}',
            "expected a kind",
        ),
        ('{"id": "1", "kind": "swap", "text": "T.", "target": "t", "stance": "favor"}', "expected an object 'other'"),
        ('{"id": "1", "kind": "swap", "text": "T.", "target": "t", "stance": "pro", "other": {}}', "expected a stance"),
        ('{"id": "1", "kind": "swap", "target": "t", "stance": "favor", "other": {}}', "expected a text 'text'"),
    ],
)
def test_a_broken_probe_names_its_line(tmp_path: Path, line: str, match: str):
    (tmp_path / "probes.jsonl").write_text(line + "\n")
    with pytest.raises(BadInput, match=match) as error:
        read_probes(tmp_path / "probes.jsonl")
    assert str(error.value).startswith(f"{tmp_path / 'probes.jsonl'}:1: ")


def test_our_probes_are_sound():
    probes, codebook = read_probes(PROBES), read_codebook(DATA / "codebook.yaml")
    assert len({probe.id for probe in probes}) == len(probes)
    for probe in probes:
        (text, target, stance), (other_text, other_target, other_stance) = probe.first, probe.second
        assert {target, other_target} <= set(codebook.targets)
        assert (text == other_text, target == other_target) == (probe.kind == "swap", probe.kind != "swap")
        assert (stance == other_stance) == (probe.kind == "names"), probe.id


def test_our_probes_are_even_handed():
    probes = read_probes(PROBES)
    for kind in KINDS:
        sides = Counter(side[2] for probe in probes if probe.kind == kind for side in (probe.first, probe.second))
        assert sides["favor"] == sides["against"]
