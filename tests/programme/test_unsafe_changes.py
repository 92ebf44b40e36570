"""Changes that the brand's own data speak against: a programme that lives."""

import copy
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from tests.payments.amazon_store import keep, open_store
from tests.redemption.world import SECTIONS, World, pay, product

from guerdon.parameters.operations import publish
from guerdon.parameters.sections import Finding, InvalidParametersError
from guerdon.parameters.timeline import content_in_force
from guerdon.runtime import Runtime

Content = dict[str, Any]


@pytest.fixture
async def world(rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any) -> World:
    """A brand with two products, one of them priced in euros, and a supplier of its own."""
    for peer in (peers.stripe, peers.amazon):
        peer.start()
        peer.knobs()
    sections = copy.deepcopy(SECTIONS)
    sections["programme"] |= {"terms": {"en": "Fair."}, "support_email": "help@kettle.example"}
    sections["programme"]["languages"] = ["en", "es"]
    sections["programme"]["terms"]["es"] = "Justo."
    sections["catalogue"] |= {
        "fx": {"EUR": "1.10"},
        "categories": [{"key": "drinks", "name": {"en": "Drinks", "es": "Bebidas"}}],
    }
    sections["members"] = {
        "purposes": [{"key": "news", "title": {"en": "News", "es": "Novedades"},
                      "text": {"en": "Send news.", "es": "Envíen novedades."}}],
    }  # fmt: skip
    sections["tiers"] = {
        "tiers": [{"key": "blue", "threshold": 0}, {"key": "gold", "threshold": 1000}]
    }
    made = World(rt, worker_rt, await make_tenant(**sections))
    await made.connect(
        api_key=f"sk_test_{secrets.token_hex(12)}",
        webhook_secret=f"whsec_{secrets.token_hex(12)}",
        amazon_client=f"amzn1.application-oa2-client.{secrets.token_hex(8)}",
    )
    mug = product("mug", price="20.00", stock=5)
    await made.stock_up(
        product("coffee", price="5.00", stock=10),
        type(mug)(**{f: getattr(mug, f) for f in mug.__struct_fields__} | {"currency": "EUR"}),
        product("backpack", price="89.50", stock=None, supplier="amazon", delivery="parcel",
                external_id="B0GRDN0002"),
    )  # fmt: skip
    return made


async def told(world: World, change: Callable[[Content], None]) -> list[tuple[str, str, str]]:
    """What is said of the change; an error keeps it from being published, a warning does not."""
    async with world.rt.db.read(world.tenant.id) as s:
        before = await content_in_force(s, world.now)
    after = copy.deepcopy(before)
    change(after)
    registry = world.rt.snapshots.registry
    registry.decode(after)
    async with world.rt.db.read(world.tenant.id) as s:
        found: list[Finding] = await registry.review_change(s, before, after)
    for one in found:
        assert "%(" not in one.text()
        assert "%%" not in one.text()
    errors = [f for f in found if f.severity == "error"]
    with pytest.raises(InvalidParametersError if errors else _UndoneError) as ended:
        async with world.rt.db.write(world.tenant.id) as w:
            await publish(w, registry=registry, content=after, author="test", now=world.now)
            raise _UndoneError
    if isinstance(ended.value, InvalidParametersError):
        assert list(ended.value.findings) == errors
    return [(f.path, f.code, f.severity) for f in found]


class _UndoneError(Exception):
    """Takes a publication back, so that the next change starts where this one did."""


async def test_nothing_speaks_against_a_harmless_change(world: World) -> None:
    assert await told(world, lambda c: c["points"].update(earn_factor="2")) == []


async def test_the_currency_of_points_that_are_held(world: World) -> None:
    def euros(c: Content) -> None:
        c["programme"]["currency"] = "EUR"
        c["catalogue"]["fx"] = {"USD": "0.9"}

    assert await told(world, euros) == []
    await world.member(5000)
    assert await told(world, euros) == [
        ("programme.currency", "currency_of_live_programme", "error")
    ]


async def test_the_days_of_a_running_programme(world: World) -> None:
    await world.member()
    assert await told(world, lambda c: c["programme"].update(time_zone="Asia/Tokyo")) == [
        ("programme.time_zone", "days_move", "warning")
    ]


