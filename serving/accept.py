"""Which form of an answer a client takes: the Accept header (RFC 9110, section 12.5.1), for two forms."""

from __future__ import annotations

import re

LINES = "application/x-ndjson"
_JSON = "application/json"
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def wants_lines(accept: str) -> bool:
    """Tell whether a client would rather have a line of JSON at a time than one JSON object.

    The higher quality wins; of two that are equal the one that is named more exactly, and then the object, which
    everybody else gets too: nobody is sent away for what a header does not name.
    """
    return _weigh(accept, LINES) > _weigh(accept, _JSON)


def _weigh(accept: str, form: str) -> tuple[float, int]:
    """Return the quality of a form, and how exactly it was named: 0 not at all, 1 */*, 2 its kind, 3 itself."""
    exactness = {"*/*": 1, form.partition("/")[0] + "/*": 2, form: 3}
    found = (0.0, 0)
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        exact = exactness.get(name, 0)
        if exact > found[1]:  # the most exact range that fits is the one that holds
            found = (_read_quality(parameters), exact)
    return found if found[0] else (0.0, 0)


def _read_quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            # A weight that is none is taken for no wish at all.
            return float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
    return 1.0
