"""Which part each document belongs to: earlier decisions first, then whole groups dealt in proportion or by date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from standpoint.errors import BadInput
from training.dataset.documents import Documents
from training.dataset.groups import join_documents, list_members
from training.dataset.policy import TEST, TRAIN, UNSEEN_KINDS, VALIDATION, Ledger, Policy, side_of
from training.dataset.times import part_by_time
from training.stratification import Groups, Row, deal_groups

# Passages of unseen targets and the sheer size of a part must come out right; every other feature counts once.
_UNSEEN_WEIGHT, _SIZE_WEIGHT = 5.0, 20.0


@dataclass(frozen=True)
class Assignment:
    """Document -> part and document -> group, for every document that is used; `set_aside` are newcomers whose
    near-duplicates are on two sides already, or on an earlier side where time deals."""

    parts: Mapping[str, str]
    groups: Mapping[str, str]
    set_aside: tuple[str, ...]


def assign_documents(documents: Documents, links: NDArray[np.int32], policy: Policy, ledger: Ledger) -> Assignment:
    """Give every document its part; `links` (L, 2) are the places of documents that belong together.

    The same documents, links, policy and ledger give the same answer, whatever the order of the links.
    """
    settled = _settle(documents, policy, ledger)
    if policy.by == "time":
        settled = part_by_time(documents, settled, policy, ledger)
    named = [(documents.ids[one], documents.ids[other]) for one, other in links.tolist()]
    aside = _find_torn(join_documents(documents.ids, named), settled, policy, ledger)
    groups = join_documents([document for document in documents.ids if document not in aside], named)
    members = list_members(groups)
    fixed = {}
    for group, inside in members.items():
        sides = {side_of(settled[document]) for document in inside if document in settled}
        if sides:  # more than one only where earlier documents were changed: the certificate then refuses the build
            fixed[group] = min(sides)
    dealt = deal_groups(
        Groups(list(members), _sum_rows(documents, groups, members), documents.features),
        policy.shares.model_dump(),
        policy.seed,
        fixed=fixed,
        goals=_steer(policy),
        weights={"size": _SIZE_WEIGHT, **{f"unseen:{target}": _UNSEEN_WEIGHT for target in policy.unseen_targets}},
    )
    parts = {document: settled.get(document, dealt[group]) for document, group in sorted(groups.items())}
    return Assignment(parts, groups, tuple(sorted(aside)))


def _settle(documents: Documents, policy: Policy, ledger: Ledger) -> dict[str, str]:
    """Return the documents whose part is known: those of the ledger and those of an unseen kind or outlet."""
    settled: dict[str, str] = {}
    for document, kind, outlet in zip(documents.ids, documents.kinds, documents.outlets, strict=True):
        held, part = policy.held_part(kind, outlet), ledger.parts.get(document)
        if part is not None and part != held and (held or part not in (TRAIN, VALIDATION, TEST)):
            by_kind = UNSEEN_KINDS in (part, held)
            what, value = ("kind", kind) if by_kind else ("outlet", outlet)
            raise BadInput(
                f"{document!r} is in {part}, while its {what} {value!r} is {'' if held else 'not '}among the unseen "
                f"{what}s; put splits.yaml back, or delete the ledger to deal all documents out anew (earlier scores "
                "can then not be compared)",
                str(ledger.path),
            )
        if part or held:
            settled[document] = part or held or ""
    return settled


def _find_torn(groups: Mapping[str, str], settled: Mapping[str, str], policy: Policy, ledger: Ledger) -> set[str]:
    """Return the newcomers of groups that touch two sides. By time, those on the earliest side stay there: what is
    learnt from must not be younger than what is tested on, and a later copy tests nothing."""
    torn: set[str] = set()
    for documents in list_members(groups).values():
        sides = {document: side_of(settled[document]) for document in documents if document in settled}
        if len(set(sides.values())) < 2:
            continue
        earlier = {side for document, side in sides.items() if document in ledger.parts}
        stays = None
        if policy.by == "time" and len(earlier) < 2:
            stays = min(earlier or sides.values(), key=("train", "validation", "test").index)
        torn.update(name for name in documents if name not in ledger.parts and (stays is None or sides[name] != stays))
    return torn


def _sum_rows(documents: Documents, groups: Mapping[str, str], members: Mapping[str, list[str]]) -> list[Row]:
    """Return the features and counts of each group in the order of `members`."""
    place = {group: row for row, group in enumerate(members)}
    rows = [place[groups[document]] for document in documents.ids if document in groups]
    kept = [column for column, document in enumerate(documents.ids) if document in groups]
    belongs = coo_array((np.ones(len(rows), np.int64), (rows, kept)), (len(place), len(documents.ids))).tocsr()
    summed: csr_array = (belongs @ documents.counts).tocsr()
    summed.sort_indices()
    places, counts, starts = summed.indices.tolist(), summed.data.tolist(), summed.indptr.tolist()
    return [(places[a:b], counts[a:b]) for a, b in pairwise(starts)]


def _steer(policy: Policy) -> dict[str, dict[str, float]]:
    """Return the shares of unseen targets' passages: more to test, where they count; elsewhere they are withheld."""
    test, learn = policy.unseen_targets_in_test, policy.shares.train + policy.shares.validation
    shares = {
        TRAIN: (1 - test) * policy.shares.train / learn,
        VALIDATION: (1 - test) * policy.shares.validation / learn,
        TEST: test,
    }
    return {f"unseen:{target}": shares for target in policy.unseen_targets}
