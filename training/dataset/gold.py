"""Read gold.jsonl, the file that adjudication leaves for the dataset, in chunks that each can be read alone."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from standpoint.codebook import STANCES, Codebook
from standpoint.encoding import normalise
from standpoint.errors import BadInput
from training.files import describe, parse_line, require_text

CHUNK = 4096  # lines that are read, sketched and kept in one go


@dataclass(frozen=True, slots=True)
class Pair:
    """A stance that holds toward a target (codebook id)."""

    target: str
    stance: str
    holder: str
    status: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A gold passage. `topics` is None where dropped; `mentioned` has the ids of targets that any annotator saw."""

    document: str
    outlet: str
    kind: str
    date: str
    language: str
    start: int
    end: int
    text: str
    topics: tuple[str, ...] | None
    topic_status: str
    pairs: tuple[Pair, ...]
    mentioned: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.document}:{self.start}-{self.end}"

    @property
    def place(self) -> tuple[str, int, int]:
        """What gold.jsonl is sorted by."""
        return self.document, self.start, self.end

    @property
    def carried(self) -> frozenset[str]:
        """Every target that the passage carries, in gold or in the eyes of one annotator."""
        return frozenset(self.mentioned) | {pair.target for pair in self.pairs}


@dataclass(frozen=True, slots=True)
class GoldChunk:
    """Consecutive lines of a gold file: where the first begins (bytes, line number) and how many there are."""

    path: Path
    number: int
    offset: int
    line: int
    lines: int


@dataclass(frozen=True)
class GoldIndex:
    """A gold file cut into chunks, and the sha256 of its content."""

    chunks: tuple[GoldChunk, ...]
    sha256: str


def index_gold(path: Path, size: int = CHUNK) -> GoldIndex:
    """Cut a gold file into chunks of `size` lines; raises BadInput where there is none or it is empty."""
    digest, chunks, offset, line = hashlib.sha256(), [], 0, 1
    try:
        with path.open("rb") as handle:
            while lines := list(islice(handle, size)):
                chunks.append(GoldChunk(path, len(chunks), offset, line, len(lines)))
                content = b"".join(lines)
                digest.update(content)
                offset += len(content)
                line += len(lines)
    except FileNotFoundError:
        raise BadInput("no such file; adjudicate a corpus first", str(path)) from None
    if not chunks:
        raise BadInput("is empty; adjudicate a corpus first", str(path))
    return GoldIndex(tuple(chunks), digest.hexdigest())


def read_chunk(chunk: GoldChunk, codebook: Codebook) -> list[Passage]:
    """Return the passages of a chunk; raises BadInput with file:line, also where they are not sorted."""
    passages: list[Passage] = []
    for where, content in _read_objects(chunk):
        passage = to_passage(content, codebook, where)
        if passages:
            check_order(passages[-1].place, passage.place, where)
        passages.append(passage)
    return passages


def check_order(before: tuple[str, int, int], here: tuple[str, int, int], where: str) -> None:
    """Raise BadInput where a passage stands twice or before one that belongs before it."""
    name = f"{here[0]}:{here[1]}-{here[2]}"
    if before == here:
        raise BadInput(f"the passage {name} stands twice", where)
    if before > here:
        raise BadInput(
            f"the passage {name} stands after {before[0]}:{before[1]}-{before[2]}; expected passages sorted by "
            "document, start and end; adjudicate the corpus again",
            where,
        )


def _read_objects(chunk: GoldChunk) -> Iterator[tuple[str, dict[str, Any]]]:
    with chunk.path.open("rb") as handle:
        handle.seek(chunk.offset)
        for number, raw in enumerate(islice(handle, chunk.lines), start=chunk.line):
            if raw.isspace():
                continue
            line = parse_line(raw, f"{chunk.path}:{number}", number)
            if line.content is None:
                raise BadInput(line.problem, line.where)
            yield line.where, line.content


def to_passage(content: dict[str, Any], codebook: Codebook, where: str) -> Passage:
    """Return the passage of a gold line; raises BadInput where anything in it does not fit."""
    texts = {name: require_text(content, name, where) for name in ("document", "outlet", "kind", "language", "text")}
    for name in ("start", "end"):
        if not isinstance(content.get(name), int):
            raise BadInput(f"expected a whole number {name!r}, found {describe(content, name)}", where)
    for name in ("stances", "mentioned"):
        if not isinstance(content.get(name), list):
            raise BadInput(f"expected a list {name!r}, found {describe(content, name)}", where)
    if texts["text"] != normalise(texts["text"]):
        raise BadInput("the text is not normalised; adjudicate the corpus again", where)
    topics = content.get("topics")
    if not isinstance(topics, list | None):
        raise BadInput(f"expected a list 'topics', found {describe(content, 'topics')}", where)
    _check_known("topic", topics or [], codebook.topics.labels, where)
    _check_known("target", content["mentioned"], codebook.targets, where)
    pairs = tuple(_to_pair(item, codebook, where) for item in content["stances"])
    if len({pair.target for pair in pairs}) < len(pairs):
        raise BadInput("a target stands twice among the stances; adjudicate the corpus again", where)
    return Passage(
        **texts,
        date=str(content.get("date") or ""),
        start=content["start"],
        end=content["end"],
        topics=None if topics is None else tuple(topics),
        topic_status=str(content.get("topic_status") or ""),
        pairs=pairs,
        mentioned=tuple(content["mentioned"]),
    )


def _to_pair(item: Any, codebook: Codebook, where: str) -> Pair:
    if not isinstance(item, dict) or item.get("stance") not in STANCES:
        raise BadInput(f"expected an object with a stance of {', '.join(STANCES)}, found {item!r}", where)
    values = {name: require_text(item, name, where) for name in ("target", "stance", "holder", "status")}
    _check_known("target", [values["target"]], codebook.targets, where)
    return Pair(**values)


def _check_known(what: str, names: list[Any], known: Container[str], where: str) -> None:
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise BadInput(f"{what} {name!r} is not in the codebook; adjudicate the corpus again", where)
