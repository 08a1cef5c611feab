"""A comparison as one self-contained page: verdicts, intervals drawn to scale, settings, flips, slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from training.evaluation.comparison import Duel, Flip
from training.evaluation.paired import Difference, describe_p
from training.evaluation.slices import DECISIVE, Slice
from training.examples import ExampleSet
from training.metrics import Score
from training.page import number_cell, sortable_table, text_cell, write_page

FLIPS = 100  # cards of each side; a page with thousands helps nobody


def write_comparison_page(
    path: Path,
    title: str,
    names: Sequence[str],
    scores: Sequence[Mapping[str, Score]],
    duels: Sequence[Duel],
    differing: Mapping[str, Sequence[str]],
    examples: ExampleSet,
) -> None:
    """Write the page; replaces `path` by rename."""
    write_page(path, title, _write_body(title, names, scores, duels, differing, examples))


def _write_body(
    title: str,
    names: Sequence[str],
    scores: Sequence[Mapping[str, Score]],
    duels: Sequence[Duel],
    differing: Mapping[str, Sequence[str]],
    examples: ExampleSet,
) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield (
        f'<p class="soft">{len(examples):,} examples of {escape(examples.source)}, digest '
        f"<code>{examples.digest[:12]}</code>, in {len({e.group for e in examples.examples}):,} groups.</p>"
    )
    for duel in duels:
        yield f"<p><strong>{escape(duel.verdict)}</strong>: {escape(duel.sentence(names))}.</p>"
    yield "<h2>Scores</h2>"
    yield _score_table(names, scores)
    if differing:
        yield f"<details><summary>{len(differing)} settings differ</summary>"
        heads = [("setting", False), *((name.rpartition("(")[2].rstrip(")"), False) for name in names)]
        rows = (
            f"<tr>{text_cell(name)}{''.join(text_cell(value, wide=True) for value in values)}</tr>"
            for name, values in differing.items()
        )
        yield sortable_table("settings", heads, rows) + "</details>"
    for number, duel in enumerate(duels):
        yield from _write_duel(number, duel, names, examples)
    yield (
        '<p class="soft">Intervals are percentile bootstraps over groups, both models on the same resamples; p is that '
        "of approximate randomisation over groups, for the metric that chooses adjusted by Holm where more than two "
        "models are compared. A model is called better only where both agree at the 5% level. That is said of these "
        "artifacts, not of two ways to train: for those, train several seeds of each.</p>"
    )


def _score_table(names: Sequence[str], scores: Sequence[Mapping[str, Score]]) -> str:
    metrics = [metric for metric in scores[0] if all(metric in found for found in scores)]
    heads = [("model", False), *((metric, True) for metric in metrics)]
    rows = []
    for name, found in zip(names, scores, strict=True):
        cells = [
            number_cell(s.value, f"{s.value:.3f} <small>[{s.low:.3f}, {s.high:.3f}]</small>")
            for s in (found[metric] for metric in metrics)
        ]
        rows.append(f"<tr>{text_cell(name, wide=True)}{''.join(cells)}</tr>")
    return sortable_table("scores", heads, rows)


def _write_duel(number: int, duel: Duel, names: Sequence[str], examples: ExampleSet) -> Iterator[str]:
    first, second = names[duel.first], names[duel.second]
    yield f"<h2>{escape(first)} and {escape(second)}</h2>"
    heads = [("metric", False), ("first", True), ("second", True), ("difference", True), ("95% interval", True)]
    rows = (
        _difference_row(found, _reach(duel), duel.p if metric == duel.metric else found.p)
        for metric, found in duel.differences.items()
    )
    yield sortable_table(f"differences-{number}", [*heads, ("", True), ("p", True)], rows)
    wins = [flip for flip in duel.flips if flip.first_right]
    losses = [flip for flip in duel.flips if not flip.first_right]
    yield (
        f"<p>Only the first is right on <strong>{len(wins)}</strong> examples, only the second on "
        f"<strong>{len(losses)}</strong> (McNemar's exact test, which takes examples for independent: p "
        f"{escape(describe_p(duel.mcnemar))}).</p>"
    )
    yield f"<h2>Who wins where ({escape(duel.metric)})</h2>"
    yield f'<p class="soft">Slices of fewer than {DECISIVE} examples are grey and say nothing.</p>'
    heads = [("slice", False), ("value", False), ("examples", True), ("first", True), ("second", True)]
    yield sortable_table(f"slices-{number}", [*heads, ("difference", True)], map(_slice_row, duel.slices), long=True)
    for title, flips in (("Only the first is right", wins), ("Only the second is right", losses)):
        shown = f", the first {FLIPS} of them" if len(flips) > FLIPS else ""
        yield f"<h2>{title}: {len(flips)}{shown}</h2>"
        yield from (_card(flip, examples) for flip in flips[:FLIPS])


def _reach(duel: Duel) -> float:
    """Return how far to both sides the strips of a table go, so that they share a scale."""
    return max(0.01, *(max(abs(found.low), abs(found.high)) for found in duel.differences.values()))


def _difference_row(found: Difference, reach: float, p: float) -> str:
    left, right, middle = (50 + 50 * value / reach for value in (found.low, found.high, found.value))
    strip = (
        f'<span class="strip"><i style="left:{left:.1f}%;width:{right - left:.1f}%"></i>'
        f'<i style="left:50%;width:1px;top:0;height:.7rem"></i><b style="left:{middle:.1f}%"></b></span>'
    )
    cells = [number_cell(value, f"{value:.3f}") for value in (found.first, found.second)]
    cells.append(number_cell(found.value, f"{found.value:+.3f}"))
    cells.append(number_cell(found.low, f"{found.low:+.3f} to {found.high:+.3f}"))
    cells += [number_cell(found.value, strip), number_cell(p, escape(describe_p(p)))]
    return f"<tr>{text_cell(found.metric)}{''.join(cells)}</tr>"


def _slice_row(entry: tuple[Slice, float, float]) -> str:
    part, one, other = entry
    thin = not part.is_decisive
    numbers = [number_cell(len(part.rows), thin=thin)]
    numbers += [number_cell(value, f"{value:.3f}", thin=thin) for value in (one, other)]
    numbers.append(number_cell(one - other, f"{one - other:+.3f}", thin=thin))
    return f"<tr>{text_cell(part.dimension)}{text_cell(part.value, wide=True)}{''.join(numbers)}</tr>"


def _card(flip: Flip, examples: ExampleSet) -> str:
    example = examples.examples[flip.row]
    target = f" · toward <strong>{escape(example.target)}</strong>" if example.target else ""
    rows = [("annotated", flip.gold), ("first", flip.first), ("second", flip.second)]
    lines = "".join(
        f'<dt>{name}</dt><dd><span class="tag{"" if set(labels) == set(flip.gold) else " differs"}">'
        f"{escape(', '.join(labels))}</span></dd>"
        for name, labels in rows
    )
    return (
        f'<article class="card"><p><code>{escape(example.id)}</code>{target}</p>'
        f"<blockquote>{escape(example.text)}</blockquote><dl>{lines}</dl></article>"
    )
