"""Defining, editing, publishing and withdrawing products; what a member then sees."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.catalogue.conftest import CATEGORIES, NOW, product, slugs

from guerdon.catalogue import operations, queries
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.errors import (
    InvalidProductError,
    ProductStateError,
    ProductUnavailableError,
    SkuTakenError,
    StaleProductError,
)
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import (
    Applied,
    PictureDefinition,
    ProductText,
    VariantDefinition,
)
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

FILE = "a" * 64 + ".svg"


async def _page(rt: Runtime, tenant: Tenant, slug: str, reader: Reader, **kwargs: Any) -> Any:
    async with rt.db.read(tenant.id) as s:
        return await queries.product(s, slug=slug, reader=reader, **kwargs)


async def test_a_product_is_shown_with_price_variants_pictures_and_stock(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    applied = await apply(
        product(
            "headphones",
            currency="USD",
            texts={
                "en": ProductText(name="Headphones", summary="Quiet", description="Long"),
                "pt-BR": ProductText(name="Fones"),
            },
            pictures=(PictureDefinition(file=FILE, alt={"en": "Blue ones"}),),
            variants=(
                VariantDefinition(sku="HP-1", price="89.99", stock=70, label={"en": "Blue"},
                                  external_id="B0TEST0001"),
                VariantDefinition(sku="HP-2", price="99.99", label={"en": "Red"}),
            ),
            delivery_days=(3, 6),
            return_days=30,
        )
    )  # fmt: skip
    shown = await _page(rt, tenant, "headphones", reader)

    assert applied == Applied(created=1)
    assert (shown.name, shown.summary) == ("Fones", "")
    assert [(p.file, p.alt) for p in shown.pictures] == [(FILE, "Blue ones")]
    first, second = shown.variants
    assert (first.sku, first.label, first.stock, first.external_id) == (
        "HP-1", "Blue", 70, "B0TEST0001",
    )  # fmt: skip
    assert first.cost == Money(8_999, "USD")
    assert (first.price.points, first.price.value) == (26_300, Money(52_482, "BRL"))
    assert (second.stock, second.price.value) == (None, Money(58_314, "BRL"))
    assert (shown.delivery_days, shown.return_days, shown.row_version) == ((3, 6), 30, 1)


async def test_applying_the_same_definition_changes_nothing(
    rt: Runtime, tenant: Tenant, apply: Any
) -> None:
    await apply(product("a"), product("b"))
    async with rt.db.read(tenant.id) as s:
        before = await queries.revision(s)
    again = await apply(product("a"), product("b", name="Renamed"))
    async with rt.db.read(tenant.id) as s:
        after = await queries.revision(s)
    third = await apply(product("a"), product("b", name="Renamed"))

    assert again == Applied(changed=1, unchanged=1)
    assert third == Applied(unchanged=2)
    assert (before, after) == (1, 2)


async def test_stock_counts_for_new_skus_only(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    await apply(product("a", stock=5))
    await apply(product("a", stock=900, name="Other"))

    assert (await _page(rt, tenant, "a", reader)).variants[0].stock == 5


async def test_a_sku_that_is_no_longer_defined_is_retired_and_can_come_back(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    both = product("a", variants=(VariantDefinition(sku="A1", price="10", stock=3),
                                  VariantDefinition(sku="A2", price="20", stock=4)))  # fmt: skip
    await apply(both)
    one = msgspec.structs.replace(both, variants=both.variants[1:])
    await apply(one)
    assert [v.sku for v in (await _page(rt, tenant, "a", reader)).variants] == ["A2"]
    await apply(both)
    back = await _page(rt, tenant, "a", reader)
    assert [(v.sku, v.stock) for v in back.variants] == [("A1", 3), ("A2", 4)]


async def test_a_sku_of_another_product_is_refused_and_nothing_is_left(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    await apply(product("a"))
    with pytest.raises(SkuTakenError):
        await apply(product("b", variants=(VariantDefinition(sku="A", price="10"),)))
    with pytest.raises(NotFoundError):
        await _page(rt, tenant, "b", reader)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "yachts"}, "category"),
        ({"currency": "EUR"}, "currency"),
        ({"delivery_days": (5, 2)}, "delivery_days"),
        ({"valid_from": NOW, "valid_to": NOW}, "valid_to"),
        ({"valid_from": NOW.replace(tzinfo=None)}, "valid_from"),
        ({"variants": (VariantDefinition(sku="A", price="0.00"),)}, "variants[0].price"),
        ({"variants": (VariantDefinition(sku="A", price="1.234"),)}, "variants[0].price"),
        ({"variants": (VariantDefinition(sku="A", price="1"),) * 2}, "variants"),
    ],
)
async def test_a_broken_definition_names_its_field(
    changes: dict[str, Any], field: str, apply: Any
) -> None:
    with pytest.raises(InvalidProductError) as refused:
        await apply(product("a", **changes))

    assert [r.field for r in refused.value.refusals] == [field]


async def test_two_editors_one_is_told(
    rt: Runtime, tenant: Tenant, rules: PriceRules, apply: Any
) -> None:
    await apply(product("a"))

    async def edit(name: str, version: int) -> None:
        async with rt.db.write(tenant.id) as s:
            await operations.edit_product(
                s, definition=product("a", name=name), expected_version=version,
                categories=CATEGORIES, rules=rules, now=NOW,
            )  # fmt: skip

    await edit("First", 1)
    with pytest.raises(StaleProductError) as refused:
        await edit("Second", 1)
    assert refused.value.params == {"expected": 1, "actual": 2}


async def test_drafts_are_hidden_withdrawn_ones_are_gone_and_both_can_be_published(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    await apply(product("a", status="draft"))
    with pytest.raises(NotFoundError):
        await _page(rt, tenant, "a", reader)
    draft = await _page(rt, tenant, "a", reader, manager=True)

    async with rt.db.write(tenant.id) as s:
        assert await operations.publish_product(s, product_id=draft.id, now=NOW)
        assert not await operations.publish_product(s, product_id=draft.id, now=NOW)
    assert (await _page(rt, tenant, "a", reader)).status == "published"
    async with rt.db.write(tenant.id) as s:
        assert await operations.withdraw_product(s, product_id=draft.id, now=NOW)
    with pytest.raises(ProductUnavailableError) as refused:
        await _page(rt, tenant, "a", reader)
    assert (refused.value.status, refused.value.params["slug"]) == (410, "a")
    with pytest.raises(ProductStateError):
        async with rt.db.write(tenant.id) as s:
            await operations.set_status(s, product_id=draft.id, status="draft", now=NOW)


async def test_validity_is_half_open(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    end = NOW + timedelta(days=1)
    await apply(product("a", valid_from=NOW, valid_to=end), now=NOW - timedelta(days=9))

    async def at(instant: Any) -> str:
        return (await _page(rt, tenant, "a", msgspec.structs.replace(reader, now=instant))).slug

    assert await at(NOW) == "a"
    assert await at(end - timedelta(microseconds=1)) == "a"
    for instant in (NOW - timedelta(microseconds=1), end):
        with pytest.raises(ProductUnavailableError):
            await at(instant)


async def test_a_tier_sees_its_price(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    await apply(product("a", "370.37"))
    gold = msgspec.structs.replace(reader, tier="gold")

    assert (await _page(rt, tenant, "a", reader)).variants[0].price.points == 20_000
    assert (await _page(rt, tenant, "a", gold)).variants[0].price.points == 18_000


async def test_a_changed_factor_shows_at_once(
    rt: Runtime, tenant: Tenant, reader: Reader, rules: PriceRules, apply: Any
) -> None:
    await apply(product("a", "100.00"))
    doubled = msgspec.structs.replace(
        reader, rules=msgspec.structs.replace(rules, price_factor=Decimal(100))
    )

    assert (await _page(rt, tenant, "a", reader)).variants[0].price.points == 5_400
    assert (await _page(rt, tenant, "a", doubled)).variants[0].price.points == 10_800


async def test_similar_products_are_the_neighbours_in_price(
    rt: Runtime, tenant: Tenant, reader: Reader, apply: Any
) -> None:
    await apply(*(product(f"p{n}", f"{n}0.00") for n in range(1, 10)))
    await apply(product("elsewhere", "50.00", category="hotels"))

    similar = (await _page(rt, tenant, "p5", reader)).similar
    assert set(slugs(similar)) == {"p2", "p3", "p4", "p6", "p7", "p8"}
    assert {slugs(similar)[0], slugs(similar)[1]} == {"p4", "p6"}


async def test_another_tenant_sees_nothing_of_it(
    rt: Runtime, reader: Reader, apply: Any, make_tenant: Any
) -> None:
    await apply(product("a"))
    with pytest.raises(NotFoundError):
        await _page(rt, await make_tenant(), "a", reader)
