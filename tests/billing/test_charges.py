"""A statement is paid once, whatever is lost or told twice; the brand's state follows the money."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest
from tests import calls
from tests.payments.conftest import pay
from tests.plans.test_usage import counted, give, letters
from tests.tenancy.test_states import lead, stands

from guerdon.billing.charges import PAY_WITHIN
from guerdon.billing.messages import CollectDues
from guerdon.kit.clock import MovableClock
from guerdon.payments.port import HostedPage
from guerdon.plans import periods
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Ran, Runner
from guerdon.programme.life import EndState
from guerdon.runtime import Runtime
from guerdon.sandbox.stripe.peer import sign
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

STEPS = ("billing.open_page", "billing.look", "billing.capture")


class Owing:
    """A brand with a statement of 49.00 to pay, its owner, and the worker at an hour of its own."""

    def __init__(self, rt: Runtime, worker: Runtime, tenant: Tenant, owner: Any, peer: Any) -> None:
        self.rt, self.tenant, self.owner, self.peer = rt, tenant, owner, peer
        self._worker = worker
        self.period = periods.period_of(datetime.now(UTC))
        self.now = periods.end_of(self.period) + timedelta(hours=1)

    @property
    def month(self) -> str:
        return f"{self.period:%Y-%m}"

    async def hour(self, message: outbox.Message) -> None:
        """What the scheduler sends."""
        async with self.rt.db.write(self.tenant.id) as s:
            sent = await outbox.put(s, message)
        assert await self.run(sent) is Ran.DONE

    async def run(self, message_id: UUID) -> Ran:
        worker = replace(self._worker, clock=MovableClock(self.now))
        return await Runner(worker, all_handlers()).run(self.tenant.id, message_id)

    async def work(self) -> list[str]:
        """Every step of charging that waits, each once, due or not; what came of them."""
        async with self.rt.db.read(self.tenant.id) as s:
            due = await s.all(
                UUID, "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                " AND done_at IS NULL AND parked_at IS NULL AND topic = ANY (%(topics)s)"
                " ORDER BY id", {"topics": list(STEPS)},
            )  # fmt: skip
        async with self.rt.db.write(self.tenant.id) as s:
            await s.execute(
                "UPDATE app.outbox SET next_at = now() WHERE tenant_id = %(tenant_id)s"
                " AND id = ANY (%(ids)s)", {"ids": due},
            )  # fmt: skip
        return [(await self.run(one)).value for one in due]

    async def payment(self) -> dict[str, Any]:
        found = (await self.owner.get(f"{self.owner.brand}/statements")).json()["items"]
        payment: dict[str, Any] = found[0]["payment"]
        return payment

    async def ask(self) -> httpx2.Response:
        answer: httpx2.Response = await self.owner.post(
            f"{self.owner.brand}/statements/{self.month}/pay"
        )
        return answer

    async def page(self) -> HostedPage:
        """The payment page, asked for and made."""
        assert (await self.ask()).status_code == 200
        await self.work()
        found = await self.payment()
        assert found["state"] == "open", found
        return HostedPage(found["url"], "")

    def taken(self) -> list[int]:
        """What the platform's account took from this brand, payment by payment."""
        key = self.rt.settings.platform_stripe_key
        kept = calls.get(
            f"{self.peer.url}/_control/objects/payment_intent", params={"owner": key}
        ).json()
        mine = str(self.tenant.id)
        return [one["amount_received"] for one in kept if one["metadata"]["tenant_id"] == mine]


@pytest.fixture
async def owing(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, console: Any, stripe_peer: Any
) -> Owing:
    tenant = await make_tenant()
    await give(rt, tenant, "starter", now=datetime(2020, 1, 1, tzinfo=UTC))
    made = Owing(rt, worker_rt, tenant, await console(tenant), stripe_peer)
    await counted(rt, worker_rt, tenant, made.now)
    await made.hour(CollectDues())
    return made


