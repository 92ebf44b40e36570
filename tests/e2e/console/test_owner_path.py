"""The platform's staff find a brand that is not well, are let in, see it mended, and leave."""

import re
import secrets
from typing import Any
from uuid import UUID

import httpx2
import pytest
from playwright.async_api import Page, expect
from tests.e2e.console.conftest import Seat, SeatFactory
from tests.peers import Peers
from tests.redemption.world import SECTIONS, World, product

from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Ran
from guerdon.runtime import Runtime
from guerdon.support import queues
from guerdon.support.jobs import TakePulse
from guerdon.support.sheet import RefreshSheet
from guerdon.tenancy.schemas import Tenant

pytestmark = pytest.mark.e2e

TRIES = 5
WHY = "An order was given up: the supplier does not take it"
STEP = "Order at the supplier"
GRANT = f"Atzr|{secrets.token_hex(12)}"
_REFUSED_WRITE = """
async ([brand, path]) => {
  const { csrfToken } = await (await fetch(`${brand}/me`)).json();
  const answer = await fetch(brand + path, { method: "POST", headers: {
    "x-csrf-token": csrfToken, "idempotency-key": crypto.randomUUID(),
  } });
  return [answer.status, (await answer.json()).code];
}
"""


class Sick(World):
    """A brand whose account at its supplier is not accepted, with an order on its way there."""

    order: UUID

    async def give_up(self) -> None:
        """A member orders, and the order is tried until it is given up."""
        ana = await self.member(9000)
        placed = await self.place(ana, await self.quote(ana, "backpack"))
        self.order = placed.id
        told = [(await self.run("redemption.order"))[0] for _ in range(TRIES)]
        assert told == [*[Ran.FAILED] * (TRIES - 1), Ran.PARKED]

    async def count(self, relay_rt: Runtime) -> None:
        """What the scheduler asks the brand's jobs for, and a relay's look at the queues."""
        async with self.rt.db.write(self.tenant.id) as s:
            await outbox.put(s, RefreshSheet())
            await outbox.put(s, TakePulse())
        await self.drain()
        async with relay_rt.db.control() as s:
            # Another relay may have looked a moment ago; here none does.
            await s.value(
                "SELECT ctl.watch_queues_v1(0, 10, %(later)s, 24)", {"later": list(queues.LATER)}
            )

    async def deliver(self, peers: Peers) -> None:
        """The supplier sends the parcel, and the brand's jobs hear of it."""
        await self.drain()
        async with httpx2.AsyncClient(base_url=peers.amazon.url) as peer:
            for _ in range(4):
                await peer.post(f"/_control/orders/{self.order}/advance")
        await self.run("redemption.track")
        await self.drain()


@pytest.fixture
async def brand(
    rt: Runtime, worker_rt: Runtime, relay_rt: Runtime, make_tenant: Any, peers: Peers
) -> Sick:
    for peer in (peers.amazon, peers.mailbox):
        peer.start().knobs()
    made = Sick(rt, worker_rt, await make_tenant(**SECTIONS))
    await made.connect(
        api_key="sk_test_unused", webhook_secret="whsec_unused",
        amazon_client=f"amzn1.application-oa2-client.{secrets.token_hex(8)}",
    )  # fmt: skip
    async with rt.db.write(made.tenant.id) as s:
        # Copied without its beginning.
        await rt.secrets.put(s, "fulfilment.amazon.refresh_token", GRANT.partition("|")[2])
    await made.stock_up(
        product("backpack", price="89.50", stock=None, supplier="amazon", delivery="parcel",
                external_id="B0GRDN0002")
    )  # fmt: skip
    await made.give_up()
    await made.count(relay_rt)
    return made


async def find(petra: Seat, brand: Tenant) -> Page:
    """From the list of all tenants to the panel of the one that is not well."""
    page = await petra.go("/tenants")
    await page.get_by_label("Name of the brand").fill(brand.slug)
    await page.get_by_role("switch", name="Unwell only").check()
    health = page.get_by_role("columnheader", name="Health")
    await health.get_by_role("button").click()
    await health.get_by_role("button").click()
    await expect(health).to_have_attribute("aria-sort", "descending")
    row = page.get_by_role("row").filter(has_text=brand.name)
    await expect(row).to_contain_text("Unwell")
    await expect(page.get_by_role("columnheader", name="Errors, 1 hour")).to_be_visible()
    await expect(page.get_by_role("row")).to_have_count(2)
    await row.click()
    return page


async def see_why(petra: Seat, page: Page) -> None:
    """Which message, why, how often it was tried, and who has to do something."""
    wrong = page.get_by_role("region", name="What is wrong")
    await expect(wrong).to_contain_text("One order waits for a person of the brand.")
    (given,) = await wrong.get_by_role("listitem").filter(has_text=STEP).all()
    await expect(given).to_contain_text("The credentials are not accepted.")
    await expect(given).to_contain_text(f"Given up after {TRIES} tries")
    await given.get_by_text("The message").click()
    await expect(given).to_contain_text("redemption_id")
    await petra.check()