async def test_texts_that_were_agreed_to(world: World) -> None:
    def terms(c: Content) -> None:
        c["programme"]["terms"]["en"] = "Unfair."

    def consent(c: Content) -> None:
        c["members"]["purposes"][0]["text"]["en"] = "Send everything."

    assert await told(world, terms) == [
        ("programme.terms_version", "terms_without_version", "error")
    ]
    assert await told(world, consent) == [
        ("members.purposes[0].version", "consent_without_version", "error")
    ]

    def both_with_versions(c: Content) -> None:
        terms(c)
        consent(c)
        c["programme"]["terms_version"] = "2"
        c["members"]["purposes"][0]["version"] = "2"

    assert await told(world, both_with_versions) == []


async def test_a_language_that_members_read(world: World) -> None:
    def english_only(c: Content) -> None:
        c["programme"]["languages"] = ["en"]

    assert await told(world, english_only) == []
    await world.member(language="es")
    assert await told(world, english_only) == [
        ("programme.languages", "language_still_read", "warning")
    ]


async def test_what_products_need(world: World) -> None:
    def no_category(c: Content) -> None:
        c["catalogue"]["categories"] = []

    def no_rate(c: Content) -> None:
        c["catalogue"]["fx"] = {}

    def no_supplier(c: Content) -> None:
        c["fulfilment"]["suppliers"] = [
            x for x in c["fulfilment"]["suppliers"] if x["key"] != "counter"
        ]

    assert await told(world, no_category) == [("catalogue.categories", "category_in_use", "error")]
    assert await told(world, no_rate) == [("catalogue.fx", "rate_missing", "error")]
    assert await told(world, no_supplier) == [("fulfilment.suppliers", "supplier_in_use", "error")]


async def test_what_was_wrong_before_keeps_nobody_from_another_change(world: World) -> None:
    async with world.rt.db.read(world.tenant.id) as s:
        before = await content_in_force(s, world.now)
    before["catalogue"]["fx"] = {}
    async with world.rt.db.read(world.tenant.id) as s:
        found = await world.rt.snapshots.registry.review_change(s, before, before)
    assert [(f.code, f.severity) for f in found] == [("rate_missing", "warning")]


async def test_an_order_under_way_keeps_its_supplier(world: World) -> None:
    ana = await world.member(20_000)
    placed = await world.place(ana, await world.quote(ana, "backpack", points=1000))
    url = (await world.read(placed.id)).payment_url
    assert url is not None
    assert await pay(url) in {302, 303}

    def no_amazon(c: Content) -> None:
        c["fulfilment"]["suppliers"] = [
            x for x in c["fulfilment"]["suppliers"] if x["key"] != "amazon"
        ]

    assert await told(world, no_amazon) == [
        ("fulfilment.suppliers", "supplier_in_use", "error"),
        ("fulfilment.suppliers", "supplier_with_open_orders", "error"),
    ]


async def test_secrets_come_before_the_provider(world: World, amazon_pay_peer: Any) -> None:
    def switch(c: Content) -> None:
        c["payments"]["provider"] = "amazon_pay"

    assert await told(world, switch) == [("payments.provider", "secrets_missing", "error")]
    await keep(world.rt, world.tenant, open_store(amazon_pay_peer))
    assert await told(world, switch) == []


async def test_somebody_else_looks(world: World, console: Any) -> None:
    def alone(c: Content) -> None:
        c["security"]["approval_from"] = "never"

    await console(world.tenant)
    assert await told(world, alone) == []
    await console(world.tenant, roles=("approver",))
    assert await told(world, alone) == [("security.approval_from", "nobody_else_looks", "warning")]


async def test_what_is_bought_is_not_sold_for_less(world: World) -> None:
    def discount(c: Content) -> None:
        c["catalogue"]["tier_discounts"] = {"gold": "5"}

    assert await told(world, discount) == [("catalogue.margin_percent", "below_cost", "warning")]

    def with_margin(c: Content) -> None:
        discount(c)
        c["catalogue"]["margin_percent"] = "6"

    assert await told(world, with_margin) == []


async def test_a_reward_that_nobody_can_reach(world: World) -> None:
    await world.member(600)

    def dear(c: Content) -> None:
        c["points"]["price_factor"] = "200"

    assert await told(world, dear) == [("points.price_factor", "unreachable_reward", "warning")]
