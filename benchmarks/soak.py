"""Ten minutes of the service under a steady mix of all its routes, with a hot swap and a worker killed on the way.

Run as: python benchmarks/soak.py [--minutes 10] [--topic DIR --stance DIR] [--clients 6] [--no-write]
A look at it: python benchmarks/soak.py --minutes 1 --no-write --plot soak.png
Needs what serving.py needs but wrk: pip install -c constraints.txt -e '.[bench]'

Two workers answer from a folder of published models of their own. At 40% of the time the stance artifact is published
once more, as version 2, at 70% a worker gets kill -9. Every five seconds it is counted what was answered, how fast and
with what status, and how much memory each process holds. Writes docs/soak.png and its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from common.bodies import compose_passages
from common.models import find_models
from common.processes import MEGA, Server, end_on_sigterm
from common.results import RESULTS, write_section
from common.soak_load import NONE, Answered, Clients
from common.soak_plot import plot_soak
from common.systems import Models, make_ours

from standpoint.artifact import read_metadata
from standpoint.errors import StandpointError
from standpoint.models_folder import ENVIRONMENT, NAMES, publish_artifact

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = 5.0  # seconds
SWAP, KILL = 0.4, 0.7  # of the time
WORKERS = 2
SHOWN = ("one target", "no target named", "page", "health")  # whose p95 is plotted


@dataclass
class Watch:
    """What was seen, in seconds since the clients started. `memory` is by process: (seconds, MB)."""

    begun: float
    memory: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)
    killed: int | None = None

    def now(self) -> float:
        return time.monotonic() - self.begun

    def note_memory(self, server: Server) -> None:
        for process in server.list_processes():
            try:
                held = process.memory_info().rss / MEGA
            except psutil.NoSuchProcess:
                continue
            if held:  # a process that was killed is still listed for a while
                self.memory.setdefault(process.pid, []).append((self.now(), held))


def main() -> None:
    end_on_sigterm()
    try:
        soak(read_options())
    except StandpointError as error:
        sys.exit(str(error))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", type=Path, metavar="DIR", help="an artifact instead of the champion")
    parser.add_argument("--stance", type=Path, metavar="DIR", help="an artifact instead of the champion")
    parser.add_argument("--minutes", type=float, default=10, help="(10)")
    parser.add_argument("--clients", type=int, default=6, help="that ask at once (6)")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "soak.png", metavar="FILE", help="(docs/soak.png)")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help="where to write (RESULTS.md)")
    parser.add_argument("--no-write", action="store_true", help="plot and print only")
    options = parser.parse_args()
    if options.minutes < 0.5 or options.clients < 1:
        parser.error("--minutes is 0.5 or more, --clients 1 or more")
    if (options.topic is None) != (options.stance is None):
        parser.error("--topic and --stance are named together")
    return options


def soak(options: argparse.Namespace) -> None:
    models = find_models(options.topic, options.stance)
    codebook = read_metadata(models.stance).codebook
    if codebook is None:
        raise StandpointError(f"{models.stance} knows no codebook; name an artifact that learnt from one")
    passages = compose_passages(ROOT / "data" / "documents.jsonl", 256, seed=11)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publish_artifact(models.topic, NAMES["topic"], "1", {}, folder / "models")
        publish_artifact(models.stance, NAMES["stance"], "1", {}, folder / "models")
        # Not named, but found where they are published: only such models are swapped.
        system = make_ours(replace(models, named=False), WORKERS, {ENVIRONMENT: str(folder / "models")})
        with system.start(folder) as server:
            server.wait_ready(system.ready)
            clients = Clients(server.port, options.clients, passages, list(codebook.targets.values()))
            watch = Watch(time.monotonic())
            clients.start()
            try:
                watch_service(server, watch, models, folder / "models", options.minutes * 60)
            finally:
                clients.stop()
    lines = describe(clients.answers, watch, options)
    print("\n".join(lines))
    draw(options.plot, clients.answers, watch)
    if not options.no_write:
        write_section("Soak", "\n".join(lines), options.results)


def watch_service(server: Server, watch: Watch, models: Models, root: Path, seconds: float) -> None:
    """Take samples until the time is over, and do what is to happen on the way."""
    while (now := watch.now()) < seconds:
        watch.note_memory(server)
        if "version 2 published" not in watch.marks and now >= SWAP * seconds:
            publish_artifact(models.stance, NAMES["stance"], "2", {}, root)
            watch.marks["version 2 published"] = watch.now()
        if watch.killed is None and now >= KILL * seconds:
            watch.killed = find_worker(server)
            watch.marks["kill -9 of a worker"] = watch.now()
            os.kill(watch.killed, signal.SIGKILL)
        time.sleep(max(0.0, min(SAMPLE, seconds - watch.now())))


def find_worker(server: Server) -> int:
    """Return the process with the most memory: a worker, as only these hold models."""
    sizes = {}
    for process in server.list_processes():
        with suppress(psutil.NoSuchProcess):
            sizes[process.pid] = process.memory_info().rss
    return max(sizes, key=lambda pid: sizes[pid])


def describe(answers: Sequence[Answered], watch: Watch, options: argparse.Namespace) -> list[str]:
    seconds = max(answer.at for answer in answers) - watch.begun
    lines = [
        f"{options.minutes:g} minutes, {WORKERS} workers, {options.clients} clients that ask one request after the "
        f"other: {len(answers):,} requests, {len(answers) / seconds:.1f} a second.",
        "",
        "![throughput, p95, statuses and memory over time](../docs/soak.png)",
        "",
        "| request | asked | statuses | p50, ms | p95, ms | not as expected |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for kind in dict.fromkeys(answer.kind for answer in sorted(answers, key=lambda a: -a.kind.weight)):
        own = [answer for answer in answers if answer.kind == kind]
        statuses = ", ".join(f"{status}: {count:,}" for status, count in count_statuses(own).items())
        times = [answer.seconds * 1e3 for answer in own if answer.status != NONE] or [0.0]
        wrong = sum(answer.wrong for answer in own)
        cells = [kind.name, f"{len(own):,}", statuses, f"{median(times):.0f}", f"{percentile(times):.0f}", str(wrong)]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, "", *describe_events(answers, watch), *describe_memory(watch)]


def describe_events(answers: Sequence[Answered], watch: Watch) -> list[str]:
    kill = watch.marks.get("kill -9 of a worker", float("inf"))
    wrong = [answer for answer in answers if answer.wrong]
    struck = [a for a in wrong if a.at - a.seconds - watch.begun <= kill <= a.at - watch.begun + 1]
    versions = Counter(answer.version for answer in answers if answer.version)
    swap = watch.marks.get("version 2 published", float("nan"))
    second = [answer.at - watch.begun for answer in answers if answer.version == "2"]
    late = [answer.at - watch.begun for answer in answers if answer.version == "1"]
    first = f"first named {min(second) - swap:.1f} s after it was published, " if second else "never named, "
    return [
        f"- Not as expected: {len(wrong)} of {len(answers):,}, of these {len(struck)} under way at the worker that was "
        f"killed; {len(wrong) - len(struck)} else.",
        f"- Hot swap: version 2 {first}version 1 last {max(late, default=0.0) - swap:.1f} s after "
        f"(answers by version: {', '.join(f'{name}: {count:,}' for name, count in sorted(versions.items()))}).",
    ]


def describe_memory(watch: Watch) -> list[str]:
    """Say how much each process held: a worker that swaps a model holds two of them for a moment."""
    lines = []
    for pid, points in watch.memory.items():
        held = [mega for _, mega in points]
        name = name_process(pid, watch)
        lines.append(f"- RSS of {name}: {held[0]:.0f} MB at first, {held[-1]:.0f} at last, at most {max(held):.0f}.")
    return lines


def name_process(pid: int, watch: Watch) -> str:
    """Return a process's part and number, in the order in which they were seen."""
    heavy = [other for other, points in watch.memory.items() if max(mega for _, mega in points) > 150]
    if pid not in heavy:
        return f"helper {[p for p in watch.memory if p not in heavy].index(pid) + 1}"
    return f"worker {heavy.index(pid) + 1}" + (" (killed)" if pid == watch.killed else "")


