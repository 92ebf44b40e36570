"""A tenant with a Stripe account of its own at the peer, and a member with a card."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx2
import pytest
from tests import calls

from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.payments.port import Checkout, HostedPage, PaymentProvider
from guerdon.payments.providers import connect
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


class Account(NamedTuple):
    """A tenant, its API key and its webhook secret."""

    tenant: Tenant
    api_key: str
    webhook_secret: str


@pytest.fixture
async def account(rt: Runtime, make_tenant: Any, stripe_peer: Any) -> Account:
    """A tenant that takes money through the Stripe peer."""
    tenant = await make_tenant(payments={"provider": "stripe", "statement": "AURORA AIR"})
    made = Account(tenant, f"sk_test_{secrets.token_hex(12)}", f"whsec_{secrets.token_hex(12)}")
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "payments.stripe.api_key", made.api_key)
        await rt.secrets.put(s, "payments.stripe.webhook_secret", made.webhook_secret)
    return made


@pytest.fixture
async def provider(rt: Runtime, account: Account) -> PaymentProvider:
    """The tenant's provider."""
    async with rt.db.read(account.tenant.id) as s:
        return await connect(rt, s, now=datetime.now(UTC))


@pytest.fixture
def checkout(account: Account) -> Callable[..., Checkout]:
    """Makes a checkout of 45.90 BRL."""

    def make(minor: int = 4590, **changes: Any) -> Checkout:
        given: dict[str, Any] = {
            "id": uuid7(),
            "tenant_id": account.tenant.id,
            "amount": Money(minor, "BRL"),
            "title": "Cabin Backpack",
            "return_url": "http://aurora.localhost:8000/orders/1?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://aurora.localhost:8000/orders/1",
            "expires_at": datetime.now(UTC) + timedelta(minutes=15),
            "email": "ana@example.com",
            "language": "pt-BR",
            "brand_name": "Aurora Air",
        }
        return Checkout(**(given | changes))

    return make


def pay(page: HostedPage, number: str = "4242424242424242") -> httpx2.Response:
    """What the member does on the hosted page, without JavaScript."""
    form = {"number": number, "expiry": "12 / 34", "cvc": "123", "name": "Ana"}
    return calls.post(page.url, data=form, follow_redirects=False)


@pytest.fixture
def pay_with() -> Callable[..., httpx2.Response]:
    """See pay."""
    return pay


def same_id(text: str, row: UUID) -> bool:
    """Whether `text` is the id of `row`."""
    return text == str(row)
