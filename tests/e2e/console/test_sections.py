"""A parameter is changed on its screen, its effect drawn beside it, published, and felt outside."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.brand_api.conftest import Api, issue
from tests.catalogue.conftest import product
from tests.e2e.console.conftest import Seat, SeatFactory

from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.rules import price_rules
from guerdon.kit.ids import uuid7
from guerdon.members.operations import join
from guerdon.runtime import Runtime
from guerdon.tiers.operations import count

pytestmark = pytest.mark.e2e

BRAND = {
    "programme": {"currency": "BRL", "languages": ["en", "pt-BR"]},
    "branding": {"brand_colour": "#1f4fa8"},
    "points": {"earn_factor": "3", "price_factor": "50", "price_rounding_step": 100},
    "catalogue": {
        "margin_percent": "8", "categories": [{"key": "gadgets", "name": {"en": "Gadgets"}}],
    },
    "tiers": {"tiers": [
        {"key": "blue", "threshold": 0, "name": {"en": "Blue"}},
        {"key": "gold", "threshold": 1000, "earn_multiplier": "2", "name": {"en": "Gold"}},
    ]},
    "recommendations": {
        "kinds": {"ancillary": {"enabled": True}},
        "placements": [{"key": "home", "kinds": ["ancillary"], "name": {"en": "Home"}}],
        "offers": [
            {"key": "bag", "kind": "ancillary", "weight": 60, "name": {"en": "Extra bag"}},
            {"key": "seat", "kind": "ancillary", "weight": 20, "name": {"en": "Better seat"}},
        ],
    },
}  # fmt: skip


@pytest.fixture
async def brand(make_tenant: Any) -> Any:
    return await make_tenant(**BRAND)


async def publish(olga: Seat) -> None:
    """Out of the basket and live, by the only person there is."""
    page = olga.page
    await page.get_by_role("button", name="Change basket:").click()
    await page.get_by_role("button", name="Review and submit").click()
    await page.get_by_role("button", name="Publish now").click()
    await page.get_by_role("dialog").get_by_role("button", name="Publish now").click()
    await expect(page.get_by_text("Published as version 2.")).to_be_visible()


async def soon(ask: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Every process has heard of it within a second or two."""
    async with asyncio.timeout(5):
        while (found := await ask()) != wanted:
            await asyncio.sleep(0.1)
    assert found == wanted


def row(page: Page, key: str, value: str) -> Any:
    return page.locator(f'[data-{key}="{value}"]')


