"""Check what one line of a corpus says: a document, or a judgement of one of its passages. Nothing is repaired."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from standpoint.codebook import MAX_TOPICS, OTHER, STANCES, Codebook
from standpoint.encoding import normalise, target_key
from standpoint.errors import BadInput
from training.annotations.records import Annotation, Document, Problem, StanceLabel
from training.files import describe, require_text

DOCUMENT_FIELDS = ("id", "outlet", "kind", "date", "language", "title", "text", "sha256", "path", "encoding")
ANNOTATION_FIELDS = ("document", "start", "end", "annotator", "topics", "stances", "codebook")
_VISIBLE = re.compile("[!-~]")  # enough to see that a span is not empty, far quicker than to normalise it


def to_document(content: dict[str, Any], where: str) -> Document:
    """Return the document of a line; raises BadInput."""
    values = {name: require_text(content, name, where) for name in ("id", "outlet", "kind", "language", "text")}
    for name in ("date", "title"):
        if not isinstance(content.get(name), str):
            raise BadInput(f"expected a text {name!r}, found {describe(content, name)}", where)
        values[name] = content[name]
    if values["date"] and not _is_day(values["date"]):
        raise BadInput(f"date {values['date']!r} is not a day as YYYY-MM-DD (empty where unknown)", where)
    return Document(**values)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def to_annotation(content: dict[str, Any], where: str, codebook: Codebook, document: Document) -> Annotation:
    """Return the judgement of a line that names `document`; raises BadInput."""
    annotator = require_text(content, "annotator", where)
    start, end = (_whole_number(content, field, where) for field in ("start", "end"))
    _check_span(document.text, start, end, where)
    for field in ("topics", "stances"):
        if field not in content or not isinstance(content[field], list | None):
            raise BadInput(f"expected a list {field!r} (null: not judged), found {describe(content, field)}", where)
    topics = None if content["topics"] is None else _check_topics(content["topics"], codebook, where)
    stances = None if content["stances"] is None else _check_stances(content["stances"], codebook, where)
    return Annotation(document.id, start, end, annotator, topics, stances, where)


def _whole_number(content: dict[str, Any], name: str, where: str) -> int:
    value = content.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise BadInput(f"expected a whole number {name!r}, found {describe(content, name)}", where)


def _check_span(text: str, start: int, end: int, where: str) -> None:
    if not 0 <= start < end <= len(text):
        raise BadInput(f"the span {start}:{end} is outside the document's text of {len(text)} characters", where)
    if text[start].isspace() or text[end - 1].isspace():
        span = text[start:end]
        tight = start + len(span) - len(span.lstrip()), end - (len(span) - len(span.rstrip()))
        advice = f"the tight one is {tight[0]}:{tight[1]}" if tight[0] < tight[1] else "it holds nothing else"
        raise BadInput(f"the span {start}:{end} begins or ends with white space; {advice}", where)
    if not (_VISIBLE.search(text, start, end) or normalise(text[start:end])):
        raise BadInput(f"the span {start}:{end} holds no visible character", where)


def _check_topics(topics: list[Any], codebook: Codebook, where: str) -> tuple[str, ...]:
    known = codebook.topics.labels
    for topic in topics:
        if not isinstance(topic, str) or topic not in known:
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
    key = target_key(target)
    for identifier, wording in codebook.targets.items():
        if target_key(wording) == key:
            return identifier
    raise BadInput(f"target {target!r} is not in the codebook{_suggest(target, codebook.targets)}", where)


def _suggest(found: object, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(found), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def find_unknown_fields(content: dict[str, Any], known: tuple[str, ...], where: str) -> Iterator[Problem]:
    """Yield a warning for each field that nothing reads."""
    for name in content:
        if name not in known:
            yield Problem(where, f"the field {name!r} is not used", True, f"unused field {name}")
