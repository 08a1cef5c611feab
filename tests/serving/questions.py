"""Questions to the service without a server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from serving.core import ServiceCore
from serving.failures import Failure

AGAINST = "Shipowners condemned the port levy as a burden that ruins trade."


def ask(core: ServiceCore, *passages: Any, **fields: Any) -> dict[str, Any]:
    return core.predict(json.dumps({"passages": passages, **fields}).encode())


def refuse(core: ServiceCore, data: bytes | dict[str, Any]) -> Failure:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(Failure, match=r"\w") as caught:
        core.predict(body)
    return caught.value
