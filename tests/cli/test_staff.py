"""`guerdon staff`: a brand's first owner, and its emergency account."""

from typing import Any

from tests.identity.people import PASSWORD, Browser, Somebody

from guerdon.app import Application
from guerdon.identity import staff
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


async def test_the_first_owner_comes_by_the_command(
    guerdon: Any, application: Application, rt: Runtime, tenant: Tenant
) -> None:
    slug, email = tenant.slug, "nora@staff.example"
    added = await guerdon("staff", "add", slug, email, "--name", "Nora", "--language", "es")
    assert added.returncode == 0, added.stderr
    address, _, token = added.stdout.strip().partition("#")
    assert address == f"http://admin.localhost/{slug}/sign-in/link"
    browser = Browser(application, rt, tenant)
    first = await browser.step("link/password", {"token": token, "password": PASSWORD})
    async with rt.db.read(tenant.id) as s:
        who = await staff.by_email(s, email)
    assert who is not None
    nora = Somebody(who.id, email, first.json()["key"], [])
    await browser.step("link/code", {"token": token, "code": nora.code()})
    me = (await browser.me()).json()
    assert (me["name"], me["language"], me["roles"]) == ("Nora", "es", ["owner"])
    listed = await guerdon("staff", "list", slug)
    assert f"{email} " in listed.stdout
    assert " active " in listed.stdout
    code = await guerdon("staff", "code", slug, email)
    assert len(code.stdout.strip()) == 6

    last = await guerdon("staff", "roles", slug, email, "analyst")
    assert (last.returncode, last.stderr.partition(":")[0]) == (1, "last_owner")
    flagged = await guerdon("staff", "reset", slug, email, "--break-glass")
    assert flagged.stdout.strip() == "emergency account"
    again = await guerdon("staff", "add", slug, email)
    assert (again.returncode, again.stderr.partition(":")[0]) == (1, "already_among_people")
    reset = await guerdon("staff", "reset", slug, email)
    assert f"http://admin.localhost/{slug}/sign-in/link#" in reset.stdout
    assert (await browser.me()).status_code == 401
    nobody = await guerdon("staff", "suspend", slug, "nobody@staff.example")
    assert (nobody.returncode, nobody.stderr.partition(":")[0]) == (1, "not_found")
    await browser.client.aclose()


async def test_a_demos_person_is_there_at_once(
    guerdon: Any, application: Application, rt: Runtime, tenant: Tenant
) -> None:
    email = "demo@staff.example"
    added = await guerdon(
        "staff", "add", tenant.slug, email, "--role", "marketer", "--demo-password", PASSWORD
    )
    assert added.returncode == 0, added.stderr
    browser = Browser(application, rt, tenant)
    async with rt.db.read(tenant.id) as s:
        who = await staff.by_email(s, email)
    assert who is not None
    key = added.stdout.partition("authenticator key: ")[2].strip()
    assert (await browser.sign_in(Somebody(who.id, email, key, []))).status_code == 200
    assert (await guerdon("staff", "suspend", tenant.slug, email)).stdout.strip() == "suspended"
    assert (await browser.me()).status_code == 401
    await browser.client.aclose()
