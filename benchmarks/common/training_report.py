"""What two ways of fine-tuning took and gave, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import mean, median

import numpy as np
import torch
from common.matrices import SIDE, SQUARE, Encoder, Rates
from numpy.typing import NDArray

from training.examples import ExampleSet
from training.metrics import ANSWERS, Score, bootstrap, macro_f1
from training.models.hardware import has_bf16
from training.models.settings import TransformerSettings

FASTER = {True: 3.0, False: 1.5}  # what is aimed at, by whether the processor multiplies bfloat16
SHARE = 0.4  # of the rate of matrix products, aimed at
GIGA = 1e9


@dataclass(frozen=True)
class Turn:
    """One training: by ours, or by the peer at learning rate `rate`.

    `seconds` and `tokens` (padding not counted) are those of its steps, `padding` the share of the positions that were
    computed for nothing, `whole` and `computed` the seconds of the whole process and of all its cores.
    """

    rate: float | None
    seed: int
    seconds: float
    tokens: float
    padding: float | None
    whole: float
    computed: float
    answers: list[str]

    @property
    def name(self) -> str:
        return "standpoint" if self.rate is None else f"Trainer, {self.rate:g}"

    @property
    def speed(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds

    def line(self) -> str:
        return f"{self.name}, seed {self.seed}: {self.seconds:.1f} s in steps, {self.whole:.1f} s in all"


@dataclass(frozen=True)
class Comparison:
    """All turns in order, and the rates measured between them.

    `lengths` are the tokens of each training pair, `tokens` those of an average batch of ours, for which the rates are;
    `extent` says how long was trained, `precision` what ours multiplies in.
    """

    turns: Sequence[Turn]
    rates: Rates
    encoder: Encoder
    tokens: int
    extent: str
    lengths: Sequence[int]
    validation: ExampleSet
    precision: str

    @property
    def sides(self) -> dict[str, list[Turn]]:
        """Ours first, then the peer's learning rates in order."""
        found: dict[str, list[Turn]] = {}
        for turn in self.turns:
            found.setdefault(turn.name, []).append(turn)
        return found

    def passes(self, turn: Turn) -> float:
        """Return how often a turn went over all pairs: by its tokens, since steps may end amid a pass."""
        return turn.tokens / sum(self.lengths)


def describe_sides(found: Comparison, settings: TransformerSettings, chosen_on: int, peer_batch: int) -> list[str]:
    """Return what was trained on what, and how each side was set."""
    ours = ", ".join(f"{name} {value}" for name, value in asdict(settings).items())
    seeds = ", ".join(str(seed) for seed in dict.fromkeys(turn.seed for turn in found.turns))
    versions = ", ".join(f"{package} {version(package)}" for package in ("torch", "transformers", "accelerate"))
    capability = torch.backends.cpu.get_cpu_capability()
    flags = {"bfloat16 products": has_bf16(), "AMX tiles": torch.cpu._is_amx_tile_supported()}
    probed = ", ".join(f"{name}: {'yes' if there else 'no'}" for name, there in flags.items())
    return [
        f"{len(found.lengths):,} pairs of our data with three stances, {mean(found.lengths):.0f} tokens on average; "
        f"{found.extent}, seeds {seeds}, in turns; {versions}; torch threads: {torch.get_num_threads()}.",
        f"The processor, asked at run time: {capability}, {probed}.",
        "",
        f"- standpoint: `standpoint train stance --model transformer`: {ours}; multiplies in {found.precision}, "
        f"chooses among its passes by {chosen_on} further pairs.",
        f"- Trainer: AutoModelForSequenceClassification of the same encoder, batches of {peer_batch} padded to their "
        "longest row, no checkpoints, all other arguments as they come (float32, AdamW, nothing frozen, linear decay "
        "without warm-up); "
        f"learning rate as named; pairs cut at the same {settings.max_length} tokens.",
        "",
    ]


def describe_comparison(found: Comparison) -> list[str]:
    """Return the tables and the verdicts."""
    return [*_describe_speed(found), *_describe_rates(found), *_describe_quality(found)]


