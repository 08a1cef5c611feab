"""From gold passages to the rows of each configuration and split, and what is withheld on the way.

A passage that carries an unseen target leaves the learning parts whole; in the test part it goes to the unseen targets
with its pairs toward them. A document of an unseen kind keeps its passages, but for their pairs toward unseen targets.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from training.dataset.policy import (
    DOCUMENT_PARTS,
    SPLITS,
    TEST,
    TRAIN,
    UNSEEN_KINDS,
    UNSEEN_OUTLETS,
    UNSEEN_TARGETS,
    VALIDATION,
)
from training.dataset.tables import ORIGIN, Chunk

_SHARED = ("document", "group", *ORIGIN[1:])
COLUMNS = {
    "topic": ("id", "text", "labels", *_SHARED, "status", "mentioned"),
    "stance": ("id", "text", "target", "label", *_SHARED, "holder", "status", "mentioned"),
}
CONFIGURATIONS = tuple(COLUMNS)
ASIDE = WITHHELD = -1  # instead of a part, and instead of a split

# Part -> the split of its passages without and with an unseen target, and what is lost of the pairs.
_ROUTES = {
    TRAIN: (TRAIN, None, "pairs_with_unseen_target"),
    VALIDATION: (VALIDATION, None, "pairs_with_unseen_target"),
    TEST: (TEST, UNSEEN_TARGETS, "seen_pairs_beside_unseen_target"),
    UNSEEN_KINDS: (UNSEEN_KINDS, UNSEEN_KINDS, "pairs_of_unseen_kind_and_target"),
    UNSEEN_OUTLETS: (UNSEEN_OUTLETS, UNSEEN_OUTLETS, "pairs_of_unseen_outlet_and_target"),
}
# The last line is that of ASIDE.
_SPLIT_OF = np.array(
    [[WITHHELD if split is None else SPLITS.index(split) for split in _ROUTES[part][:2]] for part in DOCUMENT_PARTS]
    + [[WITHHELD, WITHHELD]],
    np.int8,
)


def route_passages(parts: NDArray[np.int8], unseen: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the split of each passage (place in SPLITS, or WITHHELD) by its document's part (place in DOCUMENT_PARTS,
    or ASIDE) and whether it carries an unseen target."""
    return _SPLIT_OF[parts, unseen.astype(np.int8)]


@dataclass(frozen=True)
class Part:
    """Rows of one split of a configuration, and the place in the chunk of each one's passage."""

    rows: pa.Table
    passages: NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """The rows of a chunk: (configuration, split) -> part, without the empty ones; what was left out, by reason."""

    parts: dict[tuple[str, str], Part]
    dropped: Counter[str]


def make_rows(chunk: Chunk, parts: NDArray[np.int8], groups: pa.Array) -> Rows:
    """Return the rows of a chunk's passages by the part (int8, n) and group (n) of each one's document."""
    splits = route_passages(parts, chunk.passages["unseen"].to_numpy())
    owners = chunk.pairs["passage"].to_numpy()
    # Where a passage with an unseen target goes, its pairs toward that go along; everywhere else they do not.
    fits = chunk.pairs["unseen"].to_numpy() == (splits[owners] == SPLITS.index(UNSEEN_TARGETS))
    kept = fits & (splits[owners] != WITHHELD)
    judged = pc.is_valid(chunk.passages["topics"]).to_numpy()
    routed = judged & (splits != WITHHELD)
    passages = chunk.passages.append_column("group", groups)
    found = {
        "topic": (_topic_rows(passages.filter(routed)), np.flatnonzero(routed)),
        "stance": (_stance_rows(passages, chunk.pairs.filter(kept)), owners[kept]),
    }
    made = {
        (name, split): Part(rows.filter(splits[places] == code), places[splits[places] == code])
        for name, (rows, places) in found.items()
        for code, split in enumerate(SPLITS)
    }
    dropped = Counter({_ROUTES[part][2]: 0 for part in DOCUMENT_PARTS})
    for part, count in enumerate(np.bincount(parts[owners[~kept & (parts[owners] != ASIDE)]])):
        dropped[_ROUTES[DOCUMENT_PARTS[part]][2]] += int(count)
    dropped["passages_set_aside"] = int((parts == ASIDE).sum())
    dropped["passages_with_unseen_target"] = int(((splits == WITHHELD) & (parts != ASIDE)).sum())
    dropped["passages_without_topic"] = int(((splits != WITHHELD) & ~judged).sum())
    return Rows({key: part for key, part in made.items() if len(part.rows)}, +dropped)


def _topic_rows(passages: pa.Table) -> pa.Table:
    rows = passages.append_column("labels", passages["topics"]).append_column("status", passages["topic_status"])
    return rows.select(COLUMNS["topic"])


def _stance_rows(passages: pa.Table, pairs: pa.Table) -> pa.Table:
    rows = passages.select(["text", *_SHARED, "mentioned"]).take(pairs["passage"])
    for name in ("id", "target", "label", "holder", "status"):
        rows = rows.append_column(name, pairs[name])
    return rows.select(COLUMNS["stance"])
