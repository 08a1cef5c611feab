"""A comparison for the terminal: verdicts first, then metrics, examples that flipped, and who wins where."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from training.evaluation.comparison import Duel
from training.evaluation.paired import describe_p
from training.evaluation.slices import DECISIVE
from training.examples import ExampleSet

EXCERPT = 150  # characters of a passage
SLICES = 6  # shown of each side, those of the largest lead


def format_duel(duel: Duel, names: Sequence[str], examples: ExampleSet, shown: int) -> Iterator[str]:
    """Yield the lines of two models: verdict, every metric, `shown` flips of each side, slices."""
    yield duel.sentence(names)
    width = max(len(metric) for metric in duel.differences)
    yield f"  {'metric':{width}s}  first  second  difference  95% interval      p"
    for metric, d in duel.differences.items():
        interval = f"[{d.low:+.3f}, {d.high:+.3f}]"
        p = describe_p(duel.p if metric == duel.metric else d.p)
        yield f"  {metric:{width}s}  {d.first:.3f}  {d.second:.3f}   {d.value:+.3f}      {interval}  {p}"
    wins = [flip for flip in duel.flips if flip.first_right]
    losses = [flip for flip in duel.flips if not flip.first_right]
    yield (
        f"  only the first is right on {len(wins)} examples, only the second on {len(losses)} "
        f"(McNemar, examples taken as independent: p {describe_p(duel.mcnemar)})"
    )
    for title, flips in (("only the first is right", wins), ("only the second is right", losses)):
        if shown and flips:
            yield f"  {title}:"
        for flip in flips[:shown]:
            example = examples.examples[flip.row]
            target = f" toward {example.target}" if example.target else ""
            said = ", ".join(flip.second if flip.first_right else flip.first)
            yield f"    {example.id}: {', '.join(flip.gold)}{target}, not {said}"
            yield f"      {textwrap.shorten(example.text, EXCERPT, placeholder=' ...')}"
    yield from _format_slices(duel)


def format_settings(differing: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the settings that are not all equal, a line each."""
    yield "settings that differ:" if differing else "no setting differs"
    width = max((len(name) for name in differing), default=0)
    for name, values in differing.items():
        yield f"  {name:{width}s}  {' | '.join(value[:60] for value in values)}"


def _format_slices(duel: Duel) -> Iterator[str]:
    large = [(part, one, other) for part, one, other in duel.slices if part.is_decisive]
    large.sort(key=lambda entry: entry[2] - entry[1])
    for title, found in (
        ("where the first leads", [entry for entry in large if entry[1] > entry[2]][:SLICES]),
        ("where the second leads", [entry for entry in reversed(large) if entry[1] < entry[2]][:SLICES]),
    ):
        if found:
            yield f"  {title} ({duel.metric}, slices of {DECISIVE} examples and more):"
        for part, one, other in found:
            name = f"{part.dimension}: {part.value}"
            yield f"    {name:44.44s} {len(part.rows):5d} examples  {one:.3f}  {other:.3f}  {one - other:+.3f}"
