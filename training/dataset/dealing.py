"""The first pass over gold: chunks read, checked and sketched by processes, then every document dealt to its part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from standpoint.codebook import Codebook
from training.dataset.documents import Gold, collect_gold
from training.dataset.duplicates import find_pairs
from training.dataset.gold import GoldChunk, GoldIndex, read_chunk
from training.dataset.policy import DOCUMENT_PARTS, Ledger, Policy
from training.dataset.rows import ASIDE
from training.dataset.sketches import Sketch, load_sketches, sketch_texts
from training.dataset.splits import Assignment, assign_documents
from training.dataset.tables import Chunk, to_chunk
from training.dataset.work import WorkFolder
from training.files import open_replacing
from training.progress import Stopwatch, track
from training.workers import run_chunks


@dataclass(frozen=True)
class Inputs:
    """What a dataset is made of. `sources` has the sha256 of each file by name."""

    index: GoldIndex
    codebook: Codebook
    policy: Policy
    ledger: Ledger
    sources: dict[str, str]


@dataclass(frozen=True)
class Deal:
    """All documents with their parts; `parts` (int8) and `groups` (strings) by document give what `assignment` says by
    name, parts as places in DOCUMENT_PARTS or ASIDE."""

    work: WorkFolder
    index: GoldIndex
    gold: Gold
    assignment: Assignment
    parts: NDArray[np.int8]
    groups: pa.Array

    def chunks(self) -> Iterator[tuple[slice, Chunk]]:
        """Yield the chunks of gold and where their passages stand among all."""
        for start, (_, chunk) in zip(self.gold.starts.tolist(), load_chunks(self.index, self.work), strict=True):
            yield slice(start, start + len(chunk)), chunk

    def read(self, column: str, place: int) -> str:
        """Return what a column of the passages says at a place among all."""
        number = int(np.searchsorted(self.gold.starts, place, side="right")) - 1
        chunk = _load_chunk(_table_file(self.index.chunks[number], self.work))
        return str(chunk.passages[column][place - int(self.gold.starts[number])].as_py())


def deal_documents(inputs: Inputs, work: WorkFolder, workers: int, watch: Stopwatch) -> Deal:
    """Read gold and give every document its part. What the work folder holds already is not done again."""
    index, policy = inputs.index, inputs.policy
    with watch.stage("read and sketch"):
        sketch_chunks(inputs, work, workers)
    with watch.stage("collect"):
        gold = collect_gold(load_chunks(index, work), inputs.codebook, policy)
    with watch.stage("pairs"):
        pairs = load_pairs(index, gold, policy, work)
    with watch.stage("deal"):
        links = np.unique(np.sort(gold.owners[pairs], axis=1), axis=0)
        assignment = assign_documents(gold.documents, links, policy, inputs.ledger)
    names = gold.documents.ids
    codes = {part: code for code, part in enumerate(DOCUMENT_PARTS)}
    parts = np.array([codes[assignment.parts[name]] if name in assignment.parts else ASIDE for name in names], np.int8)
    return Deal(work, index, gold, assignment, parts, pa.array([assignment.groups.get(name, "") for name in names]))


def sketch_chunks(inputs: Inputs, work: WorkFolder, workers: int) -> None:
    """Leave the tables and the sketch of every chunk in the work folder."""
    missing = [chunk for chunk in inputs.index.chunks if not _table_file(chunk, work).exists()]
    action = partial(_sketch_chunk, work=work, codebook=inputs.codebook, policy=inputs.policy)
    done = run_chunks(action, missing, workers)
    for _ in track(done, "read and sketch", [chunk.lines for chunk in missing]):
        pass


def _sketch_chunk(chunk: GoldChunk, work: WorkFolder, codebook: Codebook, policy: Policy) -> None:
    passages = read_chunk(chunk, codebook)
    sketch_texts([passage.text for passage in passages], policy.near_duplicates).save(_sketch_file(chunk, work))
    to_chunk(passages, codebook, policy).save(_table_file(chunk, work))  # last: where it is, both are


def load_chunks(index: GoldIndex, work: WorkFolder) -> Iterator[tuple[GoldChunk, Chunk]]:
    """Yield the chunks of gold with their tables."""
    for chunk in index.chunks:
        yield chunk, Chunk.load(_table_file(chunk, work))


def load_sketch(index: GoldIndex, work: WorkFolder) -> Sketch:
    """Return the sketch of all passages."""
    return load_sketches([_sketch_file(chunk, work) for chunk in index.chunks])


def load_pairs(index: GoldIndex, gold: Gold, policy: Policy, work: WorkFolder) -> NDArray[np.int32]:
    """Return the pairs of passages that are near-duplicates, (P, 2); found once, then kept in the work folder."""
    path = work.path / "pairs.npy"
    if not path.exists():
        pairs = find_pairs(load_sketch(index, work), gold.owners, policy.near_duplicates)
        with open_replacing(path) as handle:
            np.save(handle, pairs)
    found: NDArray[np.int32] = np.load(path)
    return found


@lru_cache(maxsize=64)
def _load_chunk(path: Path) -> Chunk:
    return Chunk.load(path)


def _table_file(chunk: GoldChunk, work: WorkFolder) -> Path:
    return work.path / f"{chunk.number:06}.arrow"


def _sketch_file(chunk: GoldChunk, work: WorkFolder) -> Path:
    return work.path / f"{chunk.number:06}.npz"
