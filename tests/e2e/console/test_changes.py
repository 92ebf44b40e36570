"""A change from the basket to every member, by two people, and back again."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect
from tests.e2e.console.conftest import Seat, SeatFactory

pytestmark = pytest.mark.e2e


async def _fill_basket(mara: Seat, edits: list[dict[str, Any]]) -> str:
    """A draft with these edits, as the basket of this browser."""
    api = mara.api
    made = (await api.post(f"{api.brand}/change-sets", json={"title": "Dearer rewards"})).json()
    answer = await api.patch(
        f"{api.brand}/change-sets/{made['id']}/edits",
        json={"rowVersion": made["rowVersion"], "edits": edits},
    )
    assert answer.status_code == 200, answer.text
    await mara.go("/versions")
    slug = api.brand.rpartition("/")[2]
    await mara.page.evaluate(
        "([key, id]) => localStorage.setItem(key, id)", [f"console.basket.{slug}", made["id"]]
    )
    return str(made["id"])


async def _late(route: Route) -> None:
    await asyncio.sleep(0.3)  # as long as a busy server may take
    await route.continue_()


async def _stands_still(page: Page, button: Locator) -> None:
    """A button that can be seen is where it will be when everything has arrived."""
    await button.wait_for()
    seen = await button.bounding_box()
    await page.wait_for_load_state("networkidle")
    assert await button.bounding_box() == seen


async def test_two_people_bring_a_change_to_members_and_back(
    tenant: Any, seat: SeatFactory
) -> None:
    mara = await seat(tenant, roles=("marketer",), name="Mara Marketer")
    otto = await seat(tenant, roles=("owner",), name="Otto Owner")
    olga = await seat(tenant, roles=("owner",), name="Olga Owner")
    edits = [
        {"path": "points.price_factor", "value": "130"},
        {"path": "points.price_floor_points", "value": 25},
    ]
    await _fill_basket(mara, edits)
    page = await mara.go()
    await page.get_by_role("button", name="Change basket: 2 changes").click()
    basket = page.get_by_role("dialog")
    await expect(basket.get_by_role("listitem")).to_have_count(2)
    await expect(basket.get_by_role("listitem").first).to_contain_text("130")
    await mara.check()
    await basket.get_by_role("button", name="Take this change out: ").last.click()
    await expect(basket.get_by_role("listitem")).to_have_count(1)
    await basket.get_by_role("button", name="Review and submit").click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Dearer rewards")
    await expect(page.get_by_role("button", name="Publish now")).to_have_count(0)
    await mara.check()
    await page.get_by_label("Note to whoever reviews it").fill("Suppliers raised their prices.")
    await page.get_by_role("button", name="Submit for review").click()
    await expect(page.get_by_text("In review", exact=True).first).to_be_visible()
    await expect(page.get_by_role("button", name="Change basket: No changes")).to_be_visible()

    review = await otto.go()
    await review.route(re.compile("/(simulations|rollouts)$"), _late)
    await review.get_by_role("link", name="Change sets in review").click()
    await review.get_by_text("Dearer rewards").click()
    await expect(review.get_by_text("“Suppliers raised their prices.”")).to_be_visible()
    await _stands_still(review, review.get_by_role("button", name="Approve"))
    await review.get_by_role("button", name="Approve").click()
    await expect(review.get_by_text("Approved, and not yet live.")).to_be_visible()
    await _stands_still(review, review.get_by_role("button", name="Publish now"))
    await review.get_by_role("button", name="Publish now").click()
    await review.get_by_role("dialog").get_by_role("button", name="Publish now").click()
    await expect(review.get_by_text("Published as version 2.")).to_be_visible()
    await otto.check()
    told = (await olga.api.get(f"{olga.api.brand}/parameters/points")).json()
    assert told["content"]["price_factor"] == "130"
    assert told["version"] == 2

    history = await olga.go("/versions")
    await history.get_by_role("row").filter(has_text="Superseded").get_by_text("1").first.click()
    await expect(history.get_by_role("heading", level=1)).to_have_text("Version 1")
    await history.get_by_role("button", name="Roll back to this version").click()
    ask = history.get_by_role("dialog")
    await expect(ask.get_by_role("listitem")).to_have_count(1)
    await olga.check()
    await ask.get_by_role("button", name="Roll back").click()
    await expect(history.get_by_text("Version 1 is in force again, as version 3.")).to_be_visible()
    told = (await olga.api.get(f"{olga.api.brand}/parameters/points")).json()
    assert told["version"] == 3
    assert told["content"]["price_factor"] != "130"


async def test_a_schedule_is_said_on_the_programmes_clock(
    make_tenant: Any, seat: SeatFactory
) -> None:
    tenant = await make_tenant(programme={"time_zone": "Europe/Lisbon"})
    olga = await seat(tenant)
    set_id = await _fill_basket(olga, [{"path": "points.price_factor", "value": "120"}])
    page = await olga.go(f"/changes/{set_id}")
    await page.get_by_role("button", name="Schedule").click()
    when = page.get_by_label("Takes effect at")
    plan = page.get_by_role("button", name="Put on the schedule")
    await when.fill("2027-03-28T01:30")
    await plan.click()
    await expect(page.get_by_role("alert")).to_contain_text("2027-03-28")
    await when.fill("2027-10-31T01:30")
    await plan.click()
    await page.get_by_label("The second time").check()
    await olga.check()
    await plan.click()
    await expect(page.get_by_text("Scheduled.", exact=True)).to_be_visible()
    rows = (await olga.go("/scheduled")).get_by_role("row")
    await expect(rows.nth(1)).to_contain_text("Oct 31, 2027")
    told = (await olga.api.get(f"{olga.api.brand}/change-sets/{set_id}")).json()
    assert told["effectiveAt"] == "2027-10-31T01:30:00Z"


async def test_whose_value_holds_is_decided_field_by_field(tenant: Any, seat: SeatFactory) -> None:
    olga = await seat(tenant)
    set_id = await _fill_basket(olga, [{"path": "points.price_factor", "value": "120"}])
    api = olga.api
    made = (await api.post(f"{api.brand}/change-sets", json={"title": "Faster"})).json()
    made = (
        await api.patch(
            f"{api.brand}/change-sets/{made['id']}/edits",
            json={"rowVersion": 1, "edits": [{"path": "points.price_factor", "value": "90"}]},
        )
    ).json()
    answer = await api.post(f"{api.brand}/change-sets/{made['id']}/publish", json={})
    assert answer.status_code == 200, answer.text
    page = await olga.go(f"/changes/{set_id}")
    await expect(page.get_by_text("A newer version changed the same fields")).to_be_visible()
    await expect(page.get_by_role("button", name="Take these decisions")).to_be_disabled()
    await olga.check()
    await page.get_by_role("radio", name="In this change set 120").click()
    await page.get_by_role("button", name="Take these decisions").click()
    await expect(page.get_by_text("A newer version changed the same fields")).to_have_count(0)
    told = (await api.get(f"{api.brand}/change-sets/{set_id}")).json()
    assert (told["conflicts"], told["baseVersion"]) == ([], 2)
