"""Examples ready to learn from or to be scored on, read from a built dataset or from labelled JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from standpoint.codebook import STANCES, Codebook, read_codebook
from standpoint.encoding import normalise, target_key
from standpoint.errors import BadInput
from training.files import describe, digest_bytes, digest_lines, read_objects, require_text
from training.manifest import check_certificate, read_manifest, read_rows
from training.stratification import assign_groups, draw

Task = Literal["topic", "stance"]


@dataclass(frozen=True, slots=True)
class Example:
    """One text, or one (target, text) pair, with its gold label.

    `mention` is the (start, end) of the target in `text`, in code points; `mentioned` has the wordings of all targets
    that any annotator saw in the passage; `group` is what must not straddle parts.
    """

    id: str
    text: str
    target: str | None = None
    mention: tuple[int, int] | None = None
    stance: str | None = None
    topics: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    document: str = ""
    group: str = ""
    outlet: str = ""
    kind: str = ""
    date: str = ""
    language: str = ""
    holder: str = ""
    status: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The gold labels as a tuple: one stance, or the topics."""
        return self.topics if self.stance is None else (self.stance,)


@dataclass(frozen=True)
class ExampleSet:
    """Examples of one task, in the order of their source.

    `digest` is the sha256 of their canonical content, `dataset` the digest in the manifest of a built dataset.
    """

    task: Task
    examples: tuple[Example, ...]
    digest: str
    source: str
    dataset: str | None = None
    codebook: Codebook | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels present: stances as favor, against, none; topics in the codebook's order, or sorted."""
        present = {label for example in self.examples for label in example.labels}
        if self.task == "stance":
            return tuple(label for label in STANCES if label in present)
        order = list(self.codebook.topics.labels) if self.codebook else sorted(present)
        return tuple(label for label in order if label in present)

    def __len__(self) -> int:
        return len(self.examples)


def read_examples(source: Path, task: Task, split: str | None = None, limit: int | None = None) -> ExampleSet:
    """Read the examples of a task from a built dataset folder (`split` is needed) or a labelled JSON Lines file.

    `limit` takes a spread sample that depends on content only and keeps every label. Raises BadInput, and Refused where
    the leak certificate of a built dataset is missing, stale or failed.
    """
    source = Path(source)
    if limit is not None and limit < 1:
        raise BadInput(f"expected a limit of 1 or more, found {limit}", "limit")
    if not source.exists():
        raise BadInput("no such file or folder; a dataset is built with: standpoint dataset", str(source))
    found = _read_built(source, task, split) if source.is_dir() else _read_lines(source, task)
    return found if limit is None or limit >= len(found) else sample_examples(found, limit)


def make_example_set(
    task: Task, examples: Sequence[Example], like: ExampleSet | None = None, source: str = ""
) -> ExampleSet:
    """Return an ExampleSet with its digest; source, dataset and codebook are those of `like` where given."""
    digest = digest_lines(asdict(example) for example in examples)
    if like is None:
        return ExampleSet(task, tuple(examples), digest, source)
    return replace(like, task=task, examples=tuple(examples), digest=digest)


def _read_built(folder: Path, task: Task, split: str | None) -> ExampleSet:
    manifest = read_manifest(folder)
    check_certificate(folder, manifest)
    parts = manifest["configurations"].get(task, {})
    if split not in parts:
        asked = "no split was named" if split is None else f"there is no split {split!r}"
        raise BadInput(f"{asked}; the {task} configuration has {', '.join(parts) or 'none'}", str(folder))
    rows = read_rows(folder, parts[split])
    book = manifest["codebook"]
    codebook = read_codebook(folder / book["file"])
    if codebook.digest != book["digest"]:
        raise BadInput(
            "is not the codebook that the manifest names; build the dataset again", str(folder / book["file"])
        )
    found = make_example_set(task, [_from_row(row, task) for row in rows], source=f"{folder}#{split}")
    return replace(found, dataset=manifest["digest"], codebook=codebook)


def _from_row(row: dict[str, Any], task: Task) -> Example:
    common = {
        name: row[name] for name in ("id", "text", "document", "group", "outlet", "kind", "date", "language", "status")
    }
    mentioned = tuple(row["mentioned"])
    if task == "topic":
        return Example(**common, topics=tuple(row["labels"]), mentioned=mentioned)
    return Example(**common, target=row["target"], stance=row["label"], holder=row["holder"], mentioned=mentioned)


