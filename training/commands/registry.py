"""Versions registered, promoted, published."""

from __future__ import annotations

import argparse
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput, Refused
from training.commands.command import BUILT, Commands, add_command, say, show


def add_commands(commands: Commands) -> None:
    register = add_command(
        commands, run_register, "register", "register an artifact as a new version", "register runs/stance-baseline"
    )
    register.add_argument("artifact", type=Path, metavar="ARTIFACT")

    promote = add_command(
        commands,
        run_promote,
        "promote",
        "make a version the champion, if it passes the gate",
        "promote standpoint-stance 2",
    )
    promote.add_argument("name", metavar="NAME")
    promote.add_argument("version", metavar="VERSION")
    promote.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE", help="validation data (data/build)")
    promote.add_argument("--force", action="store_true", help="skip the gate; needs --reason")
    promote.add_argument("--reason", metavar="TEXT", help="kept in the history")

    rollback = add_command(
        commands, run_rollback, "rollback", "go back to the champion before", "rollback standpoint-stance"
    )
    rollback.add_argument("name", metavar="NAME")
    rollback.add_argument("--reason", default="rollback", metavar="TEXT")

    history = add_command(
        commands, run_history, "history", "list the champions of a model", "history standpoint-stance"
    )
    history.add_argument("name", metavar="NAME")

    publish = add_command(
        commands,
        run_publish,
        "publish",
        "copy the registry's champions into the folder that the service watches",
        "publish --watch",
    )
    publish.add_argument("--watch", action="store_true", help="go on for ever, as champions change")


def run_register(options: argparse.Namespace) -> int:
    from standpoint.predictor import load_predictor
    from training.tracking.registry import register_artifact

    load_predictor(options.artifact)  # refuse what the service would refuse
    version = register_artifact(options.artifact)
    say("registered" if version.created else "registered already, nothing added")
    show([f"{version.name} {version.version}"])
    say("", f"next: standpoint promote {version.name} {version.version}")
    return 0


def run_promote(options: argparse.Namespace) -> int:
    from training.tracking.registry import set_champion, write_gate_report

    if options.force and not options.reason:
        raise BadInput("--force needs --reason TEXT, which is kept in the history", "--force")
    reason = options.reason or ""
    if not options.force:
        verdict = _judge(options)
        say(*(f"  {line}" for line in verdict.lines()))
        write_gate_report(options.name, options.version, verdict.table(), verdict.passed)
        if not verdict.passed:
            way_out = "train a better one, or promote with --force --reason TEXT"
            raise Refused(f"{options.name} {options.version} was not promoted: {verdict.reason}; {way_out}")
        reason = f"{reason} ({verdict.reason})" if reason else verdict.reason
    folder = set_champion(options.name, options.version, reason, options.force)
    say(f"{options.name} {options.version} is champion: {reason}", f"published to {folder}")
    return 0


def _judge(options: argparse.Namespace) -> Any:
    from standpoint.predictor import load_predictor
    from training.evaluation.gate import judge_promotion
    from training.examples import read_examples
    from training.tracking.registry import fetch_artifact, find_champion

    with tempfile.TemporaryDirectory() as scratch:
        folder = fetch_artifact(options.name, options.version, Path(scratch) / "challenger")
        challenger = load_predictor(folder)
        standing = find_champion(options.name)
        champion = standing and _load_champion(options.name, standing, Path(scratch) / "champion")
        split = "validation" if options.data.is_dir() else None
        validation = read_examples(options.data, challenger.metadata.task, split)
        return judge_promotion(challenger, champion or None, validation, folder)


def _load_champion(name: str, version: str, folder: Path) -> Any:
    from standpoint.errors import CorruptArtifact
    from standpoint.predictor import load_predictor
    from training.tracking.registry import fetch_artifact

    try:
        return load_predictor(fetch_artifact(name, version, folder))
    except CorruptArtifact as error:
        why = f"the champion, version {version}, cannot be asked: {error}; promote with --force --reason TEXT"
        raise CorruptArtifact(why) from error


def run_rollback(options: argparse.Namespace) -> int:
    from training.tracking.registry import previous_champion, set_champion

    version = previous_champion(options.name)
    folder = set_champion(options.name, version, options.reason, forced=True, rollback=True)
    say(f"{options.name} {version} is champion again", f"published to {folder}")
    return 0


def run_history(options: argparse.Namespace) -> int:
    from training.tracking.registry import collect_history

    for entry in collect_history(options.name):
        forced = " (forced)" if entry["forced"] else ""
        moment = datetime.fromisoformat(entry["time"]).isoformat(timespec="seconds")
        show([f"{moment}  {entry['from'] or '-'} -> {entry['to']}  {entry['who']}  {entry['reason']}{forced}"])
    return 0


def run_publish(options: argparse.Namespace) -> int:
    from training.tracking.mirror import publish_champions, watch_champions

    if options.watch:
        watch_champions(lambda folder: show([str(folder)]), say)
    show(str(folder) for folder in publish_champions())
    return 0
