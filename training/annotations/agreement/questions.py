"""What annotators are asked, question by question, and how far they agree on each.

`stance` compares the sides taken toward targets that two annotators or more listed, `mention` whether a target is
listed at all, `topics` whole sets of topics, `topic` whether a single one is given. The adjudicator saw the others'
labels and never counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from training.annotations.agreement.alpha import Unit, bootstrap_alpha, masi_distance, nominal_distance
from training.annotations.records import ADJUDICATOR, Annotation, Corpus

THIN = 10  # with fewer labels to compare, an alpha hangs on one or two passages


@dataclass(frozen=True)
class Agreement:
    """Alpha of one question between `annotators`; NaN where the values do not vary or nothing was judged twice.

    `label` is the topic or the target (codebook ids) where the question is about one. `given` counts the units in
    which somebody says yes; where a question has no yes (`stance`, `topics`) it counts all of them.
    """

    question: str
    annotators: tuple[str, ...]
    units: int  # judged by two annotators or more
    documents: int
    alpha: float
    low: float  # 95% interval, percentiles over documents drawn with replacement
    high: float
    label: str = ""
    given: int = 0

    @property
    def thin(self) -> bool:
        return self.given < THIN

    def __str__(self) -> str:
        return (
            f"{self.question}: alpha {self.alpha:.3f} [{self.low:.3f}, {self.high:.3f}] between "
            f"{', '.join(self.annotators)}, {self.units} units in {self.documents} documents"
        )

    def as_dict(self) -> dict[str, object]:
        """Return the numbers for JSON, null where there is none."""
        numbers = {"alpha": self.alpha, "low": self.low, "high": self.high}
        return {
            "question": self.question,
            "label": self.label or None,
            "annotators": list(self.annotators),
            **{name: None if math.isnan(value) else round(value, 6) for name, value in numbers.items()},
            "units": self.units,
            "given": self.given,
            "documents": self.documents,
            "thin": self.thin,
        }


def find_annotators(corpus: Corpus) -> tuple[str, ...]:
    """Return the names of the independent annotators, sorted."""
    return tuple(sorted({annotation.annotator for annotation in corpus.annotations} - {ADJUDICATOR}))


def measure_agreement(corpus: Corpus, draws: int = 1000, seed: int = 13) -> list[Agreement]:
    """Return alpha for `stance`, `mention` and `topics`, among all independent annotators and, where there are more
    than two, for each pair of them."""
    names = find_annotators(corpus)
    pairs = list(combinations(names, 2)) if len(names) > 2 else []
    return [
        measure_question(question, corpus, who, draws, seed)
        for question in ("stance", "mention", "topics")
        for who in [names, *pairs]
    ]


def measure_topics(corpus: Corpus, draws: int = 1000, seed: int = 13) -> list[Agreement]:
    """Return alpha of each topic: does an annotator give it."""
    names = find_annotators(corpus)
    return [measure_question("topic", corpus, names, draws, seed, topic) for topic in corpus.codebook.topics.labels]


def measure_targets(corpus: Corpus, draws: int = 1000, seed: int = 13) -> list[tuple[Agreement, Agreement]]:
    """Return alpha of (stance, mention) of each target."""
    names = find_annotators(corpus)

    def measure(question: str, target: str) -> Agreement:
        return measure_question(question, corpus, names, draws, seed, target)

    return [(measure("stance", target), measure("mention", target)) for target in corpus.codebook.targets]


def measure_question(
    question: str, corpus: Corpus, annotators: Sequence[str], draws: int, seed: int, label: str = ""
) -> Agreement:
    """Return alpha of one question among the named annotators, over all labels or one of them."""
    labels = [label] if label else list(corpus.codebook.targets)
    units: list[Unit] = []
    for (document, _, _), found in corpus.passages().items():
        judged = [annotation for annotation in found if annotation.annotator in annotators]
        units += [(document, values) for values in _QUESTIONS[question](judged, labels) if len(values) > 1]
    distance = masi_distance if question == "topics" else nominal_distance
    alpha, low, high = bootstrap_alpha(units, distance, draws, seed)
    yes = sum(any(values) for _, values in units)  # a side or a set of topics is never false
    documents = len({name for name, _ in units})
    return Agreement(question, tuple(annotators), len(units), documents, alpha, low, high, label, yes)


def _stance_values(judged: Sequence[Annotation], labels: Sequence[str]) -> Iterable[tuple[Hashable, ...]]:
    lists = [{item.target: item.stance for item in a.stances} for a in judged if a.stances is not None]
    for target in labels:
        yield tuple(given[target] for given in lists if target in given)


def _mention_values(judged: Sequence[Annotation], labels: Sequence[str]) -> Iterable[tuple[Hashable, ...]]:
    lists = [{item.target for item in a.stances} for a in judged if a.stances is not None]
    for target in labels:
        yield tuple(target in given for given in lists)


def _topics_values(judged: Sequence[Annotation], labels: Sequence[str]) -> Iterable[tuple[Hashable, ...]]:
    yield tuple(frozenset(a.topics) for a in judged if a.topics is not None)


def _topic_values(judged: Sequence[Annotation], labels: Sequence[str]) -> Iterable[tuple[Hashable, ...]]:
    for topic in labels:
        yield tuple(topic in a.topics for a in judged if a.topics is not None)


_QUESTIONS: dict[str, Callable[[Sequence[Annotation], Sequence[str]], Iterable[tuple[Hashable, ...]]]] = {
    "stance": _stance_values,
    "mention": _mention_values,
    "topics": _topics_values,
    "topic": _topic_values,
}
