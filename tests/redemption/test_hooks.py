"""Provider webhooks over HTTP: genuine, forged, repeated, out of order, late."""

import hashlib
import hmac
import time
from typing import Any

import pytest
from tests import calls
from tests.redemption.world import World, pay

from guerdon.runtime import Runtime


async def secret(world: World) -> str:
    async with world.rt.db.read(world.tenant.id) as s:
        found = await world.rt.secrets.get(s, "payments.stripe.webhook_secret")
    assert found is not None
    return found


def signed(key: str, body: bytes, at: int | None = None) -> dict[str, str]:
    at = at or int(time.time())
    mac = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={mac}", "content-type": "application/json"}


async def events(world: World, peers: Any) -> list[bytes]:
    """The peer's events of this account, as it would send them."""
    async with world.rt.db.read(world.tenant.id) as s:
        key = await world.rt.secrets.get(s, "payments.stripe.api_key")
    listed = calls.get(
        f"{peers.stripe.url}/_control/objects/event", params={"owner": key or "nobody"}
    )
    import msgspec

    return [msgspec.json.encode(event) for event in listed.json()]


@pytest.fixture
async def hooks(http: Any, rt: Runtime) -> Any:
    return await http(rt.settings.hooks_authority)


async def test_an_event_moves_the_redemption_once(world: World, peers: Any, hooks: Any) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    await pay(url)
    key, path = await secret(world), f"/stripe/{world.hook_id}"
    told = await events(world, peers)
    assert told != []
    for body in [*reversed(told), *told]:
        answer = await hooks.post(path, content=body, headers=signed(key, body))
        assert answer.status_code == 200, answer.text
    await world.drain()
    after = await world.read(placed.id)
    assert (after.state, after.captured_minor) == ("confirmed", 450)
    assert (await world.steps(placed.id)).count("authorised") == 1
    assert await world.violations() == []


async def test_news_of_other_business_in_the_account_is_no_work(
    world: World, peers: Any, hooks: Any
) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    await pay(url)
    other = (await events(world, peers))[-1].replace(str(placed.id).encode(), str(ana.id).encode())
    assert str(ana.id).encode() in other
    key, path = await secret(world), f"/stripe/{world.hook_id}"
    answer = await hooks.post(path, content=other, headers=signed(key, other))
    assert answer.status_code == 200
    async with world.rt.db.read(world.tenant.id) as s:
        assert (
            await s.value(
                "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                " AND payload ->> 'redemption_id' = %(id)s",
                {"id": str(ana.id)},
            )
            == 0
        )


async def test_forged_events_are_refused(world: World, peers: Any, hooks: Any) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee", points=100))
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    await pay(url)
    key, path = await secret(world), f"/stripe/{world.hook_id}"
    body = (await events(world, peers))[-1]
    for headers, sent in (
        ({}, body),
        (signed("whsec_other", body), body),
        (signed(key, body), body.replace(b'"id"', b'"id" ', 1)),
        (signed(key, body, int(time.time()) - 3600), body),
    ):
        assert (await hooks.post(path, content=sent, headers=headers)).status_code == 400
    unknown = await hooks.post("/stripe/not-an-address", content=body, headers=signed(key, body))
    assert unknown.status_code == 404
    async with world.rt.db.read(world.tenant.id) as s:
        assert (
            await s.value("SELECT count(*) FROM app.provider_event WHERE tenant_id = %(tenant_id)s")
            == 0
        )
    await world.drain()
    assert (await world.read(placed.id)).state == "awaiting_payment"
