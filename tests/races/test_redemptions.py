"""Thousands at once, over HTTP, at a real server: one item, and one wallet."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import msgspec
import pytest
from tests.brand_api.conftest import issue
from tests.faults.fleet import WebServer
from tests.ports import free_port
from tests.redemption.world import RACES, SECTIONS, World, product

from guerdon.earning.operations import earn_many
from guerdon.earning.schemas import Event
from guerdon.kit.ids import uuid7
from guerdon.ledger.verify import verify
from guerdon.members.operations import join
from guerdon.members.schemas import Member
from guerdon.runtime import Runtime
from guerdon.settings import Settings

CONNECTIONS = 500
PRICE = 500


@pytest.fixture
async def world(rt: Runtime, worker_rt: Runtime, make_tenant: Any) -> World:
    """A brand whose limits are out of the way."""
    made = await make_tenant(**SECTIONS, integrations={"requests_per_minute": 10_000_000})
    async with rt.db.write(made.id) as s:
        await rt.secrets.put(s, "any", "so that the tenant has a key")
    return World(rt, worker_rt, made)


@pytest.fixture
async def client(
    settings: Settings, world: World, tmp_path: Path
) -> AsyncIterator[httpx2.AsyncClient]:
    """A brand's system at a real server with everything on."""
    port = free_port()
    secret = await issue(world.rt, world.tenant)
    # The crowd waits for its turn, however slow the machine is at that moment.
    patient = msgspec.structs.replace(settings, database_wait_s=120)
    server = WebServer(patient, tmp_path, port)
    server.start()
    try:
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}/api/v1",
            headers={"host": world.tenant.canonical_host, "authorization": f"Bearer {secret}"},
            limits=httpx2.Limits(max_connections=CONNECTIONS),
            timeout=120,
            trust_env=False,
        ) as made:
            yield made
    finally:
        server.stop()


async def crowd(world: World, size: int, points: int) -> list[Member]:
    """Members with a wallet each."""
    snapshot = await world.rt.snapshot(world.tenant.id, world.now)
    members: list[Member] = []
    for _ in range(0, size, 500):
        async with world.rt.db.write(world.tenant.id) as s:
            for _ in range(min(500, size - len(members))):
                member_id = uuid7()
                members.append(
                    await join(
                        s,
                        id=member_id,
                        email=f"{member_id.hex}@mail.example",
                        name="Ana Souza",
                        snapshot=snapshot,
                        now=world.now,
                    )
                )
    for start in range(0, size, 500):
        await earn_many(
            world.rt,
            tenant_id=world.tenant.id,
            events=[
                Event(account_id=who.account_id, member_id=who.id, source="test", points=points,
                      event_id=str(who.id), occurred_at=world.now, rule="welcome")
                for who in members[start : start + 500]
            ],
            now=world.now,
        )  # fmt: skip
    return members


async def redeem(client: httpx2.AsyncClient, world: World, who: Member, slug: str) -> str:
    """One try: the status, or the code of the refusal."""
    answer = await client.post(
        "/redemptions",
        json={
            "memberId": str(who.id),
            "lines": [{"variantId": str(world.variants[slug])}],
            "expectedPoints": PRICE,
        },
        headers={"idempotency-key": str(uuid4())},
    )
    if answer.status_code == 201:
        return "placed"
    return f"{answer.status_code} {answer.json()['code']}"


async def books_hold(world: World) -> None:
    async with world.rt.db.read(world.tenant.id) as s:
        assert (await verify(s)).findings == []
    assert await world.violations(drained=False) == []


async def test_one_item_for_two_thousand_members(world: World, client: httpx2.AsyncClient) -> None:
    await world.stock_up(product("coffee", price="5.00", stock=1))
    members = await crowd(world, RACES, PRICE)
    outcomes = Counter(
        await asyncio.gather(*(redeem(client, world, who, "coffee") for who in members))
    )
    assert outcomes == {"placed": 1, "409 out_of_stock": RACES - 1}
    assert await world.left("coffee") == 0
    async with world.rt.db.read(world.tenant.id) as s:
        kept = await s.value(
            "SELECT count(*) FROM app.ledger_account"
            " WHERE tenant_id = %(tenant_id)s AND posted = %(price)s AND held = 0",
            {"price": PRICE},
        )
    assert kept == RACES - 1
    await books_hold(world)


async def test_one_wallet_worth_ten(world: World, client: httpx2.AsyncClient) -> None:
    await world.stock_up(product("coffee", price="5.00", stock=RACES))
    (who,) = await crowd(world, 1, PRICE * 10)
    outcomes = Counter(
        await asyncio.gather(*(redeem(client, world, who, "coffee") for _ in range(RACES)))
    )
    assert outcomes == {"placed": 10, "409 not_enough_points": RACES - 10}
    assert (await world.available(who), await world.left("coffee")) == (0, RACES - 10)
    await books_hold(world)
