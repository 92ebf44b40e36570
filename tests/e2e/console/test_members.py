"""Members in a browser: found, explained, corrected by two people, brought in from a file."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from tests.conftest import create_tenant
from tests.e2e.console.conftest import SeatFactory
from tests.members.test_import_whole import LADDER
from tests.redemption.conftest import world
from tests.redemption.world import World

from guerdon.runtime import Runtime

pytestmark = pytest.mark.e2e
__all__ = ["world"]


async def test_a_member_is_found_explained_and_corrected(
    world: World, seat: SeatFactory, console: Any
) -> None:
    who = await world.member(1_200, phone="+14155550123")
    sam = await seat(world.tenant, roles=("support_agent",), name="Sam Support")
    page = await sam.go("/members")
    await expect(page.get_by_role("searchbox")).to_be_visible()
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("415 555 0123")
    await expect(page.get_by_role("row")).to_have_count(2)
    await sam.check()
    await page.get_by_role("link", name="Ana Souza").click()
    await expect(page.get_by_role("heading", name="Ana Souza")).to_be_visible()
    await page.get_by_role("button", name="Purchase of $1,200.00").click()
    await expect(page.get_by_text("1,200 × 1 → 1,200")).to_be_visible()
    await sam.check()

    await page.get_by_role("button", name="Correct points").click()
    dialog = page.get_by_role("dialog", name="Correct points")
    await dialog.get_by_label("Points").fill("250")
    await expect(dialog).to_contain_text("1,200→becomes1,450")
    await dialog.get_by_label("Why").fill("Lost receipt of 3 May")
    await sam.check()
    await dialog.get_by_role("button", name="Correct the balance").click()
    await expect(page.get_by_text("The balance is 1,450 now.")).to_be_visible()
    assert await world.available(who) == 1_450

    await page.get_by_role("button", name="Correct points").click()
    await dialog.get_by_label("Points").fill("50000")
    await expect(dialog).to_contain_text("Above 10,000 another person has to approve it first.")
    await dialog.get_by_label("Why").fill("Migration error")
    await dialog.get_by_role("button", name="Ask for approval").click()
    await expect(page.get_by_text("Another person has to approve it")).to_be_visible()
    assert await world.available(who) == 1_450
    page = await sam.go("/members/adjustments")
    await expect(page.get_by_text("Another person has to decide.")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    bea = await seat(world.tenant, roles=("approver",), name="Bea Boss", width=390, height=844)
    page = await bea.go("/members/adjustments")
    await expect(page.get_by_text("Sam Support")).to_be_visible()
    await bea.check()
    await page.get_by_role("button", name="Approve").click()
    confirm = page.get_by_role("dialog")
    await expect(confirm).to_contain_text("Ana Souza: 1,450 → 51,450.")
    await confirm.get_by_role("button", name="Approve").click()
    await expect(page.get_by_text("Nothing waits")).to_be_visible()
    assert await world.available(who) == 51_450


async def test_members_come_in_from_a_file(
    rt: Runtime, worker_rt: Runtime, seat: SeatFactory, tmp_path: Path
) -> None:
    brand = await create_tenant(rt, sections={"tiers": LADDER})
    ada = await seat(brand, roles=("administrator",), name="Ada Admin")
    page = await ada.go("/members")
    await page.get_by_role("button", name="Import", exact=True).click()
    file = tmp_path / "crm.csv"
    file.write_text(
        "email,name,points,tier\nana@example.com,Ana Lima,1200,silver\nbia@example.com,Bia,30,\n"
        "caio@example.com,Caio,5,platinum\n"
    )
    await page.get_by_label("Choose a file").last.set_input_files(file)
    await page.wait_for_url(re.compile(r"/members/imports/[0-9a-f-]{36}$"))
    await expect(page.get_by_role("heading", name="crm.csv")).to_be_visible()
    await World(rt, worker_rt, brand).drain()
    await expect(page.get_by_text("Looked through", exact=True)).to_be_visible()
    wrong = page.get_by_role("row").filter(has_text="platinum")
    await expect(wrong).to_contain_text("The programme has no such tier")
    await expect(page.get_by_text("Tiers: silver 1")).to_be_visible()
    await ada.check()
    await page.get_by_role("button", name="Take it in").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("2 members are made")
    await expect(dialog).to_contain_text("1 line stays out")
    await dialog.get_by_role("button", name="Take it in").click()
    await expect(page.get_by_text("Members are being taken in")).to_be_visible()
    await World(rt, worker_rt, brand).drain()
    await expect(page.get_by_text("Taken in", exact=True)).to_be_visible()
    await page.get_by_role("button", name="See the members").click()
    await expect(page.get_by_role("row").filter(has_text="Ana Lima")).to_contain_text("1,200")
