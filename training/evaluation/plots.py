"""Pictures of an evaluation: confusion, reliability, precision and recall. Each returns the file it wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from standpoint.codebook import STANCES
from training.evaluation.evaluator import Evaluation
from training.scoring import gold_of


def draw_plots(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Draw all plots of a task into `folder` as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    plots: list[Callable[[Evaluation, Any], None]] = [draw_reliability, draw_precision_recall]
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
    """Share of right answers against confidence, in ten bins of equal mass."""
    confidence, right = _confidence(evaluation)
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(10, len(confidence)))
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.plot([confidence[p].mean() for p in parts], [right[p].mean() for p in parts], marker="o", color="#4477aa")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share right", title="Reliability")


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


def _confidence(evaluation: Evaluation) -> tuple[Any, Any]:
    """Return (confidence, right), for stance an answer each, for topics a decision on a topic each."""
    probabilities = evaluation.predictions.probabilities
    gold = gold_of(evaluation.examples)
    if evaluation.task == "stance":
        decided = evaluation.predictions.decided
        return probabilities.max(axis=1), np.array([float(g == d) for g, d in zip(gold, decided, strict=True)])
    truth = np.array([[float(label in row) for label in evaluation.predictions.labels] for row in gold])
    return probabilities.ravel(), truth.ravel()


def _draw(plot: Callable[[Evaluation, Any], None], evaluation: Evaluation, folder: Path) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    plot(evaluation, figure.add_subplot())
    path = folder / f"{plot.__name__.removeprefix('draw_')}.png"
    figure.savefig(path, dpi=110)
    return path
