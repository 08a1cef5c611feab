"""From the bytes of a request to questions: every check that can be made before a model is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, get_args

from pydantic import ValidationError

from serving.failures import Failure, error_body
from serving.limits import Limits
from serving.schema import PassageIn, PredictIn
from standpoint.answers import Question
from standpoint.encoding import normalise, target_key
from standpoint.errors import BadInput
from standpoint.metadata import Task

TASKS: tuple[Task, ...] = get_args(Task)

_EXPECTED = {"id": "a string", "text": "a string", "targets": "a list of strings"}
_FOUND = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}


@dataclass(frozen=True)
class Rejected:
    """A passage that cannot be judged; `answer` stands in the place of its prediction."""

    answer: dict[str, Any]


@dataclass(frozen=True)
class PredictRequest:
    """A checked request: at least one item is a question. `tasks` is None where none were named."""

    items: tuple[Question | Rejected, ...]
    tasks: tuple[Task, ...] | None
    explain: bool

    @property
    def questions(self) -> list[Question]:
        return [item for item in self.items if isinstance(item, Question)]


def read_predict(data: bytes, limits: Limits) -> PredictRequest:
    """Check the body of POST /v1/predict. Raises Failure 400, 413 or 422; some invalid items are no failure."""
    content = _parse_json(data)
    if not isinstance(content, dict):
        raise Failure(422, "invalid", f"expected an object with the field passages, found {_type_name(content)}")
    for field in content:
        if field not in PredictIn.model_fields:
            known = ", ".join(PredictIn.model_fields)
            raise Failure(422, "unknown_field", f"unknown field; expected {known}", _short(field))
    passages = _read_passages(content, limits)
    tasks = _read_tasks(content.get("tasks"))
    explain = _read_explain(content.get("explain"))
    items = tuple(_read_item(item, f"passages[{row}]", limits) for row, item in enumerate(passages))
    rejected = [item for item in items if isinstance(item, Rejected)]
    if len(rejected) == len(items):
        error = rejected[0].answer["error"]
        many = f"all {len(items)} passages are invalid; the first: " if len(items) > 1 else ""
        raise Failure(422, error["code"], many + error["message"], error["where"])
    request = PredictRequest(items, tasks, explain)
    if explain:
        _check_explanations(request.questions, limits)
    return request


def read_targets(targets: Sequence[str], where: str, limits: Limits) -> tuple[str, ...]:
    """Check the targets of a passage or page. Raises BadInput."""
    if len(targets) > limits.targets:
        raise BadInput(f"expected at most {limits.targets} targets, found {len(targets)}", where)
    for row, target in enumerate(targets):
        place = f"{where}[{row}]"
        if len(target) > limits.target_characters:
            raise BadInput(f"expected at most {limits.target_characters} characters, found {len(target)}", place)
        _refuse_surrogates(target, place)
        if not target_key(target):
            raise BadInput("expected the wording of a target or a codebook id, found nothing but space", place)
    return tuple(targets)


def read_text(text: str, where: str, limits: Limits) -> str:
    """Return a passage's text, normalised. Raises BadInput where it is too long or nothing is left of it."""
    if len(text) > limits.passage_characters:
        message = f"expected at most {limits.passage_characters} characters, found {len(text)}; cut it into passages"
        raise BadInput(message, where)
    text = normalise(text)
    if not text:
        raise BadInput("expected a text, found nothing but space", where)
    return text


