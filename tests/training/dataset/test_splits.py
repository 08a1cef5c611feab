"""Groups and parts: no group on two sides, earlier documents stay, the answer is the same in any order."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standpoint.errors import BadInput
from training.dataset.gold import Pair, Passage
from training.dataset.groups import join_documents, link_documents, list_members, overlap, shingle
from training.dataset.policy import (
    TEST,
    TRAIN,
    UNSEEN_KINDS,
    UNSEEN_TARGETS,
    VALIDATION,
    Ledger,
    NearDuplicates,
    Policy,
    read_ledger,
    read_policy,
    side_of,
    write_ledger,
)
from training.dataset.rows import route_passage
from training.dataset.splits import assign_documents
from training.stratification import assign_groups

RULE = NearDuplicates()
SENTENCE = "the envoy of the upper valley told the assembly that the new toll would be paid by those who never cross"
LONG = SENTENCE.split()


def make_passage(document: str, text: str, targets: str = "", kind: str = "report", mentioned: str = "") -> Passage:
    pairs = tuple(Pair(target, "favor", "author", "agreed") for target in targets.split())
    seen = tuple({**dict.fromkeys(targets.split()), **dict.fromkeys(mentioned.split())})
    return Passage(
        document, "Arle Courier", kind, "2024-05-01", "en", 0, len(text), text, ("water",), "agreed", pairs, seen
    )


def test_shingles_and_overlap_by_hand() -> None:
    assert shingle("One two, THREE four", 3) == {"one two three", "two three four"}
    assert shingle("One two", 3) == {"one two"}
    assert shingle("?!", 3) == {"?!"}
    assert overlap(shingle("a b c d", 3), shingle("a b c e", 3)) == pytest.approx(1 / 3)


def test_near_duplicates_are_linked() -> None:
    texts = {
        "a": SENTENCE,
        "b": SENTENCE.upper() + "!",
        "c": " ".join([*LONG[:-1], "swim"]),  # one run of 18 differs: 17 / 19
        "d": " ".join([*LONG[:10], "x", *LONG[11:]]),  # three runs of 18 differ: 15 / 21
        "e": " ".join(LONG[:9]),
        "f": "another matter altogether was put before the assembly on the same day",
    }
    links = link_documents([make_passage(name, text) for name, text in texts.items()], RULE)
    for one, other in [("a", "b"), ("a", "c"), ("a", "d")]:
        assert overlap(shingle(texts[one], 3), shingle(texts[other], 3)) >= 0.7
        assert (one, other) in links
    assert not {name for link in links for name in link} & {"e", "f"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from("pqrstuvw"), min_size=1, max_size=14).map(" ".join), min_size=2, max_size=12))
def test_links_are_those_of_the_exact_overlap(texts: list[str]) -> None:
    passages = [make_passage(f"d{i:02}", text) for i, text in enumerate(texts)]
    exact = {
        (one.document, other.document)
        for place, one in enumerate(passages)
        for other in passages[place + 1 :]
        if overlap(shingle(one.text, 3), shingle(other.text, 3)) >= 0.7
    }
    assert link_documents(passages, RULE) == exact


@given(st.sets(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))))
def test_linked_documents_share_a_group(links: set[tuple[str, str]]) -> None:
    groups = join_documents("abcdefgh", links)
    assert all(groups[one] == groups[other] for one, other in links)
    assert all(group == min(members) for group, members in list_members(groups).items())


FEATURES = st.dictionaries(st.sampled_from("xyz"), st.integers(1, 5), max_size=3)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=4), FEATURES, max_size=40), st.integers(0, 9))
def test_assignment_depends_on_content_alone(groups: dict[str, dict[str, int]], seed: int) -> None:
    shares = {"one": 0.6, "two": 0.4}
    fixed = dict.fromkeys(sorted(groups)[:2], "two")
    parts = assign_groups(groups, shares, seed, fixed=fixed)
    shuffled = dict(random.Random(seed).sample(list(groups.items()), len(groups)))
    assert assign_groups(shuffled, shares, seed, fixed=fixed) == parts
    assert parts.keys() == groups.keys()
    assert set(parts.values()) <= set(shares)
    assert all(parts[name] == part for name, part in fixed.items())


def test_assignment_keeps_the_shares() -> None:
    draw = random.Random(5)
    groups = {f"g{i}": {"size": 6, draw.choice("abcdef"): 3, draw.choice("uvw"): 2} for i in range(400)}
    parts = assign_groups(groups, {"train": 0.7, "validation": 0.12, "test": 0.18}, 13)
    for feature in "abcdefuvw":
        held: Counter[str] = Counter()
        for group, counts in groups.items():
            held[parts[group]] += counts.get(feature, 0)
        assert held["train"] / held.total() == pytest.approx(0.7, abs=0.03)
        assert held["test"] / held.total() == pytest.approx(0.18, abs=0.03)


def test_the_seed_matters() -> None:
    groups = {f"g{i}": {"size": 1} for i in range(60)}
    shares = {"one": 0.5, "two": 0.5}
    assert assign_groups(groups, shares, 1) != assign_groups(groups, shares, 2)


POLICY = Policy(unseen_targets=("corridor",), unseen_kinds=("letter",))


@pytest.mark.parametrize(
    ("part", "kind", "targets", "mentioned", "split", "pairs"),
    [
        (TRAIN, "report", "dam", "", TRAIN, "dam"),
        (TRAIN, "report", "dam corridor", "", None, ""),
        (VALIDATION, "report", "dam", "corridor", None, ""),
        (TEST, "report", "dam", "toll", TEST, "dam"),
        (TEST, "report", "dam corridor", "", UNSEEN_TARGETS, "corridor"),
        (TEST, "report", "dam", "corridor", UNSEEN_TARGETS, ""),
        (UNSEEN_KINDS, "letter", "dam corridor", "", UNSEEN_KINDS, "dam"),
    ],
)
def test_routes(part: str, kind: str, targets: str, mentioned: str, split: str | None, pairs: str) -> None:
    route = route_passage(make_passage("d", SENTENCE, targets, kind, mentioned), part, POLICY)
    assert route.split == split
    assert [pair.target for pair in route.pairs] == pairs.split()
    assert sum(route.dropped.values()) == len(targets.split()) - len(route.pairs) + (split is None)


WORDS = st.lists(st.sampled_from(["ore", "tax", "dam", "sea", "law"]), min_size=1, max_size=6).map(" ".join)
PASSAGES = st.lists(
    st.tuples(st.integers(0, 15), WORDS, st.sampled_from(["", "dam", "corridor", "dam corridor"])),
    min_size=1,
    max_size=40,
)


@settings(deadline=None)
@given(PASSAGES, st.integers(0, 5))
def test_no_group_is_on_two_sides(drawn: list[tuple[int, str, str]], seed: int) -> None:
    passages = [make_passage(f"d{i}", text, targets, "letter" if i == 3 else "report") for i, text, targets in drawn]
    policy = POLICY.model_copy(update={"seed": seed})
    result = assign_documents(passages, policy, Ledger(Path("parts.jsonl"), {}))
    assert not result.set_aside
    assert set(result.parts) == {passage.document for passage in passages}
    for members in list_members(result.groups).values():
        assert len({side_of(result.parts[document]) for document in members}) == 1
    assert all((part == UNSEEN_KINDS) == (document == "d3") for document, part in result.parts.items())
    backward = assign_documents(passages[::-1], policy, Ledger(Path("parts.jsonl"), {}))
    assert backward == result


@settings(deadline=None)
@given(PASSAGES, PASSAGES)
def test_earlier_documents_never_move(first: list[tuple[int, str, str]], then: list[tuple[int, str, str]]) -> None:
    early = [make_passage(f"d{i}", text, targets) for i, text, targets in first]
    before = assign_documents(early, POLICY, Ledger(Path("parts.jsonl"), {}))
    late = [make_passage(f"n{i}", text, targets) for i, text, targets in then]
    after = assign_documents(early + late, POLICY, Ledger(Path("parts.jsonl"), before.parts))
    assert {document: after.parts[document] for document in before.parts} == dict(before.parts)
    assert all(document.startswith("n") for document in after.set_aside)
    assert set(after.parts) | set(after.set_aside) == {passage.document for passage in early + late}
    for members in list_members(after.groups).values():
        assert len({side_of(after.parts[document]) for document in members}) == 1


def test_newcomer_between_two_sides_is_set_aside() -> None:
    other = "a different passage about the price of salt in the lower harbour and who should pay for it all"
    early = [make_passage("a", SENTENCE), make_passage("b", other)]
    late = [make_passage("n", SENTENCE), make_passage("n", other), make_passage("m", SENTENCE)]
    ledger = Ledger(Path("parts.jsonl"), {"a": TRAIN, "b": TEST, "m": TRAIN})
    result = assign_documents(early + late, POLICY, ledger)
    assert result.set_aside == ("n",)
    assert dict(result.parts) == {"a": TRAIN, "b": TEST, "m": TRAIN}
    assert result.groups["m"] == "a"


def test_newcomer_follows_its_near_duplicate() -> None:
    result = assign_documents(
        [make_passage("a", SENTENCE), make_passage("n", SENTENCE + " again")],
        POLICY,
        Ledger(Path("parts.jsonl"), {"a": VALIDATION}),
    )
    assert result.parts["n"] == VALIDATION


def test_ledger_against_the_policy_is_refused() -> None:
    ledger = Ledger(Path("parts.jsonl"), {"a": TRAIN})
    with pytest.raises(BadInput, match=r"parts.jsonl: 'a' is in train, while its kind 'letter' is among the unseen"):
        assign_documents([make_passage("a", SENTENCE, kind="letter")], POLICY, ledger)


def test_ledger_round_trip_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "parts.jsonl"
    assert read_ledger(path).parts == {}
    write_ledger(path, {"b": TEST, "a": TRAIN})
    assert read_ledger(path).parts == {"a": TRAIN, "b": TEST}
    path.write_text('{"document": "a", "part": "dev"}\n')
    with pytest.raises(BadInput, match=r'parts.jsonl:1: expected a part of train, .*, found "dev"'):
        read_ledger(path)
    path.write_text('{"document": "a", "part": "test"}\n' * 2)
    with pytest.raises(BadInput, match=r"parts.jsonl:2: the document 'a' stands twice"):
        read_ledger(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "shares: {train: 0.9, validation: 0.2, test: 0.1}",
            r"splits.yaml: shares: expected shares that sum to 1, found 1.2",
        ),
        ("sead: 3", r"splits.yaml: sead: Extra inputs"),
        ("seed: many", r'splits.yaml: seed: .*found "many"'),
        ("seed: [", r"splits.yaml:\d: is not valid YAML"),
        ("- 1", r"splits.yaml: whole file: .*found \[1\]"),
    ],
)
def test_faulty_policy_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "splits.yaml").write_text(content)
    with pytest.raises(BadInput, match=message):
        read_policy(tmp_path / "splits.yaml")


def test_policy_may_be_missing(tmp_path: Path) -> None:
    assert read_policy(tmp_path / "splits.yaml") == Policy()
    assert Policy().digest != Policy(seed=14).digest
