"""One brand's flood is told to wait; its neighbour notices nothing."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import msgspec
import pytest
from tests.conftest import http_client, serving

from guerdon.app import Application
from guerdon.app.turns import BURST_S, TenantBusyError, Turns
from guerdon.kit.ids import uuid7
from guerdon.plumbing.cache import open_valkey
from guerdon.runtime import Runtime
from guerdon.settings import Settings

A_MINUTE = 60


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Application]:
    """The application of a deployment that gives each brand one request a second."""
    narrowed = msgspec.structs.replace(settings, tenant_requests_per_minute=A_MINUTE)
    async with serving(narrowed) as app:
        yield app


async def test_a_flood_waits_and_the_neighbour_does_not(
    narrow: Application, make_tenant: Any
) -> None:
    flooding, calm = await make_tenant(), await make_tenant()
    async with (
        http_client(narrow, flooding.canonical_host) as many,
        http_client(narrow, calm.canonical_host) as few,
    ):
        got: list[httpx2.Response] = []
        beside: list[int] = []
        began = time.monotonic()
        for n in range(100):
            got += await asyncio.gather(*(many.get("/") for _ in range(10)))
            if n % 20 == 0:
                beside.append((await few.get("/")).status_code)
        told = Counter(answer.status_code for answer in got)
        assert set(told) == {200, 429}
        # What may come at once, and one more for each second that passed.
        at_once = A_MINUTE * BURST_S // 60
        assert at_once <= told[200] <= at_once + (time.monotonic() - began) * A_MINUTE / 60 + 1
        assert beside == [200] * 5
        refused = next(answer for answer in got if answer.status_code == 429)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert "Wait a few seconds" in refused.text
        call = await many.get("/api/v1/products")
        assert (call.status_code, call.json()["code"]) == (429, "tenant_busy")
        assert int(call.headers["retry-after"]) >= 1


async def test_processes_share_one_count(rt: Runtime) -> None:
    brand, every = uuid7(), [Turns(), Turns(), Turns()]
    passed = 0
    for turns in every:
        with contextlib.suppress(TenantBusyError):
            for _ in range(50):
                await turns.take(rt.valkey, brand, per_minute=A_MINUTE)
                passed += 1
    assert BURST_S <= passed <= BURST_S + 3
    with pytest.raises(TenantBusyError) as refused:
        await every[0].take(rt.valkey, brand, per_minute=A_MINUTE)
    assert refused.value.retry_after_s in (1, 2)


async def test_without_valkey_everybody_is_let_in(settings: Settings) -> None:
    nowhere = open_valkey("redis://127.0.0.1:1/0")
    turns, brand = Turns(), uuid7()
    for _ in range(BURST_S * 5):
        await turns.take(nowhere, brand, per_minute=A_MINUTE)
    await nowhere.aclose()


async def test_what_the_bucket_gets_back_is_let_in_as_it_comes(rt: Runtime) -> None:
    brand, turns, quick = uuid7(), Turns(), 1_200
    began = time.monotonic()
    passed = 0
    with contextlib.suppress(TenantBusyError):
        while True:
            await turns.take(rt.valkey, brand, per_minute=quick)
            passed += 1
    for _ in range(3):
        await asyncio.sleep(0.06)  # in which the bucket gets back one request, twenty a second
        await turns.take(rt.valkey, brand, per_minute=quick)
        passed += 1
    assert passed <= (BURST_S + time.monotonic() - began) * quick / 60 + 1


async def test_a_refusal_is_counted_for_the_brand_and_told_once(
    narrow: Application, make_tenant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    flooding = await make_tenant()
    async with http_client(narrow, flooding.canonical_host) as many:
        told = Counter([(await many.get("/api/v1/products")).status_code for _ in range(60)])
    assert told[429] == 60 - told[401] >= 40
    slots = {
        (face, counts[0], counts[1])
        for (_, tenant_id, face), counts in narrow.meter._slots.items()
        if tenant_id == flooding.id
    }
    assert {face for face, _, _ in slots} == {"api"}
    assert sum(requests for _, requests, _ in slots) == 60
    assert sum(refused for _, _, refused in slots) == 60
    lines = capsys.readouterr().out
    assert lines.count("brand_told_to_wait") == 1
