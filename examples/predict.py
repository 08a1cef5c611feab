"""Ask a running service for topics and stances, with nothing but Python's own library.

python examples/predict.py [http://127.0.0.1:3000]
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any

PASSAGES = [
    {"id": "one", "text": "Shipowners condemned the sanctions as a burden on trade.", "targets": ["the sanctions"]},
    {"id": "two", "text": "The envoy defended the sanctions as the only answer left.", "targets": ["the sanctions"]},
    {"id": "three", "text": " "},  # invalid: comes back with an error in its place
]


def predict(url: str, passages: list[dict[str, Any]], attempts: int = 3) -> dict[str, Any]:
    """Ask for predictions; wait and ask again where the service says that it is busy."""
    request = urllib.request.Request(
        f"{url}/v1/predict",
        data=json.dumps({"passages": passages}).encode(),
        headers={"Content-Type": "application/json"},
    )
    for attempt in range(1, attempts + 1):
        try:
            with urllib.request.urlopen(request, timeout=90) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After")
            if wait is None or attempt == attempts:
                raise SystemExit(f"{error.code}: {json.load(error)['error']['message']}") from None
            time.sleep(int(wait))
    raise SystemExit("expected at least one attempt")


def main() -> None:
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("STANDPOINT_URL", "http://127.0.0.1:3000")
    answer = predict(url, PASSAGES)
    for prediction in answer["predictions"]:
        if "error" in prediction:
            print(prediction.get("id"), "refused:", prediction["error"]["message"])
            continue
        topics = [topic["topic"] for topic in prediction.get("topics", []) if topic["decided"]]
        print(prediction["id"], "topics:", ", ".join(topics))
        for row in prediction.get("stances", []):
            print(prediction["id"], row["target"], "->", row["stance"] or f"withheld ({row['abstain']})")


if __name__ == "__main__":
    main()
