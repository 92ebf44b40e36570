"""What a draft would do, as the console draws it; and that drawing changes nothing."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.catalogue.conftest import product

from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.rules import price_rules
from guerdon.kit.ids import uuid7
from guerdon.members.operations import join
from guerdon.parameters import drafts
from guerdon.parameters.drafts import Wish
from guerdon.runtime import Runtime
from guerdon.tiers.operations import count

BRAND = {
    "programme": {"currency": "BRL", "languages": ["pt-BR", "en"]},
    "branding": {
        "brand_colour": "#1f4fa8",
        "points_name": {"pt-BR": {"one": "milha", "other": "milhas"},
                        "en": {"one": "mile", "other": "miles"}},
    },
    "points": {"earn_factor": "3", "price_factor": "50", "price_rounding_step": 100},
    "catalogue": {
        "margin_percent": "8", "fx": {"USD": "5"},
        "categories": [{"key": "gadgets", "name": {"pt-BR": "G", "en": "G"}}],
    },
    "tiers": {"tiers": [
        {"key": "blue", "threshold": 0}, {"key": "gold", "threshold": 1000, "earn_multiplier": "2"},
    ]},
    "recommendations": {
        "kinds": {"ancillary": {"enabled": True}, "club": {"enabled": True}},
        "placements": [{"key": "home", "kinds": ["ancillary", "club"]}],
        "offers": [
            {"key": "bag", "kind": "ancillary", "weight": 70},
            {"key": "seat", "kind": "ancillary", "weight": 30},
        ],
    },
}  # fmt: skip


@pytest.fixture
async def brand(make_tenant: Any) -> Any:
    return await make_tenant(**BRAND)


@pytest.fixture
def draft(rt: Runtime) -> Any:
    """`await draft(tenant, {path: value})`: a change set; None takes away."""

    async def made(tenant: Any, values: dict[str, Any]) -> UUID:
        now = datetime.now(UTC)
        async with rt.db.write(tenant.id) as s:
            one = await drafts.create(
                s, change_set_id=uuid7(), title="Try", actor="staff:x", now=now
            )
            await drafts.edit(
                s,
                registry=rt.snapshots.registry,
                change_set_id=one.id,
                row_version=one.row_version,
                wishes=[
                    Wish(path, remove=True) if value is None else Wish(path, value)
                    for path, value in values.items()
                ],
                actor="staff:x",
                areas=frozenset({"brand", "commercial", "catalogue"}),
                now=now,
            )
        return one.id

    return made


async def effect(client: Any, kind: str, **query: Any) -> Any:
    answer = await client.get(f"{client.brand}/effects/{kind}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_prices_of_real_products_before_and_after(
    console: Any, brand: Any, rt: Runtime, draft: Any
) -> None:
    async with rt.db.write(brand.id) as s:
        rules = price_rules(await rt.snapshot(brand.id, datetime.now(UTC)))
        await apply_products(
            s, definitions=[product("drone", "100.00")], categories={"gadgets": None},
            rules=rules, now=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    change = await draft(
        brand, {"points.price_factor": "60", "points.minimum_points_share_percent": 20}
    )
    mia = await console(brand, roles=("marketer",))
    found = await effect(mia, "points", changeSet=change)
    (drone,) = found["products"]
    assert (drone["before"]["points"], drone["after"]["points"]) == (5400, 6500)
    assert drone["after"]["value"] == {"minor": 10800, "currency": "BRL"}
    assert [(s["points"], s["money"]["minor"]) for s in drone["after"]["stops"]] == [
        (6500, 0), (3900, 4320), (1300, 8640),
    ]  # fmt: skip
    # 1000 BRL earn 3000 points: 60 BRL at 50 points, 50 BRL at 60.
    assert found["givesBack"]["before"]["minor"] == 6000
    assert found["givesBack"]["after"]["minor"] == 5000
    earned = {(e["tier"], e["amount"]["minor"]): e["after"] for e in found["earning"]}
    assert (earned["blue", 1000], earned["gold", 1000]) == (30, 60)
    plain = await effect(mia, "points")
    assert plain["products"][0]["before"] == plain["products"][0]["after"]


async def test_a_missing_rate_shows_instead_of_a_price(
    console: Any, brand: Any, rt: Runtime, draft: Any
) -> None:
    async with rt.db.write(brand.id) as s:
        rules = price_rules(await rt.snapshot(brand.id, datetime.now(UTC)))
        await apply_products(
            s, definitions=[product("hub", currency="USD")], categories={"gadgets": None},
            rules=rules, now=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    change = await draft(brand, {"catalogue.fx.USD": None})
    olga = await console(brand)
    (hub,) = (await effect(olga, "points", changeSet=change))["products"]
    assert hub["before"]["points"] == 27000
    assert (hub["after"]["points"], hub["after"]["missingRate"]) == (None, "USD")


async def test_members_on_the_ladder_of_the_draft(
    console: Any, brand: Any, rt: Runtime, draft: Any
) -> None:
    now = datetime.now(UTC)
    async with rt.db.write(brand.id) as s:
        for n, qualifying in enumerate((10, 1200, 5000)):
            member = await join(
                s, id=uuid7(), email=f"m{n}@example.com", name="Mo",
                snapshot=await rt.snapshot(brand.id, now), now=now,
            )  # fmt: skip
            await count(s, account_id=member.account_id, period=0, points=qualifying)
    change = await draft(brand, {"tiers.tiers[gold].threshold": 2000})
    olga = await console(brand)
    found = await effect(olga, "tiers", changeSet=change)
    assert found["members"] == 3
    assert found["tiers"] == [
        {"tier": "blue", "before": 1, "after": 2}, {"tier": "gold", "before": 2, "after": 1},
    ]  # fmt: skip
    assert found["moves"] == [{"source": "gold", "target": "blue", "members": 1}]
    assert (found["up"], found["down"], found["periodChanged"]) == (0, 1, False)


async def test_a_ladder_that_does_not_hold_together_says_where(
    console: Any, brand: Any, draft: Any
) -> None:
    change = await draft(brand, {"tiers.tiers[gold].threshold": 0})
    olga = await console(brand)
    answer = await olga.get(f"{olga.brand}/effects/tiers", params={"changeSet": change})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameters")
    assert [f["code"] for f in answer.json()["findings"]] == ["overlapping_tiers"]


async def test_a_colour_that_cannot_be_read_is_moved(console: Any, brand: Any, draft: Any) -> None:
    change = await draft(brand, {"branding.brand_colour": "#ffe94d"})
    olga = await console(brand)
    found = await effect(olga, "branding", changeSet=change)
    assert found["moved"] == found["light"]["tokens"]["accent"] != "#ffe94d"
    assert found["chosen"]["ratio"] < found["chosen"]["needed"]
    for scheme in ("light", "dark"):
        assert all(c["ratio"] >= c["needed"] for c in found[scheme]["contrasts"])
    assert (await effect(olga, "branding"))["moved"] is None
    assert (await effect(olga, "branding", colour="#ffe94d"))["moved"] == found["moved"]
    assert {"base", "editorial", "playful"} <= {t["key"] for t in found["themes"]}
    assert {f["key"] for f in found["fonts"]} == {"clear", "editorial", "lively"}
    assert found["pointsName"]["en"] == "miles"


async def test_weights_become_shares(console: Any, brand: Any, draft: Any) -> None:
    change = await draft(
        brand,
        {
            "recommendations.offers[seat].weight": 70,
            "recommendations.kinds.club.weight": 150 // 3,
            "recommendations.kinds.ancillary.weight": 100,
        },
    )
    olga = await console(brand)
    found = await effect(olga, "recommendations", changeSet=change)
    assert {o["key"]: o["share"] for o in found["offers"]} == {"bag": 500_000, "seat": 500_000}
    assert [(k["key"], k["share"]) for k in found["placements"][0]["kinds"]] == [
        ("ancillary", 666_667), ("club", 333_333),
    ]  # fmt: skip


async def test_drawing_writes_nothing_and_asks_for_the_permission(
    console: Any, brand: Any, rt: Runtime, draft: Any
) -> None:
    change = await draft(brand, {"points.price_factor": "60"})
    olga = await console(brand)
    for kind in ("branding", "points", "tiers", "recommendations"):
        await effect(olga, kind, changeSet=change)
    async with rt.db.read(brand.id) as s:
        audited = "SELECT count(*) FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
        versions = "SELECT count(*) FROM app.parameter_version WHERE tenant_id = %(tenant_id)s"
        assert (await s.value(audited), await s.value(versions)) == (0, 1)
    sam = await console(brand, roles=("support_agent",))
    assert (await sam.get(f"{sam.brand}/effects/points")).status_code == 403


async def test_another_brands_change_set_is_not_found(
    console: Any, brand: Any, make_tenant: Any, draft: Any
) -> None:
    change = await draft(brand, {"points.price_factor": "60"})
    other = await console(await make_tenant(**BRAND))
    for kind in ("branding", "points", "tiers", "recommendations"):
        answer = await other.get(f"{other.brand}/effects/{kind}", params={"changeSet": change})
        assert answer.status_code == 404, kind