async def test_a_factor_reprices_products_beside_it(
    brand: Any, rt: Runtime, http: Any, seat: SeatFactory
) -> None:
    async with rt.db.write(brand.id) as s:
        rules = price_rules(await rt.snapshot(brand.id, datetime.now(UTC)))
        await apply_products(
            s, definitions=[product("drone", "100.00")], categories={"gadgets": None},
            rules=rules, now=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    api = Api(await http(brand), await issue(rt, brand))

    async def price() -> int:
        return int((await api.get("/products/drone")).json()["variants"][0]["points"])

    assert await price() == 5400
    olga = await seat(brand)
    page = await olga.go("/programme/points#price_factor")
    field = page.get_by_label("Points asked")
    await expect(field).to_be_focused()
    drone = row(page, "product", "drone").locator("td")
    await expect(drone.nth(1)).to_have_text("5,400")
    await field.fill("6o")
    await field.blur()
    await expect(page.get_by_text("A number without a sign")).to_be_visible()
    await field.fill("60")
    # 108 BRL at 60 points, rounded up to hundreds.
    await expect(drone.nth(2)).to_have_text("6,500")
    await expect(drone.nth(3)).to_contain_text("+1,100")
    await expect(page.get_by_text("In force: 50 points")).to_be_visible()
    # 3,000 points of 1,000 BRL spent are worth 60 BRL now and 50 then.
    await expect(page.get_by_text("R$60.00 → R$50.00")).to_be_visible()
    await olga.check()
    assert await price() == 5400
    await publish(olga)
    await soon(price, 6500)


async def test_a_colour_that_cannot_be_read_is_moved_and_shown(
    brand: Any, http: Any, seat: SeatFactory
) -> None:
    site = await http(brand)

    async def accent() -> str:
        landing = (await site.get("/")).text
        found = re.search(r'href="(/theme/[^"]+\.css)"', landing)
        assert found, landing[:800]
        colour = re.search(r"--accent:(#[0-9a-f]{6})", (await site.get(found[1])).text)
        assert colour
        return colour[1]

    assert await accent() == "#1f4fa8"
    olga = await seat(brand)
    page = await olga.go("/programme/branding")
    await expect(page.get_by_text("#1f4fa8 can be read as it is: 7.29 to 1")).to_be_visible()
    await page.get_by_label("Brand colour").fill("#ffe94d")
    moved = page.get_by_text("is the nearest that can be read and is used instead")
    await expect(moved).to_be_visible()
    colours = re.findall(r"#[0-9a-f]{6}", await moved.inner_text())
    assert colours[0] == "#ffe94d"
    contrast = row(page, "pair", "accent surface").locator("td").nth(2)
    assert float(await contrast.inner_text()) >= 3
    await olga.check()
    await publish(olga)
    await soon(accent, colours[1])


async def test_a_threshold_moves_members_on_the_picture(
    brand: Any, rt: Runtime, http: Any, seat: SeatFactory
) -> None:
    now = datetime.now(UTC)
    async with rt.db.write(brand.id) as s:
        for n, qualifying in enumerate((10, 1200, 5000)):
            member = await join(
                s, id=uuid7(), email=f"m{n}@example.com", name="Mo",
                snapshot=await rt.snapshot(brand.id, now), now=now,
            )  # fmt: skip
            await count(s, account_id=member.account_id, period=0, points=qualifying)
            if qualifying == 1200:
                watched = member.id
    api = Api(await http(brand), await issue(rt, brand))

    async def tier() -> str:
        found = (await api.get(f"/members/{watched}/balance")).json()
        return str(found["tier"]["tier"])

    assert await tier() == "gold"
    olga = await seat(brand)
    page = await olga.go("/programme/tiers")
    gold = row(page, "tier", "gold").locator("td")
    await expect(gold.nth(1)).to_have_text("2")
    await expect(gold.nth(2)).to_have_text("2")
    step = page.get_by_role("region", name="Gold")
    await step.get_by_label("Threshold").fill("2000")
    await expect(gold.nth(2)).to_have_text("1")
    await expect(row(page, "tier", "blue").locator("td").nth(2)).to_have_text("2")
    await expect(page.get_by_text("0 members would rise, 1 would fall.")).to_be_visible()
    await expect(page.get_by_text("Gold → Blue: 1 member")).to_be_visible()
    await olga.check()
    await step.get_by_label("Threshold").fill("0")
    await expect(page.get_by_text("drawn again as soon as")).to_have_count(2)
    await step.get_by_label("Threshold").fill("2000")
    await expect(gold.nth(2)).to_have_text("1")
    await publish(olga)
    await soon(tier, "blue")


async def test_weights_move_shares_by_keyboard(brand: Any, seat: SeatFactory) -> None:
    olga = await seat(brand)
    page = await olga.go("/recommendations")
    bag, better = row(page, "share", "bag"), row(page, "share", "seat")
    await expect(bag).to_have_text("75%")
    slider = page.get_by_role("slider", name="Weight of Better seat")
    await slider.focus()
    for _ in range(40):
        await page.keyboard.press("ArrowRight")
    await expect(better).to_have_text("50%")
    await expect(bag).to_have_text("50%")
    await page.get_by_role("row").get_by_text("Extra bag").click()
    panel = page.get_by_role("dialog")
    await expect(page).to_have_url(re.compile(r"/recommendations/bag$"))
    await panel.get_by_label("First day").fill("2999-01-01")
    await expect(panel.locator('[data-share="bag"]')).to_have_text("not yet")
    await olga.check()
    await panel.get_by_role("button", name="Close").click()
    await expect(better).to_have_text("100%")
    await publish(olga)
    told = (await olga.api.get(f"{olga.api.brand}/parameters/recommendations")).json()
    offers = {o["key"]: o for o in told["content"]["offers"]}
    assert (offers["seat"]["weight"], offers["bag"]["lifespan"]["valid_from"]) == (60, "2999-01-01")


async def test_who_proposes_elsewhere_sees_why_fields_are_closed(
    brand: Any, seat: SeatFactory
) -> None:
    dev = await seat(brand, roles=("developer",), name="Dana Developer")
    page = await dev.go("/programme/points")
    await expect(
        page.get_by_text("Your roles propose changes in technical settings")
    ).to_be_visible()
    await expect(page.get_by_label("Points asked")).to_be_disabled()
    await dev.check()


async def test_a_logo_is_uploaded_and_a_bad_one_refused(
    brand: Any, seat: SeatFactory, tmp_path: Path
) -> None:
    olga = await seat(brand)
    page = await olga.go("/programme/branding")
    chooser = page.get_by_label("Choose a picture", exact=True).first
    script = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    await chooser.set_input_files(
        {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": script}
    )
    await expect(page.get_by_text("The element <script> is not taken.")).to_be_visible()
    large = tmp_path / "logo.png"
    large.write_bytes(b"\x89PNG" + bytes(20_000_000))
    await chooser.set_input_files(large)
    await expect(page.get_by_text("at most 5 MB; this file has 20 MB")).to_be_visible()
    good = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'
    await chooser.set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": good})
    await expect(page.get_by_alt_text("The picture as it is stored")).to_be_visible()
    await expect(page.get_by_role("button", name="Change basket: 1 change")).to_be_visible()
    assert olga.errors == []
