"""What the environment asks of the service, read and checked as a whole.

`python -m serving.settings` checks and does nothing else: one line on standard error and exit code 2 where a variable
is wrong. `standpoint serve` asks it before it starts the service, so that nothing heavy is imported here.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from serving.limits import Limits, read_limits, read_positive
from serving.logs import Form, read_form
from standpoint.errors import BadInput, StandpointError

THREADS, WORKERS = "STANDPOINT_THREADS", "STANDPOINT_WORKERS"
VARIANT = "STANDPOINT_VARIANT"  # of the models, in place of the fastest admitted
ORIGINS = "STANDPOINT_CORS"  # exact origins, separated by commas
EXPORTER, DISABLED = "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")  # the first that is set holds
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")  # as browsers write it
_EXPORTER_PACKAGE = "opentelemetry.exporter.otlp.proto.http"


@dataclass(frozen=True)
class Settings:
    """The settings of a service, all of them sound."""

    limits: Limits
    origins: tuple[str, ...]  # whose pages may ask from a browser
    log_form: Form
    threads: int  # of a model, in each worker
    variant: str | None  # of both models; None: the fastest of each that was admitted
    workers: int
    tracing: bool


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings of STANDPOINT_ and OTEL_ variables. Raises BadInput that names the variable."""
    threads = read_count(environment, THREADS)
    return Settings(
        limits=read_limits(environment, threads),
        origins=read_origins(environment),
        log_form=read_form(environment),
        threads=threads,
        variant=environment.get(VARIANT) or None,
        workers=read_count(environment, WORKERS),
        tracing=wants_traces(environment),
    )


def read_count(environment: Mapping[str, str], name: str) -> int:
    """Return a positive whole number of the environment, 1 where it is not set. Raises BadInput."""
    return read_positive(environment.get(name) or "1", name)


def read_origins(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the origins of STANDPOINT_CORS. Raises BadInput on one that no browser would send, `*` included."""
    origins = [part.strip() for part in environment.get(ORIGINS, "").split(",")]
    for origin in filter(None, origins):
        if not _ORIGIN.fullmatch(origin):
            message = f"expected origins as https://app.example.org, separated by commas, found {origin!r}"
            raise BadInput(f"{message}; no path, no slash at the end, small letters", ORIGINS)
    return tuple(filter(None, origins))


def wants_traces(environment: Mapping[str, str]) -> bool:
    """Tell whether requests are to be traced. Raises BadInput where what is asked for cannot be had."""
    exporter = environment.get(EXPORTER, "").strip().lower()
    if exporter not in ("", "otlp", "none"):
        raise BadInput(f"expected otlp or none, found {exporter!r}", EXPORTER)
    endpoint = next((name for name in ENDPOINTS if environment.get(name)), None)
    if exporter == "none" or environment.get(DISABLED, "").strip().lower() == "true" or not (exporter or endpoint):
        return False
    protocol = next((name for name in PROTOCOLS if environment.get(name)), None)
    if protocol and environment[protocol].strip().lower() != "http/protobuf":
        raise BadInput(f"expected http/protobuf, the only one spoken here, found {environment[protocol]!r}", protocol)
    if endpoint and not environment[endpoint].startswith(("http://", "https://")):
        raise BadInput(f"expected an address as http://127.0.0.1:4318, found {environment[endpoint]!r}", endpoint)
    if not _is_installed(_EXPORTER_PACKAGE):
        message = f"asks for traces, which need the package {_EXPORTER_PACKAGE}; it is not installed: run pip install "
        raise BadInput(message + "'standpoint[tracing]', or set OTEL_TRACES_EXPORTER=none", endpoint or EXPORTER)
    return True


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # of one of the packages around it
        return False


def main() -> int:
    try:
        read_settings(os.environ)
    except StandpointError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
