"""How fast `standpoint dataset` builds, and in how much memory: at each size, beside what a user would write instead.

Run as: python benchmarks/dataset.py [--sizes 10000 100000 1000000] [--compare-up-to 100000] [--rounds 2]

Each size is a synthetic corpus (corpora.py). Ours runs as the command line does, in a process of its own with a worker
for each core; the peer (peers/dataset.py) in turns with it. Seconds are those of the whole process, start included;
memory is the most that the process and its children held together. Writes its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import psutil
import pyarrow.parquet as pq
from common.corpora import Planted, write_corpus
from common.results import write_section

ROOT = Path(__file__).resolve().parents[1]
PEER = Path(__file__).resolve().parent / "peers" / "dataset.py"
MIB = 1 << 20


@dataclass(frozen=True)
class Run:
    """Seconds, those of all cores, and peak memory (bytes) of a command's whole tree of processes; what it printed."""

    seconds: float
    computed: float
    memory: int
    output: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--compare-up-to", type=int, default=100_000, metavar="N", help="larger sizes run without peer")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each, in turns; the median counts")
    parser.add_argument("--workers", type=int, default=0, help="processes of ours (one for each core)")
    parser.add_argument("--folder", type=Path, help="where to work (a temporary folder)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    lines: list[str] = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            lines += measure_size(Path(folder), size, options)
    if not options.no_write:
        write_section("Building a dataset", _HEAD + "\n".join(lines))


_HEAD = """`standpoint dataset` from a corpus folder of so many passages to the certified dataset, beside a script
in pandas with datasketch's MinHashLSH (128 permutations, threshold 0.66, runs of 3 words), scikit-learn's
GroupShuffleSplit and to_parquet, which checks nothing, certifies nothing and balances no label. Seconds are of whole
processes.

"""


def measure_size(folder: Path, size: int, options: argparse.Namespace) -> list[str]:
    """Measure one size, print and return the lines about it."""
    planted = write_corpus(folder / "corpus", size)
    command = [sys.executable, "-m", "training.cli", "dataset", "--data", str(folder / "corpus")]
    command += ["--out", str(folder / "out"), *(["--workers", str(options.workers)] if options.workers else [])]
    ours: list[Run] = []
    theirs: list[Run] = []
    for _ in range(options.rounds):
        for name in ("out", "corpus/parts.jsonl", "peer"):  # every round starts from nothing
            subprocess.run(["rm", "-rf", str(folder / name)], check=True)
        ours.append(run(command))
        if size <= options.compare_up_to:
            theirs.append(run([sys.executable, str(PEER), str(folder / "corpus"), str(folder / "peer")]))
    lines = [f"### {size:,} passages", "", "| | passages/s | seconds | CPU seconds | peak MiB |"]
    lines.append("|---|---|---|---|---|")
    lines.append(_row("standpoint dataset", size, ours))
    if theirs:
        lines.append(_row("pandas and datasketch", size, theirs))
        lines += ["", f"{_seconds(theirs) / _seconds(ours):.1f} times as fast."]
    stages = {name: float(value) for name, value in re.findall(r"([a-z][a-z ]+?) (\d+\.\d)", _stages(ours[-1]))}
    table = ", ".join(f"{name} {value:.1f} s" for name, value in stages.items())
    lines += ["", f"Stages of the last run: {table}.", "", *describe_clusters(planted, folder / "out"), ""]
    if theirs:
        lines += [f"The peer's last run: {theirs[-1].output.strip()}", ""]
    print("\n".join(lines), flush=True)
    return lines


def _seconds(runs: list[Run]) -> float:
    return median(found.seconds for found in runs)


def _row(name: str, size: int, runs: list[Run]) -> str:
    computed = median(found.computed for found in runs)
    memory = max(found.memory for found in runs) / MIB
    return f"| {name} | {size / _seconds(runs):,.0f} | {_seconds(runs):.1f} | {computed:.1f} | {memory:,.0f} |"


def _stages(found: Run) -> str:
    match = re.search(r"(?m)^seconds: (.*)$", found.output)
    return match.group(1) if match else ""


def run(command: list[str]) -> Run:
    """Run a command and watch how much memory it and its children hold."""
    started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        peak, ended = [0], threading.Event()
        watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), peak, ended))
        watcher.start()
        output, errors = process.communicate()
        ended.set()
        watcher.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{errors}")
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    computed = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return Run(time.perf_counter() - started, computed, peak[0], output)


def _watch(process: psutil.Process, peak: list[int], ended: threading.Event) -> None:
    """Keep the most that a process and its children hold of memory of their own; shared pages are counted once."""
    while not ended.wait(0.2):
        total = 0
        try:
            for one in (process, *process.children(recursive=True)):
                total += one.memory_full_info().uss
        except psutil.NoSuchProcess:
            continue
        peak[0] = max(peak[0], total)


def describe_clusters(planted: Planted, out: Path) -> list[str]:
    """Compare the groups of documents that were found with those that were planted."""
    groups: dict[str, str] = {}
    for path in sorted((out / "topic").glob("*.parquet")):
        table = pq.read_table(path, columns=["document", "group"])
        groups |= zip(table["document"].to_pylist(), table["group"].to_pylist(), strict=True)
    found = dict(sorted(Counter(Counter(groups.values()).values()).items()))
    pairs = [(one, other) for cluster in planted.clusters for one, other in pairwise(cluster)]
    pairs = [(one, other) for one, other in pairs if one in groups and other in groups]
    together = sum(groups[one] == groups[other] for one, other in pairs)
    owner = {name: number for number, cluster in enumerate(planted.clusters) for name in cluster}
    mixed: dict[str, set[object]] = {}
    for document, group in groups.items():
        mixed.setdefault(group, set()).add(owner.get(document, document))
    foreign = sum(len(found) > 1 for found in mixed.values())
    shown = ", ".join(f"{size}: {count}" for size, count in planted.histogram().items())
    return [
        f"Planted clusters of documents by size: {shown}.",
        f"Found groups by size: {', '.join(f'{size}: {count}' for size, count in found.items() if size > 1)}.",
        f"Neighbours in a cluster that came into one group: {together} of {len(pairs)} "
        f"({together / max(1, len(pairs)):.4f}); groups that hold what was not planted together: {foreign}.",
    ]


if __name__ == "__main__":
    main()
