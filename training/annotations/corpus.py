"""Check a corpus folder before anything is learnt from it: what it holds, what is wrong, what is too thin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standpoint.codebook import OTHER, STANCES
from training.annotations.adjudication import adjudicate
from training.annotations.reading import load_corpus, read_corpus
from training.annotations.records import Corpus, Problem

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


def check_corpus(folder: Path) -> CorpusReport:
    """Read a corpus folder and report on it; problems with its content are reported, not raised."""
    folder = Path(folder)
    corpus, problems = load_corpus(folder)
    errors = tuple(problem for problem in problems if not problem.warning)
    warnings = tuple(problem for problem in problems if problem.warning)
    if corpus is None:
        return CorpusReport(folder, 0, 0, {}, {}, {}, {}, (), errors, warnings)
    topics, stances = _count_labels(corpus)
    return CorpusReport(
        folder=folder,
        documents=len(corpus.documents),
        passages=len(corpus.passages()),
        annotators=dict(sorted(Counter(a.annotator for a in corpus.annotations).items())),
        kinds=dict(Counter(document.kind for document in corpus.documents.values()).most_common()),
        topics=topics,
        stances=stances,
        thin=tuple(_find_thin(topics, stances)),
        errors=errors,
        warnings=warnings,
    )


def _count_labels(corpus: Corpus) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    topics = dict.fromkeys(corpus.codebook.topics.labels, 0)
    stances = {target: dict.fromkeys(STANCES, 0) for target in corpus.codebook.targets}
    gold, _ = adjudicate(corpus)
    for passage in gold:
        for topic in passage.topics or ():
            topics[topic] += 1
        for label in passage.stances:
            stances[label.target][label.stance] += 1
    return topics, stances


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
