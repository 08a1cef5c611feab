"""What models score on a set, over several seeds: every metric with its interval, floors and published rows beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean

from training.metrics import Score

Scores = Mapping[str, Score]


@dataclass(frozen=True)
class Published:
    """A row that others reported: on which part, by which metric, in points of a hundred."""

    name: str
    metric: str
    value: float


# Sources: Mohammad et al. 2016; Barbieri et al. 2020 (TweetEval) and its leaderboard; Hamborg and Donnay 2021. What a
# row of TweetEval calls one transformer is five, one a target.
PUBLISHED: Mapping[str, Sequence[Published]] = {
    "semeval2016": (
        Published("majority of each target", "stance.f_avg", 65.22),
        Published("SVM a target, n-grams", "stance.f_avg", 68.98),
        Published("best team of 2016", "stance.f_avg", 67.82),
        Published("RoBERTa-base, 125M parameters", "stance.f_avg", 68.0),
        Published("RoBERTa-base, trained on with tweets", "stance.f_avg", 69.3),
        Published("BERTweet", "stance.f_avg", 71.2),
        Published("TimeLMs-2021", "stance.f_avg", 72.9),
    ),
    "newsmtsc": (
        Published("majority", "stance.macro_f1", 18.9),
        Published("BERT-base, plain pairs", "stance.macro_f1", 80.1),
        Published("RoBERTa-base, plain pairs", "stance.macro_f1", 81.1),
        Published("RoBERTa-base, GRU-TSC", "stance.macro_f1", 83.1),
    ),
}


@dataclass(frozen=True)
class Measured:
    """One model on one part: its scores with each seed, in the order of the seeds."""

    model: str
    part: str
    scores: Sequence[Scores]
    seconds: Sequence[float] = field(default=())  # of `standpoint train`, whole


def describe_part(part: str, count: int, measured: Sequence[Measured], floors: Mapping[str, Scores]) -> list[str]:
    """Return the table of one part: a row a metric, a column a model, floors last."""
    rows = [m for m in measured if m.part == part]
    metrics = list(dict.fromkeys(name for m in rows for scores in m.scores for name in scores))
    heads = [*(m.model for m in rows), *floors]
    lines = [f"**{part}**, {count:,} examples", "", "| metric | " + " | ".join(heads) + " |"]
    lines.append("|---" * (1 + len(heads)) + "|")
    for metric in metrics:
        cells = [_cell([scores[metric] for scores in m.scores if metric in scores]) for m in rows]
        cells += [f"{100 * floor[metric].value:.1f}" if metric in floor else "–" for floor in floors.values()]
        lines.append(f"| {metric} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _cell(scores: Sequence[Score]) -> str:
    """Return mean, interval and seeds of one metric in points; the interval is the mean of the seeds' own."""
    if not scores:
        return "–"
    values = [100 * score.value for score in scores]
    low, high = mean(100 * score.low for score in scores), mean(100 * score.high for score in scores)
    spread = f" ({', '.join(f'{value:.1f}' for value in values)})" if len(values) > 1 else ""
    return f"**{mean(values):.1f}** [{low:.1f}, {high:.1f}]{spread}"


def describe_published(name: str) -> list[str]:
    """Return the published rows of a set; they are of its test part, which is held back here."""
    rows = PUBLISHED.get(name, ())
    if not rows:
        return []
    cells = "; ".join(f"{row.name} {row.value:g}" for row in rows)
    return [f"Published, `{rows[0].metric}` on the test part, which is not the part above: {cells}.", ""]


def describe_seconds(measured: Sequence[Measured]) -> str:
    """Return what training each model took, as a clause; each model once, whatever parts it was scored on."""
    found = {m.model: m.seconds for m in measured if m.seconds}
    return "; ".join(f"{model} {', '.join(f'{second:,.0f}' for second in found[model])}" for model in found)
