"""Scores of answers given after a few labels: by target and pooled, over seeds, with differences of arms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

import numpy as np

from standpoint.codebook import STANCES
from training.evaluation.confidence import calibration_error
from training.metrics import ANSWERS, Counts, Score, bootstrap, macro_f1

# What is compared, and how a table names it.
ARMS = {
    "majority": "majority of the 100",
    "zero-shot": "base, zero-shot",
    "refined": "base, refined by `--init`",
    "baseline": "linear baseline",
    "encoder": "encoder fine-tuned, no base",
    "setfit": "SetFit",
}
DIFFERENCES = tuple(("refined", other) for other in ("zero-shot", "baseline", "setfit", "encoder"))


@dataclass(frozen=True)
class Answers:
    """What an arm said of the rest of one draw. `confidence` is empty for a peer; `kept` says how it does elsewhere."""

    arm: str
    target: str
    seed: int
    gold: list[str]
    said: list[str]
    groups: list[str]
    seconds: float = 0.0
    confidence: list[float] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, float] = field(default_factory=dict)


def describe_scores(found: Sequence[Answers]) -> list[str]:
    """Return a table for each target and one of all targets pooled, and the differences of arms."""
    targets = list(dict.fromkeys(answers.target for answers in found))
    lines = []
    for target in [*targets, ""]:
        part = [answers for answers in found if target in ("", answers.target)]
        seeds = len({answers.seed for answers in part})
        rows = sum(len(answers.gold) for answers in part if answers.arm == part[0].arm) / seeds
        lines += [f"### {target or 'All targets pooled'}", "", f"{rows:.0f} pairs scored a seed, {seeds} seeds.", ""]
        lines += ["| arm | stance.macro_f1 | 95% interval | over seeds | seconds |", "|---|---:|---:|---:|---:|"]
        lines += [make_row(arm, chosen) for arm in ARMS if (chosen := [a for a in part if a.arm == arm])]
        lines.append("")
        for one, other in DIFFERENCES:
            if {one, other} <= {answers.arm for answers in part}:
                score = compare(part, one, other)
                lines.append(f"- {one} − {other}: {score.value:+.3f} [{score.low:+.3f}, {score.high:+.3f}]")
        lines.append("")
    return lines


def make_row(arm: str, found: Sequence[Answers]) -> str:
    score = bootstrap(count_answers(found), _mean_macro_f1, len(found[0].gold))
    seeds = sorted({answers.seed for answers in found})
    values = [_mean_macro_f1(count_answers([a for a in found if a.seed == seed]).sum(axis=0)) for seed in seeds]
    return (
        f"| {ARMS[arm]} | {score.value:.3f} | {score.low:.3f} to {score.high:.3f} | {min(values):.3f} to "
        f"{max(values):.3f} | {mean(a.seconds for a in found):.0f} |"
    )


def compare(found: Sequence[Answers], one: str, other: str) -> Score:
    """Return the difference of two arms' mean score, over the same drawn groups for both."""
    arms = [[answers for answers in found if answers.arm == arm] for arm in (one, other)]
    for first, second in zip(*arms, strict=True):
        if any(getattr(first, name) != getattr(second, name) for name in ("target", "seed", "groups", "gold")):
            raise ValueError(f"{one} and {other} answered other pairs of {first.target!r}, seed {first.seed}")
    table = np.stack([count_answers(answers) for answers in arms], axis=1)  # (G, 2, S, 3, 4)

    def difference(counts: Counts) -> Counts:
        scores = _mean_macro_f1(counts)
        return scores[..., 0] - scores[..., 1]

    return bootstrap(table, difference, len(arms[0][0].gold))


def count_answers(found: Sequence[Answers]) -> Counts:
    """Return counts (groups, seeds, 3 gold, 4 answers). A group that a seed learned from has none of that seed."""
    groups = sorted({group for answers in found for group in answers.groups})
    seeds = sorted({answers.seed for answers in found})
    places = {group: place for place, group in enumerate(groups)}
    table = np.zeros((len(groups), len(seeds), len(STANCES), len(ANSWERS)))
    for answers in found:
        seed = seeds.index(answers.seed)
        for group, gold, said in zip(answers.groups, answers.gold, answers.said, strict=True):
            table[places[group], seed, STANCES.index(gold), ANSWERS.index(said)] += 1
    return table


def _mean_macro_f1(counts: Counts) -> Counts:
    """Return the mean over seeds of macro F1, from (..., seeds, 3, 4)."""
    return macro_f1(counts).mean(axis=-1)


def describe_kept(found: Sequence[Answers]) -> list[str]:
    """Return what the base could do before and after it was refined."""
    lines = [
        "### What the base keeps",
        "",
        "Other targets, on the validation pairs that chose the base: before, after.",
    ]
    lines += ["`unrelated` is the share of pairs with a target that is not in the passage that are answered so.", ""]
    lines += ["| | stance.macro_f1 | unrelated | targets when none is named | calibration error, new target |"]
    lines += ["|---|---:|---:|---:|---:|"]
    for arm in ("zero-shot", "refined"):
        chosen = [answers for answers in found if answers.arm == arm]
        if not chosen:
            continue
        average: Callable[[str], float] = lambda name, of=chosen: mean(a.kept[name] for a in of)  # noqa: E731
        sure = np.array([value for a in chosen for value in a.confidence])
        right = np.array([s == g for a in chosen for s, g in zip(a.said, a.gold, strict=True)], dtype=np.float64)
        lines.append(
            f"| {ARMS[arm]} | {average('stance.macro_f1'):.3f} | {average('unrelated'):.3f} | {average('targets'):.0f} "
            f"| {calibration_error(sure, right):.3f} |"
        )
    return [*lines, ""]
