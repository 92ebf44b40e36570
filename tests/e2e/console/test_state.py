"""What people of a brand see of its state."""

import pytest
from playwright.async_api import expect
from tests.e2e.console.conftest import SeatFactory
from tests.tenancy.test_states import lead

from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.schemas import Tenant

pytestmark = pytest.mark.e2e


async def test_a_suspended_brand_says_what_to_do(
    seat: SeatFactory, rt: Runtime, tenant: Tenant
) -> None:
    await lead(rt, tenant, State.SUSPENDED)
    olga = await seat(tenant, scheme="dark", width=390, height=844)
    page = await olga.go()
    await expect(page.get_by_role("status").first).to_contain_text(
        "Write to the platform's support to have it resumed."
    )
    await expect(page.locator("header")).to_contain_text("Brand suspended")
    await olga.check()
