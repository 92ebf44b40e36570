"""Valkey: what processes share (sessions, limits, locks). Keys carry the tenant."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as ValkeyTimeoutError

from guerdon.kit.errors import UnavailableError

Valkey = Redis


def open_valkey(url: str) -> Valkey:
    """A client; it connects when first used."""
    return Redis.from_url(
        url,
        decode_responses=False,
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=15,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), 2),
        retry_on_error=[ValkeyConnectionError, ValkeyTimeoutError],
    )


def key(tenant_id: UUID | None, *parts: str | int | UUID) -> str:
    """The one builder of keys: `g:<tenant or ->:<part>:<part>`; a part must not hold a colon."""
    texts = [str(part) for part in parts]
    if any(":" in text for text in texts):
        raise ValueError("a part of a key must not hold a colon")
    return ":".join(["g", "-" if tenant_id is None else str(tenant_id), *texts])


# Set by every worker, with a short life: somebody is there to do the work.
WORKER_ALIVE = key(None, "worker", "alive")


async def reach(command: Awaitable[Any]) -> Any:
    """The answer of a command; UnavailableError when Valkey does not give one."""
    try:
        return await command
    except RedisError as error:
        raise UnavailableError("Try again in a moment.", retry_after_s=5) from error
