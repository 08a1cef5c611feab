"""The OpenAPI document of the real routes, and the same as a page for people, which needs no network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from importlib import metadata
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving import schema
from serving.limits import Limits
from serving.middleware import PRIVATE

TEXT = "The delegation called the new sanctions unjust and asked for their end. Its host defended them as necessary."
PAGE = f"<html><body><h1>Talks resume</h1><p>{TEXT}</p></body></html>"

_OUT: tuple[type[BaseModel], ...] = (
    schema.PredictOut,
    schema.PagesOut,
    schema.ModelOut,
    schema.ReadyOut,
    schema.ErrorOut,
)
_STYLE = "body{font:16px sans-serif;max-width:48em;margin:2em auto;padding:0 1em}pre{background:#eee;overflow:auto}"
# The page has this one style and nothing else: no script, no picture, nothing of another host.
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}}
_MEANINGS = {
    "400": "Malformed: empty, not UTF-8, not JSON.",
    "404": "No such route.",
    "405": "The route takes another method.",
    "408": "The body did not arrive in time.",
    "413": "Too large: bytes, passages, or what is to be explained.",
    "415": "Compressed.",
    "422": "Invalid: every passage, or a field of the whole request.",
    "500": "A fault of the service.",
    "503": "No model, or too busy; see Retry-After.",
    "504": "Not done in time.",
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
        "info": {
            "title": "Standpoint",
            "version": _version(),
            "description": "Topics and stances of passages of news and diplomatic text. Stances are those that a "
            "passage gives, a quoted speaker's included. Nothing of a request is stored.",
        },
        "paths": {
            "/v1/predict": {"post": _predict_operation()},
            "/v1/pages": {"post": _pages_operation(limits)},
            "/v1/model": {"get": _operation("Which models answer, their labels and limits", "ModelOut", "503")},
            "/readyz": {"get": _operation("Whether the service can answer, and why not", "ReadyOut", "503")},
            "/livez": {"get": _operation("Whether the process lives", None)},
            "/metrics": {"get": _operation("Counters for Prometheus", None)},
        },
        "components": {"schemas": definitions},
    }
    if with_keys:
        _add_keys(document)
    return document


def render_page(document: dict[str, Any]) -> str:
    """Return the document as a plain HTML page without scripts."""
    parts = [f"<h1>{html.escape(document['info']['title'])}</h1><p>{html.escape(document['info']['description'])}</p>"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{method.upper()} {path}</code></h2><p>{html.escape(operation['summary'])}</p>")
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                example = body["example"]
                text = example if isinstance(example, str) else json.dumps(example, indent=1, ensure_ascii=False)
                parts.append(f"<p>{html.escape(kind)}</p><pre>{html.escape(text)}</pre>")
            rows = (f"<li>{code}: {html.escape(r['description'])}</li>" for code, r in operation["responses"].items())
            parts.append(f"<ul>{''.join(rows)}</ul>")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Standpoint</title><style>{_STYLE}</style>'
        f'{"".join(parts)}<p>As OpenAPI: <a href="openapi.json">openapi.json</a></p></html>'
    )


def _version() -> str:
    try:
        return metadata.version("standpoint")
    except metadata.PackageNotFoundError:  # run from a checkout that was not installed
        return "0"


def _predict_operation() -> dict[str, Any]:
    example = {
        "passages": [
            {"id": "p1", "text": TEXT, "targets": ["sanctions"]},
            {"id": "p2", "text": "Trade between the two ports grew by a tenth in the spring."},
        ],
        "tasks": ["topic", "stance"],
        "explain": True,
    }
    body = {"schema": {"$ref": "#/components/schemas/PredictIn"}, "example": example}
    operation = _operation("Topics and stances of passages", "PredictOut", *_MEANINGS)
    return {**operation, "requestBody": {"required": True, "content": {"application/json": body}}}


def _pages_operation(limits: Limits) -> dict[str, Any]:
    text = {"type": "string", "maxLength": limits.target_characters}
    targets = {"type": "array", "items": text, "maxItems": limits.targets}
    name = {"type": "string", "maxLength": limits.document_characters, "default": "page"}
    parameters = [
        {"name": "target", "in": "query", "schema": targets, "description": "Repeated; left out: the codebook's."},
        {"name": "document", "in": "query", "schema": name, "description": "What the answer calls the page."},
    ]
    content = {
        "text/html": {"schema": {"type": "string"}, "example": PAGE},
        "*/*": {"schema": {"type": "string", "format": "binary"}, "example": TEXT},
    }
    operation = _operation("A raw page, cut into passages, each with its prediction", "PagesOut", *_MEANINGS)
    return {**operation, "parameters": parameters, "requestBody": {"required": True, "content": content}}


def _operation(summary: str, answer: str | None, *failures: str) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done."}
    if answer:
        done["content"] = {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}}
    refused = {code: {"description": _MEANINGS[code], "content": _ERROR} for code in failures}
    retry = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    if "503" in refused:
        refused["503"]["headers"] = retry
    return {"summary": summary, "responses": {"200": done, **refused}}


def _add_keys(document: dict[str, Any]) -> None:
    """Write into the document that the routes which take or give texts, and they alone, want a key."""
    document["components"]["securitySchemes"] = _SCHEMES
    refused = {
        "description": "No key, or one that is not known.",
        "headers": {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "Bearer"}},
        "content": _ERROR,
    }
    for path, methods in document["paths"].items():
        for operation in methods.values() if path.startswith(PRIVATE) else ():
            operation["security"] = [{name: []} for name in _SCHEMES]  # either
            operation["responses"] = dict(sorted({**operation["responses"], "401": refused}.items()))


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
