"""Joins on hashes: which passages may be copies of each other, and which of these are, all in sorted arrays.

A proposal is wrong most of the time; what decides is a `Verifier`, by the stored hashes of words and runs. Pairs are
(P, 2) arrays of places; passages of one label are never paired with each other, those of a negative one with none.
Where passages of the label `asking` are few and only pairs with one of them are wanted, the others cost little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from training.dataset.policy import NearDuplicates
from training.dataset.sketches import Sketch, take_slices

Pairs = NDArray[np.int32]
_LIMIT = 1 << 22  # values or pairs handled at once: some 100 MB
_MOST_KEYS = 1 << 25  # sorted in one go: 256 MB
_LARGE, _WINDOW = 64, 8  # in a bucket of more than 64, each passage meets its next 8: a chain, not every pair
_LAST_BITS = np.uint32((1 << 22) - 1)
_BITS = 256  # of the bitmaps by which most proposals are turned down


def propose_by_runs(
    sketch: Sketch, labels: NDArray[np.int32], common: int, asking: int | None = None
) -> Iterator[Pairs]:
    """Yield every pair that shares a run of words which stands in at most `common` passages (those asking not counted),
    once or more often."""
    wanted = None
    if asking is not None:
        wanted = _mark(take_slices(sketch.runs, sketch.offsets, np.flatnonzero(labels == asking))[0])
    bounds = np.linspace(0, 1 << 32, 2 + len(sketch.runs) // _MOST_KEYS).astype(np.uint64)
    for low, high in pairwise(bounds):
        yield from _pair_buckets(_collect_keys(sketch, labels >= 0, low, high, wanted), labels, common, asking)


def _collect_keys(
    sketch: Sketch, alive: NDArray[np.bool_], low: np.uint64, high: np.uint64, wanted: NDArray[np.bool_] | None
) -> NDArray[np.uint64]:
    """Return the runs from `low` to below `high` (high half) with the places of their passages, sorted."""
    sizes = np.diff(sketch.offsets)
    step = max(1, len(sketch) * _LIMIT // max(1, len(sketch.runs)))
    keys, filled = np.empty(len(sketch.runs), np.uint64), 0
    for begin in range(0, len(sketch), step):
        end = min(len(sketch), begin + step)
        runs = sketch.runs[sketch.offsets[begin] : sketch.offsets[end]]
        inside = np.repeat(alive[begin:end], sizes[begin:end])
        if high - low < 1 << 32:
            inside &= (runs >= low) & (runs < high)
        if wanted is not None:
            inside &= wanted[runs & _LAST_BITS]
        owners = np.repeat(np.arange(begin, end, dtype=np.uint64), sizes[begin:end])[inside]
        keys[filled : filled + len(owners)] = runs[inside].astype(np.uint64) << np.uint64(32) | owners
        filled += len(owners)
    keys = keys[:filled]
    keys.sort()
    return keys


def propose_by_bands(
    columns: Iterable[NDArray[np.uint32]], labels: NDArray[np.int32], asking: int | None = None
) -> Iterator[Pairs]:
    """Yield pairs with the same key in one of the bands; a column holds the key of each passage."""
    alive = np.flatnonzero(labels >= 0)
    for column in columns:
        places = alive if asking is None else alive[_mark(column[labels == asking])[column[alive] & _LAST_BITS]]
        keys = column[places].astype(np.uint64) << np.uint64(32) | places.astype(np.uint64)
        keys.sort()
        yield from _pair_buckets(keys, labels, None, asking)


def _mark(values: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which last bits some of the values have: what does not is none of them."""
    table = np.zeros(int(_LAST_BITS) + 1, np.bool_)
    table[values & _LAST_BITS] = True
    return table


def _pair_buckets(
    keys: NDArray[np.uint64], labels: NDArray[np.int32], most: int | None, asking: int | None
) -> Iterator[Pairs]:
    """Yield the pairs of places (low half) of sorted keys that have the same hash (high half).

    Buckets of more than `most`, those asking not counted, give none; without it, large ones give a chain.
    """
    begin = 0
    while begin < len(keys):
        end = min(len(keys), begin + _LIMIT)
        if end < len(keys):  # not within a bucket
            end = int(np.searchsorted(keys, (keys[end] >> np.uint64(32) << np.uint64(32))))
            if end <= begin:
                end = int(np.searchsorted(keys, keys[begin] | np.uint64(0xFFFFFFFF), side="right"))
        yield from _pair_piece(keys[begin:end], labels, most, asking)
        begin = end


def _pair_piece(
    keys: NDArray[np.uint64], labels: NDArray[np.int32], most: int | None, asking: int | None
) -> Iterator[Pairs]:
    hashes, places = (keys >> np.uint64(32)).astype(np.uint32), keys.astype(np.uint32).astype(np.int32)
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
    sizes = np.diff(np.append(starts, len(keys)))
    used = sizes > 1
    if most is not None:
        counted = sizes
        if asking is not None:
            counted = np.add.reduceat((labels[places] != asking).astype(np.int32), starts)
        used &= counted <= most
    starts, sizes = starts[used], sizes[used]
    firsts = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    after = np.repeat(starts + sizes, sizes) - firsts - 1  # how many of the bucket still follow
    if most is None:
        np.minimum(after, np.repeat(np.where(sizes > _LARGE, _WINDOW, _LARGE), sizes), out=after)
    ends = np.cumsum(after)
    begin = 0
    while begin < len(firsts):
        end = max(begin + 1, int(np.searchsorted(ends, (ends[begin - 1] if begin else 0) + _LIMIT)))
        counts = after[begin:end]
        one = np.repeat(firsts[begin:end], counts)
        step = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
        pairs = np.stack([places[one], places[one + 1 + step]], axis=1)
        pairs = pairs[labels[pairs[:, 0]] != labels[pairs[:, 1]]]
        if len(pairs):
            yield pairs
        begin = end


