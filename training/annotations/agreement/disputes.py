"""The passages on which annotators are furthest apart, with what each said and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from standpoint.encoding import normalise
from training.annotations.agreement.alpha import masi_distance
from training.annotations.agreement.questions import find_annotators
from training.annotations.records import ADJUDICATOR, Annotation, Corpus


@dataclass(frozen=True)
class Judgement:
    """What one annotator said; None where that task was not judged. Stances are (target, stance) pairs."""

    annotator: str
    topics: tuple[str, ...] | None
    stances: tuple[tuple[str, str], ...] | None

    def as_dict(self) -> dict[str, object]:
        stances = None if self.stances is None else dict(self.stances)
        return {"annotator": self.annotator, "topics": self.topics, "stances": stances}


@dataclass(frozen=True)
class Dispute:
    """A passage whose annotators differ.

    `topics` and `stances` are mean pairwise distances from 0 to 1, None where fewer than two judged the task;
    `decision` is the adjudicator's, None where there is none.
    """

    document: str
    start: int
    end: int
    text: str
    topics: float | None
    stances: float | None
    judgements: tuple[Judgement, ...]
    decision: Judgement | None

    @property
    def distance(self) -> float:
        """The mean over the tasks that were judged twice."""
        return fmean(value for value in (self.topics, self.stances) if value is not None)

    @property
    def id(self) -> str:
        return f"{self.document}:{self.start}-{self.end}"

    def as_dict(self) -> dict[str, object]:
        return {
            "document": self.document,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "distance": round(self.distance, 6),
            "topics": self.topics,
            "stances": self.stances,
            "judgements": [judgement.as_dict() for judgement in self.judgements],
            "decision": self.decision and self.decision.as_dict(),
        }


def find_disputes(corpus: Corpus) -> list[Dispute]:
    """Return every passage whose independent annotators differ, the furthest apart first, ties in corpus order."""
    names = find_annotators(corpus)
    found = []
    for (document, start, end), given in corpus.passages().items():
        judged = sorted((a for a in given if a.annotator in names), key=lambda a: a.annotator)
        topics = _topics_distance([frozenset(a.topics) for a in judged if a.topics is not None])
        stances = _stances_distance([a for a in judged if a.stances is not None])
        if not topics and not stances:
            continue
        decision = next((_to_judgement(a) for a in given if a.annotator == ADJUDICATOR), None)
        text = normalise(corpus.documents[document].text[start:end])
        said = tuple(map(_to_judgement, judged))
        found.append(Dispute(document, start, end, text, topics, stances, said, decision))
    return sorted(found, key=lambda dispute: -dispute.distance)


def _topics_distance(sets: Sequence[frozenset[str]]) -> float | None:
    return fmean(masi_distance(*pair) for pair in combinations(sets, 2)) if len(sets) > 1 else None


def _stances_distance(judged: Sequence[Annotation]) -> float | None:
    """Return the mean over the targets that anybody listed of the share of pairs that differ, listing it or not."""
    if len(judged) < 2:
        return None
    lists = [{label.target: label.stance for label in a.stances or ()} for a in judged]
    targets = {target for given in lists for target in given}
    pairs = list(combinations(lists, 2))
    shares = [fmean(one.get(target) != other.get(target) for one, other in pairs) for target in targets]
    return fmean(shares) if shares else 0.0


def _to_judgement(annotation: Annotation) -> Judgement:
    stances = annotation.stances
    pairs = None if stances is None else tuple((label.target, label.stance) for label in stances)
    return Judgement(annotation.annotator, annotation.topics, pairs)