async def event(
    http: Any, owing: Owing, attempt: str, *, secret: str | None = None, id_: str = "evt_1"
) -> httpx2.Response:
    """What the provider tells of the platform's account."""
    metadata = {"checkout_id": attempt, "tenant_id": str(owing.tenant.id)}
    body = msgspec.json.encode({
        "id": f"{id_}_{attempt}", "type": "payment_intent.amount_capturable_updated",
        "created": int(time.time()), "data": {"object": {"id": "pi_x", "metadata": metadata}},
    })  # fmt: skip
    signed = sign(
        secret or owing.rt.settings.platform_stripe_webhook_secret, body, int(time.time())
    )
    hooks = await http("hooks.localhost")
    answer: httpx2.Response = await hooks.post(
        "/platform/stripe", content=body, headers={"stripe-signature": signed}
    )
    return answer


async def attempt_of(owing: Owing) -> str:
    async with owing.rt.db.read(owing.tenant.id) as s:
        return str(await s.value(
            "SELECT attempt FROM app.plan_charge WHERE tenant_id = %(tenant_id)s"
        ))  # fmt: skip


async def test_a_statement_is_paid_once_whatever_is_told_twice(owing: Owing, http: Any) -> None:
    first = await owing.payment()
    assert (first["state"], first["overdue"], first["url"]) == ("due", False, None)
    assert datetime.fromisoformat(first["dueAt"]) == owing.now + PAY_WITHIN
    assert await letters(owing.rt, owing.tenant, "statement") == [f"{owing.month} 4900 USD"]
    await owing.hour(CollectDues())
    assert await letters(owing.rt, owing.tenant, "statement") == [f"{owing.month} 4900 USD"]

    page = await owing.page()
    again = await owing.ask()
    assert again.json()["items"][0]["payment"]["url"] == page.url
    attempt = await attempt_of(owing)
    assert pay(page).status_code == 303
    forged = await event(http, owing, attempt, secret="whsec_of_somebody_else")
    assert (forged.status_code, forged.json()["code"]) == (400, "forged_event")
    told = [(await event(http, owing, attempt)).json()["new"] for _ in range(3)]
    assert told == [True, False, False]
    # The event's look and the poll's come to the same money once.
    await owing.work()
    await owing.work()
    await owing.work()
    found = await owing.payment()
    assert (found["state"], found["url"], found["card"]) == ("paid", None, "visa 4242")
    assert owing.taken() == [4_900]
    assert (await event(http, owing, attempt, id_="evt_2")).json()["new"] is True
    assert set(await owing.work()) <= {"done"}
    assert owing.taken() == [4_900]
    refused = await owing.ask()
    assert (refused.status_code, refused.json()["code"]) == (409, "already_paid")
    assert (await stands(owing.rt, owing.tenant)).status is State.LIVE


async def test_lost_answers_charge_nobody_twice(owing: Owing) -> None:
    owing.peer.knobs(drop_after_next=1, only="/checkout/sessions")
    assert (await owing.ask()).status_code == 200
    assert await owing.work() == ["failed"]
    assert (await owing.payment())["state"] == "opening"
    owing.peer.knobs()
    assert await owing.work() == ["done"]
    page = HostedPage((await owing.payment())["url"], "")
    assert pay(page).status_code == 303
    assert await owing.work() == ["done"]
    assert (await owing.payment())["state"] == "paying"
    owing.peer.knobs(drop_after_next=1, only="/capture")
    assert await owing.work() == ["failed"]
    # The money was taken and the answer lost: it is asked about, not taken again.
    assert owing.taken() == [4_900]
    owing.peer.knobs()
    assert await owing.work() == ["done"]
    assert (await owing.payment())["state"] == "paid"
    assert owing.taken() == [4_900]


