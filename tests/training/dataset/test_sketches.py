"""Sketches: the library's signatures, the same for a passage whatever it is sketched with, and read as written."""

from pathlib import Path

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.dataset.policy import NearDuplicates
from training.dataset.sketches import BANDS, DRAWS, Sketch, join_sketches, make_bands, sketch_texts, split_words

RULE = NearDuplicates()
TEXTS = st.lists(st.one_of(st.text(max_size=30), st.text("ab Ñß-", max_size=40)), max_size=8)


def _parts(sketch: Sketch) -> list[bytes]:
    arrays = (sketch.words, sketch.starts, sketch.runs, sketch.offsets, sketch.bands, sketch.texts)
    return [array.tobytes() + str(array.dtype).encode() for array in arrays]


def test_words_and_runs_by_hand() -> None:
    sketch = sketch_texts(["One two, THREE four", "one two three four", "one two", "the the the", "?!", ""], RULE)
    assert np.diff(sketch.starts).tolist() == [4, 4, 2, 3, 1, 1]  # the second and third «the» are words of their own
    assert np.diff(sketch.offsets).tolist() == [2, 2, 1, 1, 1, 1]  # a short text is one run
    assert np.array_equal(sketch.words[:4], sketch.words[4:8])
    assert np.array_equal(sketch.runs[:2], sketch.runs[2:4])
    assert sketch.texts[0] != sketch.texts[1]
    assert split_words("?!") == ["?!"]


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS)
def test_chunks_do_not_matter(one: list[str], other: list[str]) -> None:
    whole = sketch_texts(one + other, RULE)
    assert _parts(join_sketches([sketch_texts(one, RULE), sketch_texts(other, RULE)])) == _parts(whole)
    places = np.arange(len(whole))[::-1]
    backward = sketch_texts((one + other)[::-1], RULE)
    assert _parts(whole.take(places)) == _parts(backward)
    for place in range(len(whole)):
        for values, starts in ((whole.words, whole.starts), (whole.runs, whole.offsets)):
            mine = values[starts[place] : starts[place + 1]]
            assert len(mine) > 0
            assert (np.diff(mine.astype(np.int64)) > 0).all()


def test_signatures_are_those_of_the_library() -> None:
    """Two passages share a band exactly where the library's signatures agree in all of its rows."""
    texts = [f"the {a} of the {b} is {c}" for a in ("price", "cost") for b in ("salt", "grain") for c in ("up", "due")]
    sketch = sketch_texts(texts, RULE)
    for draw in range(DRAWS):
        signatures = []
        for place in range(len(texts)):
            minhash = datasketch.MinHash(BANDS * RULE.rows, seed=1 + draw, scheme="affine32", hashfunc=int)
            minhash.update_batch(sketch.words[sketch.starts[place] : sketch.starts[place + 1]])
            signatures.append(minhash.hashvalues.reshape(BANDS, RULE.rows))
        expected = (np.array(signatures)[:, None] == np.array(signatures)[None]).all(axis=3)
        bands = make_bands(sketch.words, sketch.starts, RULE, [draw])
        assert np.array_equal(bands, sketch.bands[:, draw * BANDS : (draw + 1) * BANDS])
        assert np.array_equal(bands[:, None] == bands[None], expected)
        assert 0 < expected.sum() < expected.size


def test_hashes_are_the_same_on_every_machine() -> None:
    """Stored sketches and the groups made from them outlive a release: a change here is a new format."""
    sketch = sketch_texts(["the ferry will run twice a day"], RULE)
    assert int(sketch.texts[0]) == 15204197654363243565
    assert int(sketch.words.astype(np.uint64).sum()) == 17842605101
    assert int(sketch.runs.astype(np.uint64).sum()) == 8174655595
    assert int(sketch.bands.astype(np.uint64).sum()) == 163427393484


def test_saved_sketch_is_read_as_written(tmp_path: Path) -> None:
    sketch = sketch_texts(["one two three", "four"], RULE)
    sketch.save(tmp_path / "chunk.npz")
    assert _parts(Sketch.load(tmp_path / "chunk.npz")) == _parts(sketch)
    assert [path.name for path in tmp_path.iterdir()] == ["chunk.npz"]


@pytest.mark.parametrize(("overlap", "rows"), [(0.3, 2), (0.5, 4), (0.66, 7), (1.0, 8)])
def test_bands_fit_the_overlap(overlap: float, rows: int) -> None:
    assert NearDuplicates(overlap=overlap).rows == rows