async def ask(page: Page) -> None:
    """Ask for access to look and to change."""
    access = page.get_by_role("region", name="Access to the console")
    await access.get_by_label("Reason").fill(WHY)
    await access.get_by_label("Minutes").fill("30")
    await access.get_by_role("switch", name="To change things, too").check()
    await access.get_by_role("button", name="Ask for access").click()
    await expect(access).to_contain_text("Waits for consent")


async def let_in(olga: Seat, brand: Sick, peers: Peers) -> None:
    """The owner hears of it by mail, reads who asks and why, and lets them look only."""
    await brand.drain()
    async with httpx2.AsyncClient(base_url=peers.mailbox.url) as mailbox:
        letters = (await mailbox.get("/api/messages")).json()["items"]
    (letter,) = [one for one in letters if olga.api.staff_id.hex in str(one["to"])]
    assert letter["subject"] == "The platform's support asks to look into Copper Kettle"
    page = await olga.go()
    await page.get_by_role("link", name="See who and why").click()
    await expect(page.get_by_role("alert")).to_contain_text(WHY)
    await expect(page.get_by_text("For 30 minutes, to look and to change things.")).to_be_visible()
    await olga.check()
    await page.get_by_role("button", name="Let them in").click()
    await expect(page.get_by_text("Has access", exact=True)).to_be_visible()


async def look(petra: Seat, brand: Sick) -> None:
    """The order and the account in the brand's own console; nothing can be changed there."""
    page = petra.page
    await page.reload()
    await page.get_by_role("link", name="Open the console").click()
    banner = page.locator("[data-support]")
    await expect(banner).to_contain_text(f"Support access to {brand.tenant.name}: you may look")
    await expect(banner).to_contain_text(WHY)
    await page.get_by_role("link", name="Orders", exact=True).click()
    await page.get_by_role("row").nth(1).click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_contain_text("Nobody knows whether the supplier has the order")
    await expect(panel.get_by_role("button", name="Try again")).to_have_count(0)
    api = f"/api/admin/v1/{brand.tenant.slug}"
    refused = await page.evaluate(_REFUSED_WRITE, [api, f"/orders/{brand.order}/replay"])
    assert refused == [403, "support_read_only"]


async def mend(olga: Seat) -> None:
    """The secret is the brand's own matter: its owner stores it, and tries the account."""
    page = await olga.go("/integrations/secrets")
    account = page.locator("section").filter(has_text="Supplier: amazon")
    await account.get_by_role("button", name="Replace").last.click()
    await account.locator("input[type=password]").fill(GRANT)
    await account.get_by_role("button", name="Store it").click()
    await expect(account.locator("input[type=password]")).to_have_count(0)
    await account.get_by_role("button", name="Test the connection").click()
    await expect(account).to_contain_text("It works: the account knows these credentials.")


async def leave(petra: Seat, brand: Sick) -> None:
    """Out by the banner; the brand's console is closed from then on."""
    page = petra.page
    await page.locator("[data-support]").get_by_role("button", name="Leave").click()
    await expect(page).to_have_url(re.compile(f"/platform/tenants/{brand.tenant.slug}$"))
    await expect(page.get_by_role("dialog")).to_contain_text("Well")
    again = await petra.api.get(f"/api/admin/v1/{brand.tenant.slug}/orders")
    assert (again.status_code, again.json()["code"]) == (403, "support_access_missing")


async def told(olga: Seat) -> None:
    """The brand's own trail has every step of it; a second look at a place is the same look."""
    answer = await olga.api.get(f"{olga.api.brand}/audit", params={"limit": 100})
    steps = [(one["action"], one["actorName"]) for one in reversed(answer.json()["items"])]
    walk = [one for one in steps if one[0].startswith(("support.", "message.", "secret.s"))]
    assert [one for n, one in enumerate(walk) if one != walk[n - 1]] == [
        ("support.asked", "Petra Platform"),
        ("support.consented", "Olga Owner"),
        ("support.looked", "Petra Platform"),
        ("secret.stored", "Olga Owner"),
        ("message.replayed", "Petra Platform"),
        ("support.left", "Petra Platform"),
    ]
    page = await olga.go("/audit")
    for words in ("Support asked for access", "Support looked", "Support left",
                  "Parked message put back to work"):  # fmt: skip
        row = page.get_by_role("row").filter(has_text=words).first
        await expect(row).to_contain_text("Petra Platform")


