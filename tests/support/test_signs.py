"""A seeded attack is flagged, by the jobs that run anyway; what is ordinary is not."""

import time
from datetime import timedelta
from typing import Any

import pytest
from tests.members.test_sign_in import Brand, visitor
from tests.redemption.conftest import world  # noqa: F401
from tests.redemption.world import World

from guerdon.identity import sessions
from guerdon.identity.errors import CodeRefusedError
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.members.schemas import Member
from guerdon.plumbing.runner import Ran
from guerdon.runtime import Runtime
from guerdon.support import signs
from guerdon.support.signs import Sign
from guerdon.support.thresholds import THRESHOLDS, Kind
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant


async def found(rt: Runtime, tenant: Tenant, *, settled: bool = False) -> list[Sign]:
    async with rt.db.read(OPERATOR_ID) as s:
        every = await signs.listing(s, settled=settled)
    return [one for one in every if one.tenant_id == tenant.id]


async def redeem(world: World, who: Member, times: int = 1) -> None:  # noqa: F811
    for _ in range(times):
        await world.place(who, await world.quote(who, "coffee"))


async def worked_off(world: World) -> float:  # noqa: F811
    """Everything that is due, as a worker would; how many seconds it took."""
    began = time.monotonic()
    await world.run("redemption.order")
    assert set(await world.run("domain.event")) == {Ran.DONE}
    return time.monotonic() - began


async def sign_in(
    world: World,  # noqa: F811
    who: Member,
    *,
    hours_ago: int,
    agent: str,
    address: str,
) -> None:
    await sessions.start(
        world.rt.valkey, tenant_id=world.tenant.id, member_id=who.id, host="h", method="code",
        idle=timedelta(days=30), absolute=timedelta(days=90), agent=agent, address=address,
        now=world.now - timedelta(hours=hours_ago),
    )  # fmt: skip


async def test_redeeming_again_and_again(world: World) -> None:  # noqa: F811
    thief, family = await world.member(20_000), await world.member(20_000)
    await redeem(world, thief, THRESHOLDS.velocity_per_hour)
    await redeem(world, family, THRESHOLDS.velocity_per_hour - 1)
    assert await worked_off(world) < 60
    (sign,) = await found(world.rt, world.tenant)
    assert (sign.kind, sign.subject) == (Kind.VELOCITY, f"member:{thief.id}")
    assert sign.facts == {"hour": 5, "day": 5}
    # What goes on is added to the sign that is open.
    await redeem(world, thief)
    await worked_off(world)
    (again,) = await found(world.rt, world.tenant)
    assert (again.id, again.facts) == (sign.id, {"hour": 6, "day": 6})
    assert again.first_at == sign.first_at


async def test_a_new_device_a_new_address_and_a_gift_card(world: World) -> None:  # noqa: F811
    victim, mover, phone = [await world.member(5_000) for _ in range(3)]
    for who in (victim, mover, phone):
        await sign_in(world, who, hours_ago=400, agent="Firefox", address="198.51.100.7")
    await sign_in(world, victim, hours_ago=1, agent="curl", address="203.0.113.9")
    # At home with a new telephone, and elsewhere with the one that is known: neither is a sign.
    await sign_in(world, phone, hours_ago=1, agent="New phone", address="198.51.100.7")
    await sign_in(world, mover, hours_ago=1, agent="Firefox", address="203.0.113.9")
    for who in (victim, mover, phone):
        await redeem(world, who)
    assert await worked_off(world) < 60
    (sign,) = await found(world.rt, world.tenant)
    assert (sign.kind, sign.subject) == (Kind.TAKEOVER, f"member:{victim.id}")
    assert sign.facts["new_network_address"] is True
    assert sign.facts["new_delivery_address"] is False


async def test_a_parcel_home_is_no_gift_card(world: World) -> None:  # noqa: F811
    who = await world.member(20_000)
    await sign_in(world, who, hours_ago=400, agent="Firefox", address="198.51.100.7")
    await sign_in(world, who, hours_ago=1, agent="curl", address="203.0.113.9")
    await world.place(who, await world.quote(who, "backpack"))
    await world.run("redemption.order")
    await world.run("domain.event")
    assert await found(world.rt, world.tenant) == []


async def test_codes_that_are_tried_out(rt: Runtime, worker_rt: Runtime, make_tenant: Any) -> None:
    limits = {"tries_per_account_h": 1000, "tries_per_address_h": 100_000}
    brand = Brand(rt, await make_tenant(security=limits))
    now = rt.clock.now()

    async def guess(email: str, times: int, who: Any) -> None:
        challenge = await brand.ask(who, email, now=now)
        for _ in range(times):
            with pytest.raises(CodeRefusedError):
                await brand.give(who, challenge, "no digits", now=now)

    for email, browsers in (("ana@example.com", 2), ("forgetful@example.com", 1)):
        await brand.member(email)
        for _ in range(browsers):
            await guess(email, 4, visitor())
    spraying = visitor()
    for n in range(THRESHOLDS.codes_per_browser):
        await guess(f"m{n}@example.com", 1, spraying)
    ran = await World(rt, worker_rt, brand.tenant).run("identity.codes_refused")
    assert set(ran) == {Ran.DONE}
    assert len(ran) <= 2, "one look for all tries of the same seconds"
    told = {(s.kind, s.subject.partition(":")[0]): s.facts for s in await found(rt, brand.tenant)}
    assert told == {
        (Kind.CODE_GUESSING, "account"): {"wrong": 8, "accounts": 1},
        (Kind.CODE_GUESSING, "browser"): {"wrong": 5, "accounts": 5},
    }
    assert "ana" not in str(await found(rt, brand.tenant))


async def test_a_sign_is_settled_once_and_the_brand_reads_it(rt: Runtime, tenant: Tenant) -> None:
    now = rt.clock.now()

    async def raised() -> bool:
        async with rt.db.write(tenant.id) as s:
            return await signs.raise_sign(
                s, kind=Kind.SURGE, subject="brand", facts={"hour": 60}, now=now
            )

    async def settle(sign: Sign, note: str) -> None:
        async with rt.db.write(tenant.id) as s:
            await signs.settle(
                s, sign_id=sign.id, outcome="harmless", note=note, actor="platform:vera", now=now
            )

    assert [await raised(), await raised()] == [True, False]
    (sign,) = await found(rt, tenant)
    with pytest.raises(InvalidError):
        await settle(sign, " ")
    await settle(sign, "A drop of new rewards")
    with pytest.raises(NotFoundError):
        await settle(sign, "Again")
    assert await found(rt, tenant) == []
    (done,) = await found(rt, tenant, settled=True)
    assert (done.outcome, done.settled_by) == ("harmless", "platform:vera")
    assert await raised() is True
    async with rt.db.read(tenant.id) as s:
        summary = await s.value(
            "SELECT summary ->> 'note' FROM app.audit_entry"
            " WHERE tenant_id = %(tenant_id)s AND action = 'abuse_sign.settled'"
        )
    assert summary == "A drop of new rewards"
