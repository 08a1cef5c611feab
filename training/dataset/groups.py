"""Documents that share a passage, exactly or nearly, and so must stay on one side of the split."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]

from training.dataset.gold import Passage
from training.dataset.policy import NearDuplicates

# 42 bands of 3 hashes propose a pair at overlap 0.7 but for one chance in 40 million, at 0.5 one in 270; what they
# propose wrongly is rejected by the exact overlap.
_BANDS, _ROWS = 42, 3
_WORD = re.compile(r"\w+")


def shingle(text: str, words: int) -> frozenset[str]:
    """Return the runs of `words` words, case folded; a shorter text is one run, a text without words is itself."""
    found = _WORD.findall(text.casefold()) or [text]
    return frozenset(" ".join(found[i : i + words]) for i in range(max(1, len(found) - words + 1)))


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard overlap of two sets of shingles."""
    return len(one & other) / len(one | other)


def link_documents(passages: Sequence[Passage], rule: NearDuplicates) -> set[tuple[str, str]]:
    """Return the pairs of different documents (smaller id first) with passages that overlap by the rule or more."""
    owners: dict[frozenset[str], set[str]] = defaultdict(set)
    for passage in passages:
        owners[shingle(passage.text, rule.words)].add(passage.document)
    shingles = list(owners)
    lsh = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
    links = {pair for documents in owners.values() for pair in _pairs(documents, documents)}
    for place, runs in enumerate(shingles):
        sketch = MinHash(num_perm=_BANDS * _ROWS, seed=1)
        sketch.update_batch([run.encode() for run in sorted(runs)])
        for other in lsh.query(sketch):
            if overlap(runs, shingles[other]) >= rule.overlap:
                links.update(_pairs(owners[runs], owners[shingles[other]]))
        lsh.insert(place, sketch)
    return links


def _pairs(one: Iterable[str], other: Iterable[str]) -> set[tuple[str, str]]:
    return {(min(a, b), max(a, b)) for a in one for b in other if a != b}


def join_documents(documents: Iterable[str], links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return document -> group: the smallest id among all documents that links reach from it. Links to documents that
    are not listed are left out."""
    parent = {document: document for document in documents}

    def find(document: str) -> str:
        while parent[document] != document:
            parent[document] = parent[parent[document]]
            document = parent[document]
        return document

    for one, other in links:
        if one in parent and other in parent:
            first, second = sorted((find(one), find(other)))
            parent[second] = first
    return {document: find(document) for document in parent}


def list_members(groups: Mapping[str, str]) -> dict[str, list[str]]:
    """Return group -> its documents, both sorted."""
    members: dict[str, list[str]] = defaultdict(list)
    for document in sorted(groups):
        members[groups[document]].append(document)
    return dict(sorted(members.items()))