def _parse_json(data: bytes) -> Any:
    if not data.strip():
        raise Failure(400, "empty_body", 'expected a JSON object, as {"passages": [{"text": "..."}]}; found no body')
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure(400, "not_utf8", f"the body is not UTF-8 (byte {error.start}); send JSON as UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=_refuse_twins, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Failure(400, "malformed_json", f"the body is not JSON: {error.msg} at {place}") from None
    except RecursionError:
        raise Failure(400, "malformed_json", "the body is nested too deep; passages are a flat list") from None
    except ValueError:  # an integer of thousands of digits
        raise Failure(400, "malformed_json", "the body holds a number that is too long") from None


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise Failure(400, "malformed_json", "a field stands twice in one object", _short(twin))
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise Failure(400, "malformed_json", f"the body holds {name}, which JSON does not know")


def _read_passages(content: dict[str, Any], limits: Limits) -> list[Any]:
    if "passages" not in content:
        raise Failure(422, "invalid", "expected a list of passages, found no such field", "passages")
    passages = content["passages"]
    if not isinstance(passages, list):
        raise Failure(422, "invalid", f"expected a list of passages, found {_type_name(passages)}", "passages")
    if not passages:
        raise Failure(422, "invalid", "expected at least one passage, found none", "passages")
    if len(passages) > limits.passages:
        message = f"expected at most {limits.passages} passages, found {len(passages)}; send them in parts"
        raise Failure(413, "too_many_passages", message, "passages")
    return passages


def _read_tasks(tasks: Any) -> tuple[Task, ...] | None:
    if tasks is None:
        return None
    if not isinstance(tasks, list) or not tasks:
        found = "an empty list" if tasks == [] else _type_name(tasks)
        raise Failure(422, "invalid", f"expected a list of {' and '.join(TASKS)}, found {found}", "tasks")
    for row, task in enumerate(tasks):
        if task not in TASKS:
            found = f'"{_short(task)}"' if isinstance(task, str) else _type_name(task)
            raise Failure(422, "invalid", f"expected {' or '.join(TASKS)}, found {found}", f"tasks[{row}]")
    return tuple(task for task in TASKS if task in tasks)


def _read_explain(explain: Any) -> bool:
    if explain is None or isinstance(explain, bool):
        return bool(explain)
    raise Failure(422, "invalid", f"expected true or false, found {_type_name(explain)}", "explain")


def _check_explanations(questions: Sequence[Question], limits: Limits) -> None:
    """Raise Failure 413 where more is to be explained than a request may ask: each takes up to 200 predictions."""
    count = sum(max(1, len(question.targets or ())) for question in questions)
    if count > limits.explanations:
        message = (
            f"expected at most {limits.explanations} passages x targets to explain, found {count}; "
            "send them in parts, or without explain"
        )
        raise Failure(413, "too_many_explanations", message, "explain")


def _read_item(item: Any, where: str, limits: Limits) -> Question | Rejected:
    identifier: dict[str, str] = {}
    try:
        if not isinstance(item, dict):
            raise BadInput(f"expected an object with the field text, found {_type_name(item)}", where)
        if isinstance(item.get("id"), str):
            identifier = {"id": _read_id(item["id"], f"{where}.id", limits)}
        passage = _read_shape(item, where)
        text = read_text(passage.text, f"{where}.text", limits)
        targets = None if passage.targets is None else read_targets(passage.targets, f"{where}.targets", limits)
    except BadInput as error:
        return Rejected({**identifier, "error": error_body("invalid", error.message, error.where)})
    return Question(text, targets, passage.id)


def _read_id(identifier: str, where: str, limits: Limits) -> str:
    if len(identifier) > limits.id_characters:
        raise BadInput(f"expected at most {limits.id_characters} characters, found {len(identifier)}", where)
    _refuse_surrogates(identifier, where)
    return identifier


def _read_shape(item: dict[str, Any], where: str) -> PassageIn:
    try:
        return PassageIn.model_validate(item)
    except ValidationError as errors:
        # Only type and place are taken over: pydantic's own messages can quote the text.
        error = errors.errors(include_url=False, include_context=False)[0]
        field, *rest = error["loc"]
        place = f"{where}.{_short(field)}" + "".join(f"[{row}]" for row in rest)
        if error["type"] == "extra_forbidden":
            raise BadInput(f"unknown field; expected {', '.join(PassageIn.model_fields)}", place) from None
        expected = "a string" if rest else _EXPECTED[str(field)]
        found = "no such field" if error["type"] == "missing" else _type_name(error["input"])
        raise BadInput(f"expected {expected}, found {found}", place) from None


def _refuse_surrogates(text: str, where: str) -> None:
    # What comes back in the answer must be writable as UTF-8; a text does not come back and is repaired instead.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadInput("holds half of a surrogate pair; send well-formed Unicode", where)


def _type_name(value: Any) -> str:
    return "null" if value is None else _FOUND.get(type(value), "something else")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
