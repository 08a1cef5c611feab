"""Passages of a chunk as two Arrow tables, one of passages and one of their pairs, kept on disk between the passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from standpoint.codebook import Codebook
from training.dataset.gold import Passage
from training.dataset.policy import Policy
from training.files import open_replacing

_STRING, _STRINGS = pa.string(), pa.list_(pa.string())
ORIGIN = ("document", "outlet", "kind", "date", "language")
# `mentioned` and `target` are wordings; `unseen` says that a passage carries an unseen target, or a pair is toward one.
PASSAGES = pa.schema(
    [
        *((name, _STRING) for name in ("id", "text", *ORIGIN)),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("topics", _STRINGS),
        ("topic_status", _STRING),
        ("mentioned", _STRINGS),
        ("unseen", pa.bool_()),
    ]
)
PAIRS = pa.schema(
    [
        ("passage", pa.int32()),  # its row in the other table
        *((name, _STRING) for name in ("id", "target", "label", "holder", "status")),
        ("unseen", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Chunk:
    """The tables of one chunk of gold, in its order."""

    passages: pa.Table
    pairs: pa.Table

    def __len__(self) -> int:
        return len(self.passages)

    def choose(self, chosen: NDArray[np.bool_]) -> Chunk:
        """Return the passages where `chosen` (n) is true, with their pairs."""
        pairs = self.pairs.filter(chosen[self.pairs["passage"].to_numpy()])
        places = (np.cumsum(chosen, dtype=np.int32) - 1)[pairs["passage"].to_numpy()]
        return Chunk(self.passages.filter(chosen), pairs.set_column(0, PAIRS.field("passage"), pa.array(places)))

    def save(self, path: Path) -> None:
        """Write both tables into one file, whole or not at all."""
        with open_replacing(path) as handle:
            for table in (self.pairs, self.passages):
                with pa.ipc.new_stream(handle, table.schema) as writer:
                    writer.write_table(table)

    @classmethod
    def load(cls, path: Path) -> Chunk:
        """Read what `save` wrote. Columns that nobody looks at are never read from the disk."""
        with pa.memory_map(str(path)) as source:
            pairs = pa.ipc.open_stream(source).read_all()
            return cls(pa.ipc.open_stream(source).read_all(), pairs)


def to_chunk(passages: Sequence[Passage], codebook: Codebook, policy: Policy) -> Chunk:
    """Return passages as tables, with the wordings of their targets."""
    unseen = frozenset(policy.unseen_targets)
    carried = [passage.carried for passage in passages]
    columns = {name: [getattr(passage, name) for passage in passages] for name in ("id", "text", *ORIGIN)}
    columns |= {name: [getattr(passage, name) for passage in passages] for name in ("start", "end", "topics")}
    columns["topic_status"] = [passage.topic_status for passage in passages]
    columns["mentioned"] = [[text for target, text in codebook.targets.items() if target in seen] for seen in carried]
    columns["unseen"] = [not unseen.isdisjoint(seen) for seen in carried]
    pairs = [(row, passage, pair) for row, passage in enumerate(passages) for pair in passage.pairs]
    return Chunk(
        pa.table(columns, schema=PASSAGES),
        pa.table(
            {
                "passage": [row for row, _, _ in pairs],
                "id": [f"{passage.id}#{pair.target}" for _, passage, pair in pairs],
                "target": [codebook.wording(pair.target) for _, _, pair in pairs],
                "label": [pair.stance for _, _, pair in pairs],
                "holder": [pair.holder for _, _, pair in pairs],
                "status": [pair.status for _, _, pair in pairs],
                "unseen": [pair.target in unseen for _, _, pair in pairs],
            },
            schema=PAIRS,
        ),
    )
