"""An order in a browser: found by what it needs, tried again, refunded in part."""

import re
from typing import Any

import pytest
from playwright.async_api import expect
from tests.e2e.console.conftest import SeatFactory
from tests.redemption.conftest import world
from tests.redemption.world import World

from guerdon.plumbing.breaker import Breaker

pytestmark = pytest.mark.e2e
__all__ = ["world"]


async def test_what_is_stuck_goes_on_and_a_part_goes_back(
    world: World, seat: SeatFactory, amazon_peer: Any
) -> None:
    who = await world.member(100_000)
    coffee = await world.place(who, await world.quote(who, "coffee", quantity=3))
    await world.drain()
    stuck = await world.place(who, await world.quote(who, "backpack"))
    amazon_peer.knobs(fail_rate=1.0, only="/ordering")
    for _ in range(6):
        await world.run("redemption.order")
    amazon_peer.knobs()
    await Breaker(world.worker.valkey, world.tenant.id, "amazon").worked()

    sam = await seat(world.tenant, name="Sam Support")
    page = await sam.go("/orders")
    first = page.get_by_role("row").nth(1)
    await expect(first).to_contain_text(stuck.number)
    await expect(first.get_by_role("img", name="Needs somebody")).to_be_visible()
    await sam.check()
    await first.click()
    panel = page.get_by_role("dialog", name=re.compile(f"^Order {stuck.number}"))
    await expect(panel).to_contain_text("Nobody knows whether the supplier has the order")
    await expect(panel).to_contain_text("Ordering at the supplier")
    await sam.check()
    await panel.get_by_role("button", name="Try again").click()
    confirm = page.get_by_role("dialog", name="Try 1 step again?")
    await expect(confirm).to_contain_text("Nothing is ordered or charged twice")
    await confirm.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("Under way again")).to_be_visible()
    await world.drain()
    # The panel looks again by itself.
    await expect(panel).to_contain_text("The supplier confirmed it; points taken", timeout=15_000)
    await expect(panel.get_by_role("alert")).to_have_count(0)

    page = await sam.go(f"/orders/{coffee.id}")
    panel = page.get_by_role("dialog", name=re.compile(f"^Order {coffee.number}"))
    await panel.get_by_role("button", name="Refund").click()
    refund = page.get_by_role("dialog", name=f"Refund order {coffee.number}")
    await refund.get_by_role("textbox", name="Pieces of Coffee").fill("2")
    await expect(refund).to_contain_text("1,000 go back, in the mix they were paid in.")
    await sam.check()
    await refund.get_by_role("textbox", name="Why").fill("two were cold")
    await refund.get_by_role("button", name="Give back").click()
    await expect(panel).to_contain_text("Given back: 1,000 (two were cold)")
    assert await world.available(who) == 100_000 - 500 - 8_950
    # The panel closes and the list is as it was.
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(f"{sam.base}/orders")
