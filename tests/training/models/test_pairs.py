"""Unrelated pairs never contradict an annotator, and follow the seed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from standpoint.encoding import target_key
from training.examples import Example
from training.models.pairs import sample_unrelated

TARGETS = ["the dam", "the road", "The Bridge", "the tower", "the canal"]
PASSAGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.sets(st.sampled_from(TARGETS))), max_size=12)


def passage(number: int, text: str, mentioned: set[str]) -> Example:
    return Example(f"p{number}", f"passage {text}", topics=("x",), mentioned=tuple(sorted(mentioned)), group=text)


@given(rows=PASSAGES, count=st.integers(0, 6), seed=st.integers(0, 99))
def test_never_a_target_that_an_annotator_saw(rows: list[tuple[str, set[str]]], count: int, seed: int) -> None:
    passages = [passage(i, text, seen) for i, (text, seen) in enumerate(rows)]
    found = sample_unrelated(passages, TARGETS, count, seed)
    first = {p.text: p for p in sorted(passages, key=lambda p: p.id, reverse=True)}
    for example in found:
        assert example.stance == "unrelated"
        assert example.topics == ()
        assert target_key(str(example.target)) not in {target_key(t) for t in first[example.text].mentioned}
        assert example.group == first[example.text].group
    assert len({e.id for e in found}) == len(found)
    assert len(found) == sum(min(count, len(TARGETS) - len(p.mentioned)) for p in first.values())


def test_a_wording_is_recognised_whatever_its_case() -> None:
    found = sample_unrelated([passage(1, "a", {"the  BRIDGE", "THE DAM"})], TARGETS, 9, 1)
    assert {e.target for e in found} == {"the road", "the tower", "the canal"}


def test_each_distinct_passage_once() -> None:
    pairs = [
        Example(f"p{i}#{t}", "one text", t, stance="favor", mentioned=("the dam", "the road"))
        for i, t in enumerate(TARGETS[:2])
    ]
    found = sample_unrelated(pairs, TARGETS, 2, 1)
    assert len(found) == 2
    assert all(e.id.startswith("p0#unrelated:") for e in found)


def test_the_seed_is_the_draw() -> None:
    passages = [passage(i, str(i), set()) for i in range(20)]

    def draw(seed: int) -> list[str | None]:
        return [e.target for e in sample_unrelated(passages, TARGETS, 2, seed)]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert [e.target for e in sample_unrelated(passages[::-1], TARGETS, 2, 1)] == draw(1)
