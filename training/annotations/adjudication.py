"""From annotations to gold: which label holds, per task, and what is dropped because nobody decided it.

The adjudicator's label holds where there is one; else what all annotators of the passage agree on (`agreed`); the
label of a single annotator is kept and marked `single`; the rest is dropped and counted. The holder never decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from standpoint.codebook import Codebook
from standpoint.encoding import normalise
from training.annotations.index import CorpusIndex, index_corpus
from training.annotations.reading import read_judged, refuse_errors
from training.annotations.records import (
    ADJUDICATOR,
    Annotation,
    Corpus,
    Document,
    JudgedDocument,
    Passage,
    Problem,
    StanceLabel,
)
from training.files import open_replacing
from training.progress import track
from training.workers import run_chunks

AGREED, ADJUDICATED, SINGLE = "agreed", "adjudicated", "single"
PART = 4096  # annotations that are read, adjudicated and written in one go

Counts = Counter[tuple[str, str]]  # (what was decided, how or why not) -> how often


@dataclass(frozen=True, slots=True)
class GoldStance:
    target: str
    stance: str
    holder: str
    status: str


@dataclass(frozen=True, slots=True)
class GoldPassage:
    """A passage with the labels that hold. `topics` is None where dropped or not judged; `mentioned` is every target
    that any annotator listed, whether or not its stance holds."""

    passage: Passage
    topics: tuple[str, ...] | None
    topic_status: str | None
    stances: tuple[GoldStance, ...]
    mentioned: tuple[str, ...]


@dataclass(frozen=True)
class AdjudicationReport:
    """Counts of an adjudication. `dropped` has the reasons: `topics` (annotators differ), `stance` (they differ on the
    side), `mention` (not all of them saw the target)."""

    documents: int
    passages: int
    topics: dict[str, int]  # status -> passages
    stances: dict[str, int]  # status -> (passage, target) pairs
    dropped: dict[str, int]
    reread: dict[str, int] = field(default_factory=dict)  # passages left out until they are read again, by field
    absent: dict[str, int] = field(default_factory=dict)  # documents whose text was not found, and their annotations

    def lines(self) -> list[str]:
        """Return the counts for a terminal."""

        def show(counts: dict[str, int]) -> str:
            return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"

        return [
            f"read {self.passages} passages of {self.documents} documents",
            f"topics: {show(self.topics)}",
            f"stances: {show(self.stances)}",
            f"dropped for want of agreement: {show(self.dropped)}",
            *([f"left out until they are read again: {show(self.reread)}"] if self.reread else []),
            *([f"left out for want of their text: {show(self.absent)}"] if self.absent else []),
        ]


def write_gold(data: Path, out: Path, workers: int = 1, documents: Sequence[Path] | None = None) -> AdjudicationReport:
    """Adjudicate the corpus folder `data` and write `out` (gold.jsonl), one passage a line, whole or not at all.

    Passages are sorted by document id and position; their texts are in it, also those that are kept elsewhere, in the
    folders `documents` (None: those of STANDPOINT_DOCUMENTS). Raises BadInput with the first error.
    """
    data, problems, counts = Path(data), list[Problem](), Counts()
    index = index_corpus(data, problems, documents)
    if index is None:
        refuse_errors(data, problems)
        raise RuntimeError("a corpus without a codebook has an error")
    with open_replacing(Path(out)) as handle:
        parts = list(index.cut(PART))
        done = run_chunks(_write_part, parts, workers)
        for lines, found, faults in track(done, "adjudicate", [len(part.annotations) for part in parts]):
            handle.write(lines)
            counts.update(found)
            problems += faults
        refuse_errors(data, problems)
    counts["absent", "documents"] += len(index.absent)
    counts["absent", "annotations"] += sum(document.judgements for document in index.absent)
    return _to_report(counts)


def _write_part(index: CorpusIndex) -> tuple[bytes, Counts, list[Problem]]:
    """Return the gold lines of a part of a corpus, what was decided, and the problems found."""
    problems: list[Problem] = []
    counts = Counts()
    lines = [
        orjson.dumps(_to_record(judged.document, gold), option=orjson.OPT_APPEND_NEWLINE)
        for judged in read_judged(index, problems)
        for gold in adjudicate_document(judged, index.codebook, counts)
    ]
    return b"".join(lines), counts, problems


def adjudicate(corpus: Corpus) -> tuple[list[GoldPassage], AdjudicationReport]:
    """Return the gold passages of a corpus in memory, sorted by document id and position, and what was decided how."""
    counts = Counts()
    by_document: dict[str, list[Annotation]] = {}
    for annotation in corpus.annotations:
        by_document.setdefault(annotation.document, []).append(annotation)
    gold = [
        passage
        for name in sorted(by_document)
        for passage in adjudicate_document(
            JudgedDocument(corpus.documents[name], tuple(by_document[name])), corpus.codebook, counts
        )
    ]
    return gold, _to_report(counts)


def adjudicate_document(judged: JudgedDocument, codebook: Codebook, counts: Counts) -> list[GoldPassage]:
    """Return the gold passages of a document, sorted by position; what was decided how is added to `counts`."""
    order = {target: place for place, target in enumerate(codebook.targets)}
    gold = []
    for passage, found in judged.passages().items():
        topics, status = _decide_topics(found, counts)
        stances = _decide_stances(found, counts)
        seen = {label.target for annotation in found for label in annotation.stances or ()}
        seen.update(target for annotation in found for target in annotation.meant if target in order)
        for name in {name for annotation in found for name in annotation.withheld}:
            counts["reread", name] += 1
        gold.append(
            GoldPassage(
                passage,
                topics,
                status,
                tuple(sorted(stances, key=lambda label: order[label.target])),
                tuple(sorted(seen, key=order.__getitem__)),
            )
        )
        if status:
            counts["topics", status] += 1
        counts.update(("stances", label.status) for label in stances)
    counts["passages", ""] += len(gold)
    counts["documents", ""] += bool(gold)
    return gold


def _to_report(counts: Counts) -> AdjudicationReport:
    def select(what: str) -> dict[str, int]:
        return {how: count for (name, how), count in sorted(counts.items()) if name == what}

    return AdjudicationReport(
        documents=counts["documents", ""],
        passages=counts["passages", ""],
        topics=select("topics"),
        stances=select("stances"),
        dropped=select("dropped"),
        reread=select("reread"),
        absent={how: count for how, count in select("absent").items() if count},
    )


def _decide_topics(annotations: Sequence[Annotation], counts: Counts) -> tuple[tuple[str, ...] | None, str | None]:
    judged = [annotation for annotation in annotations if annotation.topics is not None]
    for annotation in judged:
        if annotation.annotator == ADJUDICATOR:
            return annotation.topics, ADJUDICATED
    if not judged:
        return None, None
    if len({annotation.topics for annotation in judged}) > 1:
        counts["dropped", "topics"] += 1
        return None, None
    return judged[0].topics, SINGLE if len(judged) == 1 else AGREED


def _decide_stances(annotations: Sequence[Annotation], counts: Counts) -> list[GoldStance]:
    lists = {a.annotator: {label.target: label for label in a.stances} for a in annotations if a.stances is not None}
    if ADJUDICATOR in lists:
        return [_to_gold(label, ADJUDICATED) for label in lists[ADJUDICATOR].values()]
    if len(lists) == 1:
        return [_to_gold(label, SINGLE) for labels in lists.values() for label in labels.values()]
    decided = []
    for target in dict.fromkeys(target for labels in lists.values() for target in labels):
        found = [labels[target] for labels in lists.values() if target in labels]
        if len(found) < len(lists):
            counts["dropped", "mention"] += 1
        elif len({label.stance for label in found}) > 1:
            counts["dropped", "stance"] += 1
        else:
            decided.append(_to_gold(found[0], AGREED))
    return decided


def _to_gold(label: StanceLabel, status: str) -> GoldStance:
    return GoldStance(label.target, label.stance, label.holder, status)


def _to_record(document: Document, gold: GoldPassage) -> dict[str, object]:
    _, start, end = gold.passage
    return {
        "document": document.id,
        "outlet": document.outlet,
        "kind": document.kind,
        "date": document.date,
        "language": document.language,
        "start": start,
        "end": end,
        "text": normalise(document.text[start:end]),
        "topics": gold.topics,
        "topic_status": gold.topic_status,
        "stances": gold.stances,
        "mentioned": gold.mentioned,
    }
