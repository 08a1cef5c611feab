"""From gold passages to the rows of each configuration and split, and what is withheld on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standpoint.codebook import Codebook
from training.dataset.gold import Pair, Passage
from training.dataset.policy import SPLITS, TEST, UNSEEN_KINDS, UNSEEN_TARGETS, Policy
from training.dataset.splits import Assignment

Row = dict[str, Any]
CONFIGURATIONS = ("topic", "stance")


@dataclass
class Rows:
    """Configuration -> split -> rows, sorted by id, and the counts of what was left out, by reason."""

    parts: dict[str, dict[str, list[Row]]]
    dropped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Route:
    """Where a passage goes: the split of its topic row and of its pairs, None where withheld."""

    split: str | None
    pairs: tuple[Pair, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)


def route_passage(passage: Passage, part: str, policy: Policy) -> Route:
    """Decide which rows a passage of a document in `part` gives.

    A passage that carries an unseen target leaves the learning parts whole; in the test part it goes to the unseen
    targets with its pairs toward them. A document of an unseen kind keeps its passages, but for the unseen targets.
    """
    unseen = tuple(pair for pair in passage.pairs if pair.target in policy.unseen_targets)
    seen = tuple(pair for pair in passage.pairs if pair.target not in policy.unseen_targets)
    if part == UNSEEN_KINDS:
        return Route(part, seen, {"pairs_of_unseen_kind_and_target": len(unseen)})
    if not passage.carried & set(policy.unseen_targets):
        return Route(part, seen)
    if part == TEST:
        return Route(UNSEEN_TARGETS, unseen, {"seen_pairs_beside_unseen_target": len(seen)})
    return Route(None, (), {"passages_with_unseen_target": 1, "pairs_with_unseen_target": len(passage.pairs)})


def make_rows(passages: Iterable[Passage], assignment: Assignment, policy: Policy, codebook: Codebook) -> Rows:
    """Return the rows of all passages whose document has a part."""
    found = Rows({name: {split: [] for split in SPLITS} for name in CONFIGURATIONS})
    for passage in passages:
        part = assignment.parts.get(passage.document)
        if part is None:
            found.dropped["passages_set_aside"] += 1
            continue
        route = route_passage(passage, part, policy)
        found.dropped.update({reason: count for reason, count in route.dropped.items() if count})
        group = assignment.groups[passage.document]
        if route.split is None:
            continue
        found.parts["stance"][route.split] += [_stance_row(passage, pair, group, codebook) for pair in route.pairs]
        if passage.topics is None:
            found.dropped["passages_without_topic"] += 1
        else:
            found.parts["topic"][route.split].append(_topic_row(passage, group, codebook))
    for splits in found.parts.values():
        for rows in splits.values():
            rows.sort(key=lambda row: row["id"])
    return found


def _topic_row(passage: Passage, group: str, codebook: Codebook) -> Row:
    row = {"id": passage.id, "text": passage.text, "labels": list(passage.topics or ())}
    return row | _origin(passage, group) | {"status": passage.topic_status, "mentioned": _wordings(passage, codebook)}


def _stance_row(passage: Passage, pair: Pair, group: str, codebook: Codebook) -> Row:
    target = codebook.wording(pair.target)
    row = {"id": f"{passage.id}#{pair.target}", "text": passage.text, "target": target, "label": pair.stance}
    holder = {"holder": pair.holder, "status": pair.status}
    return row | _origin(passage, group) | holder | {"mentioned": _wordings(passage, codebook)}


def _origin(passage: Passage, group: str) -> Row:
    return {
        "document": passage.document,
        "group": group,
        "outlet": passage.outlet,
        "kind": passage.kind,
        "date": passage.date,
        "language": passage.language,
    }


def _wordings(passage: Passage, codebook: Codebook) -> list[str]:
    return [wording for target, wording in codebook.targets.items() if target in passage.carried]


def sample_passages(
    passages: list[Passage], assignment: Assignment, policy: Policy, limit: int, draw: Mapping[str, str]
) -> list[Passage]:
    """Return about `limit` passages: splits in proportion, at least four of each, chosen by `draw` (id -> key)."""
    splits: dict[str, list[Passage]] = {}
    for passage in sorted(passages, key=lambda p: draw[p.id]):
        part = assignment.parts.get(passage.document)
        split = None if part is None else route_passage(passage, part, policy).split
        if split is not None:
            splits.setdefault(split, []).append(passage)
    total = sum(map(len, splits.values()))
    kept: set[str] = set()
    for found in splits.values():
        kept.update(passage.id for passage in found[: max(4, round(limit * len(found) / total))])
    return [passage for passage in passages if passage.id in kept]
