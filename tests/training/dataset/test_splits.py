"""Groups and parts: no group on two sides, earlier documents stay, the answer is the same in any order."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from standpoint.errors import BadInput
from training.dataset.documents import Documents
from training.dataset.groups import join_documents, link_documents, list_members
from training.dataset.policy import (
    TEST,
    TRAIN,
    UNSEEN_KINDS,
    UNSEEN_OUTLETS,
    VALIDATION,
    Ledger,
    Policy,
    read_ledger,
    read_policy,
    side_of,
    write_ledger,
)
from training.dataset.sketches import sketch_texts
from training.dataset.splits import Assignment, assign_documents
from training.stratification import assign_groups

SENTENCE = "the envoy of the upper valley told the assembly that the new toll would be paid by those who never cross"
POLICY = Policy(unseen_targets=("corridor",), unseen_kinds=("letter",), unseen_outlets=("Tidal Post",))
EMPTY = Ledger(Path("parts.jsonl"), {})


@dataclass(frozen=True)
class Item:
    """A passage and what is known of its document."""

    document: str
    text: str
    target: str = ""
    kind: str = "report"
    outlet: str = "Arle Courier"
    date: str = "2024-05-01"


def assign(items: Iterable[Item], policy: Policy = POLICY, ledger: Ledger = EMPTY) -> Assignment:
    """Sketch the passages, link their documents and deal them out."""
    ordered = sorted(items, key=lambda item: item.document)
    origins = {item.document: (item.kind, item.outlet, item.date) for item in ordered}
    counts: dict[str, Counter[str]] = {document: Counter() for document in origins}
    for item in ordered:
        if policy.held_part(item.kind, item.outlet) is None:
            feature = f"unseen:{item.target}" if item.target in policy.unseen_targets else f"kind:{item.kind}"
            counts[item.document].update(["size", feature])
    features = tuple(sorted({"size"}.union(*counts.values())))
    table = np.array([[count[feature] for feature in features] for count in counts.values()], np.int64)
    documents = Documents(tuple(origins), *zip(*origins.values(), strict=True), features, csr_array(table))
    places = {document: place for place, document in enumerate(origins)}
    owners = np.array([places[item.document] for item in ordered], np.int32)
    sketch = sketch_texts([item.text for item in ordered], policy.near_duplicates)
    return assign_documents(documents, link_documents(sketch, owners, policy.near_duplicates), policy, ledger)


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


WORDS = st.lists(st.sampled_from(["ore", "tax", "dam", "sea", "law"]), min_size=1, max_size=6).map(" ".join)
PASSAGES = st.lists(
    st.tuples(st.integers(0, 15), WORDS, st.sampled_from(["", "dam", "corridor"]), st.integers(1, 9)),
    min_size=1,
    max_size=40,
)
Drawn = list[tuple[int, str, str, int]]


def _items(drawn: Drawn, prefix: str = "d") -> list[Item]:
    """Passages of documents of which the fourth is of an unseen kind and the fifth of an unseen outlet."""
    kinds, outlets = {3: "letter"}, {4: "Tidal Post"}
    days = {number: day for number, _, _, day in drawn}
    return [
        Item(
            f"{prefix}{number:02}",
            text,
            target,
            kinds.get(number, "report"),
            outlets.get(number, "Arle Courier"),
            f"2024-05-{days[number]:02}",
        )
        for number, text, target, _ in drawn
    ]


@settings(deadline=None)
@given(PASSAGES, st.integers(0, 5), st.randoms(use_true_random=False))
def test_no_group_is_on_two_sides(drawn: Drawn, seed: int, shuffle: random.Random) -> None:
    items, policy = _items(drawn), POLICY.model_copy(update={"seed": seed})
    result = assign(items, policy)
    assert not result.set_aside
    assert set(result.parts) == {item.document for item in items}
    for members in list_members(result.groups).values():
        assert len({side_of(result.parts[document]) for document in members}) == 1
    for document, part in result.parts.items():
        assert (part == UNSEEN_KINDS, part == UNSEEN_OUTLETS) == (document == "d03", document == "d04")
    shuffle.shuffle(items)
    assert assign(items, policy) == result


@settings(deadline=None)
@given(PASSAGES, PASSAGES)
def test_earlier_documents_never_move(first: Drawn, then: Drawn) -> None:
    before = assign(_items(first))
    both = [*_items(first), *_items(then, "n")]
    after = assign(both, ledger=Ledger(Path("parts.jsonl"), before.parts))
    assert {document: after.parts[document] for document in before.parts} == dict(before.parts)
    assert all(document.startswith("n") for document in after.set_aside)
    assert set(after.parts) | set(after.set_aside) == {item.document for item in both}
    for members in list_members(after.groups).values():
        assert len({side_of(after.parts[document]) for document in members}) == 1


BY_TIME = Policy(by="time", unseen_kinds=("letter",), unseen_outlets=("Tidal Post",))


@settings(deadline=None)
@given(PASSAGES)
def test_by_time_nothing_learnt_is_younger_than_what_is_tested(drawn: Drawn) -> None:
    items = _items(drawn)
    free = {item.date for item in items if item.kind == "report" and item.outlet == "Arle Courier"}
    if len(free) < 3:
        with pytest.raises(BadInput, match=f"parts by time need documents of three days or more, found {len(free)}"):
            assign(items, BY_TIME)
        return
    result = assign(items, BY_TIME)
    dates: dict[str, list[str]] = {}
    for item in items:
        if item.document in result.parts:
            dates.setdefault(result.parts[item.document], []).append(item.date)
    assert max(dates[TRAIN]) < min(dates.get(VALIDATION, ["9"])) <= max(dates.get(VALIDATION, ["9"]))
    assert max(dates[TRAIN] + dates.get(VALIDATION, [])) < min(dates.get(TEST, ["9"]))
    for members in list_members(result.groups).values():
        assert len({side_of(result.parts[document]) for document in members}) == 1
    assert set(result.parts) | set(result.set_aside) == {item.document for item in items}


def _dated(text: str, day: int) -> Item:
    return Item(f"d{day:02}", text, date=f"2024-05-{day:02}")


def test_by_time_shares_and_copies() -> None:
    """Ten days of a document each; the last repeats the first and is set aside."""
    items = [_dated(f"{name}a {name}b {name}c", day) for day, name in enumerate("abcdefghi", start=1)]
    result = assign([*items, _dated("aa ab ac", 10)], BY_TIME)
    assert result.set_aside == ("d10",)
    assert Counter(result.parts.values()) == {TRAIN: 7, VALIDATION: 1, TEST: 1}
    assert [result.parts[f"d{day:02}"] for day in (7, 8, 9)] == [TRAIN, VALIDATION, TEST]


def test_by_time_borders_are_those_of_the_ledger() -> None:
    items = [_dated(f"{name}a {name}b {name}c", day) for day, name in enumerate("abcdefghi", start=1)]
    ledger = Ledger(Path("parts.jsonl"), {"d01": TRAIN, "d03": VALIDATION, "d05": TEST})
    parts = assign(items, BY_TIME, ledger).parts
    assert list(parts.values()) == [TRAIN, TRAIN, VALIDATION, VALIDATION, TEST, TEST, TEST, TEST, TEST]
    swapped = Ledger(Path("parts.jsonl"), {"d01": TEST, "d03": VALIDATION, "d05": TRAIN})
    with pytest.raises(BadInput, match=r"parts.jsonl: the parts overlap in time: train goes to 2024-05-05, validation"):
        assign(items, BY_TIME, swapped)
    with pytest.raises(BadInput, match="'d09' has the date '', and parts by time need one like 2024-05-31"):
        assign([*items[:8], Item("d09", "salt", date="")], BY_TIME)


def test_newcomer_between_two_sides_is_set_aside() -> None:
    other = "a different passage about the price of salt in the lower harbour and who should pay for it all"
    items = [Item("a", SENTENCE), Item("b", other), Item("n", SENTENCE), Item("n", other), Item("m", SENTENCE)]
    result = assign(items, ledger=Ledger(Path("parts.jsonl"), {"a": TRAIN, "b": TEST, "m": TRAIN}))
    assert result.set_aside == ("n",)
    assert dict(result.parts) == {"a": TRAIN, "b": TEST, "m": TRAIN}
    assert result.groups["m"] == "a"


def test_newcomer_follows_its_near_duplicate() -> None:
    items = [Item("a", SENTENCE), Item("n", f"{SENTENCE} again")]
    assert assign(items, ledger=Ledger(Path("parts.jsonl"), {"a": VALIDATION})).parts["n"] == VALIDATION


@pytest.mark.parametrize(
    ("item", "part", "message"),
    [
        (Item("a", "salt", kind="letter"), TRAIN, "'a' is in train, while its kind 'letter' is among the unseen kinds"),
        (
            Item("a", "salt"),
            UNSEEN_KINDS,
            "in test_unseen_kinds, while its kind 'report' is not among the unseen kinds",
        ),
        (Item("a", "salt", outlet="Tidal Post"), TEST, "its outlet 'Tidal Post' is among the unseen outlets"),
        (Item("a", "salt"), UNSEEN_OUTLETS, "its outlet 'Arle Courier' is not among the unseen outlets"),
    ],
)
def test_ledger_against_the_policy_is_refused(item: Item, part: str, message: str) -> None:
    with pytest.raises(BadInput, match=rf"parts.jsonl: .*{message}"):
        assign([item], ledger=Ledger(Path("parts.jsonl"), {"a": part}))


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
        ("by: weather", r'splits.yaml: by: Input should be .labels. or .time., found "weather"'),
        ("near_duplicates: {overlap: 2}", r"splits.yaml: near_duplicates.overlap: .*found 2"),
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
