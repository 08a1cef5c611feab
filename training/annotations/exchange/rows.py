"""Judgements as rows of a table, and rows of anybody's table as judgements.

`pairs` has a row for each passage and target, `annotations` a row for each judgement with its stances in one cell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from standpoint.errors import BadInput
from training.annotations.exchange.findings import Findings, Judgement
from training.annotations.exchange.mapping import (
    COLUMNS,
    CONTEXT,
    PAIR,
    PLACE,
    Mapped,
    Row,
    Shape,
    Table,
    need_columns,
    read_fields,
)
from training.annotations.exchange.marks import TASKS
from training.annotations.exchange.tasks import TaskSet
from training.annotations.records import Annotation, Passage


def make_rows(tasks: TaskSet, shape: Shape) -> Iterator[Row]:
    """Yield the rows of tasks; an open task is one row without annotator and labels."""
    for task in tasks.tasks:
        context = {"text": task.text} | {name: getattr(task.document, name) for name in CONTEXT}
        for annotation in task.annotations or (None,):
            place = dict(zip(PLACE, task.passage, strict=True))
            place["annotator"] = annotation.annotator if annotation else None
            for labels in _make_labels(annotation, shape):
                yield {name: (place | labels | context)[name] for name in COLUMNS[shape]}


def _make_labels(annotation: Annotation | None, shape: Shape) -> Iterator[Row]:
    topics = None if annotation is None or annotation.topics is None else list(annotation.topics)
    stances = None if annotation is None else annotation.stances
    pairs = [{name: getattr(label, name) for name in PAIR} for label in stances or ()]
    if shape == "annotations":
        yield {"topics": topics, "stances": None if stances is None else pairs}
        return
    judged = {"topics": topics, "stances": stances}
    unjudged = " ".join(task for task in TASKS if annotation and judged[task] is None) or None
    for pair in pairs or [dict.fromkeys(PAIR)]:
        yield {"topics": topics, **pair, "not_judged": unjudged}


Place = Callable[[Row, str], tuple[Passage, str | None]]  # fields, where -> passage and the text to compare it with


def read_place(fields: Row, where: str) -> tuple[Passage, str | None]:
    """Return the passage that a row names in a corpus that is there."""
    document, text = fields.get("document"), fields.get("text")
    if document is None:
        raise BadInput("has no document", where)
    passage = str(document), _read_number(fields, "start", where), _read_number(fields, "end", where)
    return passage, text if isinstance(text, str) else None


def _read_number(fields: Row, name: str, where: str) -> int:
    value = fields.get(name)
    try:
        # A spreadsheet, or a column with gaps, makes 23.0 of 23.
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else float("nan")
        if number.is_integer():
            return int(number)
    except ValueError:
        pass
    raise BadInput(f"expected a whole number {name!r}, found {str(value)[:60]!r}", where)


@dataclass
class _Group:
    """The rows of one annotator about one passage."""

    where: str
    passage: Passage
    text: str | None
    annotator: str
    topics: list[Any] | None
    stances: list[dict[str, Any]] | None
    unjudged: frozenset[str]


def read_judgements(table: Table, mapped: Mapped) -> Findings:
    """Return the judgements of a table about passages of a corpus that is there. Raises BadInput without place."""
    need_columns(table, mapped, PLACE, "map them with --columns, or make a new corpus of the table with --new")
    return find_judgements(table, mapped)


def find_judgements(table: Table, mapped: Mapped, place: Place = read_place) -> Findings:
    """Return the judgements of a table's rows, those of one annotator about one passage taken together.

    With a column `stances` each row is a judgement; else rows are pairs, and a row without target judges topics only.
    Stances count as judged where the table has a column for them.
    """
    found = Findings()
    groups: dict[tuple[Passage, str] | str, _Group] = {}
    whole = "stances" in mapped.columns
    known = {*mapped.columns, *mapped.constants}
    for where, fields in read_fields(table, mapped):
        with found.collect():
            group = _read_row(fields, where, mapped, place, whole, "stance" in known)
            if group is None:
                found.skip(where, "no label")
                continue
            key = where if whole else (group.passage, group.annotator)
            if key in groups:
                _join_rows(groups[key], group)
            else:
                groups[key] = group
    for group in groups.values():
        for item in group.stances or ():
            if isinstance(item, dict):
                holder = item.get("holder")
                item["holder"] = found.take_holder(holder if isinstance(holder, str) else None)
        named, topics, stances = bool(group.annotator), group.topics, group.stances
        judgement = Judgement(group.where, group.annotator, named, group.passage, topics, stances, group.text)
        found.judgements.append(judgement)
    return found


def _read_row(fields: Row, where: str, mapped: Mapped, place: Place, whole: bool, sided: bool) -> _Group | None:
    """Return what one row says, or None where it says nothing."""
    unjudged = frozenset(str(fields.get("not_judged", "")).replace(",", " ").split())
    if not unjudged <= set(TASKS):
        raise BadInput(f"expected not_judged as topics or stances, found {fields['not_judged']!r}", where)
    topics = _read_topics(fields.get("topics"), mapped, where)
    stances = _read_stances(fields.get("stances"), where) if whole else _read_pair(fields, mapped, where)
    labelled = topics or stances or unjudged or (whole and (stances is not None or "annotator" in fields))
    if not labelled:
        return None
    if not whole and (not sided or "stances" in unjudged):
        if stances:
            raise BadInput("has a stance that not_judged says is none; remove one of them", where)
        stances = None
    if topics and "topics" in unjudged:
        raise BadInput("has topics that not_judged says are none; remove one of them", where)
    passage, text = place(fields, where)
    return _Group(where, passage, text, str(fields.get("annotator", "")), topics, stances, unjudged)


def _join_rows(first: _Group, other: _Group) -> None:
    if (first.topics, first.unjudged) != (other.topics, other.unjudged):
        message = f"has the topics {other.topics}, the first row of this passage ({first.where}) has {first.topics}"
        raise BadInput(f"{message}; repeat them in every row of a passage", other.where)
    if first.stances is None or not first.stances or not other.stances:
        raise BadInput(f"repeats the passage of {first.where} without another target; remove it", other.where)
    first.stances.extend(other.stances)


def _read_topics(value: Any, mapped: Mapped, where: str) -> list[Any] | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = _split_topics(value, mapped, where)
    if not isinstance(value, list):
        raise BadInput(f"expected topics as a list or a text, found {str(value)[:60]!r}", where)
    return [_resolve_topic(topic, mapped) for topic in value]


def _split_topics(text: str, mapped: Mapped, where: str) -> list[Any]:
    """Split a cell: JSON, one name, or names between semicolons, bars or, where there are none, commas."""
    if text.lstrip().startswith("["):
        return _parse_list(text, where)
    if text.strip().casefold() in mapped.topics or text.strip() in mapped.labels:
        return [text]
    for mark in (";", "|", ","):
        if mark in text:
            return [part for part in text.split(mark) if part.strip()]
    return [text]


def _resolve_topic(topic: Any, mapped: Mapped) -> Any:
    if not isinstance(topic, str):
        return topic
    topic = mapped.labels.get(topic.strip(), topic.strip())
    return mapped.topics.get(topic.casefold(), topic)


def _parse_list(text: str, where: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise BadInput(f"expected a JSON list, found {text[:60]!r}", where)
    return value


def _read_stances(value: Any, where: str) -> list[dict[str, Any]] | None:
    if isinstance(value, str):
        value = _parse_list(value, where)
    if value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
        return None if value is None else [dict(item) for item in value]
    raise BadInput(f"expected stances as a list of target, stance and holder, found {str(value)[:60]!r}", where)


def _read_pair(fields: Row, mapped: Mapped, where: str) -> list[dict[str, Any]]:
    stance = fields.get("stance")
    if stance is None:
        if "target" in fields and "target" not in mapped.constants:
            raise BadInput(f"has the target {fields['target']!r} without a stance; add it, or clear the target", where)
        return []
    if "target" not in fields:
        raise BadInput("has a stance without a target; map a column, or name one with --set target=...", where)
    pair = {name: fields[name] for name in PAIR if name in fields}
    renamed = {name: mapped.labels.get(str(pair[name]).strip(), pair[name]) for name in ("target", "stance")}
    return [pair | renamed]
