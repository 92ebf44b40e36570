"""Counting answers for the deployment's overview, and writing the counts every few seconds."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar.types import HTTPScope

from guerdon.kit.tasks import ended
from guerdon.runtime import Runtime
from guerdon.support.traffic import FLUSH_EVERY_S, Meter

_log = structlog.get_logger(__name__)
# A refusal that the brand's state or a maintenance asks for is no failure of the deployment.
_WANTED = 503
_REFUSED = 409


def count(meter: Meter, scope: HTTPScope, status: int, seconds: float) -> None:
    """Count one answer of this process."""
    state = scope["state"]
    path = scope["path"]
    tenant = state.get("tenant")
    if path.startswith("/_hooks"):
        face = "hooks"
    elif "console" in state:
        face = "console"
    elif tenant is None:
        face = "base"
    else:
        face = "api" if path.startswith(("/api/", "/_refused/api")) else "site"
    if status == _WANTED and "refusal" in state:
        status = _REFUSED
    meter.add(
        minute=int(time.time() // 60),
        face=face,
        tenant_id=None if tenant is None else tenant.id,
        status=status or 500,
        seconds=seconds,
    )


@asynccontextmanager
async def writing(meter: Meter, rt: Runtime) -> AsyncIterator[None]:
    """Write the counts while the application runs, and once more at its end."""
    task = asyncio.create_task(_keep_writing(meter, rt), name="traffic")
    try:
        yield
    finally:
        await ended(task)
        await _write(meter, rt)


async def _keep_writing(meter: Meter, rt: Runtime) -> None:
    while True:
        # The counts of a few seconds are written together: no request waits for them.
        await asyncio.sleep(FLUSH_EVERY_S)
        await _write(meter, rt)


async def _write(meter: Meter, rt: Runtime) -> None:
    try:
        await meter.flush(rt.db, rt.clock.now())
    except Exception as error:
        _log.warning("traffic_not_written", error=type(error).__name__)
