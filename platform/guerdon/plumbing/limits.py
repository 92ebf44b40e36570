"""Rate limits: the generic cell rate algorithm, several limits at once, in one atomic script.

All limits of one call pass together or none is charged. Time is Valkey's own, so that every
process counts on the same clock and the count is exact however many processes ask.
"""

import hashlib
import math

import msgspec
from redis.exceptions import NoScriptError, RedisError

from guerdon.kit.errors import TooManyRequestsError, UnavailableError
from guerdon.plumbing.cache import Valkey

# Per key: interval between two calls and burst. The key holds the instant (in microseconds) at
# which the bucket is full again.
_SCRIPT = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local cost = tonumber(ARGV[1])
local wait, left, full, next_full = 0, -1, 0, {}
for i = 1, #KEYS do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local at = tonumber(redis.call('GET', KEYS[i]) or now)
  if at < now then at = now end
  next_full[i] = at + interval * cost
  local over = next_full[i] - now - interval * burst
  if over > wait then wait = over end
  local free = math.floor((interval * burst - (at - now)) / interval)
  if left < 0 or free < left then left = free end
  if next_full[i] - now > full then full = next_full[i] - now end
end
if wait > 0 then return {0, wait, math.max(left, 0), full} end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.0f', next_full[i]),
             'PX', math.ceil((next_full[i] - now) / 1000) + 1)
end
return {1, 0, left - cost, full}
"""
_SHA = hashlib.sha1(_SCRIPT.encode()).hexdigest()  # noqa: S324 (the name Valkey gives a script)


class Limit(msgspec.Struct, frozen=True):
    """At most `burst` at once, refilled by one every `interval_s` seconds.

    Within any window of W seconds no more than `burst + W / interval_s` pass.
    """

    key: str
    burst: int
    interval_s: float

    @classmethod
    def per(cls, key: str, count: int, period_s: float) -> "Limit":
        """`count` at once and `count` per period."""
        return cls(key, count, period_s / count)


class Decision(msgspec.Struct, frozen=True):
    """Whether the call passes, what is left, and when to come back: in whole seconds to tell a
    caller, and to the microsecond for whoever waits here."""

    allowed: bool
    retry_after_s: int
    remaining: int
    reset_after_s: int
    wait_us: int = 0


async def ask(
    valkey: Valkey, limits: list[Limit], *, cost: int = 1, fail_open: bool = False
) -> Decision:
    """Charge all `limits`, or none.

    Without Valkey: routes that move money or sign somebody in raise UnavailableError, browsing
    (`fail_open`) passes.
    """
    args: list[str | int] = [cost]
    for limit in limits:
        args += [max(1, round(limit.interval_s * 1_000_000)), limit.burst]
    keys = [limit.key for limit in limits]
    try:
        try:
            raw = await valkey.evalsha(_SHA, len(keys), *keys, *args)
        except NoScriptError:
            raw = await valkey.eval(_SCRIPT, len(keys), *keys, *args)
    except RedisError as error:
        if fail_open:
            return Decision(True, 0, 1, 0)
        raise UnavailableError("Try again in a moment.", retry_after_s=5) from error
    allowed, wait, left, full = (int(part) for part in raw)
    return Decision(
        allowed=allowed == 1,
        retry_after_s=math.ceil(wait / 1_000_000),
        remaining=left,
        reset_after_s=math.ceil(full / 1_000_000),
        wait_us=wait,
    )


async def take(
    valkey: Valkey, limits: list[Limit], *, cost: int = 1, fail_open: bool = False
) -> Decision:
    """As `ask`; TooManyRequestsError when a limit is reached."""
    decision = await ask(valkey, limits, cost=cost, fail_open=fail_open)
    if not decision.allowed:
        raise TooManyRequestsError(
            f"Try again in {decision.retry_after_s} s.",
            retry_after_s=decision.retry_after_s,
            seconds=decision.retry_after_s,
        )
    return decision
