"""Which part each document belongs to: earlier decisions first, then whole groups dealt out in proportion."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from standpoint.errors import BadInput
from training.dataset.gold import Passage
from training.dataset.groups import join_documents, link_documents, list_members
from training.dataset.policy import TEST, TRAIN, UNSEEN_KINDS, VALIDATION, Ledger, Policy, side_of
from training.stratification import assign_groups

# Passages of unseen targets and the sheer size of a part must come out right; every other feature counts once.
_UNSEEN_WEIGHT, _SIZE_WEIGHT = 5.0, 20.0


@dataclass(frozen=True)
class Assignment:
    """Document -> part and document -> group, for every document that is used; `set_aside` are newcomers whose
    near-duplicates are on two sides already."""

    parts: Mapping[str, str]
    groups: Mapping[str, str]
    set_aside: tuple[str, ...]


def assign_documents(passages: Sequence[Passage], policy: Policy, ledger: Ledger) -> Assignment:
    """Give every document its part. The same passages, policy and ledger give the same answer in any order."""
    kinds = {passage.document: passage.kind for passage in passages}
    settled = _settle(kinds, policy, ledger)
    links = link_documents(passages, policy.near_duplicates)
    aside = _find_torn(join_documents(kinds, links), settled, ledger)
    groups = join_documents(set(kinds) - aside, links)
    members = list_members(groups)
    fixed = {}
    for group, documents in members.items():
        sides = {side_of(settled[document]) for document in documents if document in settled}
        if sides:  # more than one only where earlier documents were changed: the certificate then refuses the build
            fixed[group] = min(sides)
    counts = _count_features(passages, groups, policy)
    dealt = assign_groups(
        counts,
        policy.shares.model_dump(),
        policy.seed,
        fixed=fixed,
        goals=_steer(policy),
        weights={"size": _SIZE_WEIGHT, **{f"unseen:{target}": _UNSEEN_WEIGHT for target in policy.unseen_targets}},
    )
    parts = {document: settled.get(document, dealt[group]) for document, group in sorted(groups.items())}
    return Assignment(parts, groups, tuple(sorted(aside)))


def _settle(kinds: Mapping[str, str], policy: Policy, ledger: Ledger) -> dict[str, str]:
    """Return the documents whose part is known: those of the ledger and those of an unseen kind."""
    settled = {document: UNSEEN_KINDS for document, kind in kinds.items() if kind in policy.unseen_kinds}
    for document, part in ledger.parts.items():
        if document not in kinds:
            continue
        if (part == UNSEEN_KINDS) != (document in settled):
            raise BadInput(
                f"{document!r} is in {part}, while its kind {kinds[document]!r} is "
                f"{'' if document in settled else 'not '}among the unseen kinds; put splits.yaml back, or delete the "
                "ledger to deal all documents out anew (earlier scores can then not be compared)",
                str(ledger.path),
            )
        settled[document] = part
    return settled


def _find_torn(groups: Mapping[str, str], settled: Mapping[str, str], ledger: Ledger) -> set[str]:
    """Return the newcomers of groups that touch two sides."""
    torn: set[str] = set()
    for documents in list_members(groups).values():
        sides = {side_of(settled[document]) for document in documents if document in settled}
        if len(sides) > 1:
            torn.update(document for document in documents if document not in ledger.parts)
    return torn


def _count_features(passages: Sequence[Passage], groups: Mapping[str, str], policy: Policy) -> dict[str, Counter[str]]:
    """Return group -> feature -> passages. A passage with an unseen target counts for that alone, as it leaves the
    learning parts; documents of an unseen kind count for nothing, as their part is no share of the others."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for passage in passages:
        if passage.document not in groups:
            continue
        count = counts[groups[passage.document]]
        if passage.kind in policy.unseen_kinds:
            continue
        count["size"] += 1
        unseen = passage.carried & set(policy.unseen_targets)
        if unseen:
            count.update(f"unseen:{target}" for target in unseen)
            continue
        count[f"kind:{passage.kind}"] += 1
        count.update(f"topic:{topic}" for topic in passage.topics or ())
        for pair in passage.pairs:
            count.update((f"target:{pair.target}", f"target:{pair.target}:{pair.stance}"))
    return counts


def _steer(policy: Policy) -> dict[str, dict[str, float]]:
    """Return the shares of unseen targets' passages: more to test, where they count; elsewhere they are withheld."""
    test, learn = policy.unseen_targets_in_test, policy.shares.train + policy.shares.validation
    shares = {
        TRAIN: (1 - test) * policy.shares.train / learn,
        VALIDATION: (1 - test) * policy.shares.validation / learn,
        TEST: test,
    }
    return {f"unseen:{target}": shares for target in policy.unseen_targets}
