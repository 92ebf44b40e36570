"""A circuit breaker per tenant and provider: after a row of failures, leave the provider alone.

It is advice shared through Valkey. Without Valkey it lets everything pass.
"""

import contextlib
from typing import Final
from uuid import UUID

from redis.exceptions import RedisError

from guerdon.plumbing.cache import Valkey, key

FAILURES_MAX: Final = 5
WINDOW_S: Final = 120
OPEN_S: Final = 30


class Breaker:
    """The breaker of one tenant's connection to one provider."""

    def __init__(self, valkey: Valkey, tenant_id: UUID, provider: str) -> None:
        self._valkey = valkey
        self._failures = key(tenant_id, "breaker", provider, "failures")
        self._open = key(tenant_id, "breaker", provider, "open")

    async def wait_s(self) -> int:
        """Seconds for which the provider is left alone; 0 when calls may pass."""
        with contextlib.suppress(RedisError, OSError):
            return max(0, int(await self._valkey.ttl(self._open)))
        return 0

    async def failed(self) -> None:
        """One more failure. From the fifth within two minutes on, each opens the breaker."""
        with contextlib.suppress(RedisError, OSError):
            count = int(await self._valkey.incr(self._failures))
            await self._valkey.expire(self._failures, WINDOW_S)
            if count >= FAILURES_MAX:
                await self._valkey.set(self._open, b"1", ex=OPEN_S)

    async def worked(self) -> None:
        """The provider answered: forget the failures."""
        with contextlib.suppress(RedisError, OSError):
            await self._valkey.delete(self._failures, self._open)
