"""Every route of the real service against its own OpenAPI document: requests made up from it, right and wrong."""

from __future__ import annotations

import httpx
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from serving.limits import Limits
from serving.openapi import describe_api
from standpoint.service_process import ServiceProcess

API = describe_api(Limits())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
contract = schemathesis.openapi.from_dict(API, config=schemathesis.Config())


def test_the_service_shows_the_document_that_is_tested(service: ServiceProcess) -> None:
    assert httpx.get(f"{service.url}/openapi.json", trust_env=False).json() == API


@contract.parametrize()
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_a_documented_one(service: ServiceProcess, case: schemathesis.Case) -> None:
    case.call_and_validate(base_url=service.url, checks=CHECKS, timeout=60)
