"""A tenant with accounts at both suppliers."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from guerdon.fulfilment.port import Order, OrderLine, ShipTo, Supplier
from guerdon.fulfilment.providers import connect
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

AMAZON = {
    "key": "amazon",
    "provider": "amazon_business",
    "region": "US",
    "buyer_email": "orders@aurora.example",
    "buying_group": "AuroraRewards",
    "contact_phone": "+1 206 555 0100",
}
COUNTER = {"key": "counter", "provider": "counter"}
TO = ShipTo(
    name="Ana Souza",
    line1="1 Main Street",
    city="Seattle",
    region="WA",
    postal_code="98101",
    country="US",
)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


@pytest.fixture
def client_id() -> str:
    """An application that nobody else uses, so its usage plan and orders are its own."""
    return f"amzn1.application-oa2-client.{secrets.token_hex(8)}"


@pytest.fixture
async def brand(rt: Runtime, make_tenant: Any, amazon_peer: Any, client_id: str) -> Tenant:
    """A tenant with an Amazon Business account and a counter."""
    topic = f"arn:aws:sns:us-east-1:000000000000:ab-{client_id.rpartition('.')[2]}"
    amazon = AMAZON | {"push_topic": topic}
    tenant: Tenant = await make_tenant(fulfilment={"suppliers": [amazon, COUNTER]})
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "fulfilment.amazon.client_id", client_id)
        await rt.secrets.put(s, "fulfilment.amazon.client_secret", "secret")
        await rt.secrets.put(s, "fulfilment.amazon.refresh_token", "Atzr|grant")
    return tenant


Open = Callable[..., Awaitable[Supplier]]


@pytest.fixture
def open_supplier(worker_rt: Runtime, brand: Tenant) -> Open:
    """Connects as a worker does."""

    async def connected(key: str = "amazon", runtime: Runtime | None = None) -> Supplier:
        with_rt = runtime or worker_rt
        async with with_rt.db.read(brand.id) as s:
            return await connect(with_rt, s, key, now=datetime.now(UTC))

    return connected


@pytest.fixture
async def amazon(open_supplier: Open) -> Supplier:
    """The tenant's account at the Amazon Business peer."""
    return await open_supplier()


def backpack(quantity: int = 1, price: str = "89.50") -> Order:
    """An order of the peer's own backpack (B0GRDN0002, 89.50 USD)."""
    line = OrderLine(id="1", sku="B0GRDN0002", quantity=quantity, expected_unit_price=usd(price))
    order_id = uuid7()
    return Order(id=order_id, lines=[line], ship_to=TO, purchase_order=f"G-{order_id.hex[-8:]}")


@pytest.fixture
def make_order() -> Callable[..., Order]:
    """See backpack."""
    return backpack
