"""Copies and quotations: found exactly, in any order, and nothing else."""

import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.dataset.duplicates import find_across, find_pairs, keep_alike
from training.dataset.groups import link_documents
from training.dataset.joins import Verifier, propose_by_runs
from training.dataset.plants import CHANGED, change_words, plant_copies, translate, wilson_interval
from training.dataset.policy import NearDuplicates
from training.dataset.sketches import sketch_texts, split_words

RULE = NearDuplicates()
SENTENCE = "the envoy of the upper valley told the assembly that the new toll would be paid by those who never cross"
LONG = SENTENCE.split()


def _count(words: list[str]) -> set[tuple[str, int]]:
    return {(word, words[:place].count(word)) for place, word in enumerate(words)}


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + length]) for i in range(max(1, len(words) - length + 1))}


def are_alike(one: str, other: str, rule: NearDuplicates = RULE) -> bool:
    """The rule as splits.yaml states it, on sets of strings."""
    a, b = split_words(one), split_words(other)
    runs, least = len(_runs(a, rule.words) & _runs(b, rule.words)), min(len(_runs(x, rule.words)) for x in (a, b))
    copies = len(_count(a) & _count(b)) >= rule.overlap * len(_count(a) | _count(b)) and runs > 0
    return copies or (least >= rule.quoted_runs and runs >= rule.quoted * least)


def find(texts: list[str], owners: list[int] | None = None, rule: NearDuplicates = RULE) -> set[tuple[int, int]]:
    places = np.array(range(len(texts)) if owners is None else owners, np.int32)
    return {(one, other) for one, other in find_pairs(sketch_texts(texts, rule), places, rule).tolist()}


def test_copies_and_quotations_by_hand() -> None:
    texts = [
        SENTENCE,
        SENTENCE.upper() + "!",
        " ".join([*LONG[:6], "said", *LONG[7:13], "charge", *LONG[14:]]),  # two words of 21: 19 / 23
        "on the same day it was said that " + SENTENCE + " and that no one will be asked",  # quotes the first
        " ".join(LONG[:9]),  # seven runs are too few to be a quotation
        " ".join(reversed(LONG)),  # the same words, and no run of them
        "another matter altogether was put before the assembly on the same day",
    ]
    found = find(texts)
    groups = {place for pair in found for place in pair}
    assert groups == {0, 1, 2, 3}
    assert (0, 1) in found
    assert not are_alike(texts[0], texts[4])
    assert not are_alike(texts[0], texts[5])


def test_passages_that_share_one_sentence_of_three_are_not_alike() -> None:
    words = [f"w{i}" for i in range(100)]
    shared, *others = (" ".join(words[i * 20 : (i + 1) * 20]) for i in range(5))
    assert find([f"{shared} {others[0]} {others[1]}", f"{others[2]} {shared} {others[3]}"]) == set()


