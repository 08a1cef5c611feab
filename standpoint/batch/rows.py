"""From a row to a question: the checks that the service makes of a passage, with its limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from standpoint.answers import Question
from standpoint.batch.record import Record
from standpoint.encoding import normalise, target_key
from standpoint.errors import BadInput

# As in the service (a test compares them): a file must not be answered where the same passage over HTTP is refused.
TEXT_CHARACTERS, TARGETS, TARGET_CHARACTERS, ID_CHARACTERS = 20_000, 64, 200, 200

_TYPES = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number"}


def read_question(record: Record, targets: tuple[str, ...] | None) -> Question | dict[str, Any]:
    """Return the question of a row, or what is written in the place of its prediction.

    `targets` are asked where a row names none of its own.
    """
    identifier = None
    try:
        content = _content(record)
        identifier = read_id(content)
        text = _read_text(content)
        own = content.get("targets")
        asked = targets if own is None else read_targets(own)
    except BadInput as error:
        message = f"{error.where}: {error.message}" if error.where else error.message
        code = "malformed" if record.content is None else "invalid"
        answer: dict[str, Any] = {} if identifier is None else {"id": identifier}
        return {**answer, "error": {"code": code, "message": message, "where": record.where}}
    return Question(text, asked, identifier)


def read_id(content: dict[str, Any]) -> str | None:
    """Return the id of a row as text; None where it has none. Raises BadInput on anything but text or whole numbers."""
    value = content.get("id")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadInput(f"expected a text or a whole number, found {_name_type(value)}", "id")
    identifier = str(value)
    if len(identifier) > ID_CHARACTERS:
        raise BadInput(f"expected at most {ID_CHARACTERS} characters, found {len(identifier)}", "id")
    _refuse_surrogates(identifier, "id")
    return identifier


def read_targets(values: Any, where: str = "targets") -> tuple[str, ...]:
    """Check the targets of a row or of the command. Raises BadInput."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise BadInput(f'expected a list, as ["the port levy"]; found {_name_type(values)}', where)
    if len(values) > TARGETS:
        raise BadInput(f"expected at most {TARGETS} targets, found {len(values)}", where)
    for number, target in enumerate(values):
        place = f"{where}[{number}]"
        if not isinstance(target, str):
            raise BadInput(f"expected a text, found {_name_type(target)}", place)
        if len(target) > TARGET_CHARACTERS:
            raise BadInput(f"expected at most {TARGET_CHARACTERS} characters, found {len(target)}", place)
        _refuse_surrogates(target, place)
        if not target_key(target):
            raise BadInput("expected the wording of a target or a codebook id, found nothing but space", place)
    return tuple(values)


def _content(record: Record) -> dict[str, Any]:
    if record.content is None:
        raise BadInput(record.problem)
    return record.content


def _read_text(content: dict[str, Any]) -> str:
    text = content.get("text")
    if not isinstance(text, str):
        raise BadInput(f"expected a text, found {_name_type(text) if 'text' in content else 'no such field'}", "text")
    if len(text) > TEXT_CHARACTERS:
        raise BadInput(
            f"expected at most {TEXT_CHARACTERS} characters, found {len(text)}; cut it into passages "
            "(standpoint pages does)",
            "text",
        )
    text = normalise(text)
    if not text:
        raise BadInput("expected a text, found nothing but space", "text")
    return text


def _refuse_surrogates(text: str, where: str) -> None:
    # What comes back must be writable as UTF-8; a text does not come back and is repaired by normalise instead.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadInput("holds half of a surrogate pair; write the whole character", where)


def _name_type(value: Any) -> str:
    return "null" if value is None else _TYPES.get(type(value), type(value).__name__)
