"""Pairs of passages of different documents of which one nearly repeats, or quotes, the other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.dataset.joins import Pairs, Verifier, propose_by_bands, propose_by_runs
from training.dataset.policy import NearDuplicates
from training.dataset.sketches import Sketch

_ENOUGH = 1 << 20  # proposals that are gathered before they are verified and joined


def find_pairs(sketch: Sketch, owners: NDArray[np.int32], rule: NearDuplicates) -> Pairs:
    """Return pairs of places of passages, (P, 2), the smaller first, sorted; `owners` (n) holds each one's document.

    Not every pair of a large cluster is listed, but enough that the connected components of documents are right.
    """
    first, same = find_same_texts(sketch.texts)
    found = [_order(same[owners[same[:, 0]] != owners[same[:, 1]]])]
    groups = _join(found[0], owners)
    verifier = Verifier(sketch, rule)
    labels = np.where(first == np.arange(len(first)), owners, -1).astype(np.int32)
    columns = (np.ascontiguousarray(column) for column in sketch.bands.T)
    waiting: list[Pairs] = []
    for pairs in chain(propose_by_runs(sketch, labels, rule.common), propose_by_bands(columns, labels), [None]):
        if pairs is not None:
            waiting.append(pairs[groups[pairs[:, 0]] != groups[pairs[:, 1]]])
            if sum(map(len, waiting)) < _ENOUGH:
                continue
        alike = verifier.keep_alike(np.concatenate([np.empty((0, 2), np.int32), *waiting]))
        waiting = []
        if len(alike):
            found.append(alike)
            groups = _join(alike, groups)
    return np.unique(np.concatenate(found), axis=0)


def find_across(
    verifier: Verifier, columns: Iterable[NDArray[np.uint32]], labels: NDArray[np.int32], common: int
) -> Pairs:
    """Return all pairs of passages of different labels that are alike, (P, 2), the smaller first, sorted. Passages of a
    negative label are left out; `columns` holds the keys of each MinHash band."""
    by_runs = propose_by_runs(verifier.sketch, labels, common)
    return keep_alike(verifier, chain(by_runs, propose_by_bands(columns, labels)))


def keep_alike(verifier: Verifier, proposals: Iterable[Pairs]) -> Pairs:
    """Return the pairs that are alike among all that are proposed, sorted, each once, the smaller place first."""
    found, waiting = [np.empty((0, 2), np.int32)], [np.empty((0, 2), np.int32)]
    for pairs in proposals:
        waiting.append(pairs)
        if sum(map(len, waiting)) >= _ENOUGH:
            found.append(verifier.keep_alike(np.concatenate(waiting)))
            waiting = [np.empty((0, 2), np.int32)]
    found.append(verifier.keep_alike(np.concatenate(waiting)))
    return np.unique(np.concatenate(found), axis=0)


def find_same_texts(texts: NDArray[np.uint64]) -> tuple[NDArray[np.int64], Pairs]:
    """Return the first place of each passage's text, and the pairs of a first place and a later one."""
    _, where, inverse = np.unique(texts, return_index=True, return_inverse=True)
    first = where[inverse]
    later = np.flatnonzero(first != np.arange(len(texts)))
    return first, np.stack([first[later], later], axis=1).astype(np.int32)


def _join(pairs: Pairs, groups: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the group of each passage when those of `pairs` become one."""
    count = int(groups.max(initial=-1)) + 1
    one, other = groups[pairs].T
    graph = coo_array((np.ones(len(pairs), np.int8), (one, other)), shape=(count, count))
    _, joined = connected_components(graph, directed=False)
    return joined.astype(np.int32)[groups]


def _order(pairs: Pairs) -> Pairs:
    return np.sort(pairs, axis=1)
