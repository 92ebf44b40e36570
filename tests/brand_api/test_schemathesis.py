"""Generated requests over the whole description: no crash, no answer that it does not describe."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.isolation.test_routes import Brand, open_brand

from guerdon.brand_api.document import describe
from guerdon.brand_api.routes import HANDLERS

DESCRIBED = describe(HANDLERS)
OPERATIONS = sorted(
    operation["operationId"] for item in DESCRIBED["paths"].values() for operation in item.values()
)
CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
)  # fmt: skip
EXAMPLES = 20
schema = schemathesis.openapi.from_dict(DESCRIBED)


@pytest.fixture(scope="module")
async def brand(shared_rt: Any, worker_rt: Any, application: Any) -> Any:
    """A brand with one of everything."""
    made = await open_brand(shared_rt, worker_rt, application)
    yield made
    await made.client.aclose()


def send(brand: Brand, case: Any, loop: asyncio.AbstractEventLoop) -> schemathesis.Response:
    """The case over the real application."""
    kwargs = case.as_transport_kwargs(base_url=f"http://{brand.tenant.canonical_host}")
    prepared = requests.Request(
        **{k: v for k, v in kwargs.items() if k in (
            "method", "url", "headers", "params", "json", "data", "cookies")}
    ).prepare()  # fmt: skip
    member = "memberToken" in str(case.operation.definition.raw.get("security"))
    headers = dict(prepared.headers) | (brand.app if member else brand.api).headers
    headers = {k: v for k, v in headers.items() if k.lower() != "content-length"}
    if case.method != "GET":
        headers["Idempotency-Key"] = str(uuid4())
    encoded = {k: v if isinstance(v, bytes) else str(v).encode() for k, v in headers.items()}
    future: Future[httpx2.Response] = asyncio.run_coroutine_threadsafe(
        brand.client.request(
            prepared.method or "GET", prepared.url or "", headers=encoded,
            content=prepared.body if prepared.body is None or isinstance(prepared.body, bytes)
            else str(prepared.body).encode(),
        ),
        loop,
    )  # fmt: skip
    answer = future.result(30)
    return schemathesis.Response(
        status_code=answer.status_code,
        headers={name: [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=prepared,
        elapsed=0.0,
        verify=True,
    )


def examples(operation_id: str) -> Iterator[Any]:
    """The operation with this id."""
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] == operation_id:
            yield operation


@pytest.mark.parametrize("operation_id", OPERATIONS)
async def test_generated_requests(brand: Brand, operation_id: str) -> None:
    (operation,) = examples(operation_id)
    loop = asyncio.get_running_loop()
    tried = 0

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        nonlocal tried
        tried += 1
        case.validate_response(send(brand, case, loop), checks=CHECKS)

    await asyncio.to_thread(run)
    assert tried >= 1
