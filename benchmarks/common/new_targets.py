"""Targets that a base has not seen: which ones, what is left without them, and how the pairs of one are dealt out."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from standpoint.encoding import target_key
from standpoint.errors import BadInput
from training.examples import Example, ExampleSet, make_example_set

FEW = 100  # labelled pairs of a new target
REST = 30  # pairs to be scored on, at least
# Subjects that people take sides on together: one target of each, so that no conflict counts twice.
FIELDS = (
    (
        "military aid to Ukraine",
        "sanctions on Russia",
        "Russia's military operation in Ukraine",
        "negotiations to end the war in Ukraine",
        "NATO enlargement",
    ),
    ("United States foreign policy", "the policy of the West", "a multipolar world order", "de-dollarisation"),
    (
        "the veto in the UN Security Council",
        "reform of the UN Security Council",
        "suspending a state from an international organisation",
    ),
    ("a ceasefire in Gaza", "the Iran nuclear deal"),
    (
        "sanctions on North Korea",
        "North Korea's nuclear and missile programme",
        "US-South Korea military exercises",
        "cooperation between Russia and North Korea",
    ),
    ("the Belt and Road Initiative", "freedom of navigation operations in the South China Sea"),
)


@dataclass(frozen=True)
class Draw:
    """The pairs of one target dealt out by one seed: a few to learn from, the rest to be scored on."""

    target: str
    seed: int
    few: ExampleSet
    rest: ExampleSet

    @property
    def name(self) -> str:
        words = re.sub(r"[\W_]+", "-", self.target.lower())
        return f"{words}-{self.seed}"


def choose_targets(rows: Sequence[Example], count: int) -> list[str]:
    """Return the most annotated target of each field, those of the most annotated fields first."""
    frequency = Counter(str(row.target) for row in rows)
    best = [max(field, key=lambda target: (frequency[target], target)) for field in FIELDS]
    return sorted(best, key=lambda target: -frequency[target])[:count]


def check_targets(targets: Sequence[str], rows: Sequence[Example], data: Path) -> None:
    """Raise BadInput where a target has too few pairs to learn from some and to be scored on others."""
    counts = Counter(str(row.target) for row in rows)
    for target in targets:
        if counts[target] < FEW + REST:
            raise BadInput(
                f"{target!r} has {counts[target]} pairs in train and validation of {data}; {FEW} to learn "
                f"from and {REST} to score are needed, name a target with more",
                "--targets",
            )


def take_out(examples: ExampleSet, targets: Sequence[str]) -> ExampleSet:
    """Return the examples of passages that carry none of the targets, as a set of its own."""
    new = {target_key(target) for target in targets}
    kept = [e for e in examples.examples if not new & {target_key(t) for t in (e.target or "", *e.mentioned)}]
    return replace(make_example_set(examples.task, kept, like=examples), dataset=None)


def draw_few(rows: Sequence[Example], target: str, size: int, seed: int) -> Draw:
    """Deal out the pairs of a target by group: groups in random order as long as they fit into `size`, and the rest."""
    own = [row for row in rows if row.target == target]
    groups = sorted({row.group for row in own})
    random.Random(seed).shuffle(groups)
    few: list[Example] = []
    taken: set[str] = set()
    for group in groups:
        members = [row for row in own if row.group == group]
        if len(few) + len(members) <= size:
            few += members
            taken.add(group)
    rest = [row for row in own if row.group not in taken]
    return Draw(target, seed, make_example_set("stance", few), make_example_set("stance", rest))
