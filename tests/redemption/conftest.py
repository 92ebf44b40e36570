"""A brand to redeem at."""

import secrets
from typing import Any

import pytest
from tests.redemption.world import SECTIONS, World, product

from guerdon.runtime import Runtime


@pytest.fixture
async def world(rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any) -> World:
    """A brand with a counter, an Amazon Business account and a Stripe account of its own."""
    for peer in peers:
        peer.start()
        peer.knobs()
    tenant = await make_tenant(**SECTIONS)
    made = World(rt, worker_rt, tenant)
    await made.connect(
        api_key=f"sk_test_{secrets.token_hex(12)}",
        webhook_secret=f"whsec_{secrets.token_hex(12)}",
        amazon_client=f"amzn1.application-oa2-client.{secrets.token_hex(8)}",
    )
    await made.stock_up(
        product("coffee", price="5.00", stock=10),
        product("mug", price="20.00", stock=1),
        product(
            "backpack", price="89.50", stock=None, supplier="amazon", delivery="parcel",
            external_id="B0GRDN0002",
        ),
    )  # fmt: skip
    return made
