"""Trying a change from the console: a run with its drawings, the site in a frame."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect
from tests.e2e.console.conftest import SeatFactory
from tests.redemption.world import World
from tests.simulation.desk import change_set, edit
from tests.simulation.programmes import MEMBERS, Brand, life, programme
from tests.simulation.test_api import work

from guerdon.kit.clock import MovableClock

pytestmark = pytest.mark.e2e


@pytest.fixture
async def lived(rt: Any, worker_rt: Any, make_tenant: Any) -> Brand:
    """A brand with a past that ends now."""
    dice = random.Random("replayed 3")
    now = rt.clock.now()
    early = replace(rt, clock=MovableClock(now - timedelta(days=100)))
    sections = programme(dice) | {"branding": {"theme": "editorial", "brand_colour": "#1d4f8f"}}
    sections["tiers"] = {
        "tiers": [
            {"key": "blue", "threshold": 0, "name": {"en": "Blue"}},
            {"key": "gold", "threshold": 900, "name": {"en": "Gold"}, "earn_multiplier": "1.5"},
        ]
    }
    sections["points"] |= {"earn_factor": "2", "price_factor": "33.3"}
    sections["catalogue"]["tier_discounts"] = {}
    brand = Brand(World(early, worker_rt, await make_tenant(**sections)))
    await brand.open(MEMBERS)
    await brand.live(list(enumerate(life(dice, members=MEMBERS, steps=120, until=now))))
    return brand


async def test_a_change_is_tried_before_it_is_published(
    rt: Any, worker_rt: Any, lived: Brand, seat: SeatFactory
) -> None:
    tenant = lived.tenant
    draft = await change_set(
        rt,
        tenant,
        {
            "points.earn_factor": "1.2",
            "points.price_factor": "40",
            "tiers.tiers[gold].threshold": 1500,
            "branding.brand_colour": "#8a1c4a",
        },
        title="Leaner spring",
    )
    mara = await seat(tenant, roles=("marketer",), name="Mara Marketer")
    page = await mara.go(f"/changes/{draft}/simulation")
    await expect(page.get_by_text("Not tried yet")).to_be_visible()
    await page.get_by_role("button", name="Run the back-test").click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await work(rt, worker_rt, tenant)
    await expect(page.get_by_role("heading", name="In figures")).to_be_visible()
    figures = page.get_by_role("table").first
    await expect(figures).to_contain_text("Points issued")
    await expect(figures).to_contain_text("%")
    await expect(page.locator("figure [role=img]")).to_have_count(5)
    await page.get_by_role("button", name="Show the numbers").first.click()
    await expect(page.get_by_role("columnheader", name="Day")).to_be_visible()
    async with page.expect_download() as loading:
        await page.get_by_role("link", name="CSV").click()
    assert (await loading.value).suggested_filename.endswith(".csv")
    await mara.check()

    await page.get_by_role("tab", name="Preview").click()
    await page.get_by_role("button", name="Look at the site").click()
    site = page.frame_locator("iframe")
    await expect(site.get_by_text("Leaner spring")).to_be_visible()
    await expect(site.get_by_text("Alex")).to_be_visible()
    await site.get_by_role("navigation", name="Look as").get_by_role("link", name="Guest").click()
    await expect(site.get_by_role("link", name="Sign in").first).to_be_visible()
    assert [e for e in mara.errors if "frame-src" in e or "ancestor" in e] == []

    await mara.go(f"/changes/{draft}")
    await expect(page.get_by_role("heading", name="Back-test")).to_be_visible()
    await expect(page.get_by_role("table").first).to_contain_text("Points issued")
    await expect(page.get_by_role("button", name="Look at the site")).to_be_visible()
    await page.get_by_role("link", name="Whole report").click()

    await edit(rt, tenant, draft, {"points.earn_factor": "1.4"}, row_version=2)
    await page.reload()
    await expect(page.get_by_text("The change was edited after this run")).to_be_visible()


async def test_the_report_is_whole_on_a_phone_in_the_dark(
    rt: Any, worker_rt: Any, lived: Brand, seat: SeatFactory
) -> None:
    draft = await change_set(rt, lived.tenant, {"points.price_factor": "40"})
    mara = await seat(lived.tenant, name="Mara Marketer", width=390, height=844, scheme="dark")
    page = await mara.go(f"/changes/{draft}/simulation")
    await page.get_by_role("button", name="Run the back-test").click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await work(rt, worker_rt, lived.tenant)
    await expect(page.get_by_role("heading", name="In figures")).to_be_visible()
    await mara.check()
