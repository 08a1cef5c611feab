"""How well HTML pages are read: our reader beside libraries for content extraction, on text level, in turns in one run.

Run as: python benchmarks/pages.py [--rounds 5] [--folder FOLDER ...] [--no-write]
Needs the peers: pip install -c constraints.txt -e '.[bench]'. One that is not installed is left out, and named.

Every page is read by every reader. A golden passage counts as found where the reader's output has a paragraph with the
same normalised text. Precision counts the paragraphs that are golden passages among all but headings and other spans
that are free to keep. Leaked is the share of a reader's characters that stand in spans which are to be dropped. Seconds
are the median over rounds of the time for all pages; ours hold decoding, offsets and languages too.
"""

from __future__ import annotations

import argparse
import gc
import html
import json
import logging
import re
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from common.results import write_section
from peers.pages import PEERS, Extractor, Peer

from standpoint.encoding import normalise
from standpoint.pages.reading import read_page

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "pages" / "shapes"
FOLDERS = [GOLDEN, GOLDEN / "unseen"]
FREE = ("free", "heading", "date")  # may be kept or dropped
_ALONE = 25  # characters below which a dropped text counts only as a paragraph of its own
_BULLET = re.compile(r"^(?:[-–—•*·>]|\d{1,2}[.)])\s+")
OURS = "standpoint"


@dataclass(frozen=True)
class GoldenPage:
    name: str
    text: str
    language: str
    passages: tuple[str, ...]
    dropped: tuple[str, ...]
    free: frozenset[str]


@dataclass
class Score:
    found: int = 0
    wanted: int = 0
    given: int = 0
    leaked: int = 0
    characters: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.wanted)

    @property
    def precision(self) -> float:
        return self.found / max(1, self.given)

    @property
    def leakage(self) -> float:
        return self.leaked / max(1, self.characters)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each reader over all pages, in turns")
    parser.add_argument("--folder", type=Path, nargs="+", default=FOLDERS, help="folders of pages with .spans.json")
    parser.add_argument("--no-write", action="store_true", help="print only")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.ERROR)  # several peers log every page without an article as an error
    peers = [peer for peer in PEERS if peer.installed]
    for peer in PEERS:
        if not peer.installed:
            print(f"left out, not installed: {peer.name} (pip install -c constraints.txt -e '.[bench]')")
    lines: list[str] = []
    for folder in options.folder:
        pages = read_golden_pages(folder)
        scores = measure(pages, peers, options.rounds)
        lines += [*describe(folder, pages), *make_table(scores), ""]
    lines += [f"- {peer.name}: {peer.package} {peer.version}, {peer.settings}" for peer in peers]
    print("\n".join(lines))
    if not options.no_write:
        write_section("Reading HTML pages", "\n".join(lines))


def read_golden_pages(folder: Path) -> list[GoldenPage]:
    """Return the HTML pages of a folder; a messenger's export is no article, and is left to the tests."""
    pages = []
    for path in sorted(folder.glob("*.html")):
        text = path.read_bytes().decode()
        spans = json.loads(path.with_name(path.name + ".spans.json").read_text(encoding="utf-8"))["spans"]
        kept = [span for span in spans if "reason" not in span]
        lost = [span for span in spans if span.get("reason", "free") not in FREE]
        free = [span for span in spans if span.get("reason") in FREE]
        if "message default" not in text:
            pages.append(
                GoldenPage(
                    path.name,
                    text,
                    next((span["language"] for span in kept if "language" in span), "en"),
                    tuple(span["text"] for span in kept),
                    tuple(filter(None, (strip(text[s["start"] : s["end"]]) for s in lost))),
                    frozenset(strip(text[s["start"] : s["end"]]) for s in free),
                )
            )
    return pages


def strip(source: str) -> str:
    return normalise(html.unescape(re.sub(r"<[^<>]*>", "\n", source)))


def read_ours(page: str, _: str) -> list[str]:
    return [passage.text for passage in read_page(page.encode(), "page").passages]


def measure(pages: Sequence[GoldenPage], peers: Sequence[Peer], rounds: int) -> dict[str, Score]:
    """Score every reader, and two ways of asking the first peer beside ours, which cost the time of both."""
    readers: dict[str, Extractor] = {OURS: read_ours, **{peer.name: peer.extract for peer in peers}}
    if peers:
        second = peers[0].extract
        readers[f"{OURS} and {peers[0].name}"] = combine(second, lambda text, other: text in other)
        readers[f"{OURS} or {peers[0].name}"] = add(second)
    scores = {name: Score() for name in readers}
    for number in range(rounds):
        for name, reader in readers.items():
            gc.collect()
            start = time.perf_counter()
            outputs = [reader(page.text, page.language) for page in pages]
            scores[name].seconds.append(time.perf_counter() - start)
            if number == 0:
                for page, output in zip(pages, outputs, strict=True):
                    judge(scores[name], page, output)
    return scores


def combine(second: Extractor, agrees: Callable[[str, str], bool]) -> Extractor:
    """Return a reader that keeps what ours keeps and the other one has too."""

    def read(page: str, language: str) -> list[str]:
        other = normalise(" ".join(second(page, language)))
        return [text for text in read_ours(page, language) if agrees(text, other)]

    return read


def add(second: Extractor) -> Extractor:
    """Return a reader that keeps what either of the two keeps."""

    def read(page: str, language: str) -> list[str]:
        ours = read_ours(page, language)
        seen = set(ours)
        return [*ours, *(text for text in clean(second(page, language)) if text not in seen)]

    return read


def clean(output: Sequence[str]) -> list[str]:
    texts = [normalise(text) for text in output]
    return [text for text in texts if text]


def judge(score: Score, page: GoldenPage, output: Sequence[str]) -> None:
    """Add one page. A list's mark in front of a paragraph is not counted against a reader."""
    texts = clean(output)
    wanted = set(page.passages)
    found: set[str] = set()
    for text in texts:
        bare = _BULLET.sub("", text)
        match = text if text in wanted else bare
        if match in wanted and match not in found:
            found.add(match)
        elif text not in page.free and bare not in page.free:
            score.given += 1
    score.found += len(found)
    score.given += len(found)
    score.wanted += len(page.passages)
    score.characters += sum(map(len, texts))
    joined, lines = "\n".join(texts), set(texts)
    score.leaked += sum(len(text) for text in page.dropped if text in lines or (len(text) >= _ALONE and text in joined))


def describe(folder: Path, pages: Sequence[GoldenPage]) -> list[str]:
    passages = sum(len(page.passages) for page in pages)
    name = folder.resolve().relative_to(ROOT) if folder.resolve().is_relative_to(ROOT) else folder.name
    return [f"{len(pages)} pages of `{name}`, {passages} passages.", ""]


def make_table(scores: dict[str, Score]) -> list[str]:
    base = median(scores[OURS].seconds)
    rows = ["| reader | recall | precision | leaked | time, ours = 1 |", "|---|---:|---:|---:|---:|"]
    for name, score in scores.items():
        ratio = median(score.seconds) / base
        rows.append(f"| {name} | {score.recall:.3f} | {score.precision:.3f} | {score.leakage:.3f} | {ratio:.2f} |")
    return rows


if __name__ == "__main__":
    main()
