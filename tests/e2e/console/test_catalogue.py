"""The catalogue by hand in a browser: a file brought in, a product edited, two people at once."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from tests.admin_api.test_catalogue import SECTIONS, make, wanted
from tests.conftest import create_tenant
from tests.e2e.console.conftest import SeatFactory
from tests.redemption.world import World

from guerdon.runtime import Runtime

pytestmark = pytest.mark.e2e


async def test_a_file_becomes_products_and_one_is_edited_by_two(
    rt: Runtime, worker_rt: Runtime, seat: SeatFactory, console: Any, tmp_path: Path
) -> None:
    shop = await create_tenant(rt, sections=SECTIONS)
    cora = await seat(shop, roles=("catalogue_manager",), name="Cora Catalogue")
    page = await cora.go("/catalogue")
    await expect(page.get_by_text("Nothing to redeem yet")).to_be_visible()
    await cora.check()

    file = tmp_path / "spring.csv"
    file.write_text(
        "slug,category,supplier,currency,sku,price,stock,name_en\n"
        "latte,drinks,counter,USD,L1,5.00,9,Latte\n"
        "mocha,drinks,counter,USD,M1,6.00,2,Mocha\n"
        "bad,yachts,counter,USD,B1,1.00,1,Bad\n"
    )
    await page.get_by_role("button", name="Import a file").first.click()
    await page.get_by_label("Choose a file").last.set_input_files(file)
    await page.wait_for_url(re.compile(r"/catalogue/imports/[0-9a-f-]{36}$"))
    await expect(page.get_by_role("heading", name="spring.csv")).to_be_visible()
    await World(rt, worker_rt, shop).drain()
    await expect(page.get_by_text("Looked through")).to_be_visible()
    wrong = page.get_by_role("row").filter(has_text="There is no such category.")
    await expect(wrong).to_contain_text("Use the key of a category")
    await cora.check()
    await page.get_by_role("button", name="Take it in").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("2 products are made")
    await dialog.get_by_role("button", name="Take it in").click()
    await expect(page.get_by_text("Products are being taken in")).to_be_visible()
    await World(rt, worker_rt, shop).drain()
    await expect(page.get_by_text("Taken in", exact=True)).to_be_visible()
    await page.get_by_role("button", name="See the catalogue").click()

    await expect(page.get_by_role("row")).to_have_count(3)
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("latte")
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.locator("[data-index='0']").focus()
    await page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    await panel.get_by_role("tab", name="Variants, stock and price").click()
    price = panel.get_by_label("Price for members")
    await expect(price).to_contain_text("550")
    await panel.get_by_label(re.compile("Costs you")).first.fill("10.00")
    await expect(price).to_contain_text("1,100")

    # Somebody else is faster.
    otto = await console(shop, roles=("catalogue_manager",), name="Otto Other")
    (row,) = (await otto.get(f"{otto.brand}/catalogue/products?q=latte")).json()["items"]
    at = f"{otto.brand}/catalogue/products/{row['id']}"
    loaded = (await otto.get(at)).json()
    theirs = {"product": loaded["product"] | {"featured": 7}, "rowVersion": loaded["rowVersion"]}
    assert (await otto.put(at, json=theirs)).status_code == 200
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_role("alert")).to_contain_text("Otto Other saved this product")
    await cora.check()
    await panel.get_by_role("button", name="Go on with this").click()
    await panel.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved")).to_be_visible()
    kept = (await otto.get(at)).json()
    assert (kept["product"]["featured"], kept["product"]["variants"][0]["price"]) == (7, "10.00")
    assert kept["changed"]["by"] == "Cora Catalogue"


async def test_many_are_chosen_and_withdrawn_after_the_numbers(
    rt: Runtime, seat: SeatFactory, console: Any
) -> None:
    shop = await create_tenant(rt, sections=SECTIONS)
    desk = await console(shop, roles=("catalogue_manager",))
    await make(desk, wanted("latte", status="published"), wanted("tea"))
    cora = await seat(shop, roles=("catalogue_manager",), scheme="dark")
    page = await cora.go("/catalogue")
    await page.get_by_role("checkbox", name="Choose all rows shown").check()
    await page.get_by_role("button", name="Withdraw").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Withdraw 1 product?")
    await expect(dialog).to_contain_text("Tea: it was never published")
    await cora.check()
    await dialog.get_by_role("button", name="Withdraw").click()
    await expect(page.get_by_text("1 product changed")).to_be_visible()
    page_ = (await desk.get(f"{desk.brand}/catalogue/products?status=withdrawn")).json()
    assert [p["slug"] for p in page_["items"]] == ["latte"]
