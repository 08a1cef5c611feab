"""The examples whose labels are searched, and what annotators said of their passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from standpoint.encoding import target_key
from training.annotations.reading import read_corpus
from training.examples import ExampleSet, Task, make_example_set, read_examples, sample_examples

SPLITS = ("train", "validation", "test")
Votes = Mapping[str, Mapping[str, tuple[str, ...]]]  # example id -> annotator -> labels


def read_labelled(task: Task, data: Path, splits: Sequence[str] = SPLITS, limit: int | None = None) -> ExampleSet:
    """Read the named splits of a built dataset as one set, or a file of labelled lines. Raises BadInput."""
    if not data.is_dir():
        return read_examples(data, task, None, limit)
    parts = [read_examples(data, task, split) for split in splits]
    found = make_example_set(task, [example for part in parts for example in part.examples], like=parts[0])
    return found if limit is None or limit >= len(found) else sample_examples(found, limit)


def find_corpus(data: Path) -> Path | None:
    """Return the corpus folder that a built dataset lies in, None where it lies elsewhere."""
    return data.parent if data.is_dir() and (data.parent / "annotations").is_dir() else None


def read_votes(corpus: Path, examples: ExampleSet) -> Votes:
    """Return what every annotator of the corpus folder said of each example; no entry for who did not judge it.

    A target that an annotator left out is `not listed`.
    """
    read = read_corpus(corpus)
    targets = {target_key(wording): target for target, wording in read.codebook.targets.items()}
    judged = {f"{document}:{start}-{end}": found for (document, start, end), found in read.passages().items()}
    votes: dict[str, dict[str, tuple[str, ...]]] = {}
    for example in examples.examples:
        target = targets.get(target_key(example.target or ""))
        said = votes.setdefault(example.id, {})
        for annotation in judged.get(example.id.partition("#")[0], ()):
            if examples.task == "topic" and annotation.topics is not None:
                said[annotation.annotator] = annotation.topics
            elif examples.task == "stance" and annotation.stances is not None:
                stances = {label.target: label.stance for label in annotation.stances}
                said[annotation.annotator] = (stances.get(target or "", "not listed"),)
    return votes
