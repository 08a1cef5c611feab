"""What is kept of each passage to find its copies: hashed words and runs of words, MinHash bands, a digest of its text.

The signatures are those of datasketch (scheme affine32), worked out for a whole chunk at once: an object a passage, as
the library does it, takes ten times as long.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import datasketch
import numpy as np
from numpy.typing import NDArray

from training.dataset.policy import NearDuplicates
from training.files import open_replacing

LIBRARY = f"datasketch {datasketch.__version__}"
DRAWS, BANDS = 2, 40  # two independent sets of bands: the certificate makes the second anew and trusts no other
_CHUNK = 2048  # passages whose hashes fit into a core's cache
_ODD = np.uint64(0x9E3779B97F4A7C15)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sketch:
    """Of n passages: `words` (uint32, hashes of the words, the second «the» of a passage another than the first) and
    `runs` (uint32, hashes of the runs of words), both sorted and unique within a passage, which begins at `starts` and
    `offsets` (int64, n + 1); `bands` (uint32, (n, DRAWS * BANDS)) and `texts` (uint64, n, digests of the case folded
    texts)."""

    words: NDArray[np.uint32]
    starts: NDArray[np.int64]
    runs: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    bands: NDArray[np.uint32]
    texts: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, places: NDArray[np.integer]) -> Sketch:
        """Return the sketch of the passages at `places`."""
        words, starts = take_slices(self.words, self.starts, places)
        runs, offsets = take_slices(self.runs, self.offsets, places)
        return Sketch(words, starts, runs, offsets, self.bands[places], self.texts[places])

    def save(self, path: Path) -> None:
        """Write the arrays as one uncompressed .npz, whole or not at all."""
        with open_replacing(path) as handle:
            np.savez(handle, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Sketch:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{field.name: arrays[field.name] for field in fields(cls)})


class _Hashes(dict[str, int]):
    """Word -> 64-bit hash, the same on every machine; made when first asked for."""

    def __missing__(self, word: str) -> int:
        value = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        self[word] = value
        return value


def split_words(text: str) -> list[str]:
    """Return the case folded words of a text; one without words is a word itself."""
    folded = text.casefold()
    return _WORD.findall(folded) or [folded]


def sketch_texts(texts: Sequence[str], rule: NearDuplicates) -> Sketch:
    """Sketch a chunk of passages. Depends on nothing else, so chunks can be sketched by worker processes."""
    hashes = _Hashes()
    return join_sketches([_sketch(texts[i : i + _CHUNK], hashes, rule) for i in range(0, len(texts), _CHUNK)])


def _sketch(texts: Sequence[str], hashes: _Hashes, rule: NearDuplicates) -> Sketch:
    words = [split_words(text) for text in texts]
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    flat = np.fromiter(map(hashes.__getitem__, chain.from_iterable(words)), dtype=np.uint64, count=lengths.sum())
    owners = np.repeat(np.arange(len(texts), dtype=np.uint64) << np.uint64(32), lengths)
    bag, starts = _split_keys(_number_repeats(np.sort(owners | _shorten(flat))), len(texts))
    runs, run_owners = _hash_runs(flat, _to_starts(lengths), rule.words)
    short, offsets = _split_keys(_sort_unique(run_owners | _shorten(runs)), len(texts))
    bands = make_bands(bag, starts, rule, range(DRAWS))
    return Sketch(bag, starts, short, offsets, bands, np.array([hash_text(text) for text in texts], np.uint64))


def hash_text(text: str) -> int:
    """Return a 64-bit digest of the case folded text."""
    return int.from_bytes(hashlib.blake2b(text.casefold().encode(), digest_size=8).digest(), "little")


def join_sketches(chunks: Iterable[Sketch]) -> Sketch:
    """Return the sketch of all passages of the chunks, in their order."""
    found = list(chunks)
    if not found:
        none = np.zeros(0, np.uint32)
        starts = np.zeros(1, np.int64)
        return Sketch(none, starts, none, starts, np.zeros((0, DRAWS * BANDS), np.uint32), np.zeros(0, np.uint64))
    if len(found) == 1:
        return found[0]
    return _join(lambda name: [getattr(chunk, name) for chunk in found])


def load_sketches(paths: Sequence[Path]) -> Sketch:
    """Read the sketches of chunks as one, array by array: all of them twice would not fit beside the rest."""

    def read(name: str) -> list[NDArray[Any]]:
        found = []
        for path in paths:
            with np.load(path, allow_pickle=False) as arrays:
                found.append(arrays[name])
        return found

    return _join(read)


def _join(read: Callable[[str], list[NDArray[Any]]]) -> Sketch:
    """Join chunks; `read` returns the array of a name of each of them."""
    return Sketch(
        np.concatenate(read("words")),
        _to_starts(np.concatenate([np.diff(starts) for starts in read("starts")])),
        np.concatenate(read("runs")),
        _to_starts(np.concatenate([np.diff(offsets) for offsets in read("offsets")])),
        np.concatenate(read("bands")),
        np.concatenate(read("texts")),
    )


def make_bands(
    words: NDArray[np.uint32], starts: NDArray[np.int64], rule: NearDuplicates, draws: Sequence[int]
) -> NDArray[np.uint32]:
    """Return the keys of the MinHash bands of sets of hashes, (n, BANDS for each of `draws`)."""
    keys = np.empty((len(starts) - 1, len(draws) * BANDS), np.uint32)
    for begin in range(0, len(keys), _CHUNK):
        bounds = starts[begin : begin + _CHUNK + 1]
        mixed = _mix32(words[bounds[0] : bounds[-1]])
        for place, draw in enumerate(draws):
            part = keys[begin : begin + _CHUNK, place * BANDS : (place + 1) * BANDS]
            _fill_bands(part, mixed, bounds[:-1] - bounds[0], rule.rows, draw)
    return keys


def _fill_bands(
    keys: NDArray[np.uint32], mixed: NDArray[np.uint32], starts: NDArray[np.int64], rows: int, draw: int
) -> None:
    factors, shifts = _make_permutations(BANDS * rows, 1 + draw)
    permuted = np.empty_like(mixed)
    for band in range(BANDS):
        key = np.full(len(keys), band, np.uint64)
        for row in range(band * rows, (band + 1) * rows):
            np.multiply(mixed, factors[row], out=permuted)
            np.add(permuted, shifts[row], out=permuted)
            key *= _ODD
            key += np.minimum.reduceat(permuted, starts)
        keys[:, band] = _shorten(key)


@lru_cache(maxsize=8)
def _make_permutations(count: int, seed: int) -> NDArray[np.uint32]:
    """Return the factors and shifts, (2, count), by which the library permutes hashes."""
    minhash = datasketch.MinHash(num_perm=count, seed=seed, scheme="affine32")
    return np.asarray(minhash.permutations, dtype=np.uint32)


def take_slices(
    values: NDArray[np.uint32], starts: NDArray[np.int64], places: NDArray[np.integer]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the slices of `values` at `places`, one after the other, and where each begins."""
    lengths = (starts[1:] - starts[:-1])[places]
    begins = _to_starts(lengths)
    index = np.repeat(starts[:-1][places] - begins[:-1], lengths) + np.arange(begins[-1])
    return values[index], begins


