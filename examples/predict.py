"""Ask a running service for topics and stances, with nothing but Python's own library.

python examples/predict.py [http://127.0.0.1:3000]

STANDPOINT_KEY holds the key, where the service asks for one.
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
ATTEMPTS = 5
TIMEOUT_SECONDS = 90  # the service gives up after 60


def predict(url: str, passages: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask for predictions; where the service is busy, wait as long as it says and ask again: nothing is done twice."""
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get("STANDPOINT_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    body = json.dumps({"passages": passages}).encode()
    for left in reversed(range(ATTEMPTS)):
        request = urllib.request.Request(f"{url}/v1/predict", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or not left:
                raise SystemExit(f"{error.code}: {json.load(error)['error']['message']}") from None
            time.sleep(float(error.headers.get("Retry-After", 1)))
        except OSError as error:  # nobody listens, or the time is over
            raise SystemExit(f"{url}: {error}") from None
    raise AssertionError("the last attempt returns or ends")


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
