"""The OpenAPI document of the real routes."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving import api_examples as examples
from serving import schema
from serving.accept import LINES
from serving.description import service_version
from serving.limits import Limits
from serving.middleware import PRIVATE

_OUT: tuple[type[BaseModel], ...] = (
    schema.PredictOut,
    schema.PagesOut,
    schema.PageLine,
    schema.ModelOut,
    schema.ReadyOut,
    schema.LiveOut,
    schema.ErrorOut,
)
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
DESCRIPTION = """\
Topics and stances of passages of news and diplomatic text. Stances are those that a passage gives, a quoted speaker's \
included. Nothing of a request is stored.

Repeating: predictions are pure, so every request may be sent again, after a fault or a lost connection too. An \
Idempotency-Key is accepted, and needs nothing. After 429 or 503 wait as many seconds as Retry-After says.

Errors: every answer of 4xx and 5xx is {"error": {"code", "message", "where"?}}. Go by code; messages may change.

Versions: within /v1 there may come new routes, new optional fields of requests, new fields of answers, and new \
values of code, reason and abstain: clients leave alone what they do not know. Whatever else would change comes as \
/v2, beside /v1. A route that is to go says so in every answer, by Deprecation (RFC 9745) with the day from which it \
is deprecated, Sunset (RFC 8594) with the day from which it may be gone, at least 180 days later, and Link to what \
takes its place (rel="successor-version"). No route is deprecated today.
"""
_MEANINGS = {
    "400": "Malformed: empty, not UTF-8, not JSON.",
    "401": "No key, or one that is not known.",
    "408": "The body did not arrive in time.",
    "413": "Too large: bytes, passages, or what is to be explained.",
    "415": "Compressed.",
    "422": "Invalid: every passage, or a field of the whole request.",
    "500": "A fault of the service.",
    "503": "No model, or too busy; see Retry-After.",
    "504": "Not done in time.",
}
_OF_A_BODY = ("400", "408", "413", "415", "422", "500", "503", "504")
_HEADERS = {
    "401": {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "Bearer"}},
    "503": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}},
}
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string"},
    "description": "Accepted, and not needed: a request that is repeated gets the same answer.",
}


def describe_api(limits: Limits, with_keys: bool = False) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, with the limits that this process keeps, and whether it asks for keys."""
    _, schemas = models_json_schema(
        [(schema.PredictIn, "validation"), *((model, "serialization") for model in _OUT)],
        ref_template="#/components/schemas/{model}",
    )
    definitions = schemas["$defs"]
    _add_limits(definitions, limits)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Standpoint", "version": service_version(), "description": DESCRIPTION},
        "paths": {
            "/v1/predict": {"post": _predict_operation()},
            "/v1/pages": {"post": _pages_operation(limits)},
            "/v1/model": {
                "get": _operation("Which models answer, their labels and limits", _json("ModelOut"), "500", "503")
            },
            "/readyz": {
                "get": _operation(
                    "Whether the service can answer, and why not",
                    _json("ReadyOut", {"ready": examples.READY_ANSWER}),
                    "500",
                    "503",
                )
            },
            "/livez": {
                "get": _operation("Whether the process lives", _json("LiveOut", {"live": examples.LIVE_ANSWER}))
            },
            "/metrics": {
                "get": _operation("Counters for Prometheus", {"text/plain": {"schema": {"type": "string"}}}, "500")
            },
        },
        "components": {"schemas": definitions},
    }
    if with_keys:
        _add_keys(document)
    return document


def _predict_operation() -> dict[str, Any]:
    asked = {
        name: {"summary": examples.SUMMARIES[name], "value": request} for name, request in examples.REQUESTS.items()
    }
    given = {name: answer for name, (status, answer) in examples.ANSWERS.items() if status == 200}
    operation = _operation("Topics and stances of passages", _json("PredictOut", given), *_OF_A_BODY)
    for name, (status, answer) in examples.ANSWERS.items():
        if status != 200:
            operation["responses"][str(status)]["content"] = _json("ErrorOut", {name: answer})
    body = {"schema": {"$ref": "#/components/schemas/PredictIn"}, "examples": asked}
    content = {"required": True, "content": {"application/json": body}}
    return {**operation, "parameters": [_IDEMPOTENCY], "requestBody": content}


