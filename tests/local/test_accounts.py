"""A demo brand's accounts at the peers: good credentials, and an address for news."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests import calls
from tests.redemption.world import SECTIONS

from guerdon.fulfilment import providers as suppliers
from guerdon.local.accounts import connect_to_peers
from guerdon.local.home import Home
from guerdon.payments import providers as payments
from guerdon.runtime import Runtime

NOW = datetime(2026, 11, 12, tzinfo=UTC)


def listeners(peer: Any, owner: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = calls.get(
        f"{peer.url}/_control/endpoints", params={"owner": owner}
    ).json()
    return found


async def test_a_brand_is_connected_again_and_again(
    rt: Runtime,
    make_tenant: Any,
    stripe_peer: Any,
    amazon_pay_peer: Any,
    amazon_peer: Any,
    tmp_path: Path,
) -> None:
    tenant = await make_tenant(**SECTIONS)
    home = Home(tmp_path)
    addresses = []
    for _ in range(2):
        await connect_to_peers(rt, home, tenant, NOW)
        async with rt.db.read(tenant.id) as s:
            key = await rt.secrets.get(s, "payments.stripe.api_key")
            await payments.connect(rt, s, now=NOW)
            other = await payments.connect(rt, s, now=NOW, provider="amazon_pay")
            store = await rt.secrets.get(s, "payments.amazon_pay.public_key_id")
            amazon = await suppliers.connect(rt, s, "amazon", now=NOW)
        assert key is not None
        assert store is not None
        await other.check()
        (store_news,) = listeners(amazon_pay_peer, store)
        assert store_news["host"] == rt.settings.hooks_authority
        assert (await amazon.search(text="backpack")).total >= 1
        client_id = f"amzn1.application-oa2-client.{tenant.slug}"
        (stripe_news,) = listeners(stripe_peer, key)
        (amazon_news,) = listeners(amazon_peer, client_id)
        assert stripe_news["host"] == amazon_news["host"] == rt.settings.hooks_authority
        addresses.append(stripe_news["url"])
    assert addresses[0] != addresses[1]
