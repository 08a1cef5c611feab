"""The leak certificate: no text, near-duplicate or document on two sides of the split.

Looks at the finished rows by an inverted index, not at the groups they were split by, so that a fault of the
grouping shows here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from standpoint.errors import Refused
from training.dataset.groups import overlap, shingle
from training.dataset.policy import NearDuplicates, Side, side_of
from training.dataset.rows import Row

_SIDES: tuple[Side, ...] = ("train", "validation", "test")


def certify(parts: Mapping[str, Mapping[str, list[Row]]], rule: NearDuplicates, digest: str) -> dict[str, Any]:
    """Return the content of certificate.json; raises Refused where any two sides overlap."""
    sides: dict[Side, dict[str, Row]] = {side: {} for side in _SIDES}
    for splits in parts.values():
        for split, rows in splits.items():
            sides[side_of(split)].update({row["id"].partition("#")[0]: row for row in rows})
    found: dict[str, list[list[str]]] = {"same_document": [], "exact_text": [], "near_duplicate": []}
    for one, other in combinations(_SIDES, 2):
        for level, pair in _find_overlaps(sides[one], sides[other], rule):
            found[level].append(pair)
    if any(found.values()):
        counts = ", ".join(f"{len(pairs)} {level}" for level, pairs in found.items())
        first, second = next(pairs[0] for pairs in found.values() if pairs)
        raise Refused(
            f"parts overlap ({counts}), first {first} and {second}: nothing was written. If the corpus changed, delete "
            "the line of one of the two documents from the ledger parts.jsonl and build again"
        )
    return {
        "format": 1,
        "dataset": digest,
        "rule": rule.model_dump(),
        "passages": {side: len(rows) for side, rows in sides.items()},
        "overlaps": {level: len(pairs) for level, pairs in found.items()},
    }


def _find_overlaps(
    learn: Mapping[str, Row], held: Mapping[str, Row], rule: NearDuplicates
) -> list[tuple[str, list[str]]]:
    """Return (level, [id, id]) of the first overlaps between two sides, the most telling level of each pair."""
    index: dict[str, list[str]] = defaultdict(list)
    runs = {name: shingle(row["text"], rule.words) for name, row in learn.items()}
    documents: dict[str, str] = {}
    for name, row in learn.items():
        documents.setdefault(row["document"], name)
        for run in runs[name]:
            index[run].append(name)
    found: list[tuple[str, list[str]]] = []
    for name, row in held.items():
        if row["document"] in documents:
            found.append(("same_document", [documents[row["document"]], name]))
        mine = shingle(row["text"], rule.words)
        shared = Counter(other for run in mine for other in index.get(run, ()))
        for other in shared:
            if learn[other]["text"].casefold() == row["text"].casefold():
                found.append(("exact_text", [other, name]))
            elif overlap(mine, runs[other]) >= rule.overlap:
                found.append(("near_duplicate", [other, name]))
    return found
