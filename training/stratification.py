"""Groups dealt out to parts so that each part gets its share of every feature.

The order (rarest feature first) is that of iterative stratification: Sechidis, Tsoumakas and Vlahavas, "On the
Stratification of Multi-Label Data", ECML PKDD 2011. Since groups carry many examples of many labels, a group goes
where it lowers the chi-square distance between what the parts hold and what they should hold, over all its features.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Counts = Mapping[str, int]  # feature -> how many examples of the group have it
Row = tuple[Sequence[int], Sequence[int]]  # the places of a group's features, and how many of its examples have each
_PASSES = 20  # moves settle after 3 to 6 passes; the limit only guards against endless exchange by rounding
_SETTLED = 1000  # a pass that moves fewer than one group in so many was the last: it would change no share visibly


@dataclass(frozen=True)
class Groups:
    """Groups by name, each with its row; `features` names the places."""

    names: Sequence[str]
    rows: Sequence[Row]
    features: Sequence[str]


class _Deal:
    """What each part should hold and holds, lists of the features a part."""

    def __init__(self, goals: list[list[float]], weights: list[float]) -> None:
        self.goals, self.weights = goals, weights
        self.held = [[0] * len(weights) for _ in goals]

    def costs(self, row: Row) -> list[float]:
        """Return how much the weighted chi-square distance grows when a group joins each of the parts."""
        weights = self.weights
        return [
            sum(
                weights[place] * count * (2 * (held[place] - goals[place]) + count) / goals[place]
                for place, count in zip(*row, strict=True)
            )
            for goals, held in zip(self.goals, self.held, strict=True)
        ]

    def add(self, row: Row, part: int, sign: int = 1) -> None:
        held = self.held[part]
        for place, count in zip(*row, strict=True):
            held[place] += sign * count


def assign_groups(
    groups: Mapping[str, Counts],
    shares: Mapping[str, float],
    seed: int,
    *,
    fixed: Mapping[str, str] | None = None,
    goals: Mapping[str, Mapping[str, float]] | None = None,
    weights: Mapping[str, float] | None = None,
) -> dict[str, str]:
    """Return group -> part. The same groups, shares and seed always give the same answer, whatever the order.

    `fixed` groups stay in their part and count toward it; `goals` gives single features other shares than `shares`
    (feature -> part -> share); `weights` makes features count more than 1. Shares are positive.
    """
    features: dict[str, int] = {}
    rows = [
        ([features.setdefault(feature, len(features)) for feature in counts], list(counts.values()))
        for counts in groups.values()
    ]
    return deal_groups(Groups(list(groups), rows, list(features)), shares, seed, fixed, goals, weights)


def deal_groups(
    groups: Groups,
    shares: Mapping[str, float],
    seed: int,
    fixed: Mapping[str, str] | None = None,
    goals: Mapping[str, Mapping[str, float]] | None = None,
    weights: Mapping[str, float] | None = None,
) -> dict[str, str]:
    """Return group -> part as `assign_groups` does, in time that grows with the groups alone."""
    fixed, goals, weights = fixed or {}, goals or {}, weights or {}
    parts = list(shares)
    totals = _count_totals(groups.rows, len(groups.features))
    wanted = [
        [goals.get(feature, shares)[part] * total for feature, total in zip(groups.features, totals, strict=True)]
        for part in parts
    ]
    deal = _Deal(wanted, [weights.get(feature, 1.0) for feature in groups.features])
    free: list[int] = []
    for place, name in enumerate(groups.names):
        if name in fixed:
            deal.add(groups.rows[place], parts.index(fixed[name]))
        else:
            free.append(place)
    found: dict[int, int] = {}
    order = _order_groups(groups, free, seed)
    for place in order:
        costs = deal.costs(groups.rows[place])
        found[place] = costs.index(min(costs))
        deal.add(groups.rows[place], found[place])
    _improve(groups.rows, order, found, deal)
    return {**fixed, **{groups.names[place]: parts[found[place]] for place in order}}


def _count_totals(rows: Sequence[Row], features: int) -> list[int]:
    totals = [0] * features
    for places, counts in rows:
        for place, count in zip(places, counts, strict=True):
            totals[place] += count
    return totals


def _order_groups(groups: Groups, free: Sequence[int], seed: int) -> list[int]:
    """Return the free groups with the rarest features first, the larger before the smaller, ties by the seed."""
    totals = _count_totals([groups.rows[place] for place in free], len(groups.features))

    def key(place: int) -> tuple[int, int, str]:
        features, counts = groups.rows[place]
        return min((totals[feature] for feature in features), default=0), -sum(counts), draw(seed, groups.names[place])

    return sorted(free, key=key)


def _improve(rows: Sequence[Row], order: Sequence[int], found: dict[int, int], deal: _Deal) -> None:
    """Move single groups to better parts until hardly a move helps."""
    for _ in range(_PASSES):
        moved = 0
        for place in order:
            row, now = rows[place], found[place]
            deal.add(row, now, -1)
            costs = deal.costs(row)
            best = costs.index(min(costs))
            if costs[best] < costs[now] - 1e-9:
                found[place] = best
                moved += 1
            deal.add(row, found[place])
        if moved * _SETTLED <= len(order):
            return


def draw(seed: int, name: str) -> str:
    """Return a pseudo-random key of `name`: sorting by it shuffles alike on every machine, in any order of input."""
    return hashlib.sha256(f"{seed}\0{name}".encode()).hexdigest()