def _describe_speed(found: Comparison) -> list[str]:
    lines = [
        "| | seconds in steps | pairs/s | tokens/s | padding | whole process, s | CPU seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, turns in found.sides.items():
        pairs = median(found.passes(turn) * len(found.lengths) / turn.seconds for turn in turns)
        padding = [turn.padding for turn in turns if turn.padding is not None]
        cells = [f"{median(t.seconds for t in turns):.1f}", f"{pairs:.1f}"]
        cells.append(f"{median(turn.speed for turn in turns):,.0f}")
        cells.append(f"{mean(padding):.1%}" if padding else "not told")
        cells += [f"{median(t.whole for t in turns):.1f}", f"{median(t.computed for t in turns):.1f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    ours, peer = list(found.sides.values())[:2]
    ratios = [turn.speed / other.speed for turn, other in zip(ours, peer, strict=True)]
    whole = median(other.whole / turn.whole for turn, other in zip(ours, peer, strict=True))
    goal = FASTER[has_bf16()]
    return [
        *lines,
        "",
        "Medians of all turns. Steps without tokenising, validation and checkpoints; tokens without padding. The whole "
        "process of ours also scores each pass, exports, calibrates, checks what it exported and logs to MLflow; that "
        "of the Trainer loads, trains, saves and predicts the validation split.",
        "",
        f"Steps: {median(ratios):.2f} times as many tokens a second (turn by turn {_list(ratios)}); aimed at {goal:g}: "
        f"{_judge(median(ratios) >= goal)}. Whole process: {whole:.2f} times as fast.",
        "",
    ]


def _describe_rates(found: Comparison) -> list[str]:
    flops = found.encoder.training_flops(found.lengths)
    lines = ["| product | precision | best GFLOP/s | median |", "|---|---|---|---|"]
    for (precision, name), rates in found.rates.items():
        shown = f"{name}, {SIDE:,}" if name == SQUARE else name
        lines.append(f"| {shown} | {precision} | {max(rates) / GIGA:,.0f} | {median(rates) / GIGA:,.0f} |")
    lines += [
        "",
        f"`a @ b` in torch between the turns; {found.tokens:,} rows are an average batch of ours. Useful operations: 6 "
        "a weight of the linear layers and token, and 12·layers·T²·hidden a pair of T tokens for attention, "
        f"{flops / 1e12:,.2f} TFLOP a pass; embeddings, norms, activations and padding count nothing.",
        "",
    ]
    for name, turns in found.sides.items():
        precision = found.precision if turns[0].rate is None else "float32"
        rate = median(flops * found.passes(turn) / turn.seconds for turn in turns)
        square = found.rates[precision, SQUARE]
        layer = found.encoder.layer_rate(found.rates, precision, found.tokens)
        verdict = f"; aimed at {SHARE:.0%}: {_judge(rate / median(square) >= SHARE)}" if turns[0].rate is None else ""
        lines.append(
            f"- {name}: {rate / GIGA:,.0f} useful GFLOP/s, {rate / median(square):.1%} of the median {precision} rate "
            f"of large squares ({rate / max(square):.1%} of the best), {rate / layer:.1%} of that at the shapes of the "
            f"linear layers{verdict}."
        )
    return [*lines, ""]


def _describe_quality(found: Comparison) -> list[str]:
    sides = {name: _by_seed(turns) for name, turns in found.sides.items()}
    tables = {name: {s: _count(found.validation, t) for s, t in turns.items()} for name, turns in sides.items()}
    count = len(found.validation)
    scores = {n: {s: bootstrap(t, macro_f1, count) for s, t in by_seed.items()} for n, by_seed in tables.items()}
    ours, *others = scores
    seeds = list(scores[ours])
    lines = [f"| stance.macro_f1, {count} pairs | {' | '.join(f'seed {s}' for s in seeds)} | mean | spread |"]
    lines.append("|---|" + "---|" * (len(seeds) + 2))
    for name, by_seed in scores.items():
        values = [score.value for score in by_seed.values()]
        cells = [f"{s.value:.3f} [{s.low:.3f}, {s.high:.3f}]" for s in by_seed.values()]
        lines.append(f"| {name} | {' | '.join(cells)} | {mean(values):.3f} | {max(values) - min(values):.3f} |")
    lines.append("")
    for name in others:
        pairs = np.stack([np.stack([tables[ours][s], tables[name][s]], axis=1) for s in seeds], axis=1)
        difference = bootstrap(pairs, _mean_difference, count)
        shown = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
        verdict = _judge_overlap([(scores[ours][seed], scores[name][seed]) for seed in seeds])
        lines.append(f"- {ours} beside {name}: {verdict}; difference over all seeds {shown}.")
    if len(others) > 1:
        best = max(others, key=lambda name: mean(score.value for score in scores[name].values()))
        lines.append(f"- The best learning rate of those tried for the peer: {best}.")
    return [
        *lines,
        "",
        "95% intervals by bootstrap over groups; the difference is paired. Neither side saw these pairs. Our defaults, "
        "though, were chosen in runs that this split had scored; the Trainer's were not.",
    ]


def _by_seed(turns: Sequence[Turn]) -> dict[int, Turn]:
    """Return the first turn of each seed."""
    found: dict[int, Turn] = {}
    for turn in turns:
        found.setdefault(turn.seed, turn)
    return found


def _count(examples: ExampleSet, turn: Turn) -> NDArray[np.float64]:
    """Return (groups, 3 gold, 4 answers)."""
    _, group = np.unique([example.group for example in examples.examples], return_inverse=True)
    table = np.zeros((group.max() + 1, len(ANSWERS) - 1, len(ANSWERS)))
    gold = [ANSWERS.index(str(example.stance)) for example in examples.examples]
    np.add.at(table, (group, gold, [ANSWERS.index(answer) for answer in turn.answers]), 1)
    return table


def _mean_difference(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the first's score less the second's, over all seeds, from (..., seeds, 2, 3, 4)."""
    scores = macro_f1(table)
    return np.asarray((scores[..., 0] - scores[..., 1]).mean(axis=-1))


def _judge_overlap(scores: Sequence[tuple[Score, Score]]) -> str:
    """Say for how many seeds the intervals of ours and theirs overlap, and who is better where they do not."""
    better = sum(ours.low > theirs.high for ours, theirs in scores)
    worse = sum(ours.high < theirs.low for ours, theirs in scores)
    overlapping = len(scores) - better - worse
    if overlapping == len(scores):
        return "the intervals overlap for every seed"
    where = f"ours lie above for {better}, below for {worse}"
    return f"the intervals overlap for {overlapping} of {len(scores)} seeds, {where}"


def _list(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:.2f}" for number in numbers)


def _judge(reached: bool) -> str:
    return "reached" if reached else "not reached"
