"""From annotations to gold: which label holds, per task, and what is dropped because nobody decided it.

The adjudicator's label holds where there is one; else what all annotators of the passage agree on (`agreed`); the
label of a single annotator is kept and marked `single`; the rest is dropped and counted. The holder never decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from standpoint.encoding import normalise
from training.annotations.reading import read_corpus
from training.annotations.records import ADJUDICATOR, Annotation, Corpus, Passage, StanceLabel
from training.files import replace_file, to_line

AGREED, ADJUDICATED, SINGLE = "agreed", "adjudicated", "single"


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

    def lines(self) -> list[str]:
        """Return the counts for a terminal."""

        def show(counts: dict[str, int]) -> str:
            return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"

        return [
            f"read {self.passages} passages of {self.documents} documents",
            f"topics: {show(self.topics)}",
            f"stances: {show(self.stances)}",
            f"dropped for want of agreement: {show(self.dropped)}",
        ]


def write_gold(data: Path, out: Path) -> AdjudicationReport:
    """Adjudicate the corpus folder `data` and write `out` (gold.jsonl), one passage a line, whole or not at all."""
    corpus = read_corpus(data)
    gold, report = adjudicate(corpus)
    lines = [to_line(_to_record(corpus, passage)) + "\n" for passage in gold]
    replace_file(Path(out), "".join(lines).encode())
    return report


def adjudicate(corpus: Corpus) -> tuple[list[GoldPassage], AdjudicationReport]:
    """Return the gold passages, sorted by document id and position, and what was decided how."""
    dropped: Counter[str] = Counter()
    order = {target: place for place, target in enumerate(corpus.codebook.targets)}
    gold = []
    for passage, judged in corpus.passages().items():
        topics, status = _decide_topics(judged, dropped)
        stances = _decide_stances(judged, dropped)
        seen = {label.target for annotation in judged for label in annotation.stances or ()}
        gold.append(
            GoldPassage(
                passage,
                topics,
                status,
                tuple(sorted(stances, key=lambda label: order[label.target])),
                tuple(sorted(seen, key=order.__getitem__)),
            )
        )
    report = AdjudicationReport(
        documents=len({passage.passage[0] for passage in gold}),
        passages=len(gold),
        topics=_sorted(Counter(p.topic_status for p in gold if p.topic_status)),
        stances=_sorted(Counter(label.status for p in gold for label in p.stances)),
        dropped=_sorted(dropped),
    )
    return gold, report


def _decide_topics(
    annotations: Sequence[Annotation], dropped: Counter[str]
) -> tuple[tuple[str, ...] | None, str | None]:
    judged = [annotation for annotation in annotations if annotation.topics is not None]
    for annotation in judged:
        if annotation.annotator == ADJUDICATOR:
            return annotation.topics, ADJUDICATED
    if not judged:
        return None, None
    if len({annotation.topics for annotation in judged}) > 1:
        dropped["topics"] += 1
        return None, None
    return judged[0].topics, SINGLE if len(judged) == 1 else AGREED


def _decide_stances(annotations: Sequence[Annotation], dropped: Counter[str]) -> list[GoldStance]:
    lists = {a.annotator: {label.target: label for label in a.stances} for a in annotations if a.stances is not None}
    if ADJUDICATOR in lists:
        return [_to_gold(label, ADJUDICATED) for label in lists[ADJUDICATOR].values()]
    if len(lists) == 1:
        return [_to_gold(label, SINGLE) for labels in lists.values() for label in labels.values()]
    decided = []
    for target in dict.fromkeys(target for labels in lists.values() for target in labels):
        found = [labels[target] for labels in lists.values() if target in labels]
        if len(found) < len(lists):
            dropped["mention"] += 1
        elif len({label.stance for label in found}) > 1:
            dropped["stance"] += 1
        else:
            decided.append(_to_gold(found[0], AGREED))
    return decided


def _to_gold(label: StanceLabel, status: str) -> GoldStance:
    return GoldStance(label.target, label.stance, label.holder, status)


def _to_record(corpus: Corpus, gold: GoldPassage) -> dict[str, object]:
    identifier, start, end = gold.passage
    document = corpus.documents[identifier]
    return {
        "document": identifier,
        "outlet": document.outlet,
        "kind": document.kind,
        "date": document.date,
        "language": document.language,
        "start": start,
        "end": end,
        "text": normalise(document.text[start:end]),
        "topics": gold.topics,
        "topic_status": gold.topic_status,
        "stances": [asdict(label) for label in gold.stances],
        "mentioned": gold.mentioned,
    }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
