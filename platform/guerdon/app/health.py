"""Whether this process lives, and whether the whole is fit to serve."""

import asyncio
import time
from typing import Any, Final

from litestar import Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from redis.exceptions import RedisError

from guerdon.identity.policy import public
from guerdon.plumbing.cache import WORKER_ALIVE
from guerdon.runtime import Runtime

_KEPT_S: Final = 0.5
_PATIENCE_S: Final = 3.0


class Health:
    """The state of the parts this process needs, looked at no more than twice a second."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._known: dict[str, bool] = {}
        self._known_at = 0.0

    async def parts(self, rt: Runtime) -> dict[str, bool]:
        """Database, Valkey and worker: each with whether it works."""
        async with self._lock:
            if time.monotonic() - self._known_at > _KEPT_S:
                database, (valkey, worker) = await asyncio.gather(
                    _database(rt), _valkey_and_worker(rt)
                )
                self._known = {"database": database, "valkey": valkey, "worker": worker}
                self._known_at = time.monotonic()
            return dict(self._known)


async def _database(rt: Runtime) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await rt.db.alive()
    except TimeoutError:
        return False


async def _valkey_and_worker(rt: Runtime) -> tuple[bool, bool]:
    """A worker writes a key that expires; without Valkey nobody can tell, so: no worker."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return True, bool(await rt.valkey.exists(WORKER_ALIVE))
    except (RedisError, OSError, TimeoutError):
        return False, False


@get("/health/live", opt={"policy": public()}, include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready", opt={"policy": public()}, include_in_schema=False)
async def ready(rt: NamedDependency[Runtime], state: State) -> Response[dict[str, Any]]:
    """200 when database, Valkey and a worker are there; 503 says which is not."""
    health: Health = state.health
    parts = await health.parts(rt)
    fit = all(parts.values())
    return Response(
        {
            "status": "ok" if fit else "unavailable",
            "parts": {name: "ok" if works else "unavailable" for name, works in parts.items()},
        },
        status_code=200 if fit else 503,
        headers={"cache-control": "no-store"},
    )
