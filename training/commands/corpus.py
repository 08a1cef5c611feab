"""From pages and annotations to a dataset."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from standpoint.errors import BadInput
from training.commands.command import (
    BUILT,
    Commands,
    add_command,
    add_documents,
    add_limit,
    positive,
    read_bytes,
    say,
    show,
)

if TYPE_CHECKING:
    from training.dataset.work import WorkFolder


def add_commands(commands: Commands) -> None:
    check = add_command(commands, run_check, "check", "check a corpus folder before training", "check data")
    check.add_argument("folder", type=Path, metavar="DIR")
    add_documents(check)

    pages = add_command(
        commands,
        run_pages,
        "pages",
        "read raw pages and print their passages, one JSON line each",
        "pages a.txt --report",
    )
    pages.add_argument("files", type=Path, nargs="+", metavar="FILE")
    pages.add_argument("--report", action="store_true", help="say on standard error what was kept, what cut and why")
    pages.add_argument("--report-json", type=Path, metavar="FILE", help="write one line a dropped span")

    dataset = add_command(
        commands, run_dataset, "dataset", "build the labelled dataset of a corpus folder", "dataset --data data"
    )
    dataset.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="corpus folder (data)")
    dataset.add_argument("--out", type=Path, default=BUILT, metavar="DIR", help="(data/build)")
    dataset.add_argument("--workers", type=positive, metavar="N", help="processes (one for each core)")
    add_documents(dataset)
    add_limit(dataset)


def run_check(options: argparse.Namespace) -> int:
    from training.annotations.corpus import check_corpus

    report = check_corpus(options.folder, options.documents)
    show(report.lines())
    if report.has_errors:
        raise BadInput(f"{options.folder} has errors; correct the lines named above")
    say("", f"next: standpoint dataset --data {options.folder}")
    return 0


def run_pages(options: argparse.Namespace) -> int:
    from standpoint.pages.reading import read_page
    from standpoint.pages.report import summarise

    dropped = []
    for file in options.files:
        page = read_page(read_bytes(file), str(file))
        show(json.dumps(passage.as_dict(), ensure_ascii=False) for passage in page.passages)
        if not page.passages:
            say(f"{file}: no passage found")
        if options.report:
            say(*summarise(page))
        dropped += [json.dumps(span.as_dict(), ensure_ascii=False) for span in page.dropped]
    if options.report_json:
        draft = options.report_json.with_name(options.report_json.name + ".tmp")
        draft.write_text("".join(line + "\n" for line in dropped), encoding="utf-8")
        draft.replace(options.report_json)
    return 0


def run_dataset(options: argparse.Namespace) -> int:
    from training.annotations.adjudication import write_gold
    from training.dataset.build import build_dataset
    from training.progress import Stopwatch

    watch, workers = Stopwatch(), options.workers or os.cpu_count() or 1
    splits, work = options.data / "splits.yaml", gold_folder(options.data, options.out, options.documents)
    with work.open():
        gold = work.path / "gold.jsonl"
        if gold.exists():
            say(f"{gold}: taken from a command that was interrupted")
        else:
            with watch.stage("adjudicate"):
                report = write_gold(options.data, gold, workers, options.documents)
            say(*report.lines())
        settle = options.limit is None  # a sample decides nothing for good
        built = build_dataset(gold, splits, options.out, options.limit, workers, settle, watch)
        work.remove()
    show(built.lines())
    say("", f"next: standpoint train stance --model baseline --data {options.out}")
    return 0


def gold_folder(data: Path, out: Path, documents: list[Path] | None = None) -> WorkFolder:
    """Return where gold.jsonl waits until the dataset is built from it."""
    from training.annotations.documents import list_corpus_files
    from training.dataset.work import WorkFolder
    from training.files import digest_lines
    from training.stages import digest_code, digest_path

    corpus = [digest_path(path) for path in list_corpus_files(data, documents)]
    return WorkFolder(out, "gold", digest_lines([[*corpus, digest_code(("training.annotations.adjudication",))]]))
