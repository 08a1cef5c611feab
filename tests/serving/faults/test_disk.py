"""No room is left where the service writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from standpoint.models_folder import NAMES, publish_artifact
from tests.serving.application import wait_until
from tests.serving.faults.load import Load, ask_alone, fetch
from tests.serving.faults.running import STARTING, run_service


def test_a_log_that_takes_nothing_stops_nothing(models: Path, make_artifact: Callable[..., Path]) -> None:
    with run_service(models, Path("/dev/full")) as service:
        service.wait_ready(STARTING)
        with Load(service, 4) as load:
            publish_artifact(make_artifact("stance", 2), NAMES["stance"], "2", {}, models)  # which is logged too
            wait_until(lambda: len(load.outcomes) >= 100)
            wait_until(lambda: ask_alone(service).answer["model"]["stance"]["version"] == "2")
        assert load.faults() == []
        assert fetch(service, "/nothing")[0] == 404
        service.stop()
        assert service._process.returncode == 0
