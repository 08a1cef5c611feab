"""How good are the models that `standpoint train` makes at its defaults? Three seeds a set, on validation.

Run as: python benchmarks/quality.py [--sets SET ...] [--seeds N ...] [--folder DIR] [--test] [--quick]
Needs data/build (standpoint dataset) and, for the public sets, the folder `benchmarks` of STANDPOINT_SHARED
(../shared beside the checkout); a set that is missing is left out and named.

Every model is trained by the command, scored from its artifact on the set's validation part, on which its pass,
weights and thresholds were chosen too: the intervals say nothing of that. --test scores our own dataset's test parts
beside it, which decide nothing. With --folder, artifacts are kept, and a second run goes on from them; --ready scores
those that stand there and trains none.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# The package `training` must be found before a file of that name beside this one.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common.quality_report import Measured, Scores, describe_part, describe_published, describe_seconds
from common.results import write_section

from standpoint.artifact import check_manifest, read_metadata
from standpoint.errors import StandpointError
from standpoint.predictor import load_predictor
from training.evaluation.floors import score_floors
from training.examples import ExampleSet, read_examples
from training.scoring import predict_examples, score_predictions

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("STANDPOINT_SHARED", ROOT.parent / "shared")) / "benchmarks"
BUILT = ROOT / "data" / "build"
TESTS = ("test", "test_unseen_targets", "test_unseen_kinds")
SECONDS = "seconds"  # beside an artifact: what training it took
MODELS = {
    "transformer": ["--model", "transformer"],
    "linear": ["--model", "baseline"],
    "text-only": ["--model", "baseline", "--set", "features=text"],
}


@dataclass(frozen=True)
class Benchmark:
    """A set: what is learned from and what is scored. `source` is a built dataset or a folder of labelled lines."""

    name: str
    task: str
    source: Path
    parts: tuple[str, ...]

    @property
    def is_built(self) -> bool:
        return self.source == BUILT

    def read(self, part: str) -> ExampleSet:
        kind = "topic" if self.task == "topic" else "stance"
        if self.is_built:
            return read_examples(self.source, kind, part)
        return read_examples(self.source / f"{part}.jsonl", kind)

    def arguments(self) -> list[str]:
        """Return what `standpoint train` is told of the data."""
        if self.is_built:
            return ["--data", str(self.source)]
        return ["--data", str(self.source / "train.jsonl"), "--validation", str(self.source / "validation.jsonl")]


def main() -> None:
    options = read_options()
    try:
        if options.folder:
            measure(options, options.folder.resolve())
        else:
            with tempfile.TemporaryDirectory() as scratch:
                measure(options, Path(scratch))
    except StandpointError as error:
        sys.exit(str(error))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = list_benchmarks(False)
    parser.add_argument("--sets", nargs="+", choices=[b.name for b in known], default=[b.name for b in known])
    parser.add_argument("--seeds", nargs="+", type=int, default=[13, 14, 15], metavar="N", help="(13 14 15)")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where artifacts are kept (a temporary folder)")
    parser.add_argument("--ready", action="store_true", help="train nothing, score what is in the folder")
    parser.add_argument("--test", action="store_true", help="score our dataset's test parts too")
    parser.add_argument("--quick", action="store_true", help="one seed, a few steps; writes no results")
    parser.add_argument("--no-write", action="store_true", help="print only")
    return parser.parse_args()


def list_benchmarks(tests: bool) -> list[Benchmark]:
    """Return all sets, whether they are here or not; with `tests`, ours with their test parts."""
    ours = ("validation", *(TESTS if tests else ()))
    return [
        Benchmark("semeval2016", "stance", SHARED / "semeval2016", ("validation",)),
        Benchmark("newsmtsc", "stance", SHARED / "newsmtsc", ("validation", "validation_mt")),
        Benchmark("stance", "stance", BUILT, ours),
        Benchmark("topic", "topic", BUILT, ours),
    ]


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Train what is missing in `folder`, score it, print the tables and write them."""
    seeds = options.seeds[:1] if options.quick else options.seeds
    lines = [f"`standpoint train` at its defaults, seeds {', '.join(map(str, seeds))}; points of a hundred.", ""]
    for benchmark in list_benchmarks(options.test):
        if benchmark.name not in options.sets:
            continue
        if not benchmark.source.exists():
            lines += [f"### {benchmark.name}", "", "Not here, not measured.", ""]
            continue
        lines += measure_set(benchmark, seeds, folder, options.quick, options.ready)
    lines.append(
        "A cell: the mean over the seeds, the mean of their 95% bootstrap intervals over groups, and each seed. Pass, "
        "weights and thresholds of each model were chosen on the validation part. Floors are read off the training "
        "labels: the most frequent one, and that of each target."
    )
    print("\n".join(lines))
    if not (options.quick or options.no_write):
        write_section("Quality", "\n".join(lines))


def measure_set(
    benchmark: Benchmark, seeds: Sequence[int], folder: Path, quick: bool, ready: bool = False
) -> list[str]:
    """Return the section of one set."""
    train = benchmark.read("train")
    parts = {part: benchmark.read(part) for part in benchmark.parts}
    measured: list[Measured] = []
    floors: dict[str, dict[str, Scores]] = {}
    for model, arguments in MODELS.items():
        if model == "text-only" and benchmark.task == "topic":
            continue
        wanted = seeds if model == "transformer" else seeds[:1]  # the linear solver has no luck to speak of
        if ready:
            wanted = [seed for seed in wanted if (folder / f"{benchmark.name}-{model}-{seed}").exists()]
            if not wanted:
                continue
        artifacts = [folder / f"{benchmark.name}-{model}-{seed}" for seed in wanted]
        for seed, artifact in zip(wanted, artifacts, strict=True):
            changes = ["--set", "max_steps=4"] if quick and model == "transformer" else []
            train_once(benchmark, [*arguments, *changes], seed, artifact, train)
        seconds = [float((artifact.with_suffix(f".{SECONDS}")).read_text("utf-8")) for artifact in artifacts]
        for part, examples in parts.items():
            scores = [score_predictions(predict_examples(load_predictor(a), examples), examples) for a in artifacts]
            measured.append(Measured(model, part, scores, seconds))
            floors[part] = {**score_floors(read_metadata(artifacts[0]), examples)}
    digests = ", ".join(f"{part} `{examples.digest[:12]}`" for part, examples in {"train": train, **parts}.items())
    lines = [f"### {benchmark.name}", "", f"{len(train):,} training examples; {digests}."]
    lines += [f"Seconds of training, whole: {describe_seconds(measured)}.", ""]
    for part, examples in parts.items():
        lines += describe_part(part, len(examples), measured, floors[part])
    return [*lines, *describe_published(benchmark.name)]


def train_once(benchmark: Benchmark, arguments: Sequence[str], seed: int, out: Path, train: ExampleSet) -> None:
    """Train as a user would, unless the artifact stands in the folder; one of other data is refused."""
    if out.exists():
        check_manifest(out)
        if read_metadata(out).data not in (train.dataset, train.digest):
            sys.exit(f"--folder: {out} has learned from other data; name another folder")
        return
    command = [sys.executable, "-m", "training.cli", "train", benchmark.task, *benchmark.arguments(), *arguments]
    started = time.perf_counter()
    subprocess.run([*command, "--seed", str(seed), "--out", str(out), "--no-track"], cwd=ROOT, check=True)
    out.with_suffix(f".{SECONDS}").write_text(f"{time.perf_counter() - started:.0f}\n", encoding="utf-8")
    print(f"{out.name}: {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
