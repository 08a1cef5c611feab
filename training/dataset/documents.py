"""What the split needs to know of each document: kind, outlet, date, how many passages have which feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from standpoint.codebook import Codebook
from standpoint.errors import BadInput
from training.dataset.gold import GoldChunk, check_order
from training.dataset.policy import Policy
from training.dataset.tables import Chunk


@dataclass(frozen=True)
class Documents:
    """Documents sorted by id. `counts` (documents, features; int64) tells how many passages of a document have a
    feature: `size`, `kind:K`, `topic:T`, `target:T`, `target:T:STANCE`, `unseen:T`; `features`, sorted, names its
    columns. `dates` are as given, empty where unknown.

    A passage with an unseen target counts for `size` and `unseen:T` alone, as it leaves the learning parts; documents
    of an unseen kind or outlet count for nothing, as their part is no share of the others.
    """

    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    outlets: tuple[str, ...]
    dates: tuple[str, ...]
    features: tuple[str, ...]
    counts: csr_array


@dataclass(frozen=True)
class Gold:
    """What is known of all passages in their order: the place of each one's document in `documents` (int32), and
    whether it carries an unseen target (bool). `starts` (int64) has the place of each chunk's first passage."""

    documents: Documents
    owners: NDArray[np.int32]
    unseen: NDArray[np.bool_]
    starts: NDArray[np.int64]


def collect_gold(chunks: Iterable[tuple[GoldChunk, Chunk]], codebook: Codebook, policy: Policy) -> Gold:
    """Go through the chunks of a gold file; raises BadInput where one does not follow on the one before."""
    origins: dict[str, tuple[str, str, str]] = {}
    owners, unseen = [np.empty(0, np.int32)], [np.empty(0, np.bool_)]
    counter = _FeatureCounter(policy, {wording: target for target, wording in codebook.targets.items()})
    before = ("", -1, -1)
    starts = [0]
    for place, chunk in chunks:
        starts.append(starts[-1] + len(chunk))
        if not len(chunk):
            continue
        check_order(before, _place(chunk, 0), f"{place.path}:{place.line}")
        before = _place(chunk, len(chunk) - 1)
        names = chunk.passages["document"].combine_chunks().dictionary_encode()
        known = len(origins) - (names.dictionary[0].as_py() in origins)  # a document may go on where a chunk begins
        first = np.unique(names.indices.to_numpy(), return_index=True)[1]
        found = (chunk.passages[name].take(first).to_pylist() for name in ("kind", "outlet", "date"))
        origins |= zip(names.dictionary.to_pylist(), zip(*found, strict=True), strict=True)
        owners.append(known + names.indices.to_numpy().astype(np.int32))
        unseen.append(chunk.passages["unseen"].to_numpy())
        counter.add(chunk, owners[-1], unseen[-1])
    if not origins:
        raise BadInput("is empty; adjudicate a corpus first", str(place.path))
    features, counts = counter.count(len(origins))
    kinds, outlets, dates = zip(*origins.values(), strict=True)
    documents = Documents(tuple(origins), kinds, outlets, dates, features, counts)
    return Gold(documents, np.concatenate(owners), np.concatenate(unseen), np.array(starts[:-1]))


def _place(chunk: Chunk, row: int) -> tuple[str, int, int]:
    document, start, end = (chunk.passages[name][row].as_py() for name in ("document", "start", "end"))
    return document, start, end


@dataclass
class _FeatureCounter:
    """Features of passages as pairs of document and feature, to be summed at the end."""

    policy: Policy
    targets: Mapping[str, str]  # wording -> id
    codes: dict[str, int] = field(default_factory=dict)
    rows: list[NDArray[np.int32]] = field(default_factory=list)
    columns: list[NDArray[np.int32]] = field(default_factory=list)

    def add(self, chunk: Chunk, owners: NDArray[np.int32], unseen: NDArray[np.bool_]) -> None:
        passages, pairs = chunk.passages, chunk.pairs
        counted = np.ones(len(passages), np.bool_)
        for name, held in (("kind", self.policy.unseen_kinds), ("outlet", self.policy.unseen_outlets)):
            counted &= ~np.isin(passages[name].to_numpy(), list(held))
        seen = counted & ~unseen
        self._add(owners[counted], pa.array(["size"] * int(counted.sum())))
        kinds = passages["kind"].combine_chunks().filter(seen)
        self._add(owners[seen], pc.binary_join_element_wise("kind", kinds, ":"))
        topics = passages["topics"].combine_chunks()
        place = pc.list_parent_indices(topics).to_numpy()
        named = pc.binary_join_element_wise("topic", topics.flatten(), ":")
        self._add(owners[place[seen[place]]], named.filter(seen[place]))
        carried = passages["mentioned"].combine_chunks()
        place = pc.list_parent_indices(carried).to_numpy()
        names = self._identify(carried.flatten())
        held = np.isin(names.to_numpy(zero_copy_only=False), list(self.policy.unseen_targets)) & counted[place]
        self._add(owners[place[held]], pc.binary_join_element_wise("unseen", names.filter(held), ":"))
        place = pairs["passage"].to_numpy()
        kept = seen[place]
        names = self._identify(pairs["target"].combine_chunks()).filter(kept)
        labels = pairs["label"].combine_chunks().filter(kept)
        self._add(owners[place[kept]], pc.binary_join_element_wise("target", names, ":"))
        self._add(owners[place[kept]], pc.binary_join_element_wise("target", names, labels, ":"))

    def _add(self, rows: NDArray[np.int32], names: pa.Array) -> None:
        found = names.dictionary_encode()
        codes = [self.codes.setdefault(name, len(self.codes)) for name in found.dictionary.to_pylist()]
        self.rows.append(rows)
        self.columns.append(np.array(codes, np.int32)[found.indices.to_numpy()])

    def _identify(self, wordings: pa.Array) -> pa.Array:
        """Return the codebook ids of wordings."""
        found = wordings.dictionary_encode()
        names = pa.array([self.targets[wording] for wording in found.dictionary.to_pylist()], pa.string())
        return names.take(found.indices)

    def count(self, documents: int) -> tuple[tuple[str, ...], csr_array]:
        features = tuple(sorted(self.codes))
        order = np.empty(len(features), np.int32)
        order[[self.codes[name] for name in features]] = np.arange(len(features))
        rows, columns = np.concatenate(self.rows), order[np.concatenate(self.columns)]
        ones = np.ones(len(rows), np.int64)
        return features, coo_array((ones, (rows, columns)), (documents, len(features))).tocsr()
