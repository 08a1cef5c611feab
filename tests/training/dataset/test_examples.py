"""Examples from built datasets and labelled lines: strictness, samples, parts by group."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standpoint.errors import BadInput
from training.dataset.build import build_dataset
from training.examples import (
    Example,
    ExampleSet,
    Task,
    make_example_set,
    read_examples,
    sample_examples,
    split_by_group,
)
from training.manifest import read_manifest


def _write(path: Path, *lines: Any) -> Path:
    path.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    )
    return path


def _stance(**changes: Any) -> dict[str, Any]:
    return {"text": "Mr Tarn is wrong.", "target": "Tarn", "stance": "against"} | changes


def test_labelled_lines(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "a.jsonl", _stance(start=3, end=7), b"  ", _stance(id=7, stance="favor", text=" MR TARN is  wrong. ")
    )
    found = read_examples(path, "stance")
    assert [(e.id, e.mention, e.stance) for e in found.examples] == [("1", (3, 7), "against"), ("7", None, "favor")]
    assert found.examples[0].group == found.examples[1].group != ""
    assert found.labels == ("favor", "against")
    assert (found.dataset, found.codebook, found.source) == (None, None, str(path))


def test_topics_and_given_groups(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "a.jsonl", {"text": "x y", "topics": ["sea", "air"], "group": "g", "outlet": "Arle Courier"}
    )
    found = read_examples(path, "topic")
    assert found.labels == ("air", "sea")
    assert (found.examples[0].topics, found.examples[0].group) == (("sea", "air"), "g")
    assert found.examples[0].outlet == "Arle Courier"


def test_digest_is_of_the_content(tmp_path: Path) -> None:
    one = read_examples(_write(tmp_path / "a.jsonl", _stance()), "stance")
    same = read_examples(_write(tmp_path / "b.jsonl", dict(reversed(_stance().items()))), "stance")
    other = read_examples(_write(tmp_path / "c.jsonl", _stance(stance="none")), "stance")
    assert one.digest == same.digest != other.digest


FAULTS: dict[str, tuple[Task, Any, str]] = {
    "label": (
        "stance",
        _stance(stance="neutral"),
        r'a.jsonl:2: expected a stance of favor, against, none, found "neutral"',
    ),
    "unhashable": ("stance", _stance(stance=["favor"]), "expected a stance of favor"),
    "no stance": ("stance", {"text": "x", "target": "y"}, "found no such field"),
    "no target": ("stance", {"text": "x", "stance": "none"}, "expected a text 'target', found no such field"),
    "empty target": ("stance", _stance(target=" "), "expected a text 'target'"),
    "no text": ("stance", {"target": "x", "stance": "none"}, "expected a text 'text', found no such field"),
    "invisible": ("stance", _stance(text="\u200b\u00ad"), "holds no visible character"),
    "mention": ("stance", _stance(start=3, end=99), "the mention 3:99 is outside the text of 17 characters"),
    "half a mention": ("stance", _stance(start=3), "whole numbers, both or neither"),
    "id": ("stance", _stance(id=[1]), r"expected a text 'id', found \[1\]"),
    "id twice": ("stance", _stance(id="1"), r"a.jsonl:2: the id '1' is taken by .*a.jsonl:1"),
    "broken": ("stance", b'{"text": ', r"a.jsonl:2: is not JSON"),
    "latin": ("stance", b'{"text": "\xe9"}', r"a.jsonl:2: is not UTF-8"),
    "topics": (
        "topic",
        {"text": "x", "topics": "sea"},
        "expected 'topics' as a list of different names, found \"sea\"",
    ),
    "no topics": ("topic", {"text": "x", "topics": []}, r"found \[\]"),
    "topic twice": ("topic", {"text": "x", "topics": ["sea", "sea"]}, "list of different names"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faulty_line_is_refused(tmp_path: Path, name: str) -> None:
    task, line, message = FAULTS[name]
    first = _stance() if task == "stance" else {"text": "x", "topics": ["sea"]}
    with pytest.raises(BadInput, match=message):
        read_examples(_write(tmp_path / "a.jsonl", first, line), task)


def test_files_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r'a.jsonl: is empty; .*"text", "topics"'):
        read_examples(_write(tmp_path / "a.jsonl"), "topic")
    with pytest.raises(BadInput, match=r"b.jsonl: no such file"):
        read_examples(tmp_path / "b.jsonl", "topic")
    with pytest.raises(BadInput, match=r"is no built dataset .* run: standpoint dataset"):
        read_examples(tmp_path, "topic", "train")
    with pytest.raises(BadInput, match="limit: expected a limit of 1 or more"):
        read_examples(_write(tmp_path / "a.jsonl", _stance()), "stance", limit=0)


def test_built_dataset_is_checked(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_dataset(small / "gold.jsonl", small / "splits.yaml", out)
    manifest = read_manifest(out)
    found = read_examples(out, "stance", "train")
    assert (found.dataset, found.source) == (manifest["digest"], f"{out}#train")
    assert found.codebook is not None
    assert found.codebook.digest == manifest["codebook"]["digest"]
    topics = read_examples(out, "topic", "train").labels
    assert list(topics) == [topic for topic in found.codebook.topics.labels if topic in topics]
    with pytest.raises(BadInput, match=r"there is no split 'dev'; the topic configuration has train, validation"):
        read_examples(out, "topic", "dev")
    with pytest.raises(BadInput, match="no split was named"):
        read_examples(out, "topic")
    part = out / manifest["configurations"]["stance"]["train"]["file"]
    part.write_bytes(part.read_bytes() + b"x")
    with pytest.raises(BadInput, match="differs from what the manifest names"):
        read_examples(out, "stance", "train")
    part.unlink()
    with pytest.raises(BadInput, match="is named in the manifest and missing"):
        read_examples(out, "stance", "train")
    book = out / manifest["codebook"]["file"]
    book.write_text(book.read_text(encoding="utf-8").replace("version: 1.2.0", "version: 1.2.1"), encoding="utf-8")
    with pytest.raises(BadInput, match="is not the codebook that the manifest names"):
        read_examples(out, "topic", "train")
    (out / "manifest.json").write_text('{"format": 2}')
    with pytest.raises(BadInput, match="expected a dataset of format 1, found 2"):
        read_examples(out, "topic", "train")


def _examples(pairs: list[tuple[str, str]]) -> ExampleSet:
    examples = [
        Example(str(i), f"text {i}", "dam", stance=stance, group=group) for i, (group, stance) in enumerate(pairs)
    ]
    return make_example_set("stance", examples, source="a.jsonl")


STANCES = st.sampled_from(["favor", "against", "none"])
PAIRS = st.lists(st.tuples(st.text("abcdefgh", min_size=1, max_size=2), STANCES), min_size=2, max_size=60)


@given(PAIRS.filter(lambda pairs: len(dict(pairs)) > 1), st.floats(0.1, 0.5), st.integers(0, 9))
def test_no_group_straddles_and_nothing_is_lost(pairs: list[tuple[str, str]], share: float, seed: int) -> None:
    examples = _examples(pairs)
    rest, held = split_by_group(examples, share, seed)
    assert rest.examples
    assert held.examples
    assert not {e.group for e in rest.examples} & {e.group for e in held.examples}
    assert sorted((*rest.examples, *held.examples), key=lambda e: int(e.id)) == list(examples.examples)
    backward = make_example_set("stance", examples.examples[::-1], like=examples)
    assert {e.id for e in split_by_group(backward, share, seed)[1].examples} == {e.id for e in held.examples}


def test_split_keeps_share_and_labels() -> None:
    examples = _examples([(f"g{i // 2}", "favor" if i % 5 else "against") for i in range(500)])
    rest, held = split_by_group(examples, 0.2, 3)
    assert len(held) == pytest.approx(100, abs=4)
    assert Counter(e.stance for e in held.examples)["against"] == pytest.approx(20, abs=2)
    assert split_by_group(examples, 0.2, 4)[1].digest != held.digest
    assert rest.source == "a.jsonl"


def test_split_of_one_group_is_refused() -> None:
    with pytest.raises(
        BadInput, match=r"a.jsonl: all examples are of one group and cannot be split; give a validation file"
    ):
        split_by_group(_examples([("g", "favor"), ("g", "none")]), 0.5, 1)
    with pytest.raises(BadInput, match="expected a share between 0 and 1, found 1"):
        split_by_group(_examples([("g", "favor"), ("h", "none")]), 1, 1)


@given(PAIRS, st.integers(1, 60))
def test_sample_keeps_order_and_labels(pairs: list[tuple[str, str]], limit: int) -> None:
    examples = _examples(pairs)
    found = sample_examples(examples, limit)
    assert len(found) == min(limit, len(examples))
    kept = set(found.examples)
    assert list(found.examples) == [e for e in examples.examples if e in kept]
    if limit >= len(examples.labels):
        assert found.labels == examples.labels
    backward = make_example_set("stance", examples.examples[::-1], like=examples)
    assert set(sample_examples(backward, limit).examples) == kept


def test_sample_is_in_proportion_and_spread() -> None:
    examples = _examples([(str(i), "favor" if i < 300 else "none") for i in range(400)])
    found = sample_examples(examples, 40)
    assert Counter(e.stance for e in found.examples)["favor"] == pytest.approx(30, abs=1)
    assert int(found.examples[-1].id) > 300
