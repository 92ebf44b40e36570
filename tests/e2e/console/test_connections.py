"""Single sign-on from the first click to a colleague's sign-in, at canaille, in a browser."""

import re

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect
from tests.e2e.console.conftest import Seat, SeatFactory
from tests.e2e.console.test_people import Visit, visit
from tests.identity.canaille import PASSWORD, Canaille
from tests.identity.names import NameServer
from tests.identity.people import invite

from guerdon.identity import passwords, staff_credentials, totp
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

__all__ = ["visit"]
pytestmark = pytest.mark.e2e


async def at_the_provider(page: Page, user_name: str) -> None:
    """User name, password, and consent where it is asked for; until the provider is left."""
    await page.locator("input[name=login]").fill(user_name)
    await page.locator("input[name=login]").press("Enter")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("input[name=password]").press("Enter")
    await page.wait_for_load_state()
    accept = page.locator("button[name=answer][value=accept]")
    home = re.compile(r"//admin\.localhost")
    await expect(accept.or_(page.locator("#root"))).to_be_visible()
    if await accept.count():
        await accept.click()
    await page.wait_for_url(home)


async def provider_tab(context: BrowserContext, click: Locator, user_name: str) -> None:
    """The test login opens the provider beside the console; it ends at the console."""
    # What the provider remembers of the person before would decide who comes back.
    await context.clear_cookies(domain="127.0.0.1")
    async with context.expect_page() as opened:
        await click.click()
    tab = await opened.value
    await at_the_provider(tab, user_name)
    await expect(tab.locator("#screen-title")).to_be_visible()
    await tab.close()


async def emergency_account(rt: Runtime, tenant: Tenant) -> None:
    """Somebody who comes in without the provider."""
    staff_id, _, _ = await invite(rt, tenant, break_glass=True)
    now = rt.clock.now()
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.staff SET status = 'active'"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": staff_id},
        )
        hashed = await passwords.hash_password("Quiet-Harbour-Lamp-58")
        await staff_credentials.store_password(s, staff_id=staff_id, hashed=hashed, now=now)
        await staff_credentials.put_totp(rt, s, staff_id=staff_id, totp_key=totp.new_key(), now=now)


async def copied(page: Page, label: str) -> str:
    """A value that the screen shows to be entered elsewhere."""
    row = page.get_by_role("button", name=f"Copy: {label}").locator("xpath=..")
    return await row.locator("code").inner_text()


async def prove_the_domain(olga: Seat, names: NameServer) -> None:
    page = await olga.go("/integrations/connections")
    await page.get_by_label("Domain of your e-mail addresses").fill("brand.example")
    await page.get_by_role("button", name="Add the domain").click()
    check = page.get_by_role("button", name="Check now")
    await check.click()
    await expect(page.get_by_text("There is no TXT record yet")).to_be_visible()
    await olga.check()
    names.texts[await copied(page, "Name")] = [await copied(page, "Text")]
    await check.click()
    await expect(page.get_by_text("Proved", exact=True)).to_be_visible()


