"""A session that calls too often is slowed down on every operation, and nobody else is."""

from typing import Any

import pytest
from tests.admin_api.routes import calls

from guerdon.app import Application
from guerdon.identity.desk import CALLS_PER_MINUTE, calls_of
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

WAIT_S = 40


async def _spend(rt: Runtime, tenant: Tenant, client: Any) -> None:
    """As after a minute's calls and 40 s more of them, all at once."""
    seconds, _ = await rt.valkey.time()
    limit = calls_of(tenant.id, client.session_id)
    await rt.valkey.set(limit.key, (seconds + 60 + WAIT_S) * 1_000_000, px=120_000)


@pytest.mark.parametrize("house", ["brand", "platform"])
async def test_every_operation_of_a_busy_session_waits(
    application: Application, rt: Runtime, console: Any, make_tenant: Any, operator: Tenant,
    house: str,
) -> None:  # fmt: skip
    of_platform = house == "platform"
    tenant = operator if of_platform else await make_tenant()
    client, colleague = await console(tenant), await console(tenant)
    await _spend(rt, tenant, client)
    own = [
        c for c in calls(application.litestar)
        if c.permission != "public" and c.of_platform == of_platform
    ]  # fmt: skip
    assert len(own) > (15 if of_platform else 90)
    passed = []
    for call in own:
        answer = await client.request(call.method, call.address(tenant.slug), json={})
        told = answer.json()
        waits = int(answer.headers.get("retry-after", 0))
        if (answer.status_code, told.get("code")) != (429, "rate_limited") or not (
            0 < waits <= WAIT_S + 1
        ):
            passed.append((call.operation, answer.status_code))
    assert passed == []
    assert told["detail"].startswith("Try again in ")
    assert (await colleague.get(f"{colleague.brand}/me")).status_code == 200


async def test_a_forged_call_spends_nothing(rt: Runtime, console: Any, tenant: Tenant) -> None:
    client = await console(tenant)
    forged = {"x-csrf-token": "", "sec-fetch-site": "cross-site"}
    answer = await client.patch(f"{client.brand}/me/preferences", json={}, headers=forged)
    assert answer.json()["code"] == "cross_site"
    limit = calls_of(tenant.id, client.session_id)
    assert await rt.valkey.get(limit.key) is None
    assert (await client.get(f"{client.brand}/me")).status_code == 200
    assert await rt.valkey.get(limit.key) is not None
    assert limit.burst == CALLS_PER_MINUTE
