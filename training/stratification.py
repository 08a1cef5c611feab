"""Groups dealt out to parts so that each part gets its share of every feature.

The order (rarest feature first) is that of iterative stratification: Sechidis, Tsoumakas and Vlahavas, "On the
Stratification of Multi-Label Data", ECML PKDD 2011. Since groups carry many examples of many labels, a group goes
where it lowers the chi-square distance between what the parts hold and what they should hold, over all its features.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Counts = Mapping[str, int]  # feature -> how many examples of the group have it
_PASSES = 20  # moves settle after 3 to 6 passes; the limit only guards against endless exchange by rounding


@dataclass
class _Deal:
    """What each part should hold (`goals`) and holds (`held`), both part -> feature -> count."""

    goals: dict[str, dict[str, float]]
    weights: Mapping[str, float]
    held: dict[str, Counter[str]] = field(default_factory=dict)

    def cost_of_adding(self, counts: Counts, part: str) -> float:
        """Return how much the weighted chi-square distance grows when a group joins a part."""
        goals, held = self.goals[part], self.held[part]
        return sum(
            self.weights.get(feature, 1.0) * count * (2 * (held[feature] - goals[feature]) + count) / goals[feature]
            for feature, count in counts.items()
        )

    def add(self, counts: Counts, part: str) -> None:
        self.held[part].update(counts)

    def remove(self, counts: Counts, part: str) -> None:
        self.held[part].subtract(counts)


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
    fixed = fixed or {}
    deal = _Deal(_count_goals(groups, shares, goals or {}), weights or {}, {part: Counter() for part in shares})
    for group, part in sorted(fixed.items()):
        deal.add(groups[group], part)
    order = _order_groups({name: counts for name, counts in groups.items() if name not in fixed}, seed)
    parts: dict[str, str] = {}
    for group in order:
        parts[group] = min(shares, key=lambda part: deal.cost_of_adding(groups[group], part))
        deal.add(groups[group], parts[group])
    _improve(groups, order, parts, deal)
    return {**fixed, **parts}


def _count_goals(
    groups: Mapping[str, Counts], shares: Mapping[str, float], goals: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    totals: Counter[str] = Counter()
    for counts in groups.values():
        totals.update(counts)
    return {
        part: {feature: goals.get(feature, shares)[part] * total for feature, total in totals.items()}
        for part in shares
    }


def _order_groups(groups: Mapping[str, Counts], seed: int) -> list[str]:
    """Return the groups with the rarest features first, the larger before the smaller, ties by the seed."""
    totals: Counter[str] = Counter()
    for counts in groups.values():
        totals.update(counts)

    def key(name: str) -> tuple[int, int, str]:
        counts = groups[name]
        return min((totals[feature] for feature in counts), default=0), -sum(counts.values()), draw(seed, name)

    return sorted(groups, key=key)


def _improve(groups: Mapping[str, Counts], order: Sequence[str], parts: dict[str, str], deal: _Deal) -> None:
    """Move single groups to better parts until no move helps."""
    for _ in range(_PASSES):
        moved = False
        for group in order:
            counts, now = groups[group], parts[group]
            deal.remove(counts, now)
            costs = {part: deal.cost_of_adding(counts, part) for part in deal.goals}
            best = min(costs, key=costs.__getitem__)
            if costs[best] < costs[now] - 1e-9:
                parts[group], moved = best, True
            deal.add(counts, parts[group])
        if not moved:
            return


def draw(seed: int, name: str) -> str:
    """Return a pseudo-random key of `name`: sorting by it shuffles alike on every machine, in any order of input."""
    return hashlib.sha256(f"{seed}\0{name}".encode()).hexdigest()
