"""A brand's life: every pair of states, who may lead, when, and what is told."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from guerdon.kit.errors import GuerdonError, InvalidError
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import (
    ALLOWS,
    BEGINNINGS,
    INTERRUPTIONS,
    TRANSITIONS,
    Act,
    State,
    Who,
    ways,
)
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import (
    Changed,
    TransitionForbiddenError,
    TransitionRefusedError,
    change_state,
)

# Ways that lead through every state, each made by who may.
ROUTES: dict[State, tuple[State, ...]] = {
    State.PENDING: (),
    State.SANDBOX: (State.SANDBOX,),
    State.LIVE: (State.SANDBOX, State.LIVE),
    State.PAST_DUE: (State.SANDBOX, State.LIVE, State.PAST_DUE),
    State.SUSPENDED: (State.SANDBOX, State.LIVE, State.SUSPENDED),
    State.CLOSING: (State.SANDBOX, State.LIVE, State.CLOSING),
    State.CLOSED: (State.CLOSED,),
}


async def lead(
    rt: Runtime, tenant: Tenant, to: State, *, by: Who = Who.PLATFORM, reason: str = "a reason",
    now: datetime | None = None, open_orders: int = 0,
) -> Changed:  # fmt: skip
    async with rt.db.write(tenant.id) as s:
        return await change_state(
            s, to=to, by=by, actor="cli", reason=reason, now=now or datetime.now(UTC),
            open_orders=open_orders,
        )  # fmt: skip


async def stands(rt: Runtime, tenant: Tenant) -> Tenant:
    async with rt.db.read(tenant.id) as s:
        return await s.one(Tenant, "SELECT * FROM ctl.read_tenant_v2(%(tenant_id)s)")


async def refusal(rt: Runtime, tenant: Tenant, to: State, **more: Any) -> tuple[str, Any]:
    with pytest.raises(GuerdonError) as caught:
        await lead(rt, tenant, to, **more)
    return caught.value.code, caught.value.params.get("reason")


async def test_every_pair_of_states(rt: Runtime, make_tenant: Any) -> None:
    later = datetime.now(UTC) + timedelta(days=400)
    for source, way in ROUTES.items():
        for target in State:
            tenant = await make_tenant(status="pending")
            for step in way:
                await lead(rt, tenant, step)
            declared = ways(source, target)
            came_from = (await stands(rt, tenant)).came_from
            if not declared:
                told = ("transition_refused", "no_such_way")
                assert await refusal(rt, tenant, target, now=later) == told, (source, target)
            elif declared[0].back and came_from != (target,):
                told = ("transition_refused", "elsewhere")
                assert await refusal(rt, tenant, target, now=later) == told, (source, target)
            else:
                assert await lead(rt, tenant, target, now=later) == Changed(source, target)
                assert (await stands(rt, tenant)).status is target


async def test_the_database_knows_the_same_ways(rt: Runtime, make_tenant: Any) -> None:
    tenant = await make_tenant(status="pending")
    await lead(rt, tenant, State.CLOSED)
    found = set()
    # Nothing leads out of the end: a way that there is gets as far as the row, and stops.
    for source, target in product(State, State):
        with pytest.raises(TransitionRefusedError) as caught:
            async with rt.db.write(tenant.id) as s:
                await s.execute(
                    "SELECT ctl.move_tenant_v1(%(tenant_id)s, %(source)s, %(target)s, '{}', now())",
                    {"source": source.value, "target": target.value},
                )
        if caught.value.params["reason"] == "changed_meanwhile":
            found.add((source, target))
    assert found == {(one.source, one.target) for one in TRANSITIONS}
    assert (await stands(rt, tenant)).status is State.CLOSED


@pytest.mark.parametrize(
    ("way", "to", "by", "told"),
    [
        ((State.SANDBOX,), State.SUSPENDED, Who.OWNER, "transition_forbidden"),
        ((State.SANDBOX, State.LIVE), State.PAST_DUE, Who.OWNER, "transition_forbidden"),
        ((State.SANDBOX, State.SUSPENDED), State.SANDBOX, Who.OWNER, "transition_forbidden"),
        ((State.SANDBOX, State.SUSPENDED), State.CLOSING, Who.OWNER, "transition_forbidden"),
        ((), State.SANDBOX, Who.OWNER, "transition_forbidden"),
        ((State.SANDBOX,), State.LIVE, Who.SYSTEM, "transition_forbidden"),
    ],
)
async def test_who_may_not(
    way: tuple[State, ...], to: State, by: Who, told: str, rt: Runtime, make_tenant: Any
) -> None:
    tenant = await make_tenant(status="pending")
    for step in way:
        await lead(rt, tenant, step)
    assert (await refusal(rt, tenant, to, by=by))[0] == told
    assert (await stands(rt, tenant)).status is (way or (State.PENDING,))[-1]


async def test_nobody_leaves_a_suspension_by_closing(rt: Runtime, tenant: Tenant) -> None:
    await lead(rt, tenant, State.SUSPENDED)
    await lead(rt, tenant, State.CLOSING)
    assert (await stands(rt, tenant)).came_from == (State.LIVE, State.SUSPENDED)
    assert await refusal(rt, tenant, State.LIVE) == ("transition_refused", "elsewhere")
    with pytest.raises(TransitionForbiddenError):
        await lead(rt, tenant, State.SUSPENDED, by=Who.OWNER)
    await lead(rt, tenant, State.SUSPENDED)
    assert await refusal(rt, tenant, State.SANDBOX) == ("transition_refused", "elsewhere")
    await lead(rt, tenant, State.LIVE)
    assert (await stands(rt, tenant)).came_from == ()


async def test_grace_is_waited_for(rt: Runtime, tenant: Tenant) -> None:
    begun = datetime.now(UTC)
    await lead(rt, tenant, State.PAST_DUE, by=Who.SYSTEM, now=begun)
    early, over = begun + timedelta(days=14, seconds=-1), begun + timedelta(days=14)
    told = await refusal(rt, tenant, State.SUSPENDED, by=Who.SYSTEM, now=early)
    assert told == ("transition_refused", "too_early")
    assert (await stands(rt, tenant)).status_ends_at == over
    await lead(rt, tenant, State.SUSPENDED, by=Who.SYSTEM, now=over)
    await lead(rt, tenant, State.CLOSING, now=over)
    end = over + timedelta(days=30)
    early = end - timedelta(seconds=1)
    told = await refusal(rt, tenant, State.CLOSED, by=Who.SYSTEM, now=early)
    assert told == ("transition_refused", "too_early")
    with pytest.raises(TransitionRefusedError, match="3 orders are open") as caught:
        await lead(rt, tenant, State.CLOSED, by=Who.SYSTEM, now=end, open_orders=3)
    assert caught.value.params["orders"] == 3
    await lead(rt, tenant, State.CLOSED, by=Who.SYSTEM, now=end)
    assert await refusal(rt, tenant, State.LIVE) == ("transition_refused", "no_such_way")


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 501])
async def test_a_reason_is_asked_for(reason: str, rt: Runtime, tenant: Tenant) -> None:
    with pytest.raises(InvalidError) as caught:
        await lead(rt, tenant, State.SUSPENDED, reason=reason)
    assert caught.value.field == "reason"
    assert (await stands(rt, tenant)).status is State.LIVE


async def test_the_brands_trail_tells(rt: Runtime, tenant: Tenant) -> None:
    await lead(rt, tenant, State.SUSPENDED, reason="  cards are\n tested ")
    await refusal(rt, tenant, State.PENDING)
    async with rt.db.read(tenant.id) as s:
        trail = await s.all(
            dict[str, Any],
            "SELECT jsonb_build_object('actor', actor, 'action', action, 'subject', subject) ||"
            " summary AS told FROM app.audit_entry WHERE tenant_id = %(tenant_id)s",
        )
    assert trail == [
        {
            "actor": "cli", "action": "tenant.state_changed", "subject": f"tenant:{tenant.slug}",
            "from": "live", "to": "suspended", "by": "platform", "reason": "cards are tested",
        }
    ]  # fmt: skip


async def test_saving_a_brand_leaves_its_state(rt: Runtime, tenant: Tenant) -> None:
    await lead(rt, tenant, State.SUSPENDED)
    async with rt.db.write(tenant.id) as s:
        saved = await save_tenant(
            s, tenant_id=tenant.id, slug=tenant.slug, name="Renamed", begins_as=State.LIVE,
            canonical_host=tenant.canonical_host, hosts=tenant.hosts,
        )  # fmt: skip
    assert (saved.name, saved.status) == ("Renamed", State.SUSPENDED)


@pytest.mark.parametrize("state", sorted(set(State) - set(BEGINNINGS)))
async def test_no_brand_begins_in_the_middle(state: State, make_tenant: Any) -> None:
    with pytest.raises(InvalidError) as caught:
        await make_tenant(status=state.value)
    assert caught.value.field == "status"


async def test_the_release_before_reads_its_own_words(rt: Runtime, tenant: Tenant) -> None:
    told = []
    for step in (None, State.PAST_DUE, State.SUSPENDED):
        if step is not None:
            await lead(rt, tenant, step)
        async with rt.db.read(tenant.id) as s:
            told.append(await s.value("SELECT status FROM ctl.read_tenant(%(tenant_id)s)"))
    assert told == ["active", "active", "suspended"]


def test_the_table_is_whole() -> None:
    assert set(ALLOWS) == set(State)
    assert all(Act.SETTLE in acts for acts in ALLOWS.values())
    backwards = {(one.source, one.target) for one in TRANSITIONS if one.back}
    assert {source for source, _ in backwards} == INTERRUPTIONS
    # Whatever an interruption is entered from, it leads back to.
    entered = {
        (one.target, one.source)
        for one in TRANSITIONS
        if one.target in INTERRUPTIONS and not one.back
    }
    assert entered == backwards


async def test_the_command(guerdon: Any, tenant: Tenant) -> None:
    slug = tenant.slug
    told, bare = await asyncio.gather(
        guerdon("tenants", "state", slug), guerdon("tenants", "state", slug, "suspended")
    )
    lines = told.stdout.splitlines()
    assert lines[0].startswith(f"{slug}: live since ")
    assert [line.split()[0] for line in lines[1:]] == ["past_due", "suspended", "closing"]
    assert bare.returncode == 1
    assert "Give a reason" in bare.stderr
    done = await guerdon("tenants", "state", slug, "suspended", "--reason", "abuse")
    assert done.stdout == f"{slug}: live → suspended\n"