async def test_from_an_unwell_brand_to_a_delivered_order(
    brand: Sick, relay_rt: Runtime, operator: Tenant, seat: SeatFactory, peers: Peers
) -> None:
    petra = await seat(operator, name="Petra Platform")
    olga = await seat(brand.tenant)
    page = await find(petra, brand.tenant)
    await see_why(petra, page)
    await ask(page)
    await let_in(olga, brand, peers)
    await look(petra, brand)
    await mend(olga)

    await petra.go(f"/tenants/{brand.tenant.slug}")
    await page.get_by_role("button", name=f"Replay: {STEP}").click()
    await expect(page.get_by_text("One message is at work again.")).to_be_visible()
    await brand.deliver(peers)
    await brand.count(relay_rt)
    assert (await brand.read(brand.order)).state == "settled"
    await page.goto(f"{petra.base.removesuffix('/platform')}/{brand.tenant.slug}/orders")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("Delivered")
    await leave(petra, brand)
    await told(olga)
    assert petra.errors + olga.errors == []


async def test_what_staff_announce_and_set_for_a_brand(
    tenant: Tenant, operator: Tenant, seat: SeatFactory
) -> None:
    petra, olga = await seat(operator, name="Petra Platform"), await seat(tenant)
    page = await petra.go("/announcements")
    words = f"Payouts are late today ({secrets.token_hex(3)})"
    await page.get_by_role("button", name="Write an announcement").click()
    for language in ("English", "Português", "Español"):
        await page.get_by_label(f"Text in {language}").fill(words)
    await page.get_by_label("Text in Español").fill("  ")
    await page.get_by_role("button", name="Tell every brand").click()
    problem = page.get_by_role("alert", name="The input cannot be accepted")
    await expect(problem).to_contain_text("in each language; es has 0.")
    await petra.check()
    await page.get_by_label("Text in Español").fill(words)
    await page.get_by_role("button", name="Tell every brand").click()
    row = page.get_by_role("row").filter(has_text=words)
    await expect(row).to_contain_text("Is told now")
    await petra.check()
    console = await olga.go()
    await expect(console.get_by_role("status").filter(has_text=words)).to_be_visible()
    await row.get_by_role("button", name="Withdraw").click()
    await page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    await expect(row).to_contain_text("Withdrawn")

    await petra.go(f"/tenants/{tenant.slug}")
    plan = page.get_by_role("region", name="Plan and limits")
    await plan.get_by_role("button", name="Change plan and limits").click()
    await plan.get_by_label("Plan", exact=True).click()
    await page.get_by_role("option", name="Free").click()
    await plan.get_by_label("Members", exact=True).click()
    await page.get_by_role("option", name="A limit of its own").click()
    await plan.get_by_label("Limit: Members").fill("10")
    await plan.get_by_label("Reason").fill("As agreed for the pilot")
    await plan.get_by_label("For so many days").fill("30")
    await petra.check()
    await plan.get_by_role("button", name="Save plan and limits").click()
    await expect(plan).to_contain_text("0 of 10 (the plan: 500) · until")
    brands = (await olga.api.get(f"{olga.api.brand}/plan")).json()
    limits = {one["meter"]: one["limit"] for one in brands["gauges"]}
    assert (brands["plan"], limits["members"], limits["seats"]) == ("free", 10, 5)

    flags = page.get_by_role("region", name="Limits and flags")
    await flags.get_by_role("button", name="Change: New members").click()
    await flags.get_by_label("New members").click()
    await page.get_by_role("option", name="Off").click()
    await flags.get_by_label("Reason").fill("A flood of new accounts")
    await petra.check()
    await flags.get_by_role("button", name="Save").click()
    await expect(flags).to_contain_text("Off")
    await expect(flags).to_contain_text("A flood of new accounts")
    (entry,) = (
        await olga.api.get(f"{olga.api.brand}/audit", params={"action": "flag.changed"})
    ).json()["items"]
    assert (entry["summary"]["flag"], entry["summary"]["on"]) == ("joining", False)

    here = page.get_by_role("region", name="Maintenance")
    await here.get_by_role("button", name="Make it read-only").click()
    await here.get_by_label("Reason").fill("We move your pictures")
    await here.get_by_role("button", name="Make it read-only", exact=True).click()
    await expect(here).to_contain_text("Read-only until about")
    await petra.check()
    await olga.go()
    await expect(console.get_by_text("Nothing can be changed for now")).to_be_visible()
    await expect(console.get_by_text("We move your pictures")).to_be_visible()
    await expect(console.get_by_text(words)).to_have_count(0)
    refused = await olga.api.post(f"{olga.api.brand}/change-sets", json={"title": "Now?"})
    assert (refused.status_code, refused.json()["code"]) == (503, "maintenance")
    await petra.go("/maintenance")
    row = page.get_by_role("row").filter(has_text=tenant.slug)
    await expect(row).to_contain_text("We move your pictures")
    await petra.check()
    await row.get_by_role("button", name=f"End the maintenance: {tenant.slug}").click()
    await expect(row).to_have_count(0)
    assert petra.errors + olga.errors == []
