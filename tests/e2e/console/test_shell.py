"""The console's frame: signed in, in three languages, on a phone, by keyboard."""

import re
from typing import Any

import pytest
from playwright.async_api import expect
from tests.e2e.console.conftest import SeatFactory

pytestmark = pytest.mark.e2e


async def test_the_frame_is_whole(tenant: Any, seat: SeatFactory) -> None:
    olga = await seat(tenant)
    page = await olga.go()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    await expect(page.locator("header")).to_contain_text(tenant.name)
    await expect(page.get_by_text("Sandbox")).to_be_visible()
    await expect(page.get_by_role("button", name="Change basket: No changes")).to_be_visible()
    await expect(page.get_by_role("navigation", name="Screens").get_by_role("link")).to_have_count(
        13
    )
    await olga.check()


async def test_a_cashier_begins_at_the_till(tenant: Any, seat: SeatFactory) -> None:
    casey = await seat(tenant, roles=("cashier",), name="Casey Cashier", width=390, height=844)
    page = await casey.go()
    await expect(page).to_have_url(f"{casey.base}/till")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Till")
    # What is not theirs still says so.
    await casey.go("/orders")
    await expect(page.get_by_text("Your roles do not open this screen")).to_be_visible()
    await casey.go("/till")
    await casey.check()


async def test_what_one_likes_is_met_again_in_another_browser(
    tenant: Any, seat: SeatFactory
) -> None:
    olga = await seat(tenant)
    page = await olga.go()
    await page.get_by_role("button", name="Your menu: Olga Owner").click()
    for choice in ("Dark", "Español"):
        async with page.expect_response(re.compile("/me/preferences$")) as told:
            await page.get_by_role("menuitem", name=choice).click()
        assert (await told.value).status == 200, choice
    me = (await olga.api.get(f"{olga.api.brand}/me")).json()
    assert (me["language"], me["appearance"]) == ("es", "dark")
    await page.evaluate("localStorage.clear()")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Resumen")
    assert await page.get_attribute("html", "data-mantine-color-scheme") == "dark"
    assert olga.errors == []


async def test_the_language_is_chosen_and_kept(tenant: Any, seat: SeatFactory) -> None:
    olga = await seat(tenant)
    page = await olga.go()
    await page.get_by_role("button", name="Your menu: Olga Owner").click()
    await page.get_by_role("menuitem", name="Português").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Visão geral")
    assert await page.get_attribute("html", "lang") == "pt-BR"
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Visão geral")
    assert olga.errors == []


async def test_the_palette_leads_anywhere_by_keyboard(tenant: Any, seat: SeatFactory) -> None:
    olga = await seat(tenant)
    page = await olga.go()
    await page.keyboard.press("Control+k")
    search = page.get_by_role("textbox", name="Search")
    await search.fill("tiers")
    await expect(page.get_by_role("button", name="Tiers").first).to_be_visible()
    await olga.check()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/programme/tiers$"))


async def test_a_phone_shows_it_all(tenant: Any, seat: SeatFactory) -> None:
    olga = await seat(tenant, width=390, height=844, scheme="dark")
    page = await olga.go()
    await olga.check()
    await page.get_by_role("button", name="Open the menu").click()
    menu = page.get_by_role("navigation", name="Screens")
    await menu.get_by_role("link", name="Members").click()
    await expect(page).to_have_url(re.compile(r"/members$"))


async def test_nobody_signed_in_is_led_to_the_sign_in_and_back(
    tenant: Any, seat: SeatFactory
) -> None:
    olga = await seat(tenant)
    await olga.context.clear_cookies()
    await olga.page.goto(f"{olga.base}/orders?state=open")
    await olga.page.wait_for_url(re.compile(r"/sign-in\?next="))
    assert olga.page.url.endswith(f"next=%2F{tenant.slug}%2Forders%3Fstate%3Dopen")


async def test_what_roles_do_not_open_is_not_in_the_menu(tenant: Any, seat: SeatFactory) -> None:
    mara = await seat(tenant, roles=("support_agent",), name="Sami Support")
    page = await mara.go()
    menu = page.get_by_role("navigation", name="Screens")
    await expect(menu.get_by_role("link", name="Members")).to_be_visible()
    await expect(menu.get_by_role("link", name="Audit")).to_have_count(0)
    await expect(page.get_by_role("button", name="Change basket: No changes")).to_have_count(0)