class Verifier:
    """Tells copies and quotations from other pairs, most of them by bitmaps of 256 bits, which never reject wrongly."""

    def __init__(self, sketch: Sketch, rule: NearDuplicates) -> None:
        self.sketch, self.rule = sketch, rule
        self._words = np.diff(sketch.starts).astype(np.int32)
        self._runs = np.diff(sketch.offsets).astype(np.int32)
        self._word_bits = _make_bitmaps(sketch.words, sketch.starts)
        self._run_bits = _make_bitmaps(sketch.runs, sketch.offsets)

    def keep_alike(self, pairs: Pairs) -> Pairs:
        """Return the pairs of which one copies or quotes the other, sorted, each once, smaller place first."""
        packed = np.sort(pairs.min(axis=1).astype(np.int64) << 32 | pairs.max(axis=1))
        packed = packed[np.diff(packed, prepend=-1) != 0]  # most pairs share more than one run
        pairs = np.stack([packed >> 32, packed & 0xFFFFFFFF], axis=1).astype(np.int32)
        pairs = pairs[self._may_be_copies(pairs) | self._may_be_quotations(pairs)]
        ends = np.cumsum((self._words[pairs] + self._runs[pairs]).sum(axis=1, dtype=np.int64))
        cuts = np.searchsorted(ends, np.arange(_LIMIT, ends[-1], _LIMIT)) if len(pairs) else np.empty(0, np.int64)
        found = [part[self._verify(part)] for part in np.split(pairs, np.unique(cuts))]
        return np.concatenate(found)

    def _may_be_copies(self, pairs: Pairs) -> NDArray[np.bool_]:
        one, other = pairs.T
        sizes, sizes2 = self._words[one], self._words[other]
        allowed = (1 - self.rule.overlap) / (1 + self.rule.overlap) * (sizes + sizes2) + 1e-6
        possible = np.abs(sizes - sizes2) <= allowed
        at = np.flatnonzero(possible)
        differing = np.bitwise_count(self._word_bits[one[at]] ^ self._word_bits[other[at]]).sum(axis=1, dtype=np.int32)
        possible[at] = differing <= allowed[at]
        return possible

    def _may_be_quotations(self, pairs: Pairs) -> NDArray[np.bool_]:
        inner = np.where(self._runs[pairs[:, 0]] <= self._runs[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
        outer = pairs.sum(axis=1, dtype=np.int64) - inner
        possible = self._runs[inner] >= self.rule.quoted_runs
        at = np.flatnonzero(possible)
        missing = np.bitwise_count(self._run_bits[inner[at]] & ~self._run_bits[outer[at]]).sum(axis=1, dtype=np.int32)
        possible[at] = missing <= (1 - self.rule.quoted) * self._runs[inner[at]] + 1e-6
        return possible

    def _verify(self, pairs: Pairs) -> NDArray[np.bool_]:
        sketch, rule = self.sketch, self.rule
        words = _count_shared(sketch.words, sketch.starts, pairs)
        runs = _count_shared(sketch.runs, sketch.offsets, pairs)
        union = self._words[pairs].sum(axis=1) - words
        least = self._runs[pairs].min(axis=1)
        copies = (words >= rule.overlap * union - 1e-9) & (runs > 0)
        return copies | ((least >= rule.quoted_runs) & (runs >= rule.quoted * least - 1e-9))


def _make_bitmaps(values: NDArray[np.uint32], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a bitmap a passage, (n, 4), with the bit of each of its values set."""
    count = len(starts) - 1
    bits = np.zeros((count, _BITS // 64), np.uint64)
    step = max(1, count * _LIMIT // max(1, len(values)))
    for begin in range(0, count, step):
        end = min(count, begin + step)
        part = values[starts[begin] : starts[end]]
        owners = np.repeat(np.arange(end - begin), np.diff(starts[begin : end + 1]))
        table = np.zeros((end - begin, _BITS), np.bool_)
        table[owners, part % np.uint32(_BITS)] = True
        bits[begin:end] = np.packbits(table, axis=1).view(np.uint64)
    return bits


def _count_shared(values: NDArray[np.uint32], starts: NDArray[np.int64], pairs: Pairs) -> NDArray[np.int64]:
    """Return how many values the two passages of each pair share."""
    keys = []
    for places in pairs.T:
        found, begins = take_slices(values, starts, places)
        owners = np.repeat(np.arange(len(pairs), dtype=np.uint64), np.diff(begins))
        keys.append(owners << np.uint64(32) | found)
    merged = np.concatenate(keys)
    merged.sort(kind="stable")  # two sorted halves: merged in linear time
    shared = merged[1:][merged[1:] == merged[:-1]]
    return np.bincount((shared >> np.uint64(32)).astype(np.int64), minlength=len(pairs))
