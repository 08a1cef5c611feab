"""Read a corpus folder strictly: nothing is repaired, and every problem is kept with its file and line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from standpoint.codebook import MAX_TOPICS, OTHER, STANCES, Codebook, read_codebook
from standpoint.encoding import normalise, target_key
from standpoint.errors import BadInput
from training.annotations.records import Annotation, Corpus, Document, Passage, Problem, StanceLabel
from training.files import describe, read_lines, require_text

_DOCUMENT_FIELDS = ("id", "outlet", "kind", "date", "language", "title", "text")
_ANNOTATION_FIELDS = ("document", "start", "end", "annotator", "topics", "stances", "codebook")


def read_corpus(folder: Path) -> Corpus:
    """Read a corpus folder; raises BadInput with the first error and the number of those that follow."""
    corpus, problems = load_corpus(Path(folder))
    errors = [problem for problem in problems if not problem.warning]
    if errors or corpus is None:
        more = len(errors) - 1
        rest = f" (and {more} more; `standpoint check {folder}` lists them)" if more else ""
        raise BadInput(f"{errors[0].message}{rest}", errors[0].where)
    return corpus


def load_corpus(folder: Path) -> tuple[Corpus | None, list[Problem]]:
    """Read what can be read; the corpus holds the sound documents and annotations, and is None without a codebook."""
    try:
        codebook = read_codebook(folder / "codebook.yaml")
    except BadInput as error:
        return None, [Problem(error.where or str(folder), error.message)]
    problems: list[Problem] = []
    documents = dict(_read_documents(folder / "documents.jsonl", codebook, problems))
    annotations = list(_read_annotations(folder / "annotations", codebook, documents, problems))
    annotations = list(_drop_repeated(annotations, problems))
    problems.extend(_find_overlaps(annotations))
    judged = {annotation.document for annotation in annotations}
    for identifier in documents:
        if identifier not in judged and annotations:
            message = f"document {identifier!r} has no annotation"
            problems.append(Problem(str(folder / "documents.jsonl"), message, True, "unannotated"))
    return Corpus(folder, codebook, documents, tuple(annotations)), problems


def _read_documents(path: Path, codebook: Codebook, problems: list[Problem]) -> Iterator[tuple[str, Document]]:
    seen: dict[str, str] = {}
    for where, content in _objects(path, problems):
        try:
            document = _to_document(content, where)
        except BadInput as error:
            problems.append(Problem(where, error.message))
            continue
        if document.id in seen:
            message = f"the document id {document.id!r} is taken by {seen[document.id]}; ids are unique"
            problems.append(Problem(where, message))
            continue
        seen[document.id] = where
        problems.extend(_find_unknown_fields(content, _DOCUMENT_FIELDS, where))
        if document.language != codebook.language:
            message = f"language {document.language!r}, while the codebook is for {codebook.language!r}"
            problems.append(Problem(where, message, True, "language"))
        yield document.id, document
    if not seen and not problems:
        problems.append(Problem(str(path), "holds no document; put one document a line"))


def _to_document(content: dict[str, Any], where: str) -> Document:
    values = {name: require_text(content, name, where) for name in ("id", "outlet", "kind", "language", "text")}
    for name in ("date", "title"):
        if not isinstance(content.get(name), str):
            raise BadInput(f"expected a text {name!r}, found {describe(content, name)}", where)
        values[name] = content[name]
    if values["date"]:
        try:
            date.fromisoformat(values["date"])
        except ValueError:
            raise BadInput(f"date {values['date']!r} is not a day as YYYY-MM-DD (empty where unknown)", where) from None
    return Document(**values)


def _read_annotations(
    folder: Path, codebook: Codebook, documents: dict[str, Document], problems: list[Problem]
) -> Iterator[Annotation]:
    paths = sorted(folder.glob("*.jsonl"))
    found = False
    for path in paths:
        for where, content in _objects(path, problems):
            found = True
            try:
                yield _to_annotation(content, where, codebook, documents)
            except BadInput as error:
                problems.append(Problem(where, error.message))
                continue
            problems.extend(_find_unknown_fields(content, _ANNOTATION_FIELDS, where))
            if content.get("codebook", codebook.version) != codebook.version:
                message = f"was annotated by codebook {content['codebook']}, the folder has {codebook.version}"
                problems.append(Problem(where, message, True, "codebook version"))
    if not found and not problems:
        problems.append(Problem(str(folder), "holds no annotation; put one judgement a line in annotations/NAME.jsonl"))


def _to_annotation(
    content: dict[str, Any], where: str, codebook: Codebook, documents: dict[str, Document]
) -> Annotation:
    name = require_text(content, "document", where)
    annotator = require_text(content, "annotator", where)
    if name not in documents:
        raise BadInput(f"the document {name!r} is not in documents.jsonl (or its line there is broken)", where)
    start, end = (_whole_number(content, field, where) for field in ("start", "end"))
    _check_span(documents[name].text, start, end, where)
    for field in ("topics", "stances"):
        if field not in content or not isinstance(content[field], list | None):
            raise BadInput(f"expected a list {field!r} (null: not judged), found {describe(content, field)}", where)
    topics = None if content["topics"] is None else _check_topics(content["topics"], codebook, where)
    stances = None if content["stances"] is None else _check_stances(content["stances"], codebook, where)
    return Annotation(name, start, end, annotator, topics, stances, where)


def _whole_number(content: dict[str, Any], name: str, where: str) -> int:
    value = content.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise BadInput(f"expected a whole number {name!r}, found {describe(content, name)}", where)


def _check_span(text: str, start: int, end: int, where: str) -> None:
    if not 0 <= start < end <= len(text):
        raise BadInput(f"the span {start}:{end} is outside the document's text of {len(text)} characters", where)
    span = text[start:end]
    if span != span.strip():
        tight = start + len(span) - len(span.lstrip()), end - (len(span) - len(span.rstrip()))
        advice = f"the tight one is {tight[0]}:{tight[1]}" if tight[0] < tight[1] else "it holds nothing else"
        raise BadInput(f"the span {start}:{end} begins or ends with white space; {advice}", where)
    if not normalise(span):
        raise BadInput(f"the span {start}:{end} holds no visible character", where)


def _check_topics(topics: list[Any], codebook: Codebook, where: str) -> tuple[str, ...]:
    known = codebook.topics.labels
    for topic in topics:
        if topic not in known:
            raise BadInput(f"topic {topic!r} is not in the codebook{_suggest(topic, known)}", where)
    if len(set(topics)) < len(topics):
        raise BadInput(f"a topic stands twice in {topics}", where)
    limit = MAX_TOPICS if codebook.topics.multi_label else 1
    if not 1 <= len(topics) <= limit:
        raise BadInput(f"expected one to {limit} topics, found {len(topics)}", where)
    if OTHER in topics and len(topics) > 1:
        raise BadInput(f"the topic {OTHER!r} stands alone, found {topics}", where)
    return tuple(topic for topic in known if topic in topics)


def _check_stances(stances: list[Any], codebook: Codebook, where: str) -> tuple[StanceLabel, ...]:
    labels: dict[str, StanceLabel] = {}
    for item in stances:
        if not isinstance(item, dict):
            raise BadInput(f"expected stances as objects with target, stance, holder, found {item!r}", where)
        target = require_text(item, "target", where)
        identifier = _find_target(target, codebook, where)
        if item.get("stance") not in STANCES:
            raise BadInput(
                f"expected a stance of {', '.join(STANCES)}, found {describe(item, 'stance')}; correct the line", where
            )
        if identifier in labels:
            raise BadInput(f"the target {identifier!r} stands twice; a passage has one stance toward a target", where)
        labels[identifier] = StanceLabel(identifier, item["stance"], require_text(item, "holder", where))
    return tuple(labels.values())


def _find_target(target: str, codebook: Codebook, where: str) -> str:
    """Return the codebook id of a target given as id or wording."""
    if target in codebook.targets:
        return target
    for identifier, wording in codebook.targets.items():
        if target_key(wording) == target_key(target):
            return identifier
    raise BadInput(f"target {target!r} is not in the codebook{_suggest(target, codebook.targets)}", where)


def _suggest(found: object, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(found), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _find_unknown_fields(content: dict[str, Any], known: tuple[str, ...], where: str) -> Iterator[Problem]:
    for name in content:
        if name not in known:
            yield Problem(where, f"the field {name!r} is not used", True, f"unused field {name}")


def _drop_repeated(annotations: list[Annotation], problems: list[Problem]) -> Iterator[Annotation]:
    seen: dict[tuple[Passage, str], str] = {}
    for annotation in annotations:
        key = annotation.passage, annotation.annotator
        if key in seen:
            span = f"{annotation.start}:{annotation.end}"
            message = f"{annotation.annotator!r} judged the passage {span} already ({seen[key]})"
            problems.append(Problem(annotation.where, message))
            continue
        seen[key] = annotation.where
        yield annotation


def _find_overlaps(annotations: list[Annotation]) -> Iterator[Problem]:
    """Two annotations of a document have the same span, or spans that do not touch."""
    first = {annotation.passage: annotation for annotation in reversed(annotations)}
    before: Annotation | None = None
    for annotation in sorted(first.values(), key=lambda a: a.passage):
        if before and before.document == annotation.document and annotation.start < before.end:
            here, there = sorted((annotation, before), key=annotations.index, reverse=True)
            yield Problem(
                here.where,
                f"the span {here.start}:{here.end} overlaps {there.start}:{there.end} ({there.where}); "
                "annotators judge the same passages or different ones",
            )
        if before is None or before.document != annotation.document or annotation.end > before.end:
            before = annotation


def _objects(path: Path, problems: list[Problem]) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        for line in read_lines(path):
            if line.content is None:
                problems.append(Problem(line.where, line.problem))
            else:
                yield line.where, line.content
    except BadInput as error:
        problems.append(Problem(error.where or str(path), error.message))
