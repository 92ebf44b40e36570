"""A demo brand's accounts at the sandbox peers: credentials, and where the peers tell news to.

A peer opens an account when its credentials are first used, so ours only have to be well-formed.
Credentials are kept by the home, so a restarted demo finds its payments and orders again.
"""

import asyncio
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from guerdon.fulfilment.parameters import FulfilmentParameters
from guerdon.local.home import Home
from guerdon.redemption import inbox
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

PATIENCE_S: Final = 15


async def connect_to_peers(rt: Runtime, home: Home, tenant: Tenant, now: datetime) -> None:
    """Give the tenant credentials at its suppliers, and at every payment provider: changing from
    one to the other is then one parameter.
    """
    snapshot = await rt.snapshot(tenant.id, now)
    await _stripe(rt, home, tenant)
    await _amazon_pay(rt, home, tenant)
    for supplier in snapshot[FulfilmentParameters].suppliers:
        if supplier.provider == "amazon_business":
            await _amazon(rt, home, tenant, supplier.key)


async def _stripe(rt: Runtime, home: Home, tenant: Tenant) -> None:
    secret = home.secret(f"stripe-{tenant.slug}")
    api_key, webhook_secret = f"sk_test_{secret[:24]}", f"whsec_{secret[24:48]}"
    hook = await _keep(
        rt,
        tenant,
        inbox.STRIPE,
        {"payments.stripe.api_key": api_key, "payments.stripe.webhook_secret": webhook_secret},
    )
    listener = _listener(rt, f"/stripe/{hook}") | {"owner": api_key, "secret": webhook_secret}
    await _tell(rt.settings.stripe_api_base, listener)


async def _amazon_pay(rt: Runtime, home: Home, tenant: Tenant) -> None:
    """A store and a key of its own; the peer is given the public half, as Seller Central is."""
    secret = home.secret(f"amazon-pay-{tenant.slug}")
    private, public = home.key_pair(f"amazon-pay-{tenant.slug}")
    store_id = f"amzn1.application-oa2-client.{secret[:16]}"
    public_key_id = f"SANDBOX-{secret[16:40].upper()}"
    hook = await _keep(
        rt,
        tenant,
        inbox.AMAZON_PAY,
        {
            "payments.amazon_pay.store_id": store_id,
            "payments.amazon_pay.public_key_id": public_key_id,
            "payments.amazon_pay.private_key": private,
        },
    )
    base = rt.settings.amazon_pay_base
    merchant = {
        "public_key_id": public_key_id,
        "public_key": public,
        "store_id": store_id,
        "merchant_id": f"A{secret[40:53].upper()}",
    }
    await _tell(base, merchant, path="/_control/stores")
    await _tell(base, _listener(rt, f"/amazon-pay/{hook}") | {"owner": public_key_id})


async def _amazon(rt: Runtime, home: Home, tenant: Tenant, key: str) -> None:
    """The application is named after the brand, so its topic can stand in tenant.toml."""
    secret = home.secret(f"amazon-{tenant.slug}")
    client_id = f"amzn1.application-oa2-client.{tenant.slug}"
    hook = await _keep(
        rt,
        tenant,
        inbox.AMAZON_BUSINESS,
        {
            f"fulfilment.{key}.client_id": client_id,
            f"fulfilment.{key}.client_secret": secret[:32],
            f"fulfilment.{key}.refresh_token": f"Atzr|{secret[32:]}",
        },
    )
    listener = _listener(rt, f"/amazon-business/{hook}") | {"owner": client_id}
    await _tell(rt.settings.amazon_business_base, listener)


async def _keep(rt: Runtime, tenant: Tenant, provider: str, secrets: dict[str, str]) -> str:
    async with rt.db.write(tenant.id) as s:
        for name, value in secrets.items():
            await rt.secrets.put(s, name, value)
        return await inbox.open_hook(s, provider=provider)


def _listener(rt: Runtime, path: str) -> dict[str, Any]:
    """Names below `localhost` do not resolve outside browsers: connect by number, name the host."""
    host = rt.settings.hooks_authority
    port = urlsplit(f"//{host}").port or 80
    return {"url": f"http://127.0.0.1:{port}{path}", "host": host}


async def _tell(base: str, told: dict[str, Any], *, path: str = "/_control/endpoints") -> None:
    async with httpx2.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE_S):
        while True:
            try:
                answer = await client.put(f"{base}{path}", json=told)
            except httpx2.ConnectError:
                await asyncio.sleep(0.2)
            else:
                answer.raise_for_status()
                return