async def test_from_the_wizard_to_the_only_way_in(
    rt: Runtime, tenant: Tenant, seat: SeatFactory, visit: Visit, canaille: Canaille,
    names: NameServer,
) -> None:  # fmt: skip
    names.silent = False
    olga = await seat(tenant)
    page = olga.page
    await prove_the_domain(olga, names)

    # The first step: which provider, and whether it answers.
    await page.get_by_role("button", name="Add a connection").click()
    await page.get_by_label("Another OpenID Connect provider").check()
    await page.get_by_label("Name on the sign-in page").fill("Corporate")
    await page.get_by_label("Issuer").fill(f"{canaille.url}/")
    await page.get_by_role("button", name="Ask the provider").click()
    await expect(page.get_by_text("It cannot be used like this.")).to_be_visible()
    await page.get_by_label("Issuer").fill(canaille.url)
    await page.get_by_role("button", name="Ask the provider").click()
    await expect(page.get_by_text("The provider answers.")).to_be_visible()
    await page.get_by_label("Client id").fill("to be registered")
    await olga.check()
    await page.get_by_role("button", name="Save the draft and go on").click()

    # Registered there with the address that is shown here.
    await expect(page.locator("#screen-title")).to_have_text("Corporate")
    client_id, secret = canaille.register(await copied(page, "Redirect URI (callback)"))
    await page.get_by_label("Client id").fill(client_id)
    scopes = page.get_by_role("combobox", name="Scopes")
    await scopes.fill("groups")
    await scopes.press("Enter")
    await page.get_by_role("button", name="Save the draft", exact=True).click()
    await expect(page.get_by_text("Saved. Make a test login")).to_be_visible()
    await page.get_by_label("Client secret").fill(secret)
    await page.get_by_role("button", name="Store the secret").click()
    await expect(page.get_by_text("The secret is stored.")).to_be_visible()

    # Nothing goes into use untested; the screen says why, and so does the server.
    use = page.get_by_role("button", name="Put it into use", exact=True)
    await expect(use).to_be_disabled()
    await expect(page.get_by_text("Make a test login with these settings first.")).to_be_visible()
    path = f"{olga.api.brand}/connections/{page.url.rpartition('/')[2]}"
    untested = await olga.api.post(f"{path}/enable", json={})
    assert (untested.status_code, untested.json()["code"]) == (409, "connection_untested")
    assert (await olga.api.post(f"{path}/enforce", json={})).json()["code"] == "connection_state"

    # A login shows the groups; one of them is mapped to a role, and the next login has it.
    test = page.get_by_role("button", name="Make a test login")
    await provider_tab(olga.context, test, "marta")
    await expect(page.get_by_text("The test login did not work")).to_be_visible()
    await page.get_by_role("button", name="Map marketing").click()
    await page.get_by_role("button", name="Save the draft", exact=True).click()
    await expect(test).to_be_enabled()
    await provider_tab(olga.context, test, "marta")
    await expect(page.get_by_text("The test login worked")).to_be_visible()
    await use.click()
    await page.get_by_role("dialog").get_by_role("button", name="Put it into use").click()
    await expect(page.get_by_text("“Corporate” is in use.")).to_be_visible()

    # The door is not closed before somebody who leads came through, and a key lies outside.
    only = page.get_by_role("button", name="Make it the only way in")

    async def close_the_door() -> None:
        await only.click()
        await page.get_by_role("dialog").get_by_role("button", name="Make it the only").click()

    await close_the_door()
    await expect(page.get_by_text("Nobody who would be owner or administrator")).to_be_visible()
    await olga.check()
    await page.get_by_role("button", name="Add a group").click()
    await page.get_by_label("Group 2", exact=True).fill("loyalty-admins")
    await page.get_by_label("Role of group 2").select_option("administrator")
    await page.get_by_role("button", name="Save the draft", exact=True).click()
    await expect(test).to_be_enabled()
    await provider_tab(olga.context, test, "zelda")
    await expect(page.get_by_text("The test login worked")).to_be_visible()
    await page.get_by_role("button", name="Use the new settings").click()
    await page.get_by_role("dialog").get_by_role("button", name="Use the new settings").click()
    await close_the_door()
    await expect(page.get_by_text("There is no break-glass account")).to_be_visible()
    await emergency_account(rt, tenant)
    await close_the_door()
    await expect(page.get_by_role("button", name="Allow passkeys and passwords")).to_be_visible()

    # Whoever is invited to it gets no link: their way in is the company's.
    await olga.go("/people")
    await page.get_by_role("button", name="Invite people").click()
    await page.get_by_label("E-mails").fill("Nora None <nora@brand.example>")
    await page.get_by_label("By Corporate only").check()
    await expect(page.get_by_label("Marketer")).to_have_count(0)
    await olga.check()
    await page.get_by_role("button", name="Send the invitation").click()
    await expect(page.get_by_text("1 invitation is on its way.", exact=True)).to_be_visible()
    await page.get_by_role("row", name=re.compile("Nora None")).click()
    await expect(page.get_by_role("dialog")).to_contain_text("Waits for a first sign-in by")

    # From now on the sign-in page leads to the provider; who has no group is told so.
    zelda = await visit(tenant)
    await zelda.page.goto(f"{zelda.base}/people")
    corporate = zelda.page.get_by_role("button", name="Continue with Corporate")
    await expect(corporate).to_be_visible()
    await expect(zelda.page.get_by_label("Password")).to_have_count(0)
    await zelda.check()
    await corporate.click()
    await at_the_provider(zelda.page, "zelda")
    await expect(zelda.page.locator("#screen-title")).to_have_text("People")
    await expect(zelda.page.get_by_role("row", name=re.compile("Zelda Quill"))).to_contain_text(
        "Administrator"
    )
    otto = await visit(tenant)
    await otto.page.goto(f"{otto.base}/sign-in")
    await otto.page.get_by_role("button", name="Continue with Corporate").click()
    await at_the_provider(otto.page, "otto")
    await expect(otto.page.get_by_role("alert")).to_contain_text("None of your groups")
    await otto.check()
    assert (olga.errors, zelda.errors) == ([], [])
