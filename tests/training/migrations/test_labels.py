"""What a migration may do to labels: rename, join, withdraw or drop them, and never make one up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.errors import BadInput
from training.migrations.annotations import make_step, migrate_annotation
from training.migrations.changes import Change, Merge, Remove, Rename, Reread, Split
from training.migrations.labels import change_labels, change_names
from training.migrations.reading import Migration

NAMES = ("a", "b", "c", "d", "other")
names = st.sampled_from(NAMES[:4])
topics = st.none() | st.lists(names, min_size=1, max_size=3, unique=True) | st.just(["other"])
sides = st.sampled_from(["favor", "against", "none"])
stances = st.none() | st.dictionaries(names, sides, max_size=4).map(
    lambda found: [{"target": target, "stance": side, "holder": "author"} for target, side in found.items()]
)
whats = st.sampled_from(["topic", "target"])
lists = st.lists(names, min_size=2, max_size=3, unique=True)
changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(lambda what, old: Rename(what=what, from_=old, to="new"), whats, names),
    st.builds(
        lambda what, old, to: Merge(what=what, from_=tuple(old), to=to or old[0]),
        whats,
        lists,
        st.just("new") | st.none(),
    ),
    st.builds(lambda old: Merge(what="topic", from_=(*old, "other"), to="other"), lists),
    st.builds(
        lambda what, old, default: Split.model_validate(
            {"what": what, "from": old, "into": [{"id": "x"}, {"id": "y"}], "default": default}
        ),
        whats,
        names,
        st.none() | st.just("y"),
    ),
    st.builds(lambda what, old: Remove(what=what, id=old), whats, names),
    st.builds(lambda what, old: Reread(what=what, label=old, why="because"), whats, st.none() | names),
)


def same(name: str) -> str:
    return name


def migrate(found_topics: Any, found_stances: Any, *made: Change, to: str = "2.0.0") -> Any:
    content = {
        "document": "d",
        "start": 0,
        "end": 9,
        "annotator": "ann",
        "topics": found_topics,
        "stances": found_stances,
    }
    step = make_step(
        Migration("1.0.0", to, "why", made, Path("1.0.0-to-2.0.0.yaml")), {name: f"the {name}" for name in NAMES}
    )
    return migrate_annotation(content, [step], to, "a.jsonl:1")


def labels_of(content: dict[str, Any]) -> list[str]:
    return [*(content["topics"] or ()), *(label["target"] for label in content["stances"] or ())]


@given(topics, stances, st.lists(changes, min_size=1, max_size=3))
def test_labels_are_never_invented_and_the_counts_add_up(
    found_topics: Any, found_stances: Any, made: list[Change]
) -> None:
    content, marks, tally = migrate(found_topics, found_stances, *made)
    assert tally.before == tally.after + tally.folded + tally.dropped + tally.withdrawn
    assert tally.after == len(labels_of(content))
    for what, name in (("topic", "topics"), ("target", "stances")):
        before = {"topics": found_topics, "stances": found_stances}[name]
        if before is None:
            assert content[name] is None  # what nobody judged stays unjudged
            continue
        allowed = [label["target"] if isinstance(label, dict) else label for label in before]
        for change in made:
            allowed = change_names(allowed, change) if change.what == what else allowed
        after = [label["target"] if isinstance(label, dict) else label for label in content[name] or ()]
        assert set(after) <= set(allowed)
        assert len(set(after)) == len(after)
        if content[name] is None:
            task = "topic" if name == "topics" else "stance"
            assert [mark.task for mark in marks if not mark.kept].count(task) == 1
    if found_topics and content["topics"] is not None:
        assert content["topics"]
        assert "other" not in content["topics"] or len(content["topics"]) == 1
    sides_before = {(label["stance"], label["holder"]) for label in found_stances or ()}
    assert {(label["stance"], label["holder"]) for label in content["stances"] or ()} <= sides_before


@given(topics, stances, whats, names)
def test_a_rename_and_its_inverse_are_identity(found_topics: Any, found_stances: Any, what: Any, old: str) -> None:
    there, _, _ = migrate(found_topics, found_stances, Rename(what=what, from_=old, to="new"))
    back, marks, tally = migrate(there["topics"], there["stances"], Rename(what=what, from_="new", to=old))
    assert (back["topics"], back["stances"]) == (found_topics, found_stances)
    assert (marks, tally.dropped, tally.folded, tally.withdrawn) == ([], 0, 0, 0)


@given(topics, stances, whats, lists)
def test_a_merge_made_twice_is_a_merge_made_once(
    found_topics: Any, found_stances: Any, what: Any, old: list[str]
) -> None:
    merge = Merge(what=what, from_=tuple(old), to=old[0])
    once, _, _ = migrate(found_topics, found_stances, merge)
    twice, marks, tally = migrate(once["topics"], once["stances"], merge)
    assert (twice, marks, tally.folded) == (once, [], 0)


def test_merged_targets_with_different_sides_are_read_again() -> None:
    merge = Merge(what="target", from_=("a", "b"), to="both")
    labels = [{"target": "a", "stance": "favor", "holder": "x"}, {"target": "b", "stance": "against", "holder": "x"}]
    content, marks, tally = migrate(["c"], labels, merge)
    assert (content["topics"], content["stances"], tally.withdrawn) == (["c"], None, 2)
    assert [(m.task, m.labels, m.was) for m in marks] == [("stance", ("both",), labels)]
    assert "takes different sides toward what is now both (codebook 2.0.0)" in marks[0].why
    labels[1]["stance"] = "favor"
    assert migrate(["c"], labels, merge)[0]["stances"] == [{"target": "both", "stance": "favor", "holder": "x"}]


def test_a_split_withdraws_or_holds_the_default() -> None:
    fields = {"what": "topic", "from": "a", "into": [{"id": "a"}, {"id": "x"}]}
    content, marks, _ = migrate(["a", "b"], [], Split.model_validate(fields))
    assert content["topics"] is None
    assert [(m.was, m.labels, m.kept) for m in marks] == [(["a", "b"], ("a", "x", "b"), False)]
    content, marks, tally = migrate(["a", "b"], [], Split.model_validate({**fields, "default": "x"}))
    assert content["topics"] == ["x", "b"]
    assert [(m.kept, m.now) for m in marks] == [(True, ["x", "b"])]
    assert tally.kept == 1


def test_marks_take_the_names_of_later_changes() -> None:
    split = Split.model_validate({"what": "topic", "from": "a", "into": [{"id": "x"}, {"id": "y"}], "default": "x"})
    content, marks, _ = migrate(["a"], [], split, Rename(what="topic", from_="x", to="z"), Remove(what="topic", id="y"))
    assert content["topics"] == ["z"]
    assert [(m.labels, m.now) for m in marks] == [(("z",), ["z"])]


def test_a_wording_in_a_line_is_the_target_that_it_names() -> None:
    content, _, _ = migrate(
        None, [{"target": "The  A", "stance": "none", "holder": "x"}], Rename(what="target", from_="a", to="n")
    )
    assert content["stances"][0]["target"] == "n"


@pytest.mark.parametrize(
    ("found_topics", "found_stances", "message"),
    [
        ("water", [], r"a\.jsonl:1: expected a list 'topics' \(null: not judged\), found \"water\""),
        ([1], [], r"a\.jsonl:1: expected a list 'topics'"),
        ([], ["x"], r"a\.jsonl:1: expected a list 'stances'"),
        ([], [{"stance": "none"}], r"a\.jsonl:1: expected a text 'target', found no such field"),
    ],
)
def test_lines_that_cannot_be_read_are_named(found_topics: Any, found_stances: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        migrate(found_topics, found_stances, Remove(what="topic", id="a"))


def test_labels_that_a_change_does_not_name_stay() -> None:
    assert change_labels(["b"], Remove(what="topic", id="a"), same).labels == ["b"]
    assert change_labels(["b"], Reread(what="topic", label="a", why="x"), same).why == ""