async def test_unpaid_leads_to_past_due_and_suspension_and_paying_leads_back(
    owing: Owing,
) -> None:
    owing.now += PAY_WITHIN - timedelta(seconds=1)
    await owing.hour(CollectDues())
    assert (await stands(owing.rt, owing.tenant)).status is State.LIVE
    owing.now += timedelta(seconds=1)
    await owing.hour(CollectDues())
    assert (await stands(owing.rt, owing.tenant)).status is State.PAST_DUE
    await owing.hour(CollectDues())
    owing.now += timedelta(days=14)
    await owing.hour(EndState())
    assert (await stands(owing.rt, owing.tenant)).status is State.SUSPENDED

    # A suspended brand changes nothing in its console, except that it pays.
    refused = await owing.owner.post(f"{owing.owner.brand}/plan", json={"plan": "free"})
    assert refused.json()["code"] == "tenant_state"
    assert pay(await owing.page()).status_code == 303
    await owing.work()
    await owing.work()
    assert (await owing.payment())["state"] == "paid"
    assert (await stands(owing.rt, owing.tenant)).status is State.LIVE
    async with owing.rt.db.read(owing.tenant.id) as s:
        trail = await s.all(
            str, "SELECT (summary ->> 'to') || ' ' || (summary ->> 'by') FROM app.audit_entry"
            " WHERE tenant_id = %(tenant_id)s AND action = 'tenant.state_changed' ORDER BY seq",
        )  # fmt: skip
    assert trail == ["past_due system", "suspended system", "past_due system", "live system"]
    await owing.hour(CollectDues())
    assert (await stands(owing.rt, owing.tenant)).status is State.LIVE


async def test_paying_does_not_lift_what_staff_suspended(owing: Owing) -> None:
    owing.now += PAY_WITHIN
    await owing.hour(CollectDues())
    await lead(owing.rt, owing.tenant, State.SUSPENDED, reason="Abuse", now=owing.now)
    assert pay(await owing.page()).status_code == 303
    await owing.work()
    await owing.work()
    assert (await owing.payment())["state"] == "paid"
    await owing.hour(CollectDues())
    assert (await stands(owing.rt, owing.tenant)).status is State.SUSPENDED


async def test_a_page_that_ended_gives_way_to_another(owing: Owing) -> None:
    page = await owing.page()
    attempt = await attempt_of(owing)
    assert pay(page, "4000000000000002").status_code == 402
    await owing.work()
    assert ((await owing.payment())["state"], (await owing.payment())["decline"]) == (
        "open", "generic_decline",
    )  # fmt: skip
    key = owing.rt.settings.platform_stripe_key
    async with owing.rt.db.read(owing.tenant.id) as s:
        session = await s.value(
            "SELECT reference FROM app.plan_charge WHERE tenant_id = %(tenant_id)s"
        )
    gone = calls.post(
        f"{owing.peer.url}/v1/checkout/sessions/{session}/expire",
        headers={"authorization": f"Bearer {key}"},
    )
    assert gone.status_code == 200, gone.text
    await owing.work()
    assert (await owing.payment())["state"] == "due"
    second = await owing.page()
    assert second.url != page.url
    assert await attempt_of(owing) != attempt
    assert pay(second).status_code == 303
    await owing.work()
    await owing.work()
    assert owing.taken().count(4_900) == 1


async def test_what_is_not_charged(
    owing: Owing, rt: Runtime, worker_rt: Runtime, make_tenant: Any, console: Any
) -> None:
    """A sandbox, and a month that comes to nothing."""
    for status, plan in (("sandbox", "starter"), ("live", "free")):
        tenant = await make_tenant(status=status)
        await give(rt, tenant, plan, now=datetime(2020, 1, 1, tzinfo=UTC))
        other = Owing(rt, worker_rt, tenant, await console(tenant), owing.peer)
        await counted(rt, worker_rt, tenant, other.now)
        other.now += timedelta(days=60)
        await other.hour(CollectDues())
        found = (await other.owner.get(f"{other.owner.brand}/statements")).json()["items"]
        assert [one["payment"] for one in found] == [None]
        assert (await stands(rt, tenant)).status == status
        missing = await other.ask()
        assert missing.status_code == 404
    wrong: Callable[..., Any] = owing.owner.post
    assert (await wrong(f"{owing.owner.brand}/statements/2019-01/pay")).status_code == 404
    assert date.fromisoformat(f"{owing.month}-01") == owing.period
