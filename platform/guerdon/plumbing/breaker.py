"""A circuit breaker per tenant and provider: after a row of failures, leave the provider alone.

When that time is over one call is let through to find out; what it says decides for all. It is
advice shared through Valkey. Without Valkey it lets everything pass.
"""

import contextlib
from typing import Final
from uuid import UUID

from redis.exceptions import RedisError

from guerdon.plumbing.cache import Valkey, key

FAILURES_MAX: Final = 5
WINDOW_S: Final = 120
OPEN_S: Final = 30
# For so long the others wait for the one that finds out, should it never say.
PROBE_S: Final = 10


# For so long a provider counts as failing although nobody asked it again.
FAILING_S: Final = 3600


async def failing(valkey: Valkey, tenant_id: UUID) -> tuple[str, ...]:
    """Providers of a tenant that were left alone lately and have not worked since, by name.

    Raises RedisError.
    """
    names = await valkey.smembers(key(tenant_id, "breakers"))
    return tuple(sorted(n.decode() if isinstance(n, bytes) else n for n in names))


class Breaker:
    """The breaker of one tenant's connection to one provider."""

    def __init__(self, valkey: Valkey, tenant_id: UUID, provider: str) -> None:
        self._valkey = valkey
        self._failures = key(tenant_id, "breaker", provider, "failures")
        self._open = key(tenant_id, "breaker", provider, "open")
        self._probe = key(tenant_id, "breaker", provider, "probe")
        self._failing = key(tenant_id, "breakers")
        self._provider = provider

    async def wait_s(self) -> int:
        """Seconds for which the provider is left alone; 0 when this call may pass."""
        with contextlib.suppress(RedisError, OSError):
            async with self._valkey.pipeline(transaction=False) as both:
                both.ttl(self._open)
                both.get(self._failures)
                left, failures = await both.execute()
            if left > 0:
                return int(left)
            if int(failures or 0) >= FAILURES_MAX and not await self._valkey.set(
                self._probe, b"1", ex=PROBE_S, nx=True
            ):
                return PROBE_S
        return 0

    async def failed(self) -> None:
        """One more failure. From the fifth within two minutes on, each opens the breaker."""
        with contextlib.suppress(RedisError, OSError):
            count = int(await self._valkey.incr(self._failures))
            await self._valkey.expire(self._failures, WINDOW_S)
            if count >= FAILURES_MAX:
                await self._valkey.set(self._open, b"1", ex=OPEN_S)
                async with self._valkey.pipeline(transaction=False) as told:
                    told.delete(self._probe)
                    told.sadd(self._failing, self._provider)
                    told.expire(self._failing, FAILING_S)
                    await told.execute()

    async def worked(self) -> None:
        """The provider answered: forget the failures."""
        with contextlib.suppress(RedisError, OSError):
            async with self._valkey.pipeline(transaction=False) as told:
                told.delete(self._failures, self._open, self._probe)
                told.srem(self._failing, self._provider)
                await told.execute()