def draw(path: Path, answers: Sequence[Answered], watch: Watch) -> None:
    """Plot what was answered in each five seconds."""
    bins = int((max(answer.at for answer in answers) - watch.begun) // SAMPLE)
    sorted_in: list[list[Answered]] = [[] for _ in range(bins + 1)]
    for answer in answers:
        sorted_in[int((answer.at - watch.begun) // SAMPLE)].append(answer)
    whole = sorted_in[:bins]  # the last one is not full
    seconds = [number * SAMPLE for number in range(bins)]
    times = {name: [find_p95(part, name) for part in whole] for name in SHOWN}
    statuses = {name: [count_statuses(part).get(name, 0) for part in whole] for name in count_statuses(answers)}
    memory = {name_process(pid, watch): points for pid, points in watch.memory.items()}
    plot_soak(path, seconds, [len(part) / SAMPLE for part in whole], times, statuses, memory, watch.marks)


def find_p95(answers: Sequence[Answered], kind: str) -> float:
    """Return the p95 in ms of a kind, not a number where none was asked."""
    times = [answer.seconds * 1e3 for answer in answers if answer.kind.name == kind and answer.status != NONE]
    return percentile(times) if times else float("nan")


def percentile(values: Sequence[float], share: float = 0.95) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def count_statuses(answers: Sequence[Answered]) -> Mapping[str, int]:
    """Return how often each status came, in order; NONE last."""
    return dict(sorted(Counter(str(answer.status) for answer in answers).items()))


if __name__ == "__main__":
    main()
