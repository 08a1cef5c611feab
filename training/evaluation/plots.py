"""Pictures of an evaluation: confusion, reliability, risk and coverage, precision and recall, a file each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from standpoint.codebook import STANCES
from training.evaluation.confidence import equal_bins, measure_confidence, perfect_band, risk_coverage
from training.evaluation.evaluator import Evaluation
from training.scoring import gold_of


def draw_plots(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw all plots of a task into `folder` as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    plots: list[Callable[[Evaluation, Any], None]] = [draw_reliability, draw_risk_coverage, draw_precision_recall]
    plots.insert(0, draw_confusion if evaluation.task == "stance" else draw_topic_scores)
    return [_draw(plot, evaluation, folder) for plot in plots]


def draw_confusion(evaluation: Evaluation, axes: Any) -> None:
    """Gold stances in rows, answers in columns, counts."""
    answers = list(evaluation.predictions.labels)
    gold = [label for label in STANCES if label in {*answers, *evaluation.examples.labels}]
    table = np.zeros((len(gold), len(answers)), dtype=int)
    for (truth,), (said,) in zip(gold_of(evaluation.examples), evaluation.predictions.decided, strict=True):
        table[gold.index(truth), answers.index(said)] += 1
    axes.imshow(table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*table.shape):
        dark = table[row, column] > table[row].sum() / 2
        axes.text(column, row, table[row, column], ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(len(answers)), answers)
    axes.set_yticks(range(len(gold)), gold)
    axes.set(xlabel="answered", ylabel="annotated", title="Confusion (stance)")


def draw_topic_scores(evaluation: Evaluation, axes: Any) -> None:
    """F1 of every topic, with the number of passages that hold it."""
    labels = evaluation.predictions.labels
    gold, said = gold_of(evaluation.examples), evaluation.predictions.decided
    scores, counts = [], []
    for label in labels:
        hits = sum(label in g and label in s for g, s in zip(gold, said, strict=True))
        total = sum(label in g for g in gold) + sum(label in s for s in said)
        scores.append(2 * hits / total if total else 0.0)
        counts.append(sum(label in g for g in gold))
    order = np.argsort(scores)
    axes.barh([f"{labels[i]} ({counts[i]})" for i in order], [scores[i] for i in order], color="#4477aa")
    axes.set(xlim=(0, 1), xlabel="F1", title="F1 per topic (passages)")


def draw_reliability(evaluation: Evaluation, axes: Any) -> None:
    """Share of right answers against confidence, in ten bins of equal mass, and where a perfect model would be."""
    found = measure_confidence(evaluation.predictions, evaluation.examples)
    confidence, right = found.confidence, found.right
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    if len(confidence):
        parts = equal_bins(confidence)
        places = [confidence[part].mean() for part in parts]
        low, high = perfect_band(confidence, parts)
        axes.fill_between(places, low, high, color="#4477aa", alpha=0.2, linewidth=0, label="perfect model, 95%")
        axes.plot(places, [right[part].mean() for part in parts], marker="o", color="#4477aa", label="this model")
        axes.legend(loc="upper left", fontsize=8)
    verdict = "passes" if found.passes else "fails"
    title = f"Reliability: error {found.error:.3f}, perfect model below {found.limit:.3f}: {verdict}"
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title=title)


def draw_risk_coverage(evaluation: Evaluation, axes: Any) -> None:
    """Share of wrong answers among the surest, as more of all answers are given; where abstention stops."""
    found = measure_confidence(evaluation.predictions, evaluation.examples)
    coverage, risk = risk_coverage(found.confidence, found.right)
    # Of all examples: what was answered `unrelated` is never given a stance.
    axes.plot(coverage * (1 - found.unrelated), risk, color="#4477aa")
    if found.allowed is not None:
        axes.axhline(found.allowed, color="#cc6677", linestyle=":", label=f"allowed: {found.allowed:g} wrong")
    if found.coverage and found.wrong:
        place, height = found.coverage.value, found.wrong.value
        spread = [[max(0.0, height - found.wrong.low)], [max(0.0, found.wrong.high - height)]]
        given = f"given: {place:.0%}, {height:.3f} wrong"
        axes.errorbar([place], [height], yerr=spread, fmt="o", color="#cc6677", capsize=3, label=given)
    elif found.coverage:
        axes.plot([], [], " ", label="no stance is given")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left", fontsize=8)
    title = f"Risk and coverage: mean risk {found.risk_area:.3f}"
    axes.set(xlim=(0, 1), ylim=(0, None), xlabel="share of answers given", ylabel="share of them wrong", title=title)


def draw_precision_recall(evaluation: Evaluation, axes: Any) -> None:
    """Precision and recall of each label as its threshold falls."""
    gold = gold_of(evaluation.examples)
    for column, label in enumerate(evaluation.predictions.labels):
        truth = np.array([label in row for row in gold], dtype=float)
        if truth.sum() < 5:
            continue
        order = np.argsort(-evaluation.predictions.probabilities[:, column], kind="stable")
        hits = np.cumsum(truth[order])
        axes.plot(hits / truth.sum(), hits / np.arange(1, len(truth) + 1), label=label, linewidth=1)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="recall", ylabel="precision", title="Precision and recall")
    if axes.lines:
        axes.legend(fontsize=6)


def _draw(plot: Callable[[Evaluation, Any], None], evaluation: Evaluation, folder: Path) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    plot(evaluation, figure.add_subplot())
    path = folder / f"{plot.__name__.removeprefix('draw_')}.png"
    figure.savefig(path, dpi=110)
    return path
