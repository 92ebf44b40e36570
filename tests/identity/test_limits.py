"""Limits count exactly, however many ask at once, and fail closed where it matters."""

import asyncio
from typing import Any

import pytest

from guerdon.identity.attempts import hourly
from guerdon.kit.errors import TooManyRequestsError, UnavailableError
from guerdon.kit.ids import uuid7
from guerdon.plumbing import limits
from guerdon.plumbing.cache import key, open_valkey
from guerdon.plumbing.limits import Limit
from guerdon.runtime import Runtime


async def test_two_hundred_at_once_pass_exactly_as_many_as_allowed(
    rt: Runtime, settings: Any
) -> None:
    name = key(uuid7(), "test")
    clients = [open_valkey(settings.redis_url) for _ in range(8)]
    decisions = await asyncio.gather(
        *[limits.ask(clients[n % 8], [Limit(name, 10, 3600.0)]) for n in range(200)]
    )
    assert sum(d.allowed for d in decisions) == 10
    refused = [d for d in decisions if not d.allowed]
    assert {d.remaining for d in refused} == {0}
    assert all(3500 < d.retry_after_s <= 3600 for d in refused)
    for client in clients:
        await client.aclose()


async def test_all_limits_pass_together_or_none_is_charged(rt: Runtime) -> None:
    tenant_id = uuid7()
    wide = Limit(key(tenant_id, "wide"), 100, 60.0)
    narrow = Limit(key(tenant_id, "narrow"), 3, 60.0)
    for _ in range(20):
        await limits.ask(rt.valkey, [wide, narrow])
    assert (await limits.ask(rt.valkey, [wide])).remaining == 96


async def test_a_limit_refills_evenly(rt: Runtime) -> None:
    limit = Limit(key(uuid7(), "quick"), 2, 0.2)
    first = [(await limits.ask(rt.valkey, [limit])).allowed for _ in range(3)]
    await asyncio.sleep(0.25)
    later = [(await limits.ask(rt.valkey, [limit])).allowed for _ in range(2)]
    assert (first, later) == ([True, True, False], [True, False])


@pytest.mark.parametrize("count", [2, 3, 10, 1000])
def test_an_hour_never_lets_more_through(count: int) -> None:
    limit = hourly("x", count)
    assert limit.burst + int(3600 / limit.interval_s + 1e-9) <= max(count, 2)


async def test_without_valkey_money_stops_and_browsing_goes_on() -> None:
    nobody = open_valkey("redis://127.0.0.1:1/0")
    limit = Limit("x", 1, 1.0)
    with pytest.raises(UnavailableError):
        await limits.take(nobody, [limit])
    assert (await limits.take(nobody, [limit], fail_open=True)).allowed
    await nobody.aclose()


async def test_a_refusal_says_when_to_come_back(rt: Runtime) -> None:
    limit = Limit(key(uuid7(), "x"), 1, 100.0)
    await limits.take(rt.valkey, [limit])
    with pytest.raises(TooManyRequestsError) as refused:
        await limits.take(rt.valkey, [limit])
    assert refused.value.retry_after_s == 100
