"""The command line. Results go to standard output, everything else to standard error.

Exit codes: 0 done, 2 bad input, 3 a check or gate refused, 1 our bug.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

from standpoint.errors import MissingExtra, StandpointError
from training.commands import annotations, codebook, corpus, exchange, models, registry, runs, service, tuning, upkeep

# The extra that brings what a command imports; pages, predict and serve run in a serving install.
EXTRAS = {"serve": "serve", "predict": "serve", "pages": "serve"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = build_parser().parse_args(arguments)
    _quiet_libraries()
    try:
        return int(options.handler(options))
    except ModuleNotFoundError as error:
        module = (error.name or "").split(".")[0]
        if options.debug or module in ("standpoint", "training", "serving"):
            raise
        extra = EXTRAS.get(options.command, "train")
        return _fail(MissingExtra(options.command, extra, module))
    except StandpointError as error:
        if options.debug:
            raise
        return _fail(error)
    except BrokenPipeError:  # the reader of our output (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _quiet_libraries() -> None:
    """Leave the terminal to what we say: progress of every file copied and hints about hubs tell a user nothing."""
    for name, value in {
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_LOGGING_LEVEL": "ERROR",
    }.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", message=".*input example was not provided.*")


def _fail(error: StandpointError) -> int:
    print(f"standpoint: {' '.join(str(error).split())}", file=sys.stderr)
    return error.exit_code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands. It imports nothing heavy."""
    parser = _Parser(
        prog="standpoint", description="Topics and stances of passages: from messy pages to served predictions."
    )
    parser.add_argument("--version", action="version", version=f"standpoint {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for family in (corpus, annotations, codebook, exchange, models, registry, runs, service, tuning, upkeep):
        family.add_commands(commands)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("standpoint")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
