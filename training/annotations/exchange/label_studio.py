"""Label Studio: tasks and labelling configuration out, its JSON export in.

A name that an annotation has in the corpus travels as `meta` of each of its results, since Label Studio takes only its
own users as annotators. Pre-annotations are `predictions`; these never come back as annotations by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from standpoint.errors import BadInput
from training.annotations.exchange.findings import Findings, Judgement
from training.annotations.exchange.label_config import (
    HOLDER,
    NOT_JUDGED,
    STANCE,
    TARGETS,
    TEXT,
    TOPICS,
    make_label_config,
)
from training.annotations.exchange.marks import TASKS
from training.annotations.exchange.tasks import Suggestion, Task, TaskSet
from training.annotations.records import Annotation, Passage
from training.files import replace_file

TASKS_FILE, CONFIG_FILE = "tasks.json", "labels.xml"
_CONTEXT = ("outlet", "kind", "date", "language", "title")


def write_label_studio(tasks: TaskSet, out: Path) -> list[Path]:
    """Write the tasks and the labelling configuration into the folder `out`; returns the files."""
    content = [_make_task(task, tasks.codebook.version) for task in tasks.tasks]
    replace_file(out / CONFIG_FILE, make_label_config(tasks.codebook).encode())
    replace_file(out / TASKS_FILE, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
    return [out / CONFIG_FILE, out / TASKS_FILE]


def _make_task(task: Task, version: str) -> dict[str, Any]:
    place = {"document": task.document.id, "start": task.start, "end": task.end}
    context = {name: getattr(task.document, name) for name in _CONTEXT}
    content: dict[str, Any] = {"data": {"text": task.text, **place, **context, "codebook": version}}
    if task.annotations:
        # Said outright: what is imported without a word counts as ground truth there.
        content["annotations"] = [{"result": _make_results(a), "ground_truth": False} for a in task.annotations]
    if task.suggestion:
        content["predictions"] = [_make_prediction(task.suggestion)]
    return content


def _make_results(annotation: Annotation) -> list[dict[str, Any]]:
    stances = annotation.stances or ()
    judged = {"topics": annotation.topics, "stances": annotation.stances}
    results = [_choose(NOT_JUDGED, [task for task in TASKS if judged[task] is None])]
    results += [_choose(TOPICS, annotation.topics or ()), _choose(TARGETS, [label.target for label in stances])]
    for label in stances:
        results += [_choose(f"{STANCE}{label.target}", [label.stance]), _name_holder(label.target, label.holder)]
    return [result | {"meta": {"annotator": [annotation.annotator]}} for result in results if result]


def _make_prediction(suggestion: Suggestion) -> dict[str, Any]:
    results = [_choose(TOPICS, list(suggestion.topics)), _choose(TARGETS, list(suggestion.stances))]
    for target, (stance, score) in suggestion.stances.items():
        results.append(_choose(f"{STANCE}{target}", [stance]) | {"score": score})
    found = [result for result in results if result]
    return {"model_version": suggestion.model, "score": suggestion.score, "result": found}


def _choose(name: str, values: Any) -> dict[str, Any]:
    """Return the result of a group of choices, empty where nothing is chosen."""
    result = {"id": name, "from_name": name, "to_name": TEXT, "type": "choices", "value": {"choices": list(values)}}
    return result if values else {}


def _name_holder(target: str, holder: str) -> dict[str, Any]:
    name = f"{HOLDER}{target}"
    return {"id": name, "from_name": name, "to_name": TEXT, "type": "textarea", "value": {"text": [holder]}}


def read_label_studio(source: Path) -> Findings:
    """Read a JSON export, or the folder that `write_label_studio` wrote. Raises BadInput where it is none."""
    path = source / TASKS_FILE if source.is_dir() else source
    found = Findings()
    for number, task in enumerate(_read_tasks(path), start=1):
        where = f"{path}: task {task.get('id', f'number {number}')}"
        with found.collect():
            _read_task(task, where, found)
    return found


def _read_tasks(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", str(path)) from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"is no JSON ({type(error).__name__}); export as JSON from Label Studio", str(path)) from None
    if not isinstance(content, list) or not all(isinstance(task, dict) for task in content):
        raise BadInput("expected a list of tasks; export as JSON from Label Studio", str(path))
    if any("data" not in task for task in content):
        raise BadInput("a task has no 'data'; export as JSON from Label Studio, not as JSON-MIN", str(path))
    return content


def _read_task(task: dict[str, Any], where: str, found: Findings) -> None:
    data, annotations = task["data"], task.get("annotations") or []
    fields = data if isinstance(data, dict) else {}
    passage = _read_passage(fields, where)
    for draft in task.get("drafts") or []:
        found.skip(f"{where}, draft {_identify(draft)}", "a draft that was not submitted")
    if not annotations:
        found.skip(where, "not annotated")
    for annotation in annotations:
        place = f"{where}, annotation {_identify(annotation)}"
        with found.collect():
            _read_annotation(annotation, passage, fields, place, found)


def _identify(item: Any) -> Any:
    return item.get("id", "without id") if isinstance(item, dict) else item


def _read_passage(data: Mapping[str, Any], where: str) -> Passage:
    document, start, end = (data.get(name) for name in ("document", "start", "end"))
    if not isinstance(document, str) or type(start) is not int or type(end) is not int:
        message = "expected data with document, start and end, as exported"
        raise BadInput(f"{message}, found {', '.join(data) or 'nothing'}; import the tasks of standpoint export", where)
    return document, start, end


def _read_annotation(annotation: Any, passage: Passage, data: Mapping[str, Any], where: str, found: Findings) -> None:
    results = annotation.get("result") if isinstance(annotation, dict) else None
    if not isinstance(results, list) or not all(isinstance(result, dict) for result in results):
        raise BadInput("expected an annotation with a list 'result'", where)
    if annotation.get("was_cancelled"):
        found.skip(where, "skipped by its annotator")
        return
    # The bulk action that turns predictions into annotations leaves no time of work: nobody looked at them.
    if annotation.get("parent_prediction") is not None and annotation.get("lead_time") is None:
        found.skip(where, "copied from a prediction in bulk, seen by nobody")
        return
    topics, stances = _read_results(results, found, where)
    annotator, named = _find_annotator(annotation, results)
    text, codebook = data.get("text"), data.get("codebook")
    unchanged = bool(results) and all(result.get("origin") == "prediction" for result in results)
    found.judgements.append(
        Judgement(
            where=where,
            annotator=annotator,
            named=named,
            passage=passage,
            topics=topics,
            stances=stances,
            text=text if isinstance(text, str) else None,
            codebook=codebook if isinstance(codebook, str) and not named else None,
            unchanged=unchanged and not named,
        )
    )


def _find_annotator(annotation: Mapping[str, Any], results: list[dict[str, Any]]) -> tuple[str, bool]:
    """Return (annotator, whether it is a name of the corpus), else the address or number of a user.

    What was exported under a name and then changed by somebody is that user's own judgement.
    """
    editor = annotation.get("updated_by")
    names = {_read_name(result) for result in results}
    if editor is None and len(names) == 1 and (name := names.pop()):
        return name, True
    user = annotation.get("completed_by")
    if isinstance(user, dict):
        user = user.get("email") or user.get("id")
    key = editor if editor is not None and any(names) else user
    return ("" if key is None else str(key)), False


def _read_name(result: Mapping[str, Any]) -> str:
    meta = result.get("meta")
    names = meta.get("annotator") if isinstance(meta, dict) else None
    return names[0] if isinstance(names, list) and len(names) == 1 and isinstance(names[0], str) else ""


def _read_results(
    results: list[dict[str, Any]], found: Findings, where: str
) -> tuple[list[Any] | None, list[dict[str, Any]] | None]:
    values = dict(_read_values(results, where))
    unjudged = values.pop(NOT_JUDGED, [])
    topics, ticked = values.pop(TOPICS, []), values.pop(TARGETS, [])
    holders = {name.removeprefix(HOLDER): values.pop(name) for name in list(values) if name.startswith(HOLDER)}
    sides = {name.removeprefix(STANCE): labels for name, labels in values.items()}
    for task, labels in (("topics", topics), ("stances", sides)):
        if task in unjudged and labels:
            raise BadInput(f"has {task}, while they are ticked as not judged; correct it in Label Studio", where)
    if "topics" not in unjudged and not topics:
        raise BadInput("has no topic; choose one in Label Studio, or tick that topics are not judged", where)
    if without := [target for target in ticked if target not in sides]:
        raise BadInput(f"ticks the target {without[0]!r} without a stance; choose one in Label Studio", where)
    if loose := [target for target in sides if target not in ticked]:
        raise BadInput(f"has a stance toward {loose[0]!r}, which is not ticked; tick it in Label Studio", where)
    stances = [
        {"target": target, "stance": labels[0], "holder": found.take_holder(holders.get(target, [None])[0])}
        for target, labels in sides.items()
    ]
    return (None if "topics" in unjudged else topics), (None if "stances" in unjudged else stances)


def _read_values(results: list[dict[str, Any]], where: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield (control, values). Raises BadInput for a control that is not in our configuration, or that stands twice."""
    seen: set[str] = set()
    for result in results:
        name, value = result.get("from_name"), result.get("value")
        known = name in (TOPICS, TARGETS, NOT_JUDGED) or str(name).startswith((STANCE, HOLDER))
        if not isinstance(name, str) or not known:
            raise BadInput(f"has a result of {name!r}; expected controls of the exported {CONFIG_FILE}", where)
        values = value.get("text" if name.startswith(HOLDER) else "choices") if isinstance(value, dict) else None
        values = [values] if isinstance(values, str) else values
        if not isinstance(values, list) or not values or not all(isinstance(item, str) for item in values):
            raise BadInput(f"expected a list of texts as the value of {name!r}, found {str(value)[:60]}", where)
        if name in seen or (name.startswith((STANCE, HOLDER)) and len(values) > 1):
            raise BadInput(f"{name!r} has more than one value; keep one in Label Studio", where)
        seen.add(name)
        yield name, values
