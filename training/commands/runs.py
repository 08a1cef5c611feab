"""Runs listed, and compared with each other."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from training.commands.command import Commands, add_command, positive, say, show

PAGE = "comparison.html"
SHOWN = 30


def add_commands(commands: Commands) -> None:
    compare = add_command(
        commands,
        run_compare,
        "compare",
        "compare runs on the examples that they were scored on, with paired tests",
        "compare 3f2a91c0 models:/standpoint-stance@champion --html comparison.html",
    )
    compare.add_argument(
        "runs", nargs="+", metavar="RUN", help="id, beginning of an id, name, or models:/NAME@ALIAS; two or more"
    )
    compare.add_argument("--data", type=Path, metavar="DIR|FILE", help="the examples (where the runs read them)")
    compare.add_argument("--split", default="validation", metavar="NAME", help="(validation)")
    compare.add_argument("--html", type=Path, metavar="FILE", help="write a page for the browser")
    compare.add_argument(
        "--flips", type=count, default=3, metavar="N", help="flipped examples to show of each side (3)"
    )
    compare.add_argument("--no-track", action="store_true", help="log no run of the comparison")

    runs = add_command(
        commands, run_runs, "runs", "list the runs of the store, how they stand and how they did", "runs --task stance"
    )
    runs.add_argument("--task", choices=("topic", "stance"), help="of this task only")
    runs.add_argument("--last", type=positive, default=SHOWN, metavar="N", help=f"the newest N ({SHOWN})")
    runs.add_argument("--sweep", action="store_true", help="end runs as killed whose process on this machine is gone")


def count(text: str) -> int:
    """Read a whole number that may be zero."""
    return int(text) if text == "0" else positive(text)


def run_runs(options: argparse.Namespace) -> int:
    from training.tracking.listing import format_runs
    from training.tracking.lookup import list_runs
    from training.tracking.states import sweep_runs

    if options.sweep:
        swept = sweep_runs()
        say(*(f"{run.label} was still said to be running: ended as killed" for run in swept))
        say(f"{len(swept)} swept")
    experiment = f"standpoint-{options.task}"
    found = [run for run in list_runs() if options.task is None or run.experiment == experiment]
    show(format_runs(found[: options.last]))
    if len(found) > options.last:
        say(f"and {len(found) - options.last} older ones; see them with --last {len(found)}")
    return 0


def run_compare(options: argparse.Namespace) -> int:
    from standpoint.errors import BadInput
    from training.compared_runs import compare_runs, log_comparison, write_comparison
    from training.evaluation.comparison_lines import format_duel, format_settings
    from training.files import replace_file

    if len(options.runs) < 2:
        raise BadInput("expected two runs or more; see: standpoint runs", "RUN")
    if options.split.startswith("test"):
        say("a test part is for one report of what was chosen on validation: do not choose by what follows")
    comparison = compare_runs(options.runs, options.data, options.split)
    examples, names = comparison.examples, comparison.names
    say(f"{len(examples)} examples of {examples.source}, digest {examples.digest[:12]}")
    for contender in comparison.contenders:
        score = contender.scores[comparison.duels[0].metric]
        show([f"{contender.name}  {comparison.duels[0].metric} {score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"])
    for duel in comparison.duels:
        show(["", *format_duel(duel, names, examples, options.flips)])
    show(["", *format_settings(comparison.differing)])
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / PAGE
        write_comparison(comparison, page)
        if options.html:
            replace_file(options.html, page.read_bytes())
            say("", f"wrote {options.html}")
        if not options.no_track:
            say(f"logged as run {log_comparison(comparison, page)} of standpoint-compare")
    return 0
