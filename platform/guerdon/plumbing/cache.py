"""Valkey: what processes share (sessions, limits, locks). Keys carry the tenant."""

from collections.abc import Awaitable
from typing import Any, cast
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as ValkeyTimeoutError

from guerdon.kit.errors import UnavailableError
from guerdon.plumbing.valkey_line import Line, LineError


class Valkey(Redis):
    """The client library's, but for the one command that every page of a signed-in member sends."""

    line: Line

    async def getex(self, name: Any, *args: Any, **options: Any) -> Any:
        """`GETEX`, on the line that all readers share where only a life in seconds is asked for."""
        if args or options.keys() != {"ex"}:
            return await super().getex(name, *args, **options)
        try:
            return await self.line.ask("GETEX", name, "EX", options["ex"])
        except LineError:
            return await super().getex(name, **options)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Hang up everywhere."""
        self.line.close()
        await super().aclose(close_connection_pool)


def open_valkey(url: str) -> Valkey:
    """A client; it connects when first used."""
    valkey = cast(
        Valkey,
        Valkey.from_url(
            url,
            decode_responses=False,
            socket_timeout=2,
            socket_connect_timeout=2,
            health_check_interval=15,
            retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), 2),
            retry_on_error=[ValkeyConnectionError, ValkeyTimeoutError],
        ),
    )
    valkey.line = Line(url)
    return valkey


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
