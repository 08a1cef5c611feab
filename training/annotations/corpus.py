"""Check a corpus folder before anything is learnt from it: what it holds, what is wrong, what is too thin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from standpoint.codebook import OTHER, STANCES
from training.annotations.adjudication import adjudicate_document
from training.annotations.index import CorpusIndex, index_corpus
from training.annotations.reading import read_corpus, read_judged, sort_problems
from training.annotations.records import Problem

__all__ = ["CorpusReport", "check_corpus", "read_corpus"]

# Below this many passages a label's score on a test part of a fifth rests on fewer than ten examples.
MIN_EXAMPLES = 50
MIN_STANCE_EXAMPLES = 10  # per target and stance: fewer cannot be spread over train, validation and test


@dataclass(frozen=True)
class CorpusReport:
    """What `check_corpus` found. Label counts are those of the gold labels that the annotations give."""

    folder: Path
    documents: int
    passages: int
    annotators: Mapping[str, int]
    kinds: Mapping[str, int]
    topics: Mapping[str, int]
    stances: Mapping[str, Mapping[str, int]]  # target -> stance -> pairs
    thin: tuple[str, ...]
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def has_errors(self) -> bool:
        return bool(self.errors)

    def lines(self, most: int = 50) -> list[str]:
        """Return the report for a terminal, with at most `most` errors."""
        lines = [f"{self.folder}: {self.documents} documents, {self.passages} passages"]
        lines += _table("kind", self.kinds) + _table("annotator", self.annotators) + _table("topic", self.topics)
        if self.stances:
            width = max(map(len, self.stances))
            lines.append(f"{'target':{width}}  " + "  ".join(f"{stance:>7}" for stance in STANCES))
            for target, counts in self.stances.items():
                lines.append(f"{target:{width}}  " + "  ".join(f"{counts.get(stance, 0):7}" for stance in STANCES))
        lines += [f"thin: {line}" for line in self.thin]
        kinds: dict[str, list[Problem]] = {}
        for problem in self.warnings:
            kinds.setdefault(problem.kind, []).append(problem)
        for first, *others in kinds.values():
            lines.append(f"warning: {first}" + (f" (and {len(others)} more)" if others else ""))
        lines += [f"error: {problem}" for problem in self.errors[:most]]
        if len(self.errors) > most:
            lines.append(f"error: and {len(self.errors) - most} more")
        lines.append(f"{len(self.errors)} errors, {len(self.warnings)} warnings, {len(self.thin)} thin labels")
        return lines


def check_corpus(folder: Path, documents: Sequence[Path] | None = None) -> CorpusReport:
    """Read a corpus folder and report on it; problems with its content are reported, not raised.

    `documents` are the folders of texts kept elsewhere (None: those of STANDPOINT_DOCUMENTS).
    """
    folder, problems = Path(folder), list[Problem]()
    index = index_corpus(folder, problems, documents)
    found = _count(index, problems) if index else _Found()
    problems = sort_problems(problems)
    return CorpusReport(
        folder=folder,
        documents=found.documents,
        passages=found.passages,
        annotators=dict(sorted(found.annotators.items())),
        kinds=dict(found.kinds.most_common()),
        topics=found.topics,
        stances=found.stances,
        thin=tuple(_find_thin(found.topics, found.stances)),
        errors=tuple(problem for problem in problems if not problem.warning),
        warnings=tuple(problem for problem in problems if problem.warning),
    )


@dataclass
class _Found:
    documents: int = 0
    passages: int = 0
    annotators: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    topics: dict[str, int] = field(default_factory=dict)
    stances: dict[str, dict[str, int]] = field(default_factory=dict)


def _count(index: CorpusIndex, problems: list[Problem]) -> _Found:
    book = index.codebook
    found = _Found(
        topics=dict.fromkeys(book.topics.labels, 0),
        stances={target: dict.fromkeys(STANCES, 0) for target in book.targets},
    )
    for judged in read_judged(index, problems):
        found.documents += 1
        found.kinds[judged.document.kind] += 1
        found.annotators.update(annotation.annotator for annotation in judged.annotations)
        gold = adjudicate_document(judged, book, Counter())
        found.passages += len(gold)
        for passage in gold:
            for topic in passage.topics or ():
                found.topics[topic] += 1
            for label in passage.stances:
                found.stances[label.target][label.stance] += 1
    return found


def _find_thin(topics: Mapping[str, int], stances: Mapping[str, Mapping[str, int]]) -> list[str]:
    found = [
        f"topic {topic}: {count} passages, fewer than {MIN_EXAMPLES}; annotate more or merge it with a neighbour"
        for topic, count in topics.items()
        if count < MIN_EXAMPLES and topic != OTHER
    ]
    for target, counts in stances.items():
        if sum(counts.values()) < MIN_EXAMPLES:
            found.append(
                f"target {target}: {sum(counts.values())} pairs, fewer than {MIN_EXAMPLES}; annotate more, or list it "
                "under unseen_targets in splits.yaml to keep it for testing"
            )
        missing = [f"{stance} {counts[stance]}" for stance in STANCES if counts[stance] < MIN_STANCE_EXAMPLES]
        if missing:
            found.append(
                f"target {target}: {', '.join(missing)}, fewer than {MIN_STANCE_EXAMPLES}; "
                "look for passages that take this side, or the target will give the label away"
            )
    return found


def _table(name: str, counts: Mapping[str, int]) -> list[str]:
    width = max((len(key) for key in counts), default=0)
    return [f"{name} {key:{width}}  {count}" for key, count in counts.items()]
