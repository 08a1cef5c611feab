"""Annotations to other tools and back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from standpoint.errors import BadInput
from training.commands.command import Commands, add_command, positive, say, show

if TYPE_CHECKING:
    from standpoint.codebook import Codebook
    from training.annotations.exchange.mapping import Mapped, Table
    from training.annotations.exchange.tasks import TaskSet

# As in training.annotations.exchange.formats, which imports too much to be asked for help; a test compares them.
TOOLS, TABLES = ("label-studio", "doccano", "prodigy"), ("csv", "tsv", "jsonl", "parquet", "datasets")
FORMATS = (*TOOLS, *TABLES)


def add_commands(commands: Commands) -> None:
    example = "export label-studio --data data --out tasks --predict"
    export = add_command(commands, run_export, "export", "write passages as tasks of an annotation tool", example)
    export.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    export.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="corpus folder (data)")
    export.add_argument("--out", type=Path, required=True, metavar="PATH", help="a folder; of a table, a file")
    help = "whose annotations go along; without it all tasks are open"
    export.add_argument("--annotator", nargs="+", default=[], metavar="NAME", help=help)
    export.add_argument("--open", action="store_true", help="with --annotator: the passages that they left out, too")
    export.add_argument("--predict", action="store_true", help="pre-annotate, by the champions unless named:")
    export.add_argument("--topic", type=Path, metavar="ARTIFACT")
    export.add_argument("--stance", type=Path, metavar="ARTIFACT")
    help = "of a table: a row for each target, or for each annotation (pairs in csv and tsv)"
    export.add_argument("--rows", choices=("pairs", "annotations"), help=help)
    export.add_argument("--replace", action="store_true", help="overwrite what is there")
    export.add_argument("--limit", type=positive, metavar="N", help="a sample of N passages")
    _add_import(commands)


def _add_import(commands: Commands) -> None:
    example = "import label-studio export.json --data data --annotator anna"
    parser = add_command(commands, run_import, "import", "read annotations that were made with another tool", example)
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    parser.add_argument("source", metavar="SOURCE", help="a file, a folder, or the name of a dataset on the hub")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="corpus folder (data)")
    help = "the annotator's name, or the name for each user of the tool"
    parser.add_argument("--annotator", nargs="+", default=[], metavar="NAME|USER=NAME", help=help)
    parser.add_argument("--out", type=Path, metavar="FILE", help="one file for all (DIR/annotations/NAME.jsonl)")
    parser.add_argument("--replace", action="store_true", help="overwrite what is there")
    help = "of a table: which of its columns are ours, as text=body,stance=label"
    parser.add_argument("--columns", metavar="OURS=THEIRS,...", help=help)
    help = "what no column of a table says, as target=nato-enlargement kind=tweet"
    parser.add_argument("--set", nargs="+", default=[], metavar="OURS=VALUE", help=help)
    parser.add_argument(
        "--rename", nargs="+", default=[], metavar="THEIRS=OURS", help="labels of a table, as PRO=favor"
    )
    parser.add_argument("--split", metavar="NAME", help="of a dataset with several")
    parser.add_argument("--new", type=Path, metavar="DIR", help="make a corpus folder of a table; needs --codebook")
    parser.add_argument("--codebook", type=Path, metavar="FILE", help="the codebook of a new corpus folder")


def run_export(options: argparse.Namespace) -> int:
    from training.annotations.exchange.formats import TABLES, TOOLS
    from training.annotations.exchange.tasks import read_tasks

    tool, table = TOOLS.get(options.format), TABLES.get(options.format)
    predict = options.predict or options.topic or options.stance
    if predict and not (tool and tool.suggests):
        able = ", ".join(name for name, found in TOOLS.items() if found.suggests)
        raise BadInput(f"{options.format} cannot tell predictions from annotations; export to {able}", "--predict")
    if options.rows and not table:
        raise BadInput(f"{options.format} has tasks, not rows; leave it out", "--rows")
    out, folder = options.out, bool(tool) or options.format == "datasets"
    if out.is_file() if folder else out.is_dir():
        raise BadInput(f"{options.format} is written to a {'folder' if folder else 'file'}; name another", str(out))
    if not options.replace and out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadInput("exists already; name another place, or add --replace", str(out))
    tasks = read_tasks(options.data, options.annotator, options.open or not options.annotator, options.limit)
    if predict:
        tasks = _suggest(tasks, options.topic, options.stance)
    say(*tasks.lines())
    if tool:
        files = tool.write(tasks, out)
    elif table:
        files = table.write(tasks, out, options.rows or table.shape)
    show(str(file) for file in files)
    return 0


def _suggest(tasks: TaskSet, topic: Path | None, stance: Path | None) -> TaskSet:
    from tqdm import tqdm

    from standpoint.batch import load_champions
    from standpoint.models_folder import models_folder
    from standpoint.predictor import load_predictor
    from training.annotations.exchange.suggestions import suggest_labels

    if topic or stance:
        models = tuple(load_predictor(folder) if folder else None for folder in (topic, stance))
    else:
        models = load_champions(models_folder())
    for model, task in zip(models, ("topic", "stance"), strict=True):
        if model and model.metadata.task != task:
            raise BadInput(f"is given a {model.metadata.task} model", f"--{task}")
    with tqdm(total=len(tasks.tasks), unit="passage", desc="predicting", mininterval=1) as bar:
        return suggest_labels(tasks, *models, bar.update)


def run_import(options: argparse.Namespace) -> int:
    from standpoint.codebook import read_codebook
    from training.annotations.exchange.formats import TABLES, TOOLS
    from training.annotations.exchange.importing import import_annotations

    table_options = ("columns", "set", "rename", "split", "new", "codebook")
    if options.format in TOOLS:
        if given := [name for name in table_options if getattr(options, name)]:
            raise BadInput(f"is for tables ({', '.join(TABLES)}), not for {options.format}", f"--{given[0]}")
        found = TOOLS[options.format].read(Path(options.source))
    elif options.new:
        return _import_newcomers(options)
    else:
        from training.annotations.exchange.rows import read_judgements

        if options.codebook:
            raise BadInput("is for a new corpus folder; name one with --new, or leave it out", "--codebook")
        found = read_judgements(*_map_table(options, read_codebook(options.data / "codebook.yaml")))
    say(*found.lines())
    done = import_annotations(found, options.data, options.annotator, options.out, options.replace)
    say(*done.lines(), "", f"next: standpoint check {options.data}")
    show(str(file) for file in done.files)
    return 0


def _map_table(options: argparse.Namespace, codebook: Codebook) -> tuple[Table, Mapped]:
    from training.annotations.exchange.formats import TABLES
    from training.annotations.exchange.mapping import map_table

    table = TABLES[options.format].read(options.source, options.split)
    return table, map_table(table, codebook, options.columns, options.set, options.rename)


def _import_newcomers(options: argparse.Namespace) -> int:
    from standpoint.codebook import read_codebook
    from training.annotations.exchange.importing import create_corpus
    from training.annotations.exchange.newcomers import read_newcomers

    if not options.codebook:
        raise BadInput("a new corpus folder needs a codebook: name its file (see data/codebook.yaml)", "--codebook")
    if options.out:
        raise BadInput("a new corpus folder has its own files; leave it out", "--out")
    codebook = read_codebook(options.codebook)
    documents, found = read_newcomers(*_map_table(options, codebook), codebook)
    say(*found.lines())
    done = create_corpus(documents, found, options.codebook, options.new, options.annotator)
    say(*done.lines(), "", f"next: standpoint check {options.new}")
    show(str(file) for file in done.files)
    return 0
