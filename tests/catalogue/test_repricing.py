"""Real products under other rules."""

from decimal import Decimal
from typing import Any

import msgspec
from tests.catalogue.conftest import NOW, product

from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.repricing import Repriced, reprice
from guerdon.runtime import Runtime


async def repriced(
    rt: Runtime, tenant: Any, before: PriceRules, after: PriceRules, **more: Any
) -> list[Repriced]:
    async with rt.db.read(tenant.id) as s:
        return await reprice(
            s, before=before, after=after, tier=more.pop("tier", None), language="en",
            fallback="en", now=NOW, **more,
        )  # fmt: skip


async def test_prices_are_those_of_both_rules(
    rt: Runtime, tenant: Any, apply: Any, rules: PriceRules
) -> None:
    await apply(product("drone", "100.00"))
    dearer = msgspec.structs.replace(
        rules, price_factor=Decimal(60), minimum_share_percent=Decimal(20), fee_flat_minor=490
    )
    (found,) = await repriced(rt, tenant, rules, dearer)
    assert found.before.price is not None
    assert found.after.price is not None
    # 100 + 8 % = 108 at 50 and at 60 points, rounded up to hundreds.
    assert (found.before.price.points, found.after.price.points) == (5400, 6500)
    assert found.after.slider is not None
    assert [(s.points, s.money.minor, s.fee.minor) for s in found.after.slider.stops] == [
        (6500, 0, 0), (3900, 4320, 490), (1300, 8640, 490),
    ]  # fmt: skip


async def test_a_tier_sees_its_own_price(
    rt: Runtime, tenant: Any, apply: Any, rules: PriceRules
) -> None:
    await apply(product("drone", "100.00"))
    (found,) = await repriced(rt, tenant, rules, rules, tier="gold")
    assert found.before.price is not None
    assert found.before.price.points == 4800


async def test_a_missing_rate_is_told_and_the_others_are_priced(
    rt: Runtime, tenant: Any, apply: Any, rules: PriceRules
) -> None:
    await apply(product("drone"), product("hub", currency="USD"))
    without = msgspec.structs.replace(rules, rates={})
    found = {p.slug: p for p in await repriced(rt, tenant, rules, without)}
    assert (found["hub"].after.price, found["hub"].after.missing_rate) == (None, "USD")
    assert found["drone"].after.price is not None


async def test_every_shelf_is_shown_from_cheapest_to_dearest(
    rt: Runtime, tenant: Any, apply: Any, rules: PriceRules
) -> None:
    await apply(
        *(product(f"g{n:02}", f"{n + 1}.00") for n in range(30)),
        *(product(f"h{n}", f"{n + 1}.00", category="hotels") for n in range(2)),
        product("draft", status="draft"),
    )
    found = await repriced(rt, tenant, rules, rules, limit=10)
    assert [p.slug for p in found] == ["g00", "g07", "g14", "g21", "g29", "h0", "h1"]
    assert len(await repriced(rt, tenant, rules, rules, limit=1)) == 1
