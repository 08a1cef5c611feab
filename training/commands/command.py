"""What all commands share: how one is added, and where its lines go."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from standpoint.errors import BadInput

BUILT = Path("data/build")
Commands = argparse._SubParsersAction  # of argparse.ArgumentParser; the class is not subscriptable when run
Handler = Callable[[argparse.Namespace], int]


def add_command(commands: Commands, handler: Handler, name: str, help: str, example: str) -> argparse.ArgumentParser:
    """Add a command with the options that all share; importing its module imports nothing heavy."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"example: standpoint {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.set_defaults(handler=handler)
    return parser


def add_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=positive, metavar="N", help="read at most N examples, spread over the labels")


def add_documents(parser: argparse.ArgumentParser) -> None:
    help = "folders of texts that the corpus does not store (STANDPOINT_DOCUMENTS)"
    parser.add_argument("--documents", type=Path, nargs="+", metavar="DIR", help=help)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {text}")
    return number


def seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**32:  # what numpy and scikit-learn take
        raise argparse.ArgumentTypeError(f"expected 0 to {2**32 - 1}, found {text}")
    return number


def say(*lines: str) -> None:
    """Print lines to standard error, where everything goes that is not the result.

    Of the processes that torchrun starts together the first one speaks for all.
    """
    for line in lines if os.environ.get("RANK", "0") == "0" else ():
        print(line, file=sys.stderr, flush=True)


def show(lines: Iterable[str]) -> None:
    """Print result lines to standard output."""
    for line in lines:
        print(line, flush=True)


def read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", str(file)) from None
