"""Judgements as flat marks, for tools whose tasks have one list of labels, and holders as lines of text.

topic:economy    stance:nato-enlargement:favor    not-judged:topics
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from standpoint.codebook import STANCES, Codebook
from standpoint.errors import BadInput
from training.annotations.exchange.findings import Findings
from training.annotations.records import Annotation

TASKS = ("topics", "stances")


def list_marks(codebook: Codebook) -> dict[str, str]:
    """Return every mark of a codebook with its wording for people."""
    marks = {f"topic:{topic}": name for topic, name in codebook.topic_names.items()}
    for target, wording in codebook.targets.items():
        marks |= {f"stance:{target}:{stance}": f"{wording}: {stance}" for stance in STANCES}
    return marks | {f"not-judged:{task}": f"({task} not judged)" for task in TASKS}


def make_marks(annotation: Annotation) -> list[str]:
    """Return the marks of an annotation; the holders are left to `format_holders`."""
    marks = [f"topic:{topic}" for topic in annotation.topics or ()]
    marks += [f"stance:{label.target}:{label.stance}" for label in annotation.stances or ()]
    judged = {"topics": annotation.topics, "stances": annotation.stances}
    return marks + [f"not-judged:{task}" for task, labels in judged.items() if labels is None]


def read_marks(
    marks: Iterable[Any], holders: Mapping[str, str], found: Findings, where: str
) -> tuple[list[str] | None, list[dict[str, Any]] | None]:
    """Return topics and stances of marks; stances stand in the order of `holders`, then of the marks.

    Raises BadInput for a mark of another kind, and for labels of a task that is marked as not judged.
    """
    topics: list[str] = []
    stances: list[dict[str, Any]] = []
    unjudged: set[str] = set()
    for mark in marks:
        kind, _, rest = mark.partition(":") if isinstance(mark, str) else ("", "", "")
        target, colon, stance = rest.rpartition(":")
        if kind == "topic" and rest:
            topics.append(rest)
        elif kind == "stance" and colon:
            stances.append({"target": target, "stance": stance})
        elif kind == "not-judged" and rest in TASKS:
            unjudged.add(rest)
        else:
            raise BadInput(f"expected labels such as topic:NAME or stance:TARGET:STANCE, found {mark!r}", where)
    order = {target: place for place, target in enumerate(holders)}
    stances.sort(key=lambda item: order.get(item["target"], len(order)))
    for task, labels in zip(TASKS, (topics, stances), strict=True):
        if task in unjudged and labels:
            raise BadInput(f"has {task} and the mark not-judged:{task}; remove one of them", where)
    for item in stances:
        item["holder"] = found.take_holder(holders.get(item["target"]))
    return (None if "topics" in unjudged else topics), (None if "stances" in unjudged else stances)


def format_holders(annotation: Annotation) -> str:
    """Return a line `target: holder` for each stance; a holder that would not fit on a line is quoted as JSON."""
    return "\n".join(f"{label.target}: {_quote(label.holder)}" for label in annotation.stances or ())


def _quote(holder: str) -> str:
    plain = holder == holder.strip() and holder.isprintable() and not holder.startswith('"')
    return holder if plain else json.dumps(holder)


def parse_holders(text: str, where: str) -> dict[str, str]:
    """Return the holders by target of `format_holders`, or of lines that a person wrote so. Raises BadInput."""
    holders: dict[str, str] = {}
    for line in text.split("\n"):
        if not line.strip():
            continue
        target, colon, holder = (part.strip() for part in line.partition(":"))
        if not colon or not target:
            raise BadInput(f"expected holders as lines TARGET: HOLDER, found {line[:60]!r}", where)
        if target in holders:
            raise BadInput(f"the target {target!r} has two holders; remove one of them", where)
        holders[target] = _unquote(holder, where)
    return holders


def _unquote(holder: str, where: str) -> str:
    if not holder.startswith('"'):
        return holder
    try:
        found = json.loads(holder)
    except ValueError:
        return holder  # somebody's own quotation mark
    return found if isinstance(found, str) else holder
