"""An evaluation as one self-contained page: headline, plots, slices, counts, mistakes and abstentions with their words.

What a reader needs first comes first: how good, how sure that is, against what; then where it fails, and why.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from standpoint.predictor import Predictor
from training.evaluation.audit import CONTRAST, Audit
from training.evaluation.confidence import measure_confidence
from training.evaluation.counting import Count, Shares, count_stances, known_mistakes
from training.evaluation.evaluator import Evaluation
from training.evaluation.failures import Failure, list_failures
from training.evaluation.plots import draw_plots
from training.evaluation.slices import DECISIVE, METRICS, SliceScores, score_slices
from training.evaluation.targets import TargetRow, list_targets
from training.metrics import Score
from training.page import number_cell, sortable_table, text_cell, write_page
from training.scoring import choice_metric

STYLE = """<style>
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:.5rem}
.plots img{width:100%;background:#fff}
mark{color:inherit;border-radius:2px;background:rgba(var(--warm),var(--s))}
mark.against{background:rgba(60,120,200,var(--s))}
.headline{font-size:1.9rem;font-weight:650;margin:.2rem 0}
</style>"""


def write_report(evaluation: Evaluation, predictor: Predictor, path: Path, audit: Audit | None = None) -> None:
    """Write the page; replaces `path` by rename. `audit` is that of a stance model, where one was made."""
    write_page(path, f"Standpoint: {evaluation.task}", _write_body(evaluation, predictor, audit))


def _write_body(evaluation: Evaluation, predictor: Predictor, audit: Audit | None) -> Iterator[str]:
    examples, metadata = evaluation.examples, predictor.metadata
    metric = choice_metric(evaluation.task, [*metadata.labels, *examples.labels])
    score = evaluation.scores[metric]
    yield STYLE
    yield f"<h1>{escape(evaluation.task.capitalize())}: {len(examples):,} examples of {escape(examples.source)}</h1>"
    yield (
        f'<p class="headline">{escape(metric)} {score.value:.3f} <small class="soft">95% {score.low:.3f} to '
        f"{score.high:.3f}</small></p>"
    )
    book = f", codebook {metadata.codebook.version}" if metadata.codebook else ""
    yield (
        f'<p class="soft">{escape(metadata.model.capitalize())}, artifact <code>{evaluation.artifact[:12]}</code>, '
        f"examples <code>{examples.digest[:12]}</code>{escape(book)}, seed {metadata.seed}. Intervals are percentile "
        f"bootstraps over {len({e.group for e in examples.examples}):,} groups.</p>"
    )
    yield _score_table(evaluation)
    yield f"<p>{escape(measure_confidence(evaluation.predictions, examples).lines()[0])}.</p>"
    if audit is not None:
        yield "<h2>Does it read the target?</h2>"
        yield _audit_table(audit)
    yield "<h2>Confusion, confidence, abstention</h2>"
    yield _plots(evaluation)
    if evaluation.task == "stance":
        yield "<h2>By target</h2>"
        yield '<p class="soft">A turned pair was given the opposite side, a lost one none, or no relation at all.</p>'
        yield _target_table(list_targets(evaluation.predictions, examples, metadata.targets))
    yield "<h2>Slices</h2>"
    yield f'<p class="soft">Slices of fewer than {DECISIVE} examples are grey: nothing is decided by them.</p>'
    yield _slice_table(score_slices(evaluation.predictions, examples, metadata.targets), METRICS[evaluation.task])
    if evaluation.task == "stance":
        yield "<h2>Counting stances</h2>"
        yield (
            '<p class="soft">Shares of favor, against and none as annotated, as counted from the answers, and as '
            "adjusted by the mistakes that the model makes on validation, where these are other examples. The error is "
            "the mean distance of a share from the annotated one.</p>"
        )
        yield _count_table(count_stances(evaluation.predictions, examples, known_mistakes(metadata, examples)))
    mistakes, withheld = list_failures(evaluation, predictor)
    yield "<h2>The most confident mistakes</h2>"
    yield (
        '<p class="soft">Marked are the words that drove the answer: warm ones spoke for it, blue ones against. '
        "Weights explain the model, not the world.</p>"
    )
    yield from map(_card, mistakes)
    if withheld:
        yield "<h2>The most useful abstentions</h2>"
        yield '<p class="soft">Answers that were withheld and would have been wrong, the surest first.</p>'
        yield from map(_card, withheld)


def _score_table(evaluation: Evaluation) -> str:
    heads = [("metric", False), ("value", True), ("95% interval", True), *((name, True) for name in evaluation.floors)]
    rows = []
    for name, score in evaluation.scores.items():
        cells = [text_cell(name), number_cell(score.value, f"{score.value:.3f}"), _interval(score)]
        for scores in evaluation.floors.values():
            cells.append(
                number_cell(scores[name].value, f"{scores[name].value:.3f}") if name in scores else "<td></td>"
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return sortable_table("scores", heads, rows)


def _interval(score: Score, thin: bool = False) -> str:
    return number_cell(score.low, f"{score.low:.3f} to {score.high:.3f}", thin=thin)


def _audit_table(audit: Audit) -> str:
    found = {CONTRAST: audit.contrast} if audit.contrast else {}
    rows = [
        f"<tr>{text_cell(name)}{number_cell(score.value, f'{score.value:.3f}')}{_interval(score)}"
        f"{number_cell(score.count)}</tr>"
        for name, score in {**found, **audit.scores()}.items()
    ]
    return sortable_table("audit", [("audit", False), ("value", True), ("95% interval", True), ("n", True)], rows)


def _plots(evaluation: Evaluation) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        images = [
            f'<img alt="{file.stem}" src="data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}">'
            for file in draw_plots(evaluation, Path(scratch))
        ]
    return f'<div class="plots">{"".join(images)}</div>'


def _target_table(rows: Sequence[TargetRow]) -> str:
    names = ("pairs", "right", "turned", "side lost", "side invented")
    body = []
    for row in rows:
        thin = row.pairs < DECISIVE
        seen = "" if row.seen else ' <span class="tag">unseen</span>'
        cells = [f"<td class=wide>{escape(row.target)}{seen}</td>", number_cell(row.pairs, thin=thin)]
        for count in (row.right, row.turned, row.lost, row.invented):
            cells.append(number_cell(count / row.pairs, f"{count / row.pairs:.0%}", thin=thin))
        body.append(f"<tr>{''.join(cells)}</tr>")
    return sortable_table("targets", [("target", False), *((name, True) for name in names)], body, long=True)


def _slice_table(found: Sequence[SliceScores], metrics: Sequence[str]) -> str:
    present = [name for name in metrics if any(name in part.scores for part in found)]
    heads = [("slice", False), ("value", False), ("examples", True)]
    heads += [entry for name in present for entry in ((name, True), ("95% interval", True))]
    rows = []
    for part in found:
        thin = not part.slice.is_decisive
        cells = [text_cell(part.slice.dimension), text_cell(part.slice.value, wide=True)]
        cells.append(number_cell(len(part.slice.rows), thin=thin))
        for name in present:
            score = part.scores.get(name)
            cells.append(number_cell(score.value, f"{score.value:.3f}", thin=thin) if score else "<td></td>")
            cells.append(_interval(score, thin) if score else "<td></td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return sortable_table("slices", heads, rows, long=True)


def _count_table(counts: Sequence[Count]) -> str:
    heads = [("counted", False), ("examples", True), ("annotated", False), ("as answered", False), ("error", True)]
    adjusts = any(count.adjusted for count in counts)
    rows = []
    for count in counts:
        part = count.slice
        name = f"{part.dimension}: {part.value}" if part.value else part.dimension
        cells = [text_cell(name, wide=True), number_cell(len(part.rows)), text_cell(_shares(count.gold))]
        cells += [text_cell(_shares(count.counted)), number_cell(count.error, f"{count.error:.3f}")]
        error = count.adjusted_error
        if adjusts:
            cells.append(text_cell(_shares(count.adjusted) if count.adjusted else ""))
            cells.append(number_cell(error, f"{error:.3f}") if error is not None else "<td></td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    heads += [("adjusted", False), ("error", True)] if adjusts else []
    return sortable_table("counts", heads, rows, long=True)


def _shares(shares: Shares) -> str:
    return " / ".join(f"{label} {share:.0%}" for label, share in shares.items())


def _card(failure: Failure) -> str:
    example = failure.example
    target = f" · toward <strong>{escape(example.target)}</strong>" if example.target else ""
    rows = [("annotated", failure.gold), ("answered", failure.said)]
    lines = "".join(
        f'<dt>{name}</dt><dd><span class="tag">{escape(", ".join(labels))}</span></dd>' for name, labels in rows
    )
    return (
        f'<article class="card"><p><code>{escape(example.id)}</code>{target} · confidence {failure.confidence:.2f}</p>'
        f"<blockquote>{_mark_words(failure)}</blockquote><dl>{lines}</dl></article>"
    )


def _mark_words(failure: Failure) -> str:
    """Return the passage with its words marked, the strongest fully."""
    most = max((abs(word.weight) for word in failure.words), default=0.0) or 1.0
    parts, place = [], 0
    for word in failure.words:
        strength = 0.75 * abs(word.weight) / most
        side = ' class="against"' if word.weight < 0 else ""
        parts.append(escape(failure.text[place : word.start]))
        parts.append(f'<mark{side} style="--s:{strength:.2f}" title="{word.weight:+.2f}">{escape(word.text)}</mark>')
        place = word.end
    return "".join([*parts, escape(failure.text[place:])])
