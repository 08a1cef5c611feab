"""Who says what where the other says something else: stances as a table, topics as pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

from standpoint.codebook import STANCES
from training.annotations.agreement.questions import find_annotators
from training.annotations.records import Annotation, Corpus

NOT_LISTED = "not listed"
ANSWERS = (*STANCES, NOT_LISTED)
NOTHING = ""  # the other gave nothing in the topic's place


@dataclass(frozen=True)
class StanceConfusion:
    """How often `one` (rows) and `other` (columns) gave each answer of ANSWERS, over targets that either listed."""

    one: str
    other: str
    counts: tuple[tuple[int, ...], ...]

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts))

    def as_dict(self) -> dict[str, object]:
        return {"rows": self.one, "columns": self.other, "answers": list(ANSWERS), "counts": self.counts}


@dataclass(frozen=True)
class TopicConfusion:
    """`passages` in which `one` gave topic `mine`, `other` gave `theirs`, and neither gave the other's.

    An empty topic: that annotator gave nothing in its place.
    """

    one: str
    other: str
    mine: str
    theirs: str
    passages: int

    def as_dict(self) -> dict[str, object]:
        said = {self.one: self.mine or None, self.other: self.theirs or None}
        return {"topics": said, "passages": self.passages}


def count_stances(corpus: Corpus) -> list[StanceConfusion]:
    """Return a table for each pair of independent annotators who judged passages in common."""
    tables: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for one, other in _pairs(corpus):
        if one.stances is None or other.stances is None:
            continue
        mine, theirs = ({label.target: label.stance for label in a.stances or ()} for a in (one, other))
        table = tables.setdefault((one.annotator, other.annotator), Counter())
        for target in mine.keys() | theirs.keys():
            table[mine.get(target, NOT_LISTED), theirs.get(target, NOT_LISTED)] += 1
    return [
        StanceConfusion(*names, tuple(tuple(table[row, column] for column in ANSWERS) for row in ANSWERS))
        for names, table in sorted(tables.items())
    ]


def count_topics(corpus: Corpus) -> list[TopicConfusion]:
    """Return the pairs of topics that annotators give in one another's place, most frequent first."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for one, other in _pairs(corpus):
        if one.topics is None or other.topics is None:
            continue
        mine, theirs = set(one.topics) - set(other.topics), set(other.topics) - set(one.topics)
        if mine or theirs:
            for pair in product(mine or {NOTHING}, theirs or {NOTHING}):
                found[one.annotator, other.annotator, *pair] += 1
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [TopicConfusion(*key, passages) for key, passages in ranked]


def _pairs(corpus: Corpus) -> Iterator[tuple[Annotation, Annotation]]:
    """Yield each two judgements of a passage by independent annotators, names in order."""
    names = find_annotators(corpus)
    for found in corpus.passages().values():
        independent = [annotation for annotation in found if annotation.annotator in names]
        yield from combinations(sorted(independent, key=lambda a: a.annotator), 2)
