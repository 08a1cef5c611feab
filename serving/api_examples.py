"""The examples of the API: requests, and what a model answered to them; tests ask the real service for the same.

Answers are shortened in one way alone: of the topics and limits only a few are shown.
"""

from __future__ import annotations

from typing import Any

TEXT = "The delegation called the new sanctions unjust and asked for their end. Its host defended them as necessary."
TRADE = "Trade between the two ports grew by a tenth in the spring."
TARGET = "the sanctions"
DOCUMENT = "talks.html"
PAGE = f"<html><body><h1>Talks resume</h1><p>{TEXT}</p></body></html>"

REQUESTS: dict[str, dict[str, Any]] = {
    "passages": {
        "passages": [{"id": "p1", "text": TEXT, "targets": [TARGET]}, {"id": "p2", "text": TRADE}],
        "tasks": ["topic", "stance"],
    },
    "explained": {"passages": [{"text": TEXT, "targets": [TARGET]}], "tasks": ["stance"], "explain": True},
    "one-wrong": {"passages": [{"id": "p1", "text": TRADE}, {"id": "p2", "text": " "}], "tasks": ["topic"]},
    "all-wrong": {"passages": [{"id": "p1", "text": " "}]},
}

SUMMARIES = {
    "passages": "Two passages, one with a target of your own",
    "explained": "With the words that drove the answer",
    "one-wrong": "One passage of two is invalid: it gets its error in its place",
    "all-wrong": "All are invalid: the request is refused",
    "page": "A page, with a target",
}

_TOPIC_MODEL = {
    "name": "standpoint-topic",
    "version": "1",
    "digest": "4071fdc3a9fac8328d9b5619b96cffed586267150ee8b3ed4e8a171894973f05",
}
_STANCE_MODEL = {
    "name": "standpoint-stance",
    "version": "1",
    "digest": "9364b29294c75dbe11a6afc39c85d1abe1f27629309b9836969a84e71848ac82",
}
_MODELS = {"topic": _TOPIC_MODEL, "stance": _STANCE_MODEL}
_SANCTIONS = [
    {"topic": "sanctions", "probability": 0.96835, "decided": True},
    {"topic": "diplomacy", "probability": 0.043131, "decided": False},
]
_ECONOMY = [
    {"topic": "economy", "probability": 0.956743, "decided": True},
    {"topic": "diplomacy", "probability": 0.227674, "decided": False},
]
_AGAINST: dict[str, Any] = {
    "target": TARGET,
    "stance": "against",
    "probabilities": {"favor": 0.249502, "against": 0.732813, "none": 0.016862, "unrelated": 0.000823},
    "abstain": None,
}
_WORDS = [
    {"start": 30, "end": 39, "text": "sanctions", "weight": 5.175852},
    {"start": 67, "end": 70, "text": "end", "weight": 3.697329},
    {"start": 98, "end": 107, "text": "necessary", "weight": -1.787463},
]
_JUDGED = {"language": "en", "truncated": False}
_BLANK = "expected a text, found nothing but space"
_WRONG = {"code": "invalid", "message": _BLANK, "where": "passages[1].text"}

# By the name of the request: the status, and the answer.
ANSWERS: dict[str, tuple[int, dict[str, Any]]] = {
    "passages": (
        200,
        {
            "predictions": [
                {"id": "p1", **_JUDGED, "topics": _SANCTIONS, "stances": [_AGAINST]},
                {"id": "p2", **_JUDGED, "topics": _ECONOMY, "stances": []},
            ],
            "model": _MODELS,
        },
    ),
    "explained": (
        200,
        {
            "predictions": [{**_JUDGED, "stances": [{**_AGAINST, "words": _WORDS}]}],
            "model": {"stance": _STANCE_MODEL},
        },
    ),
    "one-wrong": (
        200,
        {
            "predictions": [{"id": "p1", **_JUDGED, "topics": _ECONOMY}, {"id": "p2", "error": _WRONG}],
            "model": {"topic": _TOPIC_MODEL},
        },
    ),
    "all-wrong": (422, {"error": {**_WRONG, "where": "passages[0].text"}}),
}

PAGES_ANSWER: dict[str, Any] = {
    "passages": [
        {
            "document": DOCUMENT,
            "start": 36,
            "end": 144,
            "text": TEXT,
            "encoding": "utf-8",
            **_JUDGED,
            "topics": _SANCTIONS,
            "stances": [_AGAINST],
        }
    ],
    "dropped": [
        {"document": DOCUMENT, "start": 0, "end": 16, "reason": "markup"},
        {"document": DOCUMENT, "start": 16, "end": 28, "reason": "heading"},
        {"document": DOCUMENT, "start": 28, "end": 36, "reason": "markup"},
        {"document": DOCUMENT, "start": 144, "end": 162, "reason": "markup"},
    ],
    "model": _MODELS,
}
PAGES_LINES: list[dict[str, Any]] = [
    *({"passage": passage} for passage in PAGES_ANSWER["passages"]),
    *({"dropped": span} for span in PAGES_ANSWER["dropped"]),
    {"model": _MODELS},
]

READY_ANSWER = {"ready": True, "model": _MODELS, "problems": {}}
LIVE_ANSWER = {"live": True}

ERRORS: dict[str, tuple[str, str]] = {
    "400": ("malformed_json", "the body is not JSON: Expecting value at line 1, column 15"),
    "401": ("unauthorized", "expected a key, as Authorization: Bearer KEY or X-API-Key: KEY; found none"),
    "408": ("slow_body", "the body did not arrive within 20 seconds"),
    "413": ("too_large", "the body has more than 1500000 bytes; send it in parts"),
    "415": ("unsupported_encoding", "compressed bodies are not read; send the body as it is"),
    "422": ("unknown_field", "unknown parameter; expected target or document"),
    "500": ("internal", "the service failed; the fault is its own, and is in its log"),
    "503": ("overloaded", "the service is busy; ask again in a moment"),
    "504": ("timeout", "not done within 60 seconds"),
}
