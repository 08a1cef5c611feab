"""Pipelines of transformers behind LitServe, after its page "Batching".

PEER_TOPIC=DIR PEER_STANCE=DIR PEER_THREADS=2 python benchmarks/peers/serving/litserve_app.py PORT WORKERS BATCH
"""

from __future__ import annotations

import sys
from typing import Any

import litserve
from pipelines import load_models

WAIT = 0.01  # seconds that a batch waits to be filled


class PipelineAPI(litserve.LitAPI):  # type: ignore[misc]
    def setup(self, device: str) -> None:
        self.models = load_models()

    def predict(self, request: Any) -> Any:
        if isinstance(request, list):  # with batching on
            return self.models.answer(request)
        return self.models.answer([request])[0]


def main(port: int, workers: int, batch: int) -> None:
    api = PipelineAPI(max_batch_size=batch, batch_timeout=WAIT if batch > 1 else 0.0)
    # Its own time limit of 30 s would send away what others keep waiting.
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=workers, timeout=False)
    server.run(host="127.0.0.1", port=port, log_level="warning", generate_client_file=False)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
