"""The promotion gate: worse models stay out, ties and better ones pass, each check with what it found."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from standpoint.codebook import STANCES, Codebook, read_codebook
from standpoint.encoding import ModelInput
from standpoint.errors import Refused
from standpoint.metadata import Metadata
from standpoint.predictor import Predictor, load_predictor
from tests.artifacts import BASELINE, cut, of_codebook, stance_examples, topic_examples, train_baseline
from training.evaluation import gate
from training.evaluation.gate import Verdict, find_outdated, judge_promotion
from training.examples import Example, ExampleSet, make_example_set
from training.models.train import Trained

CODEBOOK = Path(__file__).resolve().parents[3] / "data" / "codebook.yaml"


class Table:
    """An engine that answers from a table, with a share of `sure` for the label answered."""

    def __init__(self, answers: dict[tuple[str, str], str], sure: float) -> None:
        self.answers, self.sure = answers, sure

    def logits(self, inputs: list[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        said = [STANCES.index(self.answers.get((item.text, str(item.target)), "none")) for item in inputs]
        shares = np.full((len(said), 3), (1 - self.sure) / 2)
        shares[range(len(said)), said] = self.sure
        return np.log(shares), np.zeros(len(inputs), dtype=bool)


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return read_codebook(CODEBOOK)


@pytest.fixture(scope="module")
def validation() -> ExampleSet:
    """600 pairs in two kinds of outlet, each in a text of its own words."""
    found = [
        replace(e, text=f"{e.text} Item {e.group}.", kind="wire" if i % 4 < 2 else "speech")
        for i, e in enumerate(stance_examples(600).examples)
    ]
    return make_example_set("stance", found, source="validation.jsonl")


def predictor(examples: ExampleSet, wrong: Callable[[int, Example], bool], name: str, sure: float = 0.8) -> Predictor:
    """Return one that errs on the rows named, as sure of all."""
    answers = {}
    for row, e in enumerate(examples.examples):
        place = STANCES.index(str(e.stance))
        answers[e.text, str(e.target)] = STANCES[(place + wrong(row, e)) % 3]
    metadata = Metadata(format=1, task="stance", model="baseline", labels=list(STANCES), data="d")
    return Predictor(metadata, Table(answers, sure), name)


def failed(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


def test_a_better_model_passes_every_check(validation: ExampleSet, trained_stance: Trained) -> None:
    # Four rows in a row hold both kinds and both targets.
    champion = predictor(validation, lambda row, e: row % 16 < 4, "old")
    challenger = predictor(validation, lambda row, e: row % 20 < 4, "new")
    verdict = judge_promotion(challenger, champion, validation)
    assert verdict.passed, verdict.lines()
    assert [check.name for check in verdict.checks] == [
        "no worse than the champion",
        "no slice of 100 examples worse",
        "reads the target",
        "enough groups",
        "calibrated",
        "speed",
    ]
    assert verdict.reason.startswith("stance.macro_f1 on validation is 0.800, the champion's 0.74")
    assert verdict.table().count("| passed |") == 6


def test_a_model_answers_its_golden_inputs(
    validation: ExampleSet, trained_stance: Trained, stance_predictor: Predictor
) -> None:
    sealed = {
        check.name: check for check in judge_promotion(stance_predictor, None, validation, trained_stance.folder).checks
    }
    assert sealed["golden inputs"].passed
    assert sealed["size"].passed
    hot = stance_predictor.metadata.model_copy(update={"temperature": stance_predictor.metadata.temperature * 3})
    other = Predictor(hot, stance_predictor.backend, "other")
    assert "golden inputs" in failed(judge_promotion(other, None, validation, trained_stance.folder))


def test_a_loss_that_is_shown_is_refused_however_small(validation: ExampleSet) -> None:
    """Two points worse, on nearly the same answers: inside the margin, and no chance."""
    champion = predictor(validation, lambda row, e: row % 20 < 4, "old")
    challenger = predictor(validation, lambda row, e: row % 20 < 4 or row % 50 == 10, "new")
    check = judge_promotion(challenger, champion, validation).checks[0]
    assert not check.passed
    assert check.found.endswith("the interval must reach zero")


def test_few_groups_show_nothing(validation: ExampleSet) -> None:
    few = [replace(e, group=str(i % 10)) for i, e in enumerate(validation.examples)]
    examples = make_example_set("stance", few, like=validation)
    model = predictor(examples, lambda row, e: row % 20 < 4, "new")
    assert failed(judge_promotion(model, None, examples)) == ["enough groups"]


def test_a_worse_model_is_refused_and_told_why(validation: ExampleSet) -> None:
    champion = predictor(validation, lambda row, e: row % 5 == 0, "old")
    challenger = predictor(validation, lambda row, e: row % 4 == 0, "new", sure=0.75)
    verdict = judge_promotion(challenger, champion, validation)
    assert "no worse than the champion" in failed(verdict)
    assert "the interval must" in verdict.reason
    assert "**failed**" in verdict.table()
    assert any(line.startswith("FAILED  no worse than the champion") for line in verdict.lines())


def test_a_tie_passes_where_validation_is_large_enough_to_show_it(validation: ExampleSet) -> None:
    """Two models that err on other pairs, as many each: of 600 pairs that is shown, of 60 it is not."""
    champion = predictor(validation, lambda row, e: row % 80 < 4, "old", sure=0.95)
    challenger = predictor(validation, lambda row, e: 12 <= row % 80 < 16, "new", sure=0.95)
    assert judge_promotion(challenger, champion, validation).passed
    few = make_example_set("stance", validation.examples[:60], like=validation)
    verdict = judge_promotion(challenger, champion, few)
    assert "no worse than the champion" in failed(verdict)
    assert "validation may be too small" in verdict.reason
    lead = next(check for check in verdict.checks if check.name == "no worse than the champion").found
    more = int(re.search(r"about ([\d,]+) more", lead).group(1).replace(",", ""))  # type: ignore[union-attr]
    assert 60 < more < 2000


def test_a_model_that_fails_one_kind_is_refused(validation: ExampleSet) -> None:
    """Better overall, and much worse on speeches: whoever reads speeches would pay for it."""
    champion = predictor(validation, lambda row, e: row % 3 == 0, "old", sure=0.667)
    challenger = predictor(validation, lambda row, e: e.kind == "speech" and row % 8 > 3, "new", sure=0.75)
    verdict = judge_promotion(challenger, champion, validation)
    assert verdict.checks[0].passed
    assert failed(verdict) == ["no slice of 100 examples worse"]
    assert "worse on kind speech (300): -0." in verdict.reason


def test_a_model_that_is_too_sure_is_refused(validation: ExampleSet) -> None:
    challenger = predictor(validation, lambda row, e: row % 3 == 0, "new", sure=0.99)
    verdict = judge_promotion(challenger, None, validation)
    assert failed(verdict) == ["calibrated"]
    assert "calibration.error 0.323, at most 0.100 allowed" in verdict.reason


def test_a_model_too_large_or_too_slow_is_refused(
    validation: ExampleSet, trained_stance: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenger = predictor(validation, lambda row, e: row % 5 == 0, "new")
    monkeypatch.setattr(gate, "MEGABYTES", 0.001)
    monkeypatch.setattr(gate, "MILLISECONDS", 0.0)
    assert failed(judge_promotion(challenger, None, validation, trained_stance.folder)) == [
        "speed",
        "golden inputs",  # the folder is another model's
        "size",
    ]


def test_a_model_that_does_not_read_the_target_is_refused(tmp_path: Path, stance_predictor: Predictor) -> None:
    validation = cut(stance_examples(240))[1]
    weak = train_baseline(stance_examples(), tmp_path / "weak", settings=replace(BASELINE, features="text"))
    blind = load_predictor(weak.folder)
    verdict = judge_promotion(blind, None, validation)
    assert "reads the target" in failed(verdict)
    assert "target_blind: stance.contrast_accuracy on validation is" in verdict.reason
    assert judge_promotion(stance_predictor, None, validation).reason == "there is no champion yet"
    assert judge_promotion(stance_predictor, blind, validation).passed
    assert "no worse than the champion" in failed(judge_promotion(blind, stance_predictor, validation))
    assert judge_promotion(blind, blind, validation).reason == "it is the champion already"


def test_the_gate_takes_a_model_of_two_labels(tmp_path: Path, stance_predictor: Predictor) -> None:
    two = train_baseline(stance_examples(labels=("favor", "against")), tmp_path / "two")
    verdict = judge_promotion(load_predictor(two.folder), stance_predictor, cut(stance_examples())[1])
    assert not verdict.passed
    assert "stance.macro_f1 on validation is" in verdict.reason


def test_the_gate_asks_no_champion_of_another_codebook(
    stance_predictor: Predictor, topic_predictor: Predictor, codebook: Codebook
) -> None:
    validation = replace(cut(stance_examples(240))[1], codebook=codebook)
    verdict = judge_promotion(
        of_codebook(stance_predictor, "1.0.1"), of_codebook(stance_predictor, "0.9.0"), validation
    )
    assert (verdict.passed, verdict.reason) == (True, "the champion knows codebook 0.9.0 only")
    with pytest.raises(Refused, match=r"knows codebook 2\.0\.0, stance\.jsonl is of 1\."):
        judge_promotion(of_codebook(stance_predictor, "2.0.0"), None, validation)
    held = cut(topic_examples())[1]
    newcomer = Example("n", "The lake froze.", topics=("weather",), group="n")
    grown = codebook.model_copy(update={"version": "1.9.0"})
    topics = grown.topics.model_copy(update={"labels": dict.fromkeys(("economy", "diplomacy", "other", "weather"))})
    grown = grown.model_copy(update={"topics": topics})
    held = replace(make_example_set("topic", [*held.examples, newcomer], source="t.jsonl"), codebook=grown)
    assert find_outdated(of_codebook(topic_predictor, "1.2.0"), held).endswith("codebook 1.2.0 only, without weather")
    assert find_outdated(of_codebook(topic_predictor, "1.9.0"), held) == ""
    known = replace(cut(topic_examples())[1], codebook=grown)
    assert find_outdated(of_codebook(topic_predictor, "1.2.0"), known) == ""


def test_a_champion_of_fewer_topics_is_charged_with_those_it_does_not_know(topic_predictor: Predictor) -> None:
    """Another topic in the data and in the challenger: both are counted over all topics, and nothing breaks."""
    held = topic_examples(240).examples
    turned = [replace(e, topics=("weather",)) if e.topics == ("other",) else e for e in held]
    validation = make_example_set("topic", turned, source="t.jsonl")

    class Knowing:
        """The same engine, and a fourth topic that it gives wherever `other` was meant."""

        def logits(self, inputs: list[ModelInput]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
            found, cut_off = topic_predictor.logits(inputs)
            place = topic_predictor.metadata.labels.index("other")
            weather = found[:, place : place + 1]
            return np.concatenate(
                [np.delete(found, place, axis=1), np.full_like(weather, -9), weather], axis=1
            ), cut_off

    order = [label for label in topic_predictor.metadata.labels if label != "other"]
    metadata = topic_predictor.metadata.model_copy(update={"labels": [*order, "other", "weather"]})
    challenger = Predictor(metadata, Knowing(), "new")
    lead = judge_promotion(challenger, topic_predictor, validation).checks[0]
    assert lead.passed
    ours, theirs = map(float, re.findall(r"is ([\d.]+), the champion's ([\d.]+)", lead.found)[0])
    assert ours > theirs + 0.2, "a third of the topics are unknown to the champion"
