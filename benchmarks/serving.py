"""How fast the service answers: ours beside what a user would otherwise run, and beside its bare engine, in turns.

Run as: python benchmarks/serving.py [--topic DIR --stance DIR] [--seconds 5] [--rounds 3] [--systems ...] [--no-write]
A look at it: python benchmarks/serving.py --quick --no-write
Needs wrk (apt-get install wrk) and the peers: pip install -c constraints.txt -e '.[bench]'

Every server is started anew in every round, in an order that is rotated, and asked by wrk at 16 and 64 connections for
one passage a request. Of one or two workers of a peer the better one is found in a short turn first, and measured.
Writes its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

# The package `serving` must be found before this file, which has its name.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common.bodies import MIXES, compose_passages, draw_targets, make_body, make_frame, write_bodies
from common.engine import SIZES, Cost, measure_engine
from common.engine import THREADS as ENGINE_THREADS
from common.logged import log_models
from common.models import find_models
from common.processes import Server, ask, end_on_sigterm
from common.results import RESULTS, write_section
from common.serving_report import Comparison, Turn, describe
from common.systems import (
    ECHO,
    FAMILIES,
    LIT_BATCHES,
    MLFLOW,
    OURS,
    WORKERS,
    Models,
    System,
    find_missing,
    list_systems,
)
from common.wrk import check_wrk, run_wrk

from standpoint.answers import codebook_targets
from standpoint.errors import StandpointError
from standpoint.predictor import load_predictor

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ROOT / "data" / "documents.jsonl"
COUNT, SEED = 256, 7  # passages, and what draws them and their targets
CONNECTIONS = (16, 64)
HEAVY = 1.6  # times the seconds for many targets, at 16 connections only: a peer answers few of them
QUICK_MIXES = (MIXES[0], MIXES[-1])
STARTS = 5
WARM_SECONDS, PILOT_SECONDS = 2, 4


def main() -> None:
    end_on_sigterm()
    try:
        measure(read_options())
    except StandpointError as error:
        sys.exit(str(error))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", type=Path, metavar="DIR", help="an artifact instead of the champion")
    parser.add_argument("--stance", type=Path, metavar="DIR", help="an artifact instead of the champion")
    parser.add_argument("--seconds", type=int, default=5, help="of a turn; more with many targets (5)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of everything (3)")
    known = [*FAMILIES, ECHO]
    parser.add_argument("--systems", nargs="+", choices=known, default=known, metavar="NAME", help=", ".join(known))
    parser.add_argument("--quick", action="store_true", help="one round of short turns, two workers, half of the mixes")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help="where to write (RESULTS.md)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 3
        options.systems = [family for family in options.systems if family != LIT_BATCHES]
    if min(options.seconds, options.rounds) < 1:
        parser.error("--seconds and --rounds are 1 or more")
    if (options.topic is None) != (options.stance is None):
        parser.error("--topic and --stance are named together")
    return options


def measure(options: argparse.Namespace) -> None:
    check_wrk()
    models = find_models(options.topic, options.stance)
    missing = find_missing(options.systems)
    families = [family for family in options.systems if family not in missing]
    for family, package in missing.items():
        say(f"left out: {family}, {package} is not installed (pip install -c constraints.txt -e '.[bench]')")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if MLFLOW in families:
            models = log_models(models, folder)
        bench = Bench(options, models, folder)
        chosen = {family: bench.choose_workers(family) for family in families}
        turns: list[Turn] = []
        costs: list[Cost] = []
        for round_number in range(options.rounds):
            costs += bench.measure_engine()
            shift = round_number % max(1, len(families))
            for family in [*families[shift:], *families[:shift]]:
                for workers in chosen[family]:
                    turns += bench.take_turns(family, workers, round_number)
        starts = bench.measure_starts(families)
    comparison = Comparison(turns, costs, starts, models, missing, options.rounds, options.seconds, ENGINE_THREADS)
    lines = describe(comparison)
    print("\n".join(lines))
    if not options.no_write:
        write_section("Serving", "\n".join(lines), options.results)


class Bench:
    """What all turns share: the bodies, the models in this process, and where to work."""

    def __init__(self, options: argparse.Namespace, models: Models, folder: Path) -> None:
        self.options, self.models, self.folder = options, models, folder
        self.mixes = QUICK_MIXES if options.quick else MIXES
        self.topic = load_predictor(models.topic, ENGINE_THREADS)
        self.stance = load_predictor(models.stance, ENGINE_THREADS)
        self.passages = compose_passages(DOCUMENTS, COUNT, SEED)
        codebook = codebook_targets(self.stance)
        self.targets = {mix: draw_targets(codebook, mix, COUNT, SEED) for mix in MIXES}
        self.bodies: dict[tuple[str, bool], Path] = {}
        for number, mix in enumerate(MIXES):
            for frames in (False, True):
                path = folder / f"bodies-{number}-{frames:d}.jsonl"
                pairs = zip(self.passages, self.targets[mix], strict=True)
                write_bodies(path, [make_frame(*p, codebook) if frames else make_body(*p, mix) for p in pairs])
                self.bodies[mix.name, frames] = path

    def choose_workers(self, family: str) -> tuple[int, ...]:
        """Return the numbers of workers to measure: both of ours, of a peer what answers more in a short turn."""
        if family == ECHO:
            return WORKERS[:1]
        if self.options.quick:
            return WORKERS[-1:]
        if family == OURS:
            return WORKERS
        rates = {}
        for workers in WORKERS:
            system = list_systems(self.models, family, workers)[0]
            with system.start(self.folder) as server:
                self.prepare(system, server)
                body = self.bodies[MIXES[0].name, system.frames]
                rates[workers] = run_wrk(server, system.predict, body, CONNECTIONS[0], PILOT_SECONDS).rate
            say(f"{system.name}: {rates[workers]:.1f} requests/s in a first look")
        return (max(rates, key=lambda workers: rates[workers]),)

    def prepare(self, system: System, server: Server) -> None:
        """Wait until a server is ready, check one answer to each mix, and let it run warm."""
        server.wait_ready(system.ready)
        for mix in system.mixes:
            body = self.bodies[mix.name, system.frames].read_bytes().split(b"\n")[0]
            status, answer = ask(server.port, "POST", system.predict, body)
            if status != 200 or (system.family != ECHO and b"against" not in answer):
                raise StandpointError(
                    f"{system.name}, {mix.name}: answered {status}: {answer[:500]!r}; see {server.log}"
                )
        run_wrk(server, system.predict, self.bodies[system.mixes[0].name, system.frames], 16, WARM_SECONDS)

    def take_turns(self, family: str, workers: int, round_number: int) -> list[Turn]:
        """Start the servers of a family, and ask for every mix."""
        turns = []
        for system in list_systems(self.models, family, workers):
            mixes = [mix for mix in system.mixes if mix in self.mixes]
            if not mixes:
                continue
            with system.start(self.folder) as server:
                self.prepare(system, server)
                for mix in mixes:
                    bodies = self.bodies[mix.name, system.frames]
                    seconds = round(self.options.seconds * (HEAVY if mix.heavy else 1))
                    for connections in CONNECTIONS[:1] if mix.heavy or self.options.quick else CONNECTIONS:
                        server.wait_quiet()  # of what was under way as wrk ended
                        load = run_wrk(server, system.predict, bodies, connections, seconds)
                        turns.append(Turn(system, mix, connections, round_number, load))
                        say(turns[-1].line())
                turns[-1] = replace(turns[-1], memory=server.memory())
        return turns

    def measure_engine(self) -> list[Cost]:
        costs = []
        for mix in self.mixes:
            sizes = SIZES[1:2] if self.options.quick else SIZES[: 2 if mix.heavy else None]
            costs.append(measure_engine(self.topic, self.stance, mix, self.passages, self.targets[mix], sizes))
            say(f"bare engine, {mix.name}: {', '.join(f'{cost:.1f} ms' for cost in costs[-1].millis.values())}")
        return costs

    def measure_starts(self, families: list[str]) -> dict[str, list[float]]:
        """Return the seconds from the start of ours and of the empty service until each is ready, in turns."""
        if not {OURS, ECHO} <= set(families):
            return {}
        seconds: dict[str, list[float]] = {OURS: [], ECHO: []}
        for _ in range(1 if self.options.quick else STARTS):
            for family, found in seconds.items():
                system = list_systems(self.models, family, 1)[0]
                begun = time.perf_counter()
                with system.start(self.folder) as server:
                    server.wait_ready(system.ready)
                    found.append(time.perf_counter() - begun)
            say(f"ready after {seconds[OURS][-1]:.2f} s, the empty service after {seconds[ECHO][-1]:.2f} s")
        return seconds


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
