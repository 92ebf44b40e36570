"""Providers tell us through the hooks host: verified, once, in any order."""

import copy
import secrets
from typing import Any

import httpx2
import pytest
from tests import calls
from tests.redemption.world import SECTIONS, World, pay, product

from guerdon.identity import api_keys
from guerdon.redemption import inbox
from guerdon.runtime import Runtime


class Hooked(World):
    """A brand whose providers push to the test's listener."""

    amazon_hook: str = ""


@pytest.fixture
async def hooked(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any, listener: Any
) -> Hooked:
    for peer in peers:
        peer.start()
        peer.knobs()
    application = secrets.token_hex(8)
    sections = copy.deepcopy(SECTIONS)
    topic = f"arn:aws:sns:us-east-1:000000000000:ab-{application}"
    sections["fulfilment"]["suppliers"][1]["push_topic"] = topic
    made = Hooked(rt, worker_rt, await make_tenant(**sections))
    api_key, secret = f"sk_test_{secrets.token_hex(12)}", f"whsec_{secrets.token_hex(12)}"
    client_id = f"amzn1.application-oa2-client.{application}"
    await made.connect(api_key=api_key, webhook_secret=secret, amazon_client=client_id)
    async with rt.db.write(made.tenant.id) as s:
        made.amazon_hook = await inbox.open_hook(s, provider=inbox.AMAZON_BUSINESS)
    for peer, listening in (
        (peers.stripe, {"owner": api_key, "secret": secret}),
        (peers.amazon, {"owner": client_id}),
    ):
        told = listening | {"url": listener.url}
        calls.put(f"{peer.url}/_control/endpoints", json=told).raise_for_status()
    await made.stock_up(
        product("coffee", price="5.00", stock=10),
        product(
            "backpack", price="89.50", stock=None, supplier="amazon", delivery="parcel",
            external_id="B0GRDN0002",
        ),
    )  # fmt: skip
    return made


async def forward(hooks: httpx2.AsyncClient, path: str, request: Any) -> httpx2.Response:
    """Hand a push that the listener got to the product, byte for byte."""
    names = ("content-type", "stripe-signature", "x-amz-sns-message-type")
    headers = {k: v for k, v in request.headers.items() if k in names}
    return await hooks.post(path, content=request.body, headers=headers)


async def test_a_payment_is_told(hooked: Hooked, listener: Any, http: Any) -> None:
    hooks = await http("hooks.localhost")
    ana = await hooked.member(1000)
    placed = await hooked.place(ana, await hooked.quote(ana, "coffee", points=100))
    waiting = await hooked.read(placed.id)
    assert waiting.payment_url is not None
    assert await pay(waiting.payment_url) == 303
    got = await listener.wait_for(3)
    path = f"/stripe/{hooked.hook_id}"
    for request in reversed(got):
        answers = [await forward(hooks, path, request) for _ in range(2)]
        assert [(a.status_code, a.json()["new"]) for a in answers] == [(200, True), (200, False)]
    forged = await hooks.post(
        path, content=got[0].body + b" ",
        headers={"stripe-signature": got[0].headers["stripe-signature"]},
    )  # fmt: skip
    assert forged.status_code == 400
    assert (await forward(hooks, "/stripe/somebody", got[0])).status_code == 404
    await hooked.drain()
    assert (await hooked.read(placed.id)).state == "confirmed"
    assert await hooked.violations() == []


async def test_parcels_are_told_in_any_order(
    hooked: Hooked, listener: Any, http: Any, peers: Any
) -> None:
    hooks = await http("hooks.localhost")
    ana = await hooked.member(20_000)
    placed = await hooked.place(ana, await hooked.quote(ana, "backpack"))
    await hooked.drain()
    assert (await hooked.read(placed.id)).state == "confirmed"
    async with httpx2.AsyncClient(verify=calls.NO_AUTHORITIES) as client:
        for _ in range(4):
            await client.post(f"{peers.amazon.url}/_control/orders/{placed.id}/advance")
    path = f"/amazon-business/{hooked.amazon_hook}"
    got = await listener.wait_for(4)
    for request in reversed(got):
        answers = [await forward(hooks, path, request) for _ in range(2)]
        assert [(a.status_code, a.json()["new"]) for a in answers] == [(200, True), (200, False)]
    await hooked.drain()
    after = await hooked.read(placed.id)
    assert after.state in ("delivered", "settled")
    steps = await hooked.steps(placed.id)
    assert steps.count("shipped") == steps.count("delivered") == 1
    assert steps.index("shipped") < steps.index("delivered")
    forged = got[0].body.replace(b"TBA", b"TBX")
    refused = await hooks.post(path, content=forged)
    assert refused.status_code == 400
    assert await hooked.violations() == []


async def test_a_code_at_the_counter_delivers(world: World, http: Any, rt: Runtime) -> None:
    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    await world.drain()
    code = (await world.read(placed.id)).pickup_code
    assert code is not None
    async with rt.db.write(world.tenant.id) as s:
        issued = await api_keys.create(
            s, name="till", scopes=("redemptions:write",), mode="live", now=world.now
        )
    till = await http(world.tenant)

    async def show(shown: str, key: str) -> httpx2.Response:
        return await till.post(
            "/api/v1/counter/collect",
            json={"code": shown},
            headers={"Authorization": f"Bearer {issued.secret}", "Idempotency-Key": key},
        )

    handed = await show(code.lower(), "a")
    assert (handed.status_code, handed.json()["redemptionId"]) == (200, str(placed.id))
    assert list(handed.json()["lines"].values()) == [1]
    assert (await show(code.lower(), "a")).json() == handed.json()
    again = await show(code, "b")
    assert (again.status_code, again.json()["code"]) == (404, "unknown_code")
    assert (await show("22222-22222", "c")).json()["code"] == "unknown_code"
    await world.drain()
    assert (await world.read(placed.id)).state in ("delivered", "settled")
    assert await world.violations() == []
