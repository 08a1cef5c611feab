"""Read gold.jsonl, the file that adjudication leaves for the dataset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from standpoint.codebook import STANCES, Codebook
from standpoint.encoding import normalise
from standpoint.errors import BadInput
from training.files import describe, read_objects, require_text


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
    def carried(self) -> frozenset[str]:
        """Every target that the passage carries, in gold or in the eyes of one annotator."""
        return frozenset(self.mentioned) | {pair.target for pair in self.pairs}


def read_gold(path: Path, codebook: Codebook) -> list[Passage]:
    """Return the passages sorted by document and position; raises BadInput with file:line."""
    passages: dict[str, Passage] = {}
    for where, content in read_objects(path):
        passage = _to_passage(content, codebook, where)
        if passage.id in passages:
            raise BadInput(f"the passage {passage.id} stands twice", where)
        passages[passage.id] = passage
    if not passages:
        raise BadInput("is empty; adjudicate a corpus first", str(path))
    return sorted(passages.values(), key=lambda p: (p.document, p.start, p.end))


def _to_passage(content: dict[str, Any], codebook: Codebook, where: str) -> Passage:
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
    _check_known("topic", topics or [], codebook.topics.labels, where)
    _check_known("target", content["mentioned"], codebook.targets, where)
    pairs = tuple(_to_pair(item, codebook, where) for item in content["stances"])
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


def _check_known(what: str, names: list[Any], known: Any, where: str) -> None:
    for name in names:
        if name not in known:
            raise BadInput(f"{what} {name!r} is not in the codebook; adjudicate the corpus again", where)
