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


class Breaker:
    """The breaker of one tenant's connection to one provider."""

    def __init__(self, valkey: Valkey, tenant_id: UUID, provider: str) -> None:
        self._valkey = valkey
        self._failures = key(tenant_id, "breaker", provider, "failures")
        self._open = key(tenant_id, "breaker", provider, "open")
        self._probe = key(tenant_id, "breaker", provider, "probe")

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
                await self._valkey.delete(self._probe)

    async def worked(self) -> None:
        """The provider answered: forget the failures."""
        with contextlib.suppress(RedisError, OSError):
            await self._valkey.delete(self._failures, self._open, self._probe)
