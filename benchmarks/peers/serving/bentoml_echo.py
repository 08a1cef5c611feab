"""A BentoML service that gives back what it got: what the framework itself costs.

bentoml serve bentoml_echo:Echo --working-dir benchmarks/peers/serving
"""

from __future__ import annotations

import os
from typing import Any

import bentoml


@bentoml.service(workers=int(os.environ.get("PEER_WORKERS", "1")))
class Echo:
    @bentoml.api
    async def predict(self, passages: list[dict[str, Any]], tasks: list[str]) -> dict[str, Any]:
        return {"passages": passages, "tasks": tasks}
