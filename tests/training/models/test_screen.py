"""Targets that nobody named: which of them the transformer is asked about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from standpoint.codebook import UNRELATED, read_codebook
from standpoint.encoding import compose
from standpoint.metadata import Screen
from standpoint.predictor import Predictor, load_predictor
from tests.artifacts import SPEAKERS, TRANSFORMER, VERBS, train_transformer
from training.examples import Example, make_example_set
from training.models.calibration import fit_screen
from training.scoring import decide_pairs

CODEBOOK = Path(__file__).resolve().parents[3] / "data" / "codebook.yaml"
TARGETS = tuple(f"the {name} {kind}" for name in ("port", "river", "salt", "grain") for kind in ("levy", "treaty"))
TEXT = f"The envoy praised {TARGETS[0]} and rejected {TARGETS[1]}."
INPUTS = [compose(TEXT, target) for target in TARGETS]


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Predictor:
    """A small stacked model that knows what is unrelated."""
    examples = [
        Example(f"{i}{target}{verb}", f"{speaker} {verb} {target}.", target, None, label, (), (target,), group=str(i))
        for i, speaker in enumerate(SPEAKERS)
        for target in TARGETS
        for label in VERBS
        for verb in VERBS[label]
    ]
    built = make_example_set("stance", [replace(e, language="en") for e in examples])
    built = replace(built, codebook=read_codebook(CODEBOOK))
    folder = tmp_path_factory.mktemp("screen") / "stance"
    settings = replace(TRANSFORMER, companion=True, epochs=1, unrelated=2)
    train_transformer(built, folder, tiny_encoder, settings=settings)
    return load_predictor(folder)


def screened(predictor: Predictor, screen: Screen | None) -> Predictor:
    metadata = predictor.metadata.model_copy(update={"screen": screen})
    return Predictor(metadata, predictor.backend, variant=predictor.variant)


def test_training_finds_a_bound(predictor: Predictor) -> None:
    assert predictor.metadata.screen is not None
    kept = predictor.screen(INPUTS)
    assert kept[:2].all()
    assert not kept.all()


def test_the_likeliest_are_kept_and_no_more_than_allowed(predictor: Predictor) -> None:
    odds = predictor.backend.linear_relation(INPUTS)  # type: ignore[attr-defined]
    likeliest = set(np.argsort(-odds)[:3].tolist())
    kept = screened(predictor, Screen(odds=-100, most=3)).screen(INPUTS)
    assert set(np.flatnonzero(kept).tolist()) == likeliest
    twice = screened(predictor, Screen(odds=-100, most=3)).screen([*INPUTS, compose("x", TARGETS[0])])
    assert twice[-1]  # the bound is that of each passage
    assert not screened(predictor, Screen(odds=100)).screen(INPUTS).any()
    assert screened(predictor, None).screen(INPUTS).all()


def test_the_same_passage_many_times_has_the_same_targets_each_time(predictor: Predictor) -> None:
    few = screened(predictor, Screen(odds=-100, most=3))
    assert few.screen(INPUTS * 9).tolist() == few.screen(INPUTS).tolist() * 9


def test_what_is_left_out_is_unrelated_and_the_rest_is_as_before(predictor: Predictor) -> None:
    few, all_of_them = screened(predictor, Screen(odds=-100, most=2)), screened(predictor, None)
    kept = few.screen(INPUTS)
    found, full = few.stances_of(INPUTS, named=False), all_of_them.stances_of(INPUTS, named=False)
    for answer, complete, keep in zip(found, full, kept, strict=True):
        assert answer.target == complete.target
        assert answer == complete if keep else (answer.stance, answer.probabilities) == (UNRELATED, {})
    assert decide_pairs(few, INPUTS, named=False) == [
        stance if keep else UNRELATED
        for stance, keep in zip(decide_pairs(all_of_them, INPUTS, named=False), kept, strict=True)
    ]


def test_targets_that_somebody_named_are_all_asked_about(predictor: Predictor) -> None:
    strict, open_to_all = screened(predictor, Screen(odds=100)), screened(predictor, None)
    assert strict.stances_of(INPUTS) == open_to_all.stances_of(INPUTS)
    assert decide_pairs(strict, INPUTS) == decide_pairs(open_to_all, INPUTS)


def test_an_artifact_without_a_linear_model_screens_nothing(trained_transformer: object) -> None:
    predictor = load_predictor(trained_transformer.folder)  # type: ignore[attr-defined]
    strict = screened(predictor, Screen(odds=100))
    assert strict.screen(INPUTS).all()


def test_the_bound_is_the_highest_that_costs_too_little_to_matter() -> None:
    odds = np.array([3.0, 2.5, 2.0, 0.0])
    right = np.array([True, True, True, True])
    nothing_false = np.empty(0)
    assert fit_screen(odds, right, 4, nothing_false, 1.0) == 0.0
    # The last one is wrong: to leave it out is no loss.
    assert fit_screen(odds, np.array([True, True, True, False]), 4, nothing_false, 1.0) == 2.0
    # So many false ones under 1 that the last right one is worth leaving out: 2*3/(3+4) is more than 2*4/(4+9+4).
    assert fit_screen(odds, right, 4, np.full(3, 0.5), 3.0) == 2.0
    assert fit_screen(np.full(2, -9.0), np.array([True, True]), 2, nothing_false, 1.0) is None
    # Nothing is found with any bound: none is better than another.
    assert fit_screen(odds, np.zeros(4, dtype=bool), 4, nothing_false, 1.0) is None
    assert fit_screen(nothing_false, np.empty(0, dtype=bool), 4, nothing_false, 1.0) is None
