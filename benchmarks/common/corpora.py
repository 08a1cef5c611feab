"""Synthetic corpora of any size: sentences of data/ recombined, with reprints among them that are known.

Written as they are drawn, so that memory does not grow with the size; the same size and seed give the same bytes.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parents[2] / "data"
PASSAGES = (3, 9)  # of a document, six on average
SENTENCES = (4, 8)  # of a passage
WORDS = (12, 28)  # of a sentence: with longer ones among short, passages that share one would be alike by chance
REPRINTED = 3  # passages that the documents of a cluster share
CLUSTERED = 0.2  # of the documents, so that a tenth of all passages has near-duplicates
LARGEST = 20  # documents of a cluster
EDITS = 0.03  # of the words of a reprinted passage are changed in each copy


@dataclass(frozen=True)
class Planted:
    """What a corpus holds: passages, and the clusters of documents (ids) that reprint one another."""

    passages: int
    clusters: tuple[tuple[str, ...], ...]

    def histogram(self) -> dict[int, int]:
        """Return cluster size -> clusters."""
        return dict(sorted(Counter(map(len, self.clusters)).items()))


def write_corpus(folder: Path, passages: int, seed: int = 13) -> Planted:
    """Write a corpus folder of exactly `passages` passages, a third of them read by two annotators."""
    (folder / "annotations").mkdir(parents=True)
    for name in ("codebook.yaml", "splits.yaml"):
        shutil.copy(DATA / name, folder / name)
    book = yaml.safe_load((DATA / "codebook.yaml").read_text(encoding="utf-8"))
    draw = random.Random(f"{seed} documents")
    sizes = list(_draw_sizes(passages, draw))
    clusters = list(_draw_clusters(sizes, draw))
    shared = {number: cluster for cluster, members in enumerate(clusters) for number in members}
    with (
        (folder / "documents.jsonl").open("w", encoding="utf-8") as documents,
        (folder / "annotations" / "reader.jsonl").open("w", encoding="utf-8") as reader,
        (folder / "annotations" / "writer.jsonl").open("w", encoding="utf-8") as writer,
    ):
        maker = _Maker(_read_sentences(), book, seed)
        for number, size in enumerate(sizes):
            document, judgements = maker.make_document(number, size, shared.get(number))
            documents.write(_line(document))
            writer.writelines(map(_line, judgements))
            reader.writelines(
                _line({**found, "annotator": "reader"}) for found in judgements if maker.draw.random() < 1 / 3
            )
    return Planted(passages, tuple(tuple(map(_name, members)) for members in clusters))


def _draw_sizes(passages: int, draw: random.Random) -> Iterator[int]:
    """Yield the number of passages of each document."""
    while passages:
        size = min(passages, draw.randint(*PASSAGES))
        yield size
        passages -= size


def _draw_clusters(sizes: list[int], draw: random.Random) -> Iterator[list[int]]:
    """Yield clusters of documents, small ones often and large ones seldom, until enough documents are in one."""
    free = [number for number, size in enumerate(sizes) if size >= REPRINTED]
    draw.shuffle(free)
    free = free[: round(CLUSTERED * len(sizes))]
    while len(free) >= 2:
        size = 2
        while size < LARGEST and draw.random() < 0.65:
            size += 1
        yield sorted(free[:size])
        free = free[size:]


def _read_sentences() -> list[str]:
    """Return the sentences of the corpus in data/, each once, in order."""
    with (DATA / "documents.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    found = (re.split(r"(?<=[.!?])\s+", block) for text in texts for block in text.split("\n\n")[1:])
    return list(
        dict.fromkeys(
            sentence for block in found for sentence in block if WORDS[0] <= len(sentence.split()) <= WORDS[1]
        )
    )


class _Maker:
    """Documents and their judgements, drawn one after the other."""

    def __init__(self, sentences: list[str], book: dict[str, Any], seed: int) -> None:
        self.sentences = sentences
        self.topics = [topic for topic in book["topics"]["labels"] if topic != "other"]
        self.targets = list(book["targets"])
        self.seed = seed
        self.draw = random.Random(f"{seed} contents")

    def make_document(self, number: int, size: int, cluster: int | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        texts = [self._make_passage(self.draw) for _ in range(size)]
        if cluster is not None:
            same = random.Random(f"{self.seed} cluster {cluster}")
            texts[:REPRINTED] = [self._edit(self._make_passage(same)) for _ in range(REPRINTED)]
        judgements, start = [], 0
        for text in texts:
            judgements.append(self._judge(_name(number), start, start + len(text)))
            start += len(text) + 2
        day = f"20{self.draw.randint(18, 25)}-{self.draw.randint(1, 12):02}-{self.draw.randint(1, 28):02}"
        kind = self.draw.choice(("wire-report", "agency-commentary", "opinion-column", "policy-brief", "interview"))
        document = {
            "id": _name(number),
            "outlet": f"Outlet {self.draw.randint(1, 60)}",
            "kind": "newsletter" if self.draw.random() < 0.03 else kind,
            "date": day,
            "language": "en",
            "title": "",
            "text": "\n\n".join(texts),
        }
        return document, judgements

    def _make_passage(self, draw: random.Random) -> str:
        return " ".join(draw.sample(self.sentences, draw.randint(*SENTENCES)))

    def _edit(self, text: str) -> str:
        """Change single words, as the desks of two outlets do."""
        words = text.split(" ")
        for place in self.draw.sample(range(len(words)), max(1, round(EDITS * len(words)))):
            words[place] = self.draw.choice(("reportedly", "", "now", words[place] + " also"))
        return " ".join(filter(None, words))

    def _judge(self, document: str, start: int, end: int) -> dict[str, Any]:
        draw = self.draw
        return {
            "document": document,
            "start": start,
            "end": end,
            "annotator": "writer",
            "topics": draw.sample(self.topics, draw.choice((1, 1, 2))),
            "stances": [
                {"target": target, "stance": draw.choice(("favor", "against", "none")), "holder": "author"}
                for target in draw.sample(self.targets, draw.choice((0, 1, 1, 2)))
            ],
        }


def _name(number: int) -> str:
    return f"s{number:07}"


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"
