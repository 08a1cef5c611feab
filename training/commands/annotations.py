"""Annotations on their way between people, tools and codebooks."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.command import Commands, add_command, show


def add_commands(commands: Commands) -> None:
    agreement = add_command(commands, run_agreement, "agreement", "measure how far annotators agree", "agreement data")
    agreement.add_argument("folder", type=Path, metavar="DIR")


def run_agreement(options: argparse.Namespace) -> int:
    from training.annotations.agreement import measure_agreement
    from training.annotations.reading import read_corpus

    show(str(agreement) for agreement in measure_agreement(read_corpus(options.folder)))
    return 0
