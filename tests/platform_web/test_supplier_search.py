"""A stranger chooses rewards at the supplier's sandbox, through the platform's pages."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.conftest import serving
from tests.platform_web.stranger import Stranger
from tests.platform_web.test_sign_up import unique

from guerdon.app import Application
from guerdon.catalogue import queries
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.kit.money import Money
from guerdon.onboarding import arrivals
from guerdon.runtime import Runtime
from guerdon.settings import Settings

BACKPACK = "sku-B0GRDN0002"


@pytest.fixture
async def ana(settings: Settings, amazon_peer: Any) -> AsyncIterator[Stranger]:
    """Somebody at a deployment that opens accounts at sandboxes."""
    async with serving(msgspec.structs.replace(settings, sandbox_accounts=True)) as app:
        made = Stranger(app, address=f"2001:db8::{uuid4().hex[:4]}")
        yield made
        await made.client.aclose()


async def searched(ana: Stranger, words: str, **more: str) -> str:
    page = await ana.post(
        "/sign-up/catalogue", {"source": "supplier", "send": "search", "words": words, **more}
    )
    assert page.status_code == 200, page.text[-3000:]
    return page.text


def lines(page: str) -> list[tuple[str, bool]]:
    """The boxes of the list, and whether they are ticked."""
    found = re.findall(r'name="(sku-[^"]+)" value="1"( checked)?>', page)
    return [(name, bool(ticked)) for name, ticked in found]


async def test_goods_of_a_supplier_become_drafts_of_the_brand(
    ana: Stranger, rt: Runtime, amazon_peer: Any
) -> None:
    email, slug = unique()
    await ana.arrive(rt, email)
    await ana.fill_in("Loja da Ana", slug)
    assert 'value="supplier"' in (await ana.get("/sign-up/catalogue")).text

    page = await searched(ana, "backpack tarn")
    assert lines(page) == [(BACKPACK, False)]
    assert "Cabin Backpack 28 l, Recycled Canvas" in page
    assert "costs you $89.50 · 4 to 6 days" in page.replace("\xa0", " ")

    # What is ticked stays while more is searched, and nothing is found under other words.
    box = {BACKPACK: "1", "asked": "backpack tarn"}
    refused = await ana.post("/sign-up/catalogue", {"send": "search", "words": " ", **box})
    assert refused.status_code == 422
    assert lines(refused.text) == [(BACKPACK, True)]
    page = await searched(ana, "xyzzy", **{BACKPACK: "1"})
    assert lines(page) == [(BACKPACK, True)]
    assert "The supplier has nothing under these words" in page
    page = await searched(ana, "whisky", **{BACKPACK: "1"})
    assert lines(page) == [(BACKPACK, True)]
    assert "Age-restricted" in page

    # Boxes that no page of ours has: what the supplier restricts or does not know, and too many.
    for asked, box in (("whisky", "sku-B0GRDX0001"), ("whisky", "sku-B0GRDN0003")):
        refused = await ana.post(
            "/sign-up/catalogue", {"source": "supplier", "asked": asked, box: "1"}
        )
        assert refused.status_code == 422
        assert "The supplier does not" in refused.text
    many = {f"sku-B0GRDN{n:04d}": "1" for n in range(21)}
    refused = await ana.post("/sign-up/catalogue", {"source": "supplier", "asked": "a", **many})
    assert refused.status_code == 422
    assert "At most 20 products are taken here" in refused.text

    # A supplier that is away leaves the step, and what was chosen.
    amazon_peer.knobs(fail_rate=1.0, only="/products")
    page = await searched(ana, "pen", **{BACKPACK: "1"})
    assert "The supplier does not answer at present" in page
    assert lines(page) == [(BACKPACK, True)]
    kept = await ana.post("/sign-up/catalogue", {"source": "supplier", BACKPACK: "1"})
    assert kept.headers["location"] == "/sign-up/review"
    assert "1 product of the supplier" in (await ana.get("/sign-up/review")).text

    assert (await ana.found()).headers["location"] == "/sign-up/ready"
    assert (await ana.post("/sign-up/member")).headers["location"] == "/sign-up/ready"
    assert "You are a member with" in (await ana.get("/sign-up/ready")).text
    tenant = await rt.directory.by_slug(slug)
    now = datetime.now(UTC)
    snapshot = await rt.snapshot(tenant.id, now)
    reader = Reader(
        rules=price_rules(snapshot),
        categories=sorted(snapshot[CatalogueParameters].category_keys),
        language="pt-BR",
        fallback="pt-BR",
        tier=None,
        now=now,
    )
    async with rt.db.read(tenant.id) as s:
        slugs = await s.all(
            str, "SELECT slug FROM app.product WHERE tenant_id = %(tenant_id)s ORDER BY slug"
        )
        picked = await queries.product(s, slug=slugs[0], reader=reader, manager=True)
    assert slugs == [
        "cabin-backpack-28-l-recycled-canvas-b0grdn0002", "sandbox-candle", "sandbox-neck-pillow",
        "sandbox-travel-mug",
    ]  # fmt: skip
    (variant,) = picked.variants
    assert (picked.status, picked.supplier, picked.category, picked.delivery_days) == (
        "draft", "parcels", "parcels", (4, 6),
    )  # fmt: skip
    assert (variant.sku, variant.external_id, variant.offer, variant.cost) == (
        "B0GRDN0002", "B0GRDN0002", "offer-B0GRDN0002-1", Money(8_950, "USD"),
    )  # fmt: skip
    # 497.22 reais at 40 points a real, rounded as the blueprint says.
    assert (variant.price.value, variant.price.points) == (Money(49_722, "BRL"), 19_890)


async def test_searches_are_counted_by_address(
    ana: Stranger, rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "SEARCHES_PER_CLIENT_H", 1)
    email, slug = unique()
    await ana.arrive(rt, email)
    await ana.fill_in("Loja", slug)
    assert lines(await searched(ana, "backpack tarn")) == [(BACKPACK, False)]
    refused = await ana.post("/sign-up/catalogue", {"send": "search", "words": "pen"})
    assert refused.status_code == 429
    assert "That was often in a short time" in refused.text
    # The other choices are there as before.
    kept = await ana.post("/sign-up/catalogue", {"source": "blueprint"})
    assert kept.headers["location"] == "/sign-up/review"


async def test_without_a_sandbox_there_is_nothing_to_search(
    application: Application, rt: Runtime
) -> None:
    ana = Stranger(application, address=f"2001:db8::{uuid4().hex[:4]}")
    email, slug = unique()
    await ana.arrive(rt, email)
    await ana.fill_in("Loja", slug)
    assert 'value="supplier"' not in (await ana.get("/sign-up/catalogue")).text
    refused = await ana.post("/sign-up/catalogue", {"send": "search", "words": "pen"})
    assert refused.status_code == 422
    await ana.client.aclose()
