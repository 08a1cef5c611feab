"""What the turns of benchmarks/serving.py gave, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from statistics import median

from common.bodies import LONGEST, MIXES, SHORTEST, Mix
from common.engine import Cost
from common.processes import Memory
from common.systems import ECHO, MLFLOW, OURS, Models, System
from common.wrk import Load

from standpoint.artifact import read_metadata

# What is aimed at.
ENGINE_SHARE, FASTER, STRETCH, MANY_TARGETS, START, MEGABYTES = 0.8, 3.0, 4.0, 4.0, 2.5, 450
PACKAGES = ("bentoml", "uvicorn", "fastapi", "litserve", "mlflow", "transformers", "torch", "onnxruntime")
FASTER_PARTS = ("uvloop", "httptools")


@dataclass(frozen=True)
class Turn:
    """One mix at so many connections for some seconds. `memory` was taken after the last turn of a start."""

    system: System
    mix: Mix
    connections: int
    round: int
    load: Load
    memory: Memory | None = None

    def line(self) -> str:
        found = f"{self.load.rate:.1f} requests/s, p99 {self.load.p99:.0f} ms, {self.load.cost:.1f} ms of CPU a request"
        return (
            f"{self.system.name}, {self.mix.name}, {self.connections} connections: {found}, {self.load.errors} errors"
        )


@dataclass(frozen=True)
class Row:
    """The turns of one system at one mix and number of connections, a round each."""

    turns: tuple[Turn, ...]

    @property
    def system(self) -> System:
        return self.turns[0].system

    @property
    def rates(self) -> list[float]:
        return [turn.load.rate for turn in self.turns]

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def cost(self) -> float:
        return median(turn.load.cost for turn in self.turns)

    def cells(self) -> list[str]:
        loads = [turn.load for turn in self.turns]
        spread = f"{self.rate:.1f} ({min(self.rates):.1f} to {max(self.rates):.1f})"
        times = [f"{median(getattr(load, name) for load in loads):.0f}" for name in ("p50", "p95", "p99")]
        errors = sum(load.errors for load in loads)
        asked = sum(load.requests for load in loads)
        return [self.system.name, spread, *times, f"{self.cost:.1f}", f"{errors} of {asked:,}"]


@dataclass(frozen=True)
class Comparison:
    """All turns, the costs of the bare engine, the seconds to ready; what was left out, with the package missing."""

    turns: Sequence[Turn]
    costs: Sequence[Cost]
    starts: Mapping[str, Sequence[float]]
    models: Models
    missing: Mapping[str, str]
    rounds: int
    seconds: int
    threads: int

    @property
    def mixes(self) -> list[Mix]:
        return [mix for mix in MIXES if any(cost.mix == mix for cost in self.costs)]

    def rows(self, mix: Mix, connections: int) -> list[Row]:
        found: dict[str, list[Turn]] = {}
        for turn in self.turns:
            if turn.mix == mix and turn.connections == connections:
                found.setdefault(turn.system.name, []).append(turn)
        return [Row(tuple(sorted(turns, key=lambda turn: turn.round))) for turns in found.values()]

    def engine(self, mix: Mix) -> tuple[int, float]:
        """Return the batch in which the bare engine is cheapest, and its CPU milliseconds a passage there."""
        costs = [cost.millis for cost in self.costs if cost.mix == mix]
        medians = {size: median(cost[size] for cost in costs) for size in costs[0]}
        best = min(medians, key=lambda size: medians[size])
        return best, medians[best]


def describe(found: Comparison) -> list[str]:
    lines = [*describe_work(found), "", *describe_engine(found), ""]
    for mix in found.mixes:
        for connections in sorted({turn.connections for turn in found.turns if turn.mix == mix}):
            lines += [*describe_mix(found, mix, connections), ""]
    lines += [*describe_many(found), *describe_starts(found), "", *describe_memory(found), "", *describe_systems(found)]
    return lines


def describe_work(found: Comparison) -> list[str]:
    artifacts = [read_metadata(folder) for folder in (found.models.topic, found.models.stance)]
    kinds = "; ".join(
        f"{a.task}: {a.model} of {a.max_length} tokens{' with a linear model' if a.stack else ''}" for a in artifacts
    )
    return [
        f"One passage of {SHORTEST} to {LONGEST} words a request, cut from our corpus ({kinds}). wrk, one thread, "
        f"beside the server on the same cores. Medians of {found.rounds} rounds of {found.seconds} s, longer with many "
        "targets; the order of systems is rotated, each is started anew in every round. Requests a second, and user "
        "and system milliseconds of CPU of all of a server's processes for each of them, are those of the last two "
        "thirds of a turn; latencies, in ms, those of all of it.",
        "",
        "The pipelines of FastAPI and LitServe run the same fine-tuned transformer, float32, cut at the same length, "
        "and nothing else; ours answers with the linear model beside it, calibration, thresholds, abstention and "
        "language too. `mlflow models serve` runs all of the artifact through our own pyfunc, without the language.",
    ]


def describe_engine(found: Comparison) -> list[str]:
    sizes = sorted({size for cost in found.costs for size in cost.millis})
    lines = ["| bare engine, CPU ms a passage | " + " | ".join(f"batches of {size}" for size in sizes) + " |"]
    lines.append("|---|" + "---:|" * len(sizes))
    for mix in found.mixes:
        costs = [cost.millis for cost in found.costs if cost.mix == mix]
        best, _ = found.engine(mix)
        medians = {size: median(cost[size] for cost in costs) for size in costs[0]}
        cells = [f"{medians[s]:.2f}" if s in medians else "" for s in sizes]
        cells = [f"**{cell}**" if size == best else cell for size, cell in zip(sizes, cells, strict=True)]
        lines.append(f"| {mix.name} | " + " | ".join(cells) + " |")
    note = f"Tokenising, models, decisions: our Predictor in this process, {found.threads} thread, no server, no JSON."
    return [*lines, "", note]


def describe_mix(found: Comparison, mix: Mix, connections: int) -> list[str]:
    rows = found.rows(mix, connections)
    lines = [f"**{mix.name}, {connections} connections**", ""]
    lines += ["| | requests/s | p50 | p95 | p99 | CPU ms | errors |", "|---|---:|---:|---:|---:|---:|---:|"]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    ours = [row for row in rows if row.system.family == OURS]
    peers = [row for row in rows if row.system.family not in (OURS, ECHO)]
    if not ours:
        return lines
    best = max(ours, key=lambda row: row.rate)
    size, cost = found.engine(mix)
    share = cost / best.cost
    lines += ["", f"- Bare engine: {share:.0%} of the CPU of {best.system.name} ({cost:.2f} ms in batches of {size} of "
              f"{best.cost:.2f} ms); aimed at {ENGINE_SHARE:.0%}: {judge(share >= ENGINE_SHARE)}."]  # fmt: skip
    if peers:
        lines.append(describe_ratio(best, peers))
    return lines


def describe_ratio(ours: Row, peers: Sequence[Row]) -> str:
    """Say how ours stands to the peer that answers most, and to the one that takes the least CPU."""
    fastest, cheapest = max(peers, key=lambda row: row.rate), min(peers, key=lambda row: row.cost)
    ratio = ours.rate / fastest.rate
    by_round = ", ".join(f"{mine / theirs:.2f}" for mine, theirs in zip(ours.rates, fastest.rates, strict=True))
    return (
        f"- Best peer: {ours.system.name} answers {ratio:.2f} times as many as {fastest.system.name} (round by round "
        f"{by_round}); aimed at {FASTER:g}: {judge(ratio >= FASTER)}, {STRETCH:g} as stretch: "
        f"{judge(ratio >= STRETCH)}. {cheapest.system.name} takes {cheapest.cost / ours.cost:.2f} times as much CPU "
        "a request."
    )


def describe_many(found: Comparison) -> list[str]:
    """Say how much longer the whole codebook takes than one target."""
    one, every = found.rows(MIXES[0], 16), found.rows(MIXES[-1], 16)
    lines = []
    for row in one:
        for other in every:
            if row.system.name == other.system.name and row.system.family == OURS:
                ratio = row.rate / other.rate
                lines.append(
                    f"- {row.system.name}: all targets of the codebook take {ratio:.2f} times the time of one (CPU "
                    f"{other.cost / row.cost:.2f} times); aimed at {MANY_TARGETS:g}: {judge(ratio <= MANY_TARGETS)}."
                )
    return lines


def describe_starts(found: Comparison) -> list[str]:
    if not found.starts:
        return []
    ours, echo = found.starts[OURS], found.starts[ECHO]
    ratio = median(ours) / median(echo)
    by_turn = ", ".join(f"{mine / theirs:.2f}" for mine, theirs in zip(ours, echo, strict=True))
    return [
        f"- Start to ready: {median(ours):.2f} s, an empty BentoML service {median(echo):.2f} s; {ratio:.2f} times as "
        f"long (turn by turn {by_turn}); aimed at {START:g}: {judge(ratio <= START)}."
    ]


def describe_memory(found: Comparison) -> list[str]:
    lines = [
        "| memory after load, MB | largest process, peak RSS | its PSS | all processes, PSS |",
        "|---|---:|---:|---:|",
    ]
    taken: dict[str, list[Memory]] = {}
    for turn in found.turns:
        if turn.memory:
            key = turn.system.name + (f", {turn.mix.name}" if turn.system.family == MLFLOW else "")
            taken.setdefault(key, []).append(turn.memory)
    for name, memories in taken.items():
        cells = [median(getattr(memory, part) for memory in memories) for part in ("peak", "share", "whole")]
        lines.append(f"| {name} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |")
    return [*lines, "", f"Aimed at for a worker of ours with both tasks in float32: at most {MEGABYTES} MB."]


def describe_systems(found: Comparison) -> list[str]:
    settings = {turn.system.name: turn.system.settings for turn in found.turns}
    lines = [f"- {name}: {text}." for name, text in settings.items()]
    lines += [f"- Left out: {family}, {package} is not installed." for family, package in found.missing.items()]
    faster = [part for part in FASTER_PARTS if _version(part)]
    loop = (
        f"with {' and '.join(faster)}, which it takes wherever they are (ours reads HTTP by h11 in any case)"
        if faster
        else "without uvloop and httptools"
    )
    packages = ", ".join(f"{name} {number}" for name in PACKAGES if (number := _version(name)))
    return [*lines, f"- All of them on uvicorn {loop}. {packages}."]


def judge(reached: bool) -> str:
    return "reached" if reached else "missed"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
