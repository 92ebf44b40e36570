"""A store at the Amazon Pay peer: a key of its own, registered as in Seller Central."""

import secrets
from functools import lru_cache
from typing import Any, NamedTuple

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests import calls

from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


class AmazonStore(NamedTuple):
    """What a brand keeps as secrets."""

    store_id: str
    public_key_id: str
    private_key: str


@lru_cache(maxsize=1)
def _pair() -> tuple[str, str]:
    """One key pair for all stores of a test process: making one takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def open_store(peer: Any, *, listener: dict[str, Any] | None = None) -> AmazonStore:
    """A fresh store, registered; `listener` gets its notifications."""
    private, public = _pair()
    name = secrets.token_hex(10).upper()
    store = AmazonStore(f"amzn1.application-oa2-client.{name}", f"SANDBOX-{name}", private)
    calls.put(
        f"{peer.url}/_control/stores",
        json={
            "public_key_id": store.public_key_id,
            "public_key": public,
            "store_id": store.store_id,
            "merchant_id": f"A{name[:13]}",
        },
    ).raise_for_status()
    if listener is not None:
        calls.put(
            f"{peer.url}/_control/endpoints", json={"owner": store.public_key_id, **listener}
        ).raise_for_status()
    return store


async def keep(rt: Runtime, tenant: Tenant, store: AmazonStore) -> None:
    """The store's credentials as the tenant's secrets."""
    async with rt.db.write(tenant.id) as s:
        for name, value in store._asdict().items():
            await rt.secrets.put(s, f"payments.amazon_pay.{name}", value)


async def agree(url: str, method: str = "visa-1111") -> httpx2.Response:
    """What the buyer does on Amazon's page, without JavaScript."""
    async with httpx2.AsyncClient(trust_env=False, verify=calls.NO_AUTHORITIES) as browser:
        return await browser.post(
            url, data={"method": method, "answer": "pay"}, follow_redirects=False
        )
