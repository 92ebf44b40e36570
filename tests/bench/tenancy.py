"""What it costs to know, in each request, whose it is and by which parameters."""

import time
from typing import Any
from uuid import UUID

from tests.bench.programme import Programme

from guerdon.app.hosts import HostRouter, _authority
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import Database
from guerdon.support.traffic import Meter

REQUESTS = 5_000


async def per_request(p: Programme) -> tuple[list[float], list[float]]:
    """Statements of each request, and microseconds (medians of batches)."""
    router = HostRouter(_nobody, lambda: p.rt, Meter(), trusted_proxies=())
    headers = [(b"host", p.host.encode()), (b"accept", b"text/html")]

    def scope() -> dict[str, Any]:
        return {"type": "http", "method": "GET", "path": "/", "headers": headers, "state": {}}

    await router._resolve(scope(), p.host)  # type: ignore[arg-type]
    borrowed: list[UUID] = []
    original = Database._taken

    def counting(self: Database, tenant_id: UUID) -> Any:
        borrowed.append(tenant_id)
        return original(self, tenant_id)

    Database._taken = counting  # type: ignore[method-assign]
    micros = []
    try:
        for _ in range(10):
            scopes = [scope() for _ in range(REQUESTS // 10)]
            started = time.perf_counter()
            for each in scopes:
                refusal = await router._resolve(each, _authority(each))  # type: ignore[arg-type]
                assert refusal is None
                each["state"]["snapshot"][ProgrammeParameters]
            micros.append((time.perf_counter() - started) / len(scopes) * 1e6)
            assert scopes[-1]["state"]["tenant"].id == p.tenant.id
    finally:
        Database._taken = original  # type: ignore[method-assign]
    return [len(borrowed) / REQUESTS], micros


async def _nobody(*_: Any) -> None:
    raise AssertionError("resolving a host hands nothing on")