def _read_lines(path: Path, task: Task) -> ExampleSet:
    examples: list[Example] = []
    seen: dict[str, str] = {}
    for where, content in read_objects(path):
        example = _from_object(content, task, where)
        if example.id in seen:
            raise BadInput(f"the id {example.id!r} is taken by {seen[example.id]}; ids are unique", where)
        seen[example.id] = where
        examples.append(example)
    if not examples:
        needs = '"text", "target", "stance"' if task == "stance" else '"text", "topics"'
        raise BadInput(f"is empty; expected one JSON object a line with {needs}", str(path))
    return make_example_set(task, examples, source=str(path))


def _from_object(content: dict[str, Any], task: Task, where: str) -> Example:
    text = require_text(content, "text", where)
    if not normalise(text):
        raise BadInput("the text holds no visible character", where)
    fields: dict[str, Any] = {"id": where.rsplit(":", 1)[1]}
    for name in ("id", "group", "document", "outlet", "kind", "date", "language", "holder", "status"):
        if content.get(name) is not None:
            if not isinstance(content[name], str | int):
                raise BadInput(f"expected a text {name!r}, found {describe(content, name)}", where)
            fields[name] = str(content[name])
    fields.setdefault("group", digest_bytes(normalise(text).casefold().encode())[:16])
    if task == "topic":
        return Example(text=text, topics=_check_topics(content, where), **fields)
    if content.get("stance") not in STANCES:
        raise BadInput(f"expected a stance of {', '.join(STANCES)}, found {describe(content, 'stance')}", where)
    target = require_text(content, "target", where)
    mention = _check_mention(content, text, where)
    return Example(text=text, target=target, mention=mention, stance=content["stance"], mentioned=(target,), **fields)


def _check_topics(content: dict[str, Any], where: str) -> tuple[str, ...]:
    topics = content.get("topics")
    names = topics if isinstance(topics, list) else []
    sound = names and all(isinstance(topic, str) and topic.strip() for topic in names)
    if not sound or len(set(names)) < len(names):
        raise BadInput(f"expected 'topics' as a list of different names, found {describe(content, 'topics')}", where)
    return tuple(names)


def _check_mention(content: dict[str, Any], text: str, where: str) -> tuple[int, int] | None:
    start, end = content.get("start"), content.get("end")
    if start is None and end is None:
        return None
    if not isinstance(start, int) or not isinstance(end, int) or isinstance(start, bool) or isinstance(end, bool):
        raise BadInput("expected 'start' and 'end' of the mention as whole numbers, both or neither", where)
    if not 0 <= start < end <= len(text):
        raise BadInput(f"the mention {start}:{end} is outside the text of {len(text)} characters", where)
    return start, end


def sample_examples(examples: ExampleSet, limit: int) -> ExampleSet:
    """Return `limit` examples in their order: every label as far as the limit reaches, then in proportion.

    Which ones depends on the content of each, so the sample neither follows the order of the file nor changes with it.
    """
    frequency = Counter(label for example in examples.examples for label in example.labels)
    strata: dict[str, list[Example]] = {label: [] for label in examples.labels}
    for example in sorted(examples.examples, key=lambda e: draw(0, f"{e.id}\0{target_key(e.target or '')}\0{e.text}")):
        strata[min(example.labels, key=lambda label: (frequency[label], label))].append(example)
    shares = [
        ((place + 0.5) / len(stratum) if place else 0.0, label, example.id)
        for label, stratum in strata.items()
        for place, example in enumerate(stratum)
    ]
    kept = {identifier for _, _, identifier in sorted(shares)[:limit]}
    return make_example_set(examples.task, [e for e in examples.examples if e.id in kept], like=examples)


def split_by_group(examples: ExampleSet, share: float, seed: int) -> tuple[ExampleSet, ExampleSet]:
    """Return (rest, held): about `share` of the examples held out, whole groups only, labels in proportion.

    The same examples and seed give the same parts, whatever the order. Raises BadInput below two groups.
    """
    if not 0 < share < 1:
        raise BadInput(f"expected a share between 0 and 1, found {share}", "share")
    counts: dict[str, dict[str, int]] = {}
    for example in examples.examples:
        group = counts.setdefault(example.group, {"examples": 0})
        for feature in ("examples", *(f"label:{label}" for label in example.labels)):
            group[feature] = group.get(feature, 0) + 1
    if len(counts) < 2:
        raise BadInput("all examples are of one group and cannot be split; give a validation file", examples.source)
    parts = assign_groups(counts, {"rest": 1 - share, "held": share}, seed)
    for part in ("rest", "held"):
        if part not in parts.values():  # few or uneven groups: the smallest one is moved, so that neither part is empty
            parts[min(parts, key=lambda group: (counts[group]["examples"], draw(seed, group)))] = part

    def pick(part: str) -> ExampleSet:
        kept = [example for example in examples.examples if parts[example.group] == part]
        return make_example_set(examples.task, kept, like=examples)

    return pick("rest"), pick("held")
