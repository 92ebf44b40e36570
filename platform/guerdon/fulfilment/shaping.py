"""Requests to a supplier, shaped per connection by the rate that its answers state.

One token bucket per connection and operation, in Valkey, changed by one atomic script: processes
share it. Until an answer has stated a rate, the documented default holds.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from guerdon.plumbing.cache import Valkey, key

RATE_DEFAULT: Final = 0.5
BURST_DEFAULT: Final = 10
_IDLE_S: Final = 3600

# KEYS[1] bucket: level, at (microseconds), rate, burst. ARGV: now, default rate, default burst,
# idle seconds. Answers the microseconds to wait, 0 when a token was taken. A clock that lags
# behind another process' never takes tokens back.
_TAKE: Final = """
local b = redis.call('HMGET', KEYS[1], 'level', 'at', 'rate', 'burst')
local rate = tonumber(b[3]) or tonumber(ARGV[2])
local burst = tonumber(b[4]) or tonumber(ARGV[3])
local at = tonumber(b[2]) or tonumber(ARGV[1])
local now = math.max(tonumber(ARGV[1]), at)
local level = math.min(burst, (tonumber(b[1]) or burst) + (now - at) * rate / 1000000)
local wait = 0
if level >= 1 then level = level - 1 else wait = math.ceil((1 - level) / rate * 1000000) end
redis.call('HSET', KEYS[1], 'level', string.format('%.9f', level), 'at', string.format('%.0f', now))
redis.call('EXPIRE', KEYS[1], ARGV[4])
return wait
"""


class Shaper:
    """The buckets of one tenant's connection to one supplier."""

    def __init__(self, valkey: Valkey, tenant_id: UUID, supplier: str) -> None:
        self._valkey = valkey
        self._tenant_id = tenant_id
        self._supplier = supplier
        self._take = valkey.register_script(_TAKE)

    def _key(self, operation: str) -> str:
        return key(self._tenant_id, "shape", self._supplier, operation)

    async def take(self, operation: str, *, now: datetime) -> float:
        """Take a token: 0, or the seconds until there is one (none was taken then)."""
        wait = await self._take(
            keys=[self._key(operation)],
            args=[_micros(now), RATE_DEFAULT, BURST_DEFAULT, _IDLE_S],
        )
        return int(wait) / 1_000_000

    async def learn(self, operation: str, rate: float) -> None:
        """The supplier states `rate` requests a second: follow it from now on.

        The burst is stated by the documentation only; for another rate than the documented one it
        is what a second brings, and at least the documented burst.
        """
        if 0 < rate < 100_000:
            burst = max(BURST_DEFAULT, round(rate))
            await self._keep(operation, {"rate": repr(rate), "burst": str(burst)})

    async def drain(self, operation: str, *, now: datetime) -> None:
        """The supplier said that it was too much: the bucket is empty."""
        await self._keep(operation, {"level": "0", "at": str(_micros(now))})

    async def _keep(self, operation: str, values: dict[str, str]) -> None:
        name = self._key(operation)
        pipe = self._valkey.pipeline(transaction=True)
        for field, value in values.items():
            pipe.hset(name, field, value)
        pipe.expire(name, _IDLE_S)
        await pipe.execute()


def _micros(now: datetime) -> int:
    return round(now.timestamp() * 1_000_000)