def _pages_operation(limits: Limits) -> dict[str, Any]:
    text = {"type": "string", "maxLength": limits.target_characters}
    targets = {"type": "array", "items": text, "maxItems": limits.targets}
    name = {"type": "string", "maxLength": limits.document_characters, "default": "page"}
    parameters = [
        {
            "name": "target",
            "in": "query",
            "schema": targets,
            "description": "Repeated; left out: the codebook's.",
            "example": [examples.TARGET],
        },
        {
            "name": "document",
            "in": "query",
            "schema": name,
            "description": "What the answer calls the page.",
            "example": examples.DOCUMENT,
        },
        _IDEMPOTENCY,
    ]
    page = {"summary": examples.SUMMARIES["page"], "value": examples.PAGE}
    content = {
        "text/html": {"schema": {"type": "string"}, "examples": {"page": page}},
        "*/*": {"schema": {"type": "string", "format": "binary"}},
    }
    lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in examples.PAGES_LINES)
    answers = {
        **_json("PagesOut", {"page": examples.PAGES_ANSWER}),
        LINES: {"schema": {"$ref": "#/components/schemas/PageLine"}, "examples": {"page": {"value": lines}}},
    }
    operation = _operation("A raw page, cut into passages, each with its prediction", answers, *_OF_A_BODY)
    description = (
        f"With Accept: {LINES}, an object a line, each passage as soon as it is judged: {{passage}} for each passage, "
        "{dropped} for each dropped span, and {model} at the end. A fault on the way, when the status is sent already, "
        "is the last line, {error}; a stream without either of these two is not complete."
    )
    return {
        **operation,
        "description": description,
        "parameters": parameters,
        "requestBody": {"required": True, "content": content},
    }


def _operation(summary: str, answers: dict[str, Any], *failures: str) -> dict[str, Any]:
    refused = {code: _failure(code) for code in failures}
    return {"summary": summary, "responses": {"200": {"description": "Done.", "content": answers}, **refused}}


def _failure(status: str) -> dict[str, Any]:
    code, message = examples.ERRORS[status]
    failure: dict[str, Any] = {"description": _MEANINGS[status], "content": _json("ErrorOut")}
    failure["content"]["application/json"]["example"] = {"error": {"code": code, "message": message}}
    return failure | ({"headers": _HEADERS[status]} if status in _HEADERS else {})


def _json(shape: str, answers: dict[str, Any] | None = None) -> dict[str, Any]:
    named = {"examples": {name: {"value": answer} for name, answer in answers.items()}} if answers else {}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}, **named}}


def _add_keys(document: dict[str, Any]) -> None:
    """Write into the document that the routes which take or give texts, and they alone, want a key."""
    document["components"]["securitySchemes"] = _SCHEMES
    for path, methods in document["paths"].items():
        for operation in methods.values() if path.startswith(PRIVATE) else ():
            operation["security"] = [{name: []} for name in _SCHEMES]  # either
            operation["responses"] = dict(sorted({**operation["responses"], "401": _failure("401")}.items()))


def _add_limits(definitions: dict[str, Any], limits: Limits) -> None:
    """Write the bounds into the schemas: they belong to the process, not to the shapes."""
    request, passage = definitions["PredictIn"]["properties"], definitions["PassageIn"]["properties"]
    request["passages"]["maxItems"] = limits.passages
    request["explain"]["description"] += (
        f" At most {limits.explanations} passages x targets of a request are explained, a passage that names none "
        "counting once."
    )
    passage["text"] |= {"minLength": 1, "maxLength": limits.passage_characters}
    passage["id"]["anyOf"][0]["maxLength"] = limits.id_characters
    targets = passage["targets"]["anyOf"][0]
    targets["maxItems"] = limits.targets
    targets["items"] |= {"minLength": 1, "maxLength": limits.target_characters}
