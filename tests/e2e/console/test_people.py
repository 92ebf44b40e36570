"""Coming in by invitation and by passkey, proving oneself again, and the people of the brand."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect
from tests.e2e.console.conftest import Seat, SeatFactory
from tests.identity.people import PASSWORD, invite

from guerdon.identity import staff_sessions, totp
from guerdon.identity.keyring import digest
from guerdon.plumbing.cache import key
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

pytestmark = pytest.mark.e2e

Visit = Callable[..., Awaitable[Seat]]


@pytest.fixture
async def visit(chromium: Browser, console_site: str, rt: Runtime) -> AsyncIterator[Visit]:
    """`await visit(tenant)`: a window of somebody who is not signed in anywhere."""
    async with AsyncExitStack() as stack:

        async def come(tenant: Tenant, *, width: int = 1440, scheme: str = "light") -> Seat:
            context = await chromium.new_context(
                viewport={"width": width, "height": 900}, locale="en", reduced_motion="reduce",
                color_scheme=scheme,  # type: ignore[arg-type]
            )  # fmt: skip
            stack.push_async_callback(context.close)
            context.set_default_timeout(15_000)
            page = await context.new_page()
            return Seat(context, page, f"{console_site}/{tenant.slug}", tenant.id)

        yield come


def code_of(authenticator: str, *, ahead: int = 0) -> str:
    """What an authenticator app shows."""
    step = int(time.time()) // totp.STEP_S + ahead
    return totp.code(authenticator, now=datetime.fromtimestamp(step * totp.STEP_S, UTC))


async def device(seat: Seat) -> None:
    """A platform authenticator that verifies its user, as a phone has one."""
    below = await seat.context.new_cdp_session(seat.page)
    await below.send("WebAuthn.enable")
    await below.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
            "hasUserVerification": True, "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }},
    )  # fmt: skip


async def session_cookie(seat: Seat) -> Any:
    """The cookie with the session."""
    every = await seat.context.cookies()
    (found,) = [c for c in every if c["name"].startswith("__Host-console-t")]
    return found


async def inside(page: Page, name: str) -> None:
    """The console is shown to its person."""
    await expect(page.locator("#screen-title")).to_have_text("Overview")
    await expect(page.get_by_role("button", name=f"Your menu: {name}")).to_be_visible()


async def test_an_invitation_leads_in_and_the_password_again(
    rt: Runtime, tenant: Tenant, visit: Visit
) -> None:
    _, email, token = await invite(rt, tenant)
    nora = await visit(tenant)
    page = nora.page
    await page.goto(f"{nora.base}/sign-in/link#{token}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Nora Novak")
    await nora.check()
    await page.get_by_label("New password").fill("password12345")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_text("too easily guessed")).to_be_visible()
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    await nora.check()
    authenticator = (await page.locator("code").inner_text()).replace(" ", "")
    await page.get_by_label(re.compile("six digits")).fill("000000")
    await page.get_by_role("button", name="Finish").click()
    await expect(page.get_by_text("This code is not right")).to_be_visible()
    await page.get_by_label(re.compile("six digits")).fill(code_of(authenticator, ahead=-1))
    await page.get_by_role("button", name="Finish").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    await expect(page.get_by_role("listitem")).to_have_count(10)
    await nora.check()
    await page.get_by_role("button", name="I have kept them").click()
    await inside(page, "Nora Novak")

    await page.get_by_role("button", name="Your menu: Nora Novak").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page).to_have_url(re.compile(r"/sign-in"))
    await page.goto(f"{nora.base}/people")
    await expect(page).to_have_url(re.compile(rf"/{tenant.slug}/sign-in\?next="))
    await page.get_by_label("E-mail").fill(email)
    await page.locator("input[type=password]").fill("wrong-wrong-wrong")
    await page.get_by_role("button", name="Continue", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("E-mail or password is not right")
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.get_by_role("button", name="Continue", exact=True).click()
    await page.get_by_role("textbox", name="Code").fill(code_of(authenticator))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#screen-title")).to_have_text("People")
    assert nora.errors == []


async def test_a_passkey_is_enough(rt: Runtime, tenant: Tenant, visit: Visit) -> None:
    _, _, token = await invite(rt, tenant)
    nora = await visit(tenant)
    await device(nora)
    page = nora.page
    await page.goto(f"{nora.base}/sign-in/link#{token}")
    await page.get_by_role("button", name="Make a passkey").click()
    await inside(page, "Nora Novak")
    await nora.context.clear_cookies()
    await page.goto(nora.base)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await inside(page, "Nora Novak")
    await page.goto(f"{nora.base}/sign-in/link#{token}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("This link is over")
    assert nora.errors == []


async def test_a_risky_step_is_proved_and_goes_on(
    rt: Runtime, make_tenant: Any, visit: Visit
) -> None:
    """The step that asked is done once the person has proved themselves; nothing is typed twice."""
    tenant = await make_tenant()
    _, _, token = await invite(rt, tenant)
    nora = await visit(tenant)
    await device(nora)
    page = nora.page
    await page.goto(f"{nora.base}/sign-in/link#{token}")
    await page.get_by_role("button", name="Make a passkey").click()
    await inside(page, "Nora Novak")
    await page.goto(f"{nora.base}/people")
    await page.get_by_role("button", name="Invite people").click()
    await page.get_by_label("E-mails").fill("Ana Lima <ana@staff.example>, rui@staff.example")
    await page.get_by_label("Marketer").check()
    await nora.check()
    cookie = await session_cookie(nora)
    record = key(tenant.id, "console-session", digest(cookie["value"]))
    session = msgspec.json.decode(await rt.valkey.get(record), type=staff_sessions.StaffSession)
    old = msgspec.structs.replace(
        session, authenticated_at=session.authenticated_at - timedelta(hours=1)
    )
    await rt.valkey.set(record, msgspec.json.encode(old), keepttl=True)
    async with rt.db.write(tenant.id) as s:
        await s.execute("UPDATE app.staff SET sessions_from = NULL WHERE tenant_id = %(tenant_id)s")
    await page.get_by_role("button", name="Invite 2 people").click()
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Use your passkey").click()
    await expect(page.get_by_text("2 invitations are on their way")).to_be_visible()
    await expect(page.get_by_text("ana@staff.example")).to_be_visible()
    assert nora.errors == []


async def test_people_and_their_roles(tenant: Tenant, seat: SeatFactory) -> None:
    olga = await seat(tenant)
    await seat(tenant, roles=("marketer",), name="Mara Marketer")
    page = await olga.go("/people")
    await olga.check()
    await page.get_by_role("row", name=re.compile("Mara Marketer")).click()
    panel = page.get_by_role("dialog")
    await expect(panel).to_contain_text("Mara Marketer")
    await panel.get_by_label("Approver").check()
    await olga.check()
    await panel.get_by_role("button", name="Save the roles").click()
    await page.get_by_role("button", name="Change the roles").click()
    await expect(page.get_by_text("Mara Marketer has new roles.")).to_be_visible()
    await expect(page.get_by_text("Approver, Marketer").first).to_be_visible()
    await panel.get_by_role("button", name="Suspend").click()
    await (
        page.get_by_role("dialog", name="Suspend Mara Marketer?")
        .get_by_role("button", name="Suspend")
        .click()
    )
    await expect(panel.get_by_text("Suspended")).to_be_visible()
    await olga.go("/people/roles")
    grid = page.get_by_role("table").last
    await expect(grid.get_by_role("columnheader")).to_have_count(10)
    await olga.check()


async def test_ones_own_account(tenant: Tenant, seat: SeatFactory) -> None:
    olga = await seat(tenant)
    await device(olga)
    page = await olga.go("/account")
    await expect(page.get_by_text("This browser")).to_be_visible()
    await olga.check()
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_label("What to call it").fill("Work laptop")
    await page.get_by_role("button", name="Make a passkey").click()
    await expect(page.get_by_text("Work laptop")).to_be_visible()
    await page.get_by_role("button", name="Set up an app").click()
    authenticator = (await page.locator("code").inner_text()).replace(" ", "")
    await page.get_by_label(re.compile("six digits")).fill(code_of(authenticator))
    await page.get_by_role("button", name="Finish").click()
    await page.get_by_role("button", name="I have kept them").click()
    await expect(page.get_by_text("10 codes left")).to_be_visible()
    await olga.check()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1440, "dark")])
async def test_these_screens_on_a_phone_and_in_the_dark(
    rt: Runtime, tenant: Tenant, seat: SeatFactory, visit: Visit, width: int, scheme: str
) -> None:
    _, _, token = await invite(rt, tenant, roles=("analyst",))
    guest = await visit(tenant, width=width, scheme=scheme)
    for path in ("/sign-in", "/sign-in?refused=no_role", f"/sign-in/link#{token}"):
        await guest.page.goto("about:blank")
        await guest.page.goto(f"{guest.base}{path}")
        await guest.page.get_by_role("heading", level=1).wait_for()
        await guest.check()
    await guest.page.goto(f"{guest.base.rpartition('/')[0]}/sign-in")
    await guest.page.get_by_role("heading", level=1).wait_for()
    await guest.check()
    olga = await seat(tenant, width=width, scheme=scheme)
    for path in ("/people", "/people/roles", "/account"):
        await olga.go(path)
        await olga.page.get_by_text("Owner").first.wait_for()
        await olga.check()


async def test_a_cookie_from_a_sibling_host_is_ignored(
    rt: Runtime, tenant: Tenant, seat: SeatFactory
) -> None:
    """A member site of the same base tosses cookies at the console; the browser drops them."""
    olga = await seat(tenant)
    mallory = await seat(tenant, roles=("analyst",), name="Mallory")
    page = await olga.go()
    own = await session_cookie(mallory)
    port = olga.base.split(":")[2].split("/")[0]
    sibling = await olga.context.new_page()
    await sibling.goto(f"http://{tenant.canonical_host}:{port}/")
    await sibling.evaluate(
        """([name, value]) => {
          for (const domain of ["localhost", "admin.localhost", location.hostname])
            for (const more of ["", "; Secure"])
              document.cookie = `${name}=${value}; Path=/; Domain=${domain}${more}`;
          document.cookie = `${name}=${value}; Path=/; Secure`;
        }""",
        [own["name"], own["value"]],
    )
    await page.reload()
    await expect(page.get_by_role("button", name="Your menu: Olga Owner")).to_be_visible()
    at_console = [c for c in await olga.context.cookies([olga.base]) if c["name"] == own["name"]]
    assert [c["value"] for c in at_console] != [own["value"]]
    assert len(at_console) == 1
