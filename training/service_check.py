"""Ask a running service, as an application would: over HTTP."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from standpoint.service_process import start_service
from training.demonstration import PAGE, PAGE_TARGETS, REQUEST

TIMEOUT = 120.0  # seconds


def ask_service(log: Path) -> dict[str, Any]:
    """Start the service on a free port, ask about passages and a raw page, stop it; returns what it said."""
    with start_service(port=0, log=log, ask_keys=False) as service:
        service.wait_ready(timeout=TIMEOUT)
        query = urllib.parse.urlencode([("document", "harbour-gazette"), *(("target", t) for t in PAGE_TARGETS)])
        return {
            "passages": _post(f"{service.url}/v1/predict", json.dumps(REQUEST).encode(), "application/json"),
            "page": _post(f"{service.url}/v1/pages?{query}", PAGE.encode(), "text/plain; charset=utf-8"),
        }


def _post(url: str, body: bytes, content_type: str) -> dict[str, Any]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
