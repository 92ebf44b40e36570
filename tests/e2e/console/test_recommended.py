"""What members are offered, from the console: measured, tried with a draft, let in by a rule."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from playwright.async_api import expect
from tests.e2e.console.conftest import SeatFactory

from guerdon.kit.ids import uuid7
from guerdon.local.recommended import ensure_recommended
from guerdon.members import operations
from guerdon.runtime import Runtime

pytestmark = pytest.mark.e2e

BRAND = {
    "programme": {"currency": "USD", "languages": ["en"]},
    "recommendations": {
        "kinds": {
            "club": {"enabled": True, "holdout_percent": 0, "exploration_percent": 0},
            "co_branded_card": {"enabled": True, "holdout_percent": 0, "exploration_percent": 0},
        },
        "placements": [
            {"key": "home", "kinds": ["club", "co_branded_card"], "name": {"en": "Home"}}
        ],
        "offers": [
            {"key": "tea-club", "kind": "club", "name": {"en": "Tea club"},
             "package": {"price_minor": 100, "points_a_month": 5000}},
            {"key": "card", "kind": "co_branded_card", "name": {"en": "Tea card"},
             "bank": "Meridiano"},
        ],
    },
}  # fmt: skip


@pytest.fixture
async def brand(make_tenant: Any, rt: Runtime) -> Any:
    tenant = await make_tenant(**BRAND)
    now = datetime.now(UTC)
    snapshot = await rt.snapshot(tenant.id, now)
    async with rt.db.write(tenant.id) as s:
        for n in range(150):
            await operations.join(
                s, id=uuid7(), email=f"m{n}@x.example", name=f"Member {n}", language="en",
                email_verified=True, snapshot=snapshot, now=now,
            )  # fmt: skip
    # The same month whatever the brand is called: chance alone would tell of a difference at times.
    await ensure_recommended(rt, msgspec.structs.replace(tenant, slug="tea"), now)
    return tenant


async def test_a_card_is_brought_tried_and_let_in_by_a_rule(brand: Any, seat: SeatFactory) -> None:
    olga = await seat(brand)
    page = await olga.go("/recommended/measurement")
    await expect(page.get_by_text("Generated rows, to look at")).to_be_visible()
    await expect(page.get_by_role("heading", name="Lift", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Show the numbers").first.click()
    club = page.get_by_role("row").filter(has_text="Club packages").first
    await expect(club).to_contain_text(re.compile(r"No difference|Too little data"))
    await olga.check()
    found = await olga.api.get(f"{olga.api.brand}/members?q=Member 7")
    member = found.json()["items"][0]

    # A base with a fault in it, put in force as one switch.
    later = (datetime.now(UTC) + timedelta(days=40)).date()
    file = (
        "email,bank,variant,valid_until,consent\n"
        f"{member['email']},Meridiano,Gold,{later},yes\n"
        f"nobody@x.example,Meridiano,Gold,{later},yes\n"
    )
    await olga.go("/recommended/card-bases")
    await page.get_by_label("Choose a file").last.set_input_files(
        [{"name": "crm.csv", "mimeType": "text/csv", "buffer": file.encode()}]
    )
    await expect(page.get_by_text("There is no such member here.")).to_be_visible()
    await olga.check()
    await page.get_by_role("button", name="Put it in force").click()
    await page.get_by_role("dialog").get_by_role("button", name="Put it in force").click()
    await expect(page.locator('[data-base="crm"]')).to_contain_text("In force")

    # The slate follows the draft, and nobody else's does.
    await olga.go(f"/recommended/slate?member={member['id']}")
    now = page.get_by_role("list", name="Now")
    draft = page.get_by_role("list", name="With the draft")
    await expect(now.get_by_role("listitem")).to_have_count(2)
    await expect(now).to_contain_text("Tea card")
    await page.get_by_role("switch", name="Club packages").click()
    await expect(draft.get_by_role("listitem")).to_have_count(1)
    await expect(now.locator('[data-key="tea-club"]')).to_contain_text("gone")
    await olga.check()

    # A rule in rows, and as text with its fault where it stands.
    await olga.go("/recommendations/card")
    rule = page.locator('[data-rule$=".eligibility"]').first
    await rule.get_by_role("button", name="Add a condition").click()
    await expect(rule).to_contain_text("Lets in 100 of 100 members")
    await rule.get_by_label("Value of row 1").fill("5")
    await expect(rule).to_contain_text("Lets in 0 of 100 members")
    await olga.check()
    await rule.get_by_text("As text").click()
    field = rule.get_by_role("textbox")
    await expect(field).to_have_value("balance >= 5")
    await field.fill("balance >= gold")
    await expect(page.get_by_text("at character 12")).to_be_visible()
    await field.fill("balance >= 5")
    await expect(page.get_by_text("It is not kept yet.")).to_have_count(0)
    await olga.go(f"/recommended/slate?member={member['id']}")
    await expect(now.locator('[data-key="card"]')).to_contain_text("gone")
    await expect(
        page.get_by_text("Its rule does not let this member in: balance >= 5")
    ).to_have_count(1)