RANDOM_TEXTS = st.lists(
    st.lists(st.sampled_from("pqrstuvw"), min_size=1, max_size=16).map(" ".join), min_size=2, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(RANDOM_TEXTS, st.randoms(use_true_random=False))
def test_groups_are_those_of_the_rule_in_any_order(texts: list[str], shuffle: random.Random) -> None:
    """The pairs span the components that comparing every two texts gives, and each pair is one of the rule's."""
    exact = {pair for pair in combinations(range(len(texts)), 2) if are_alike(texts[pair[0]], texts[pair[1]])}
    found = find(texts)
    assert found <= exact
    assert _components(len(texts), found) == _components(len(texts), exact)
    order = list(range(len(texts)))
    shuffle.shuffle(order)
    shuffled = {tuple(sorted((order[one], order[other]))) for one, other in find([texts[place] for place in order])}
    assert _components(len(texts), shuffled) == _components(len(texts), exact)


@settings(max_examples=60, deadline=None)
@given(RANDOM_TEXTS, st.lists(st.integers(-1, 2), min_size=12, max_size=12))
def test_join_of_sides_finds_exactly_the_pairs_of_the_rule(texts: list[str], sides: list[int]) -> None:
    sketch, labels = sketch_texts(texts, RULE), np.array(sides[: len(texts)], np.int32)
    found = find_across(Verifier(sketch, RULE), [], labels, common=20)
    exact = [
        [one, other]
        for one, other in combinations(range(len(texts)), 2)
        if -1 not in (sides[one], sides[other]) and sides[one] != sides[other] and are_alike(texts[one], texts[other])
    ]
    assert found.tolist() == exact
    asked = keep_alike(Verifier(sketch, RULE), propose_by_runs(sketch, np.minimum(labels, 1), 20, asking=1))
    assert asked.tolist() == [pair for pair in exact if 0 in (sides[pair[0]], sides[pair[1]])]


def _components(count: int, pairs: set[tuple[int, int]]) -> list[int]:
    groups = list(range(count))
    for _ in range(count):
        for one, other in pairs:
            groups[one] = groups[other] = min(groups[one], groups[other])
    return groups


def test_bands_find_copies_whose_runs_are_all_stock_phrases() -> None:
    """Forty copies of one text: each of its runs stands in more texts than `common`."""
    draw = random.Random(3)
    words = [f"w{i}" for i in range(60)]
    texts = [change_words(" ".join(words), 0.1, [f"x{i}" for i in range(999)], draw) for _ in range(40)]
    rule = RULE.model_copy(update={"common": 2})
    assert _components(40, find(texts, rule=rule)) == [0] * 40


def test_one_document_is_no_pair_of_its_own() -> None:
    assert find([SENTENCE, SENTENCE, SENTENCE], [0, 0, 0]) == set()
    assert find([SENTENCE, SENTENCE + " again", SENTENCE], [0, 1, 0]) == {(0, 1)}
    sketch = sketch_texts([SENTENCE, "salt", SENTENCE, SENTENCE], RULE)
    assert link_documents(sketch, np.array([3, 1, 1, 0], np.int32), RULE).tolist() in (
        [[0, 1], [0, 3]],
        [[0, 3], [1, 3]],
    )
    assert link_documents(sketch, np.zeros(4, np.int32), RULE).tolist() == []


@pytest.mark.parametrize("words", [12, 17, 24, 60, 150])
def test_copies_with_15_of_100_words_changed_are_alike(words: int) -> None:
    draw = random.Random(words)
    vocabulary = [f"w{i}" for i in range(2000)]
    for _ in range(50):
        text = " ".join(draw.sample(vocabulary, words))
        assert are_alike(text, change_words(text, 0.15, vocabulary, draw))


def test_plants_are_what_they_say() -> None:
    texts = [" ".join(f"w{random.Random(place).randrange(500)}" for place in range(i, i + 20)) for i in range(300)]
    plants = plant_copies(range(300), texts.__getitem__, seed=7)
    assert len(plants) == 200 * 6
    for plant in plants:
        words, copy = texts[plant.origin].split(), plant.text.split()
        assert plant.words == 20
        if plant.level in CHANGED:
            changed = sum(a != b for a, b in zip(words, copy, strict=True))
            assert changed <= round(CHANGED[plant.level] * 20)  # a word may be drawn that was there before
        elif plant.level == "translated":
            assert copy[:20] == words
            assert copy[20:] == translate(texts[plant.origin]).split()
            assert not set(copy[20:]) & set(words)
        else:
            assert copy[20:40] == words
    assert plants == plant_copies(range(300), texts.__getitem__, seed=7)
    assert plants != plant_copies(range(300), texts.__getitem__, seed=8)
    assert len(plant_copies([4, 9], texts.__getitem__, seed=7)) == 8 * 6


def test_wilson_interval_by_hand() -> None:
    assert wilson_interval(190, 200) == pytest.approx((0.9415 - 0.0311, 0.9415 + 0.0311), abs=2e-4)
    assert wilson_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=2e-4)
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=2e-4)