def _number_repeats(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return sorted keys, each once: a hash (low half) that a passage (high half) has again is told apart."""
    place = np.arange(len(keys))
    first = np.concatenate([np.ones(min(len(keys), 1), np.bool_), keys[1:] != keys[:-1]])
    repeats = (place - np.maximum.accumulate(np.where(first, place, 0))).astype(np.uint64)
    again = np.flatnonzero(repeats)
    numbered = _shorten((keys[again] << np.uint64(32)) + repeats[again])
    keys[again] = keys[again] >> np.uint64(32) << np.uint64(32) | numbered
    return _sort_unique(keys)


def _hash_runs(
    words: NDArray[np.uint64], starts: NDArray[np.int64], length: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the hashes of the runs of `length` words and the passage of each (in the high half of a key); a shorter
    passage is one run."""
    sizes = np.diff(starts)
    counts = np.maximum(sizes - length + 1, 1)
    owners = np.repeat(np.arange(len(sizes)), counts)
    begins = np.repeat(starts[:-1] - _to_starts(counts)[:-1], counts) + np.arange(counts.sum())
    ends = np.minimum(begins + length, starts[1:][owners])
    found = np.zeros(len(begins), np.uint64)
    for step in range(length):
        at = begins + step
        inside = at < ends
        found[inside] = _mix64(found[inside] + words[at[inside]])
    return found, owners.astype(np.uint64) << np.uint64(32)


def _sort_unique(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the keys sorted, each once; faster here than numpy.unique."""
    keys = np.sort(keys)
    return keys[np.concatenate([np.ones(min(len(keys), 1), np.bool_), keys[1:] != keys[:-1]])]


def _split_keys(keys: NDArray[np.uint64], count: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the hashes of sorted keys, and where those of each of `count` passages begin."""
    sizes = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=count)
    return keys.astype(np.uint32), _to_starts(sizes)


def _to_starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _shorten(values: NDArray[np.uint64]) -> NDArray[np.uint32]:
    return (_mix64(values) >> np.uint64(32)).astype(np.uint32)


def _mix64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64-bit values (the finaliser of MurmurHash3)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


def _mix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Spread 32-bit values as datasketch does before its permutations (the finaliser of MurmurHash3)."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))
