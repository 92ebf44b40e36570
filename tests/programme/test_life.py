"""Grace that ends by itself, with the worker's own handler."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.tenancy.test_states import lead, stands

from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Ran, Runner
from guerdon.programme.life import EndState
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers


async def hour(rt: Runtime, worker: Runtime, tenant: Tenant) -> State:
    """What the scheduler does every hour; where the brand stands then."""
    async with rt.db.write(tenant.id) as s:
        message = await outbox.put(s, EndState())
    assert await Runner(worker, all_handlers()).run(tenant.id, message) is Ran.DONE
    return (await stands(rt, tenant)).status


async def test_past_due_is_suspended_after_its_grace(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any
) -> None:
    now = datetime.now(UTC)
    early, late = await make_tenant(), await make_tenant()
    await lead(rt, early, State.PAST_DUE, now=now - timedelta(days=13))
    await lead(rt, late, State.PAST_DUE, now=now - timedelta(days=14))
    assert await hour(rt, worker_rt, early) is State.PAST_DUE
    assert await hour(rt, worker_rt, late) is State.SUSPENDED
    assert await hour(rt, worker_rt, late) is State.SUSPENDED
    async with rt.db.read(late.id) as s:
        told = await s.all(
            str, "SELECT actor || ': ' || (summary ->> 'reason') FROM app.audit_entry"
            " WHERE tenant_id = %(tenant_id)s ORDER BY seq",
        )  # fmt: skip
    assert told == ["cli: a reason", "system: The 14 days of grace are over."]


async def test_a_closing_brand_waits_for_its_orders(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, http: Any
) -> None:
    tenant = await make_tenant(**SECTIONS)
    api = Api(await http(tenant), await issue(rt, tenant))
    goods = await stock_up(api, definition("latte", price="5.00", stock=9))
    member = await join(api, points=1_000)
    variant = goods["latte"]["variants"][0]["id"]
    order = await api.post(
        "/redemptions",
        json={
            "memberId": member["id"], "lines": [{"variantId": variant, "quantity": 1}],
            "expectedPoints": 500,
        },
    )  # fmt: skip
    assert order.status_code == 201, order.text
    await lead(rt, tenant, State.CLOSING, now=datetime.now(UTC) - timedelta(days=30))
    assert await hour(rt, worker_rt, tenant) is State.CLOSING
    ended = await api.post(f"/redemptions/{order.json()['id']}/cancel", json={"reason": "closing"})
    assert ended.status_code == 200, ended.text
    assert await hour(rt, worker_rt, tenant) is State.CLOSED
