"""Documents that share a passage, exactly or nearly, and so must stay on one side of the split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from training.dataset.duplicates import find_pairs
from training.dataset.policy import NearDuplicates
from training.dataset.sketches import Sketch


def link_documents(sketch: Sketch, owners: NDArray[np.int32], rule: NearDuplicates) -> NDArray[np.int32]:
    """Return the pairs of documents (L, 2; the smaller place first, sorted) of which one has a passage that nearly
    repeats or quotes one of the other's. `owners` holds the place of each passage's document."""
    links = np.sort(owners[find_pairs(sketch, owners, rule)], axis=1)
    return np.unique(links.reshape(-1, 2), axis=0).astype(np.int32)


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
